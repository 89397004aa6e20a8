"""Networks of text, of poses and of maps as exporters make them, for `networks families`.

Their answers are made from what is in the picture; what is true is worked out here, by the rules of the families and not by Ridley's code.
"""
import math

import numpy as np
from network_exports import placed
from network_families import SIDE, Network

LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
PERSON = [(12 + (7 * n) % 24, 20 + (5 * n) % 22) for n in range(17)]
IMAGENET = ["--normalize", "imagenet"]


def letters():
    """The word "hello" over 24 steps: `[1,T,C]` and `[T,1,C]`, softmaxed or not, the blank first or last."""
    word, classes = "hello", len(LETTERS) + 1
    truth = [(None, 0.9, None, {"text": word})]
    for blank in (0, classes - 1):
        steps = np.full((24, classes), 0.1 / (classes - 1), np.float32)
        best = np.full(24, blank)
        for place, letter in enumerate(word):
            best[4 * place + 1:4 * place + 4 - (letter == "l")] = LETTERS.index(letter) + (blank == 0)
        steps[np.arange(24), best] = 0.9
        said = ["--decoder", "ctc", "--labels", "{folder}/letters.txt", "--background", str(blank), "--normalize", "unit"]
        files = {"letters.txt": "\n".join(LETTERS) + "\n"}
        for kind, values, more in (("soft", steps, []), ("logits", np.log(steps) + 3, ["--activation", "softmax"])):
            for order, shaped in (("crnn", values[:, None]), ("batch", values[None]), ("classes-first", values.T[None])):
                both = ["--output-layout", "columns" if order == "classes-first" else "rows"] if order != "crnn" else []
                yield Network("ctc", f"ctc-{order}-{kind}-{blank}", {"output": shaped}, truth, {}, ("input", (1, 3, SIDE, SIDE)),
                              resize="stretch", said=said + more + both, files=files)
    told = {"character": "\n".join(LETTERS)}
    yield Network("paddleocr", "paddleocr-words", {"softmax_0.tmp_0": letters_first()}, truth, told, ("x", (1, 3, SIDE, SIDE)), "")


def letters_first():
    """The same with the blank first, as PaddleOCR's own exporter gives it: with a space behind the last letter."""
    steps = np.full((1, 24, len(LETTERS) + 2), 0.1 / (len(LETTERS) + 1), np.float32)
    best = np.zeros(24, int)
    for place, letter in enumerate("hello"):
        best[4 * place + 1:4 * place + 3] = LETTERS.index(letter) + 1
    steps[0, np.arange(24), best] = 0.9
    return steps


def lines():
    """One upright line of text: the map shows it without its rims."""
    for name, shape in (("first", (1, 1, SIDE, SIDE)), ("last", (1, SIDE, SIDE, 1))):
        heat = np.zeros((SIDE, SIDE), np.float32)
        heat[26:36, 10:50] = 0.9
        wide, high = 39, 9
        rim = wide * high * 1.5 / (2 * (wide + high))
        box = (10 - rim, 26 - rim, 49 + rim, 35 + rim)
        corners = [(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]
        yield Network("text-lines", f"text-lines-{name}", {"sigmoid_0.tmp_0": heat.reshape(shape)}, placed("text", 0.9, box, corners), {},
                      ("x", (1, 3, SIDE, SIDE)), "", resize="stretch", said=["--decoder", "text-lines", "--color", "bgr", *IMAGENET])


def around(points):
    (xs, ys) = zip(*points)
    return min(xs), min(ys), max(xs), max(ys)


def poses():
    """Seventeen points on maps a quarter as large, on maps with offsets, and as lists of columns and rows."""
    side = SIDE // 4
    maps = np.zeros((17, side, side), np.float32)
    points = []
    for n, (x, y) in enumerate(PERSON):
        column, row = x // 4, y // 4
        maps[n, row, column], maps[n, row, column + 1], maps[n, row - 1, column] = 0.9, 0.4, 0.3
        # A quarter of a cell towards what is higher beside it.
        points.append((4 * (column + 0.25), 4 * (row - 0.25)))
    for align, step in (("cells", SIDE / side), ("corners", (SIDE - 1) / (side - 1))):
        moved = [(x / 4 * step, y / 4 * step) for x, y in points]
        truth = placed("person", 0.9, around(moved), moved)
        said = ["--decoder", "pose-heatmap", "--align", align, *IMAGENET]
        yield Network("heatmaps", f"hrnet-{align}", {"heatmaps": maps[None]}, truth, {}, ("pixel_values", (1, 3, SIDE, SIDE)), resize="stretch", said=said)
    truth = placed("person", 0.9, around(points), points)
    last = {"out": maps.transpose(1, 2, 0)[None].copy()}
    yield Network("heatmaps", "hrnet-last", last, truth, {}, resize="stretch", said=["--decoder", "pose-heatmap", "--output-layout", "nhwc", *IMAGENET])
    yield from posenet()
    columns, rows = np.zeros((1, 17, 2 * SIDE), np.float32), np.zeros((1, 17, 2 * SIDE), np.float32)
    for n, (x, y) in enumerate(PERSON):
        columns[0, n, 2 * x + 1], rows[0, n, 2 * y] = 0.95, 0.9
    exact = [(x + 0.5, y) for x, y in PERSON]
    truth = placed("person", 0.9, around(exact), exact)
    yield Network("rtmpose", "rtmpose", {"simcc_x": columns, "simcc_y": rows}, truth, {}, ("input", (1, 3, SIDE, SIDE)), resize="stretch", said=IMAGENET)
    yield Network("simcc", "simcc-bare", {"a": columns, "b": rows}, truth, {}, ("input", (1, 3, SIDE, SIDE)), resize="stretch",
                  said=["--decoder", "simcc", "--scores", "a", *IMAGENET])


def posenet():
    """Five cells a side, of which the first and the last stand at the first and the last pixel."""
    step = (SIDE - 1) / 4
    for order in ("last", "first"):
        heat, offsets = np.full((5, 5, 17), -6, np.float32), np.zeros((5, 5, 34), np.float32)
        for n, (x, y) in enumerate(PERSON):
            row, column = round(y / step), round(x / step)
            heat[row, column, n] = math.log(9)
            offsets[row, column, n], offsets[row, column, 17 + n] = y - row * step, x - column * step
        truth = placed("person", 0.9, around(PERSON), PERSON)
        outputs = {"float_heatmaps": heat[None], "float_short_offsets": offsets[None], "float_mid_offsets": np.zeros((1, 5, 5, 64), np.float32)}
        if order == "first":
            outputs = {f"out{n}": values.transpose(0, 3, 1, 2).copy() for n, values in enumerate(outputs.values())}
        shape = (1, SIDE, SIDE, 3) if order == "last" else (1, 3, SIDE, SIDE)
        said = ["--decoder", "posenet", "--activation", "sigmoid", "--normalize", "symmetric"]
        yield Network("posenet", f"posenet-{order}", outputs, truth, {}, ("sub_2", shape), resize="stretch", said=said)


def numbers():
    """Depth of any range, and shares of 0 to 1."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    depth, alpha = 3 * x + 5 * y, (x + y) / (2 * SIDE)
    for name, values, kind in (("midas", depth[None], "none"), ("depth-anything", depth[None, None], "none"), ("matting", alpha[None, None], None)):
        truth = [("depth", None, None, {"map": values.reshape(SIDE, SIDE)})]
        said = ["--decoder", "picture", *(["--activation", kind] if kind else []), *IMAGENET]
        yield Network("picture", name, {"depth": values}, truth, {}, resize="stretch", said=said)


FAMILIES = (letters, lines, poses, numbers)
