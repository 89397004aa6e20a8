"""OpenCV decodes and scales, OpenVINO's asynchronous queue infers."""
import cv2
import network


def frames(asked, kind):
    if asked.single:
        cv2.setNumThreads(1)
    capture = cv2.VideoCapture(asked.clip, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1] if asked.single else [])
    if asked.first:
        capture.set(cv2.CAP_PROP_POS_FRAMES, asked.first)
    while True:
        there, picture = capture.read()
        if not there:
            return
        picture = cv2.resize(picture, kind.fit(picture.shape[1], picture.shape[0]))
        yield picture if kind.color == "bgr24" else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


network.main(frames)
