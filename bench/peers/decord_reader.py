"""decord decodes and scales, OpenVINO's asynchronous queue infers."""
import cv2
import decord
import network


def frames(asked, kind):
    whole = decord.VideoReader(asked.clip, num_threads=1)
    height, width = whole[0].shape[:2]
    width, height = kind.fit(width, height)
    reader = decord.VideoReader(asked.clip, width=width, height=height, num_threads=1 if asked.single else 0)
    if asked.first:
        reader.seek_accurate(asked.first)
    for _ in range(asked.first, len(reader)):
        picture = reader.next().asnumpy()
        yield picture if kind.color == "rgb24" else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)


network.main(frames)
