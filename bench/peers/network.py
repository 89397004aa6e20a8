"""What every peer shares: the network in OpenVINO with its preprocessing inside the graph, run asynchronously in f32.

A peer script gives main() a function that yields pictures at the network's size; the rest is the same for all.
"""
import argparse
import json
import time

import numpy as np
import openvino as ov
from openvino.preprocess import ColorFormat, PrePostProcessor

THRESHOLD, IOU = 0.3, 0.45


class Classify:
    """Stretched RGB, 0 to 1; the answer is the five best classes."""
    side, color, order, scale = 224, "rgb24", ColorFormat.RGB, 255.0

    def fit(self, width, height):
        return self.side, self.side

    def answer(self, output):
        return np.argpartition(output[0], -5)[-5:].tolist()


class Yolox:
    """BGR, 0 to 255, at the top left of a grey square; the answer is how many objects are there."""
    side, color, order, scale = 416, "bgr24", ColorFormat.BGR, 1.0

    def __init__(self):
        cells = [(x, y, s) for s in (8, 16, 32) for y in range(self.side // s) for x in range(self.side // s)]
        self.cells = np.array(cells, np.float32)

    def fit(self, width, height):
        factor = min(self.side / width, self.side / height)
        return round(width * factor), round(height * factor)

    def answer(self, output):
        rows = output.reshape(-1, 85)
        likely = rows[:, 4] >= THRESHOLD
        rows, cells = rows[likely], self.cells[likely]
        classes = rows[:, 5:].argmax(1)
        scores = rows[:, 4] * rows[np.arange(len(rows)), 5 + classes]
        sure = scores >= THRESHOLD
        rows, cells, classes, scores = rows[sure], cells[sure], classes[sure], scores[sure]
        centre, half = (rows[:, :2] + cells[:, :2]) * cells[:, 2:], np.exp(rows[:, 2:4]) * cells[:, 2:] / 2
        boxes = np.hstack([centre - half, centre + half])
        kept = []
        for index in np.argsort(-scores):
            if all(classes[index] != classes[k] or overlap(boxes[index], boxes[k]) <= IOU for k in kept):
                kept.append(index)
        return len(kept)


def overlap(a, b):
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if (sides <= 0).any():
        return 0.0
    both = sides.prod()
    return both / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - both)


KINDS = {"classify": Classify, "yolox": Yolox}


def compile(path, kind, cache, **properties):
    core = ov.Core()
    model = core.read_model(path)
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC")).set_color_format(kind.order)
    steps.input().model().set_layout(ov.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(ov.Type.f32)
    if kind.scale != 1:
        steps.input().preprocess().scale(kind.scale)
    wanted = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": cache} | properties
    return core.compile_model(steps.build(), "CPU", wanted)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("clip")
    parser.add_argument("network")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("cache")
    parser.add_argument("--first", type=int, default=0, help="number of the first frame, a key frame")
    parser.add_argument("--time", type=float, default=0, help="its time in seconds")
    parser.add_argument("--count", type=int, default=1 << 60)
    parser.add_argument("--single", action="store_true", help="one thread each for decoding and for the network")
    return parser.parse_args()


def main(frames):
    """frames(asked, kind) yields RGB or BGR pictures of the size kind.fit() gives, from frame asked.first on."""
    asked = arguments()
    kind = KINDS[asked.kind]()
    single = {"NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": 1, "ENABLE_CPU_PINNING": False}
    compiled = compile(asked.network, kind, asked.cache, **(single if asked.single else {"PERFORMANCE_HINT": "THROUGHPUT"}))
    queue, answers = ov.AsyncInferQueue(compiled, 2 if asked.single else 0), {}

    def done(request, number):
        answers[number] = kind.answer(request.get_output_tensor(0).data)

    queue.set_callback(done)
    canvas = np.full((1, kind.side, kind.side, 3), 114, np.uint8)
    start = time.monotonic()
    for number, picture in zip(range(asked.first, asked.first + asked.count), frames(asked, kind)):
        if picture.shape[0] == picture.shape[1] == kind.side:
            queue.start_async({0: picture[None]}, number)
        else:
            canvas[0, :picture.shape[0], :picture.shape[1]] = picture
            queue.start_async({0: canvas}, number)
    queue.wait_all()
    print(json.dumps({"seconds": time.monotonic() - start, "answers": answers}))
