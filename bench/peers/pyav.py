"""PyAV decodes and scales, OpenVINO's asynchronous queue infers."""
import av
import network


def frames(asked, kind):
    with av.open(asked.clip) as container:
        stream = container.streams.video[0]
        if asked.single:
            stream.codec_context.thread_count = 1
        else:
            stream.thread_type = "AUTO"
        if asked.first:
            container.seek(round(asked.time / stream.time_base), stream=stream)
        for frame in container.decode(stream):
            if frame.time < asked.time - 1e-3:
                continue
            width, height = kind.fit(frame.width, frame.height)
            yield frame.reformat(width, height, kind.color).to_ndarray()


network.main(frames)
