"""Networks of constants that tell their boxes from anchors or from distances, for `networks families`: faces, palms, people, and small detectors.

Each has one object in `LOW` of its input, scaled to its side, and five points or those of its family.
"""
import math

import numpy as np
from network_exports import LOW, placed
from network_families import SIDE, Network

POINTS = [(14, 26), (32, 26), (23, 33), (16, 40), (30, 41)]
STRIDES = (8, 16, 32)


def zeros(*shape, value=0.0):
    return np.full((1, *shape), value, np.float32)


def retinaface():
    rows = 2 * sum((SIDE // stride) ** 2 for stride in STRIDES)
    # The first prior of cell 1,1 of stride 16: 64 pixels about 24,24.
    row, x, y, size = 2 * 64 + 2 * 5, 24, 24, 64
    left, top, right, bottom = LOW
    boxes, scores, points = zeros(rows, 4), zeros(rows, 2), zeros(rows, 10)
    boxes[0, row] = [((left + right) / 2 - x) / size / 0.1, ((top + bottom) / 2 - y) / size / 0.1,
                     math.log((right - left) / size) / 0.2, math.log((bottom - top) / size) / 0.2]
    scores[0, :, 0], scores[0, row] = 1, [0.1, 0.9]
    points[0, row] = [(number - (x, y)[place % 2]) / size / 0.1 for place, number in enumerate(np.array(POINTS).ravel())]
    truth, logits = placed("class 0", points=POINTS), np.log(np.maximum(scores, 1e-6)) + 3
    port = ("input0", (1, 3, SIDE, SIDE))
    yield Network("retinaface", "retinaface", {"output0": boxes, "590": scores, "591": points}, truth, {}, port, resize="top-left")
    yield Network("retinaface", "retinaface-named", {"landms": points, "conf": scores, "loc": boxes}, truth, {}, port, resize="top-left")
    yield Network("retinaface", "retinaface-logits", {"loc": boxes, "conf": logits, "landms": points}, truth, {}, port, resize="top-left",
                  said=["--activation", "softmax"])
    together = np.concatenate([boxes, logits, points], axis=2)
    yield Network("retinaface", "retinaface-one", {"output0": together}, truth, {}, port, resize="top-left",
                  said=["--decoder", "retinaface", "--activation", "softmax"])


def scrfd():
    left, top, right, bottom = LOW
    for batch in (True, False):
        outputs = {}
        for word, width in (("score", 1), ("bbox", 4), ("kps", 10)):
            for stride in STRIDES:
                values = zeros(2 * (SIDE // stride) ** 2, width)
                if stride == 16:
                    # The first anchor of cell 1,2, whose corner is 16,32.
                    values[0, 18] = {
                        "score": [0.9], "bbox": [(16 - left) / 16, (32 - top) / 16, (right - 16) / 16, (bottom - 32) / 16],
                        "kps": [(number - (16, 32)[place % 2]) / 16 for place, number in enumerate(np.array(POINTS).ravel())]}[word]
                outputs[f"{word}_{stride}" if batch else str(448 + 3 * len(outputs))] = values if batch else values[0]
        truth = placed("class 0", points=POINTS)
        yield Network("scrfd", f"scrfd-{'batch' if batch else 'flat'}", outputs, truth, {}, ("input.1", (1, 3, SIDE, SIDE)), resize="top-left")
        bare = {name: values for name, values in outputs.items() if values.shape[-1] < 10}
        yield Network("scrfd", f"scrfd-bare-{'batch' if batch else 'flat'}", bare, placed("class 0"), {}, ("input.1", (1, 3, SIDE, SIDE)),
                      resize="top-left", said=["--decoder", "scrfd"])


def mediapipe():
    for name, side, strides, repeats, count in (
            ("face-128", 128, (8, 16, 16, 16), 2, 6), ("face-256", 256, (16, 32, 32, 32), 2, 6), ("face-full", 192, (4,), 1, 6),
            ("palm", 192, (8, 16, 16, 16), 2, 7), ("people", 224, (8, 16, 32, 32, 32), 2, 4)):
        anchors = []
        for stride in dict.fromkeys(strides):
            cells = side // stride
            for cell in range(cells * cells):
                anchors += [((cell % cells + 0.5) * stride, (cell // cells + 0.5) * stride)] * (repeats * strides.count(stride))
        anchors, scale = np.array(anchors), side / SIDE
        left, top, right, bottom = (number * scale for number in LOW)
        middle = np.array([(left + right) / 2, (top + bottom) / 2])
        points = [(12 + 5 * n, 24 + 3 * n) for n in range(count)]
        boxes, logits = zeros(len(anchors), 4 + 2 * count), zeros(len(anchors), 1, value=-20)
        # All anchors of the nearest cell tell of it, so that they are merged.
        apart = np.abs(anchors - middle).sum(axis=1)
        for row in np.flatnonzero(apart == apart.min()):
            boxes[0, row] = [*(middle - anchors[row]), right - left, bottom - top, *(np.array(points) * scale - anchors[row]).ravel()]
            logits[0, row] = math.log(9)
        outputs = {"Identity": boxes, "Identity_1": logits}
        yield Network("mediapipe", f"mediapipe-{name}", outputs, placed("class 0", points=points), {}, ("input", (1, side, side, 3)), "tf2onnx",
                      resize="letterbox")


def spread(distance):
    """Eight logits whose softmax has the distance as its mean."""
    low = int(distance)
    values = np.full(8, -30.0)
    values[low] = math.log(max(1e-12, 1 - (distance - low)))
    values[low + 1] = math.log(max(1e-12, distance - low))
    return values


def distances(classes, levels, corner):
    """Scores and distances of each level; the object stands at cell 1,2 or 1,1 of stride 16."""
    left, top, right, bottom = LOW
    row, x, y = (9, 16, 32) if corner else (5, 24, 24)
    for stride in (*STRIDES, 64)[:levels]:
        scores, bins = zeros((SIDE // stride) ** 2, classes), zeros((SIDE // stride) ** 2, 32)
        if stride == 16:
            scores[0, row, classes - 1] = 0.9
            bins[0, row] = np.concatenate([spread(number / 16) for number in (x - left, y - top, right - x, bottom - y)])
        yield scores, bins


def nanodet():
    port = ("data", (1, 3, SIDE, SIDE))
    for classes in (80, 7):
        truth = placed(f"class {classes - 1}")
        for name, levels, corner in (("nanodet-plus", 4, True), ("nanodet", 3, False)):
            whole = np.concatenate([np.concatenate(level, axis=2) for level in distances(classes, levels, corner)], axis=1)
            said = ["--decoder", "nanodet", "--origin", "corner" if corner else "middle"]
            yield Network("nanodet", f"{name}-{classes}", {"output": whole}, truth, {}, port, resize="stretch", said=said)
        apart = list(distances(classes, 3, False))
        outputs = {f"cls_pred_stride_{8 << n}": level[0] for n, level in enumerate(apart)}
        outputs |= {f"dis_pred_stride_{8 << n}": level[1] for n, level in enumerate(apart)}
        yield Network("nanodet", f"nanodet-apart-{classes}", outputs, truth, {}, port, resize="stretch",
                      said=["--decoder", "nanodet", "--origin", "middle"])
        pico = list(distances(classes, 4, False))
        outputs = {f"save_infer_model/scale_{n}.tmp_1": values for n, values in enumerate([level[0] for level in pico] + [level[1] for level in pico])}
        yield Network("picodet", f"picodet-{classes}", outputs, truth, {}, ("image", (1, 3, SIDE, SIDE)), "PaddlePaddle", resize="stretch",
                      said=["--decoder", "nanodet", "--origin", "middle", "--color", "rgb", "--normalize", "imagenet"])


def fastestdet():
    left, top, right, bottom = LOW
    for classes in (80, 3):
        values = zeros(5 + classes, 4, 4)
        # Cell 1,2 of stride 16.
        values[0, :5, 2, 1] = [0.9, math.atanh((left + right) / 32 - 1), math.atanh((top + bottom) / 32 - 2),
                               *(math.log(share / (1 - share)) for share in ((right - left) / SIDE, (bottom - top) / SIDE))]
        values[0, 4 + classes, 2, 1] = 0.9
        yield Network("fastestdet", f"fastestdet-{classes}", {"758": values}, placed(f"class {classes - 1}"), {}, ("input.1", (1, 3, SIDE, SIDE)),
                      resize="stretch", said=["--decoder", "fastestdet"])


FAMILIES = (retinaface, scrfd, mediapipe, nanodet, fastestdet)
