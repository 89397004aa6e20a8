"""Live cameras by other tools and one shared network, as people put them together: the newest picture of each camera, in turn.

Usage: live.py opencv|pyav|gstreamer|roboflow NETWORK CACHE URL... Prints a line of JSON for each answer: the camera, and the number that is written into its
picture. Three requests keep the network busy, which is the best of what was tried with each tool.
"""
import json
import os
import sys
import threading
import time

import cv2
import network
import numpy as np
import openvino as ov

TOOL, NETWORK, CACHE, URLS = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
SQUARE, BITS, CHECKS = 32, 12, 4
kind = network.Yolox()
printing = threading.Lock()


def number_of(luma):
    """The number in the squares at the top left of a picture as wide as it was sent; None where the squares contradict one another."""
    bits = [int(luma[SQUARE // 2, SQUARE // 2 + SQUARE * place] > 126) for place in range(BITS + CHECKS)]
    if any(bits[BITS + place] == bits[place] for place in range(CHECKS)):
        return None
    return sum(bit << place for place, bit in enumerate(bits[:BITS]))


def tell(camera, number, objects):
    if number is not None:
        with printing:
            print(json.dumps({"stream": URLS[camera], "number": number, "objects": objects}), flush=True)


class Newest:
    """One picture of each camera: a new one takes the place of the one before; cameras are served in turn."""

    def __init__(self):
        self.pictures, self.last, self.changed = [None] * len(URLS), 0, threading.Condition()

    def put(self, camera, picture):
        with self.changed:
            self.pictures[camera] = picture
            self.changed.notify()

    def take(self):
        with self.changed:
            while True:
                for step in range(1, len(URLS) + 1):
                    camera = (self.last + step) % len(URLS)
                    if self.pictures[camera] is not None:
                        picture, self.pictures[camera], self.last = self.pictures[camera], None, camera
                        return camera, picture
                self.changed.wait()


def infer(newest, read):
    """`read` makes of a picture its number and BGR of the size that the network fits into its square."""
    queue = ov.AsyncInferQueue(network.compile(NETWORK, kind, CACHE, PERFORMANCE_HINT="THROUGHPUT"), 3)
    queue.set_callback(lambda request, of: tell(*of, kind.answer(request.get_output_tensor(0).data)))
    canvas = np.full((1, kind.side, kind.side, 3), 114, np.uint8)
    while True:
        queue.get_idle_request_id()
        camera, picture = newest.take()
        number, picture = read(picture)
        canvas[0, :picture.shape[0], :picture.shape[1]] = picture
        queue.start_async({0: canvas}, (camera, number))


def fitted(picture):
    return cv2.resize(picture, kind.fit(picture.shape[1], picture.shape[0]))


def opencv(camera, newest):
    while True:
        capture = cv2.VideoCapture(URLS[camera], cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        while True:
            there, picture = capture.read()
            if not there:
                break
            newest.put(camera, picture)
        capture.release()
        time.sleep(1)


def of_opencv(picture):
    return number_of(picture[:, :, 1]), fitted(picture)


def pyav(camera, newest):
    import av

    while True:
        try:
            with av.open(URLS[camera], options={"rtsp_transport": "tcp"}, timeout=(5.0, 5.0)) as container:
                container.streams.video[0].codec_context.thread_count = 1
                for picture in container.decode(video=0):
                    newest.put(camera, picture)
        except (av.error.FFmpegError, OSError):
            pass
        time.sleep(1)


def of_pyav(picture):
    plane = picture.planes[0]
    luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    width, height = kind.fit(picture.width, picture.height)
    return number_of(luma), picture.reformat(width, height, "bgr24", interpolation="BILINEAR").to_ndarray()


def gstreamer(camera, newest):
    Gst = gstreamer_library()

    def came(sink):
        if (sample := sink.emit("pull-sample")) is not None:
            newest.put(camera, sample)
            seen[0] = time.monotonic()
        return Gst.FlowReturn.OK

    while True:
        seen = [time.monotonic()]
        pipeline = Gst.parse_launch(
            f"rtspsrc location={URLS[camera]} protocols=tcp latency=0 ! rtph264depay ! h264parse ! avdec_h264 max-threads=1 "
            "! video/x-raw,format=I420 ! appsink name=sink emit-signals=true sync=false max-buffers=1 drop=true")
        pipeline.get_by_name("sink").connect("new-sample", came)
        pipeline.set_state(Gst.State.PLAYING)
        bus = pipeline.get_bus()
        # GStreamer says nothing where nothing comes: five seconds of it are too many.
        while time.monotonic() - seen[0] < 5:
            if bus.timed_pop_filtered(500 * Gst.MSECOND, Gst.MessageType.ERROR | Gst.MessageType.EOS):
                break
        pipeline.set_state(Gst.State.NULL)
        time.sleep(1)


def gstreamer_library():
    # Its bindings are Debian's, not of the peers' environment.
    sys.path.append("/usr/lib/python3/dist-packages")
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstApp", "1.0")
    from gi.repository import Gst, GstApp  # noqa: F401

    Gst.init(None)
    return Gst


def of_gstreamer(sample):
    Gst = gstreamer_library()
    structure = sample.get_caps().get_structure(0)
    width, height = structure.get_value("width"), structure.get_value("height")
    buffer = sample.get_buffer()
    there, mapped = buffer.map(Gst.MapFlags.READ)
    assert there
    planes = np.frombuffer(mapped.data, np.uint8).reshape(height * 3 // 2, width)
    found = number_of(planes), fitted(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420))
    buffer.unmap(mapped)
    return found


def roboflow():
    from inference import InferencePipeline

    compiled = network.compile(NETWORK, kind, CACHE, PERFORMANCE_HINT="LATENCY")
    request = compiled.create_infer_request()
    canvas = np.full((1, kind.side, kind.side, 3), 114, np.uint8)

    def look(frames):
        found = []
        for frame in frames:
            picture = fitted(frame.image)
            canvas[0, :picture.shape[0], :picture.shape[1]] = picture
            request.infer({0: canvas})
            found.append((number_of(frame.image[:, :, 1]), kind.answer(request.get_output_tensor(0).data)))
        return found

    def told(found, frames):
        both = zip(found, frames) if isinstance(found, list) else [(found, frames)]
        for answer, frame in both:
            if frame is not None:
                tell(frame.source_id or 0, *answer)

    pipeline = InferencePipeline.init_with_custom_logic(
        video_reference=URLS, on_video_frame=look, on_prediction=told, batch_collection_timeout=0.05)
    pipeline.start(use_main_thread=False)
    pipeline.join()


def main():
    if TOOL == "roboflow":
        return roboflow()
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp"
    cv2.setNumThreads(1)
    newest = Newest()
    for camera in range(len(URLS)):
        threading.Thread(target={"opencv": opencv, "pyav": pyav, "gstreamer": gstreamer}[TOOL], args=(camera, newest), daemon=True).start()
    infer(newest, {"opencv": of_opencv, "pyav": of_pyav, "gstreamer": of_gstreamer}[TOOL])


main()
