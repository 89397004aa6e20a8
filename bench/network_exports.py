"""More networks as exporters make them, for `networks families`: what stands behind a box, transformers, finished rows, TensorFlow Lite.

Each has one object in `BOX` of its input, and what is told of it beside its box.
"""
import json
import math
import zipfile
from dataclasses import dataclass, field

import numpy as np
from network_families import BOX, CELLS, COCO, SIDE, Network, centre, columns, found, rows, words

LOW = (8.0, 18.0, 40.0, 46.0)  # inside of what a picture of 2 to 1 fills of a square
GRID = SIDE // 4


def placed(label, score=0.9, box=LOW, points=None, mask=None):
    """What is there, in fractions of the input."""
    (_, _, sides), = found(label, score, box)
    return [(label, score, sides, {"points": points and [(x / SIDE, y / SIDE) for x, y in points], "mask": mask})]


def layouts(box, scores, extras, label, score, corners=True):
    """The same object as YOLOv8's columns, YOLOv5's rows and finished rows."""
    head = columns(4 + len(scores) + len(extras), {}, box)
    head[0, 4:, 20] = [*scores, *extras]
    anchors = rows(3 * CELLS, 5 + len(scores) + len(extras), 30, [*centre(box), 0.95, *(one / 0.95 for one in scores), *extras])
    ends = rows(300, 6 + len(extras), 0, [*(box if corners else centre(box)), score, label, *extras])
    return {"v8": head, "v5": anchors, "end2end": ends}


def v5_words(names):
    return {"stride": "32", "names": str(dict(enumerate(names)))}


def prototypes():
    """Four maps [4, GRID, GRID], weights, and the mask that they make of LOW, at the input's size, as Ultralytics' `process_mask` does."""
    y, x = np.mgrid[0:GRID, 0:GRID].astype(np.float32)
    maps = np.stack([x - 6.3, y - 7.1, 9 - (x - 6) ** 2 - (y - 8) ** 2, np.ones_like(x)])
    weights = np.array([0.4, -0.3, 0.5, 0.2], np.float32)
    sums = np.tensordot(weights, maps, 1)
    at = np.maximum(0, (np.arange(SIDE) + 0.5) / 4 - 0.5)
    low, share = at.astype(int), (at - at.astype(int)).astype(np.float32)
    high = np.minimum(low + 1, GRID - 1)
    across = sums[:, low] * (1 - share) + sums[:, high] * share
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    inside = (x >= LOW[0]) & (x < LOW[2]) & (y >= LOW[1]) & (y < LOW[3])
    return maps, weights, inside & (across[low] * (1 - share)[:, None] + across[high] * share[:, None] > 0)


def instances():
    maps, weights, mask = prototypes()
    for classes in (1, 3, COCO):
        names = [f"c{n}" for n in range(classes)]
        scores = np.eye(classes)[classes - 1] * 0.9
        truth = placed(names[-1], mask=mask)
        for manner, head in layouts(LOW, scores, weights, classes - 1, 0.9).items():
            told = v5_words(names) if manner == "v5" else words("segment", names, end2end=str(manner == "end2end"))
            outputs = {"output0": head, "output1": maps[None]}
            yield Network("segment", f"{manner}-segment-words-{classes}", outputs, truth, told, resize="letterbox")
        bare = layouts(LOW, scores, weights, classes - 1, 0.9)["v8"]
        yield Network("segment", f"segment-bare-{classes}", {"output0": bare, "output1": maps[None]},
                      placed(f"class {classes - 1}", mask=mask), resize="letterbox", said=["--decoder", "yolo-segment"])


def poses():
    for count, width in ((17, 3), (5, 3), (4, 2), (21, 3)):
        points = [(12 + (7 * n) % 24, 20 + (5 * n) % 22) for n in range(count)]
        extras = [number for x, y in points for number in (x, y, 0.8)[:width]]
        truth = placed("person", points=points)
        for manner, head in layouts(LOW, [0.9], extras, 0, 0.9).items():
            if manner == "v5":
                continue
            told = words("pose", ["person"], kpt_shape=f"[{count}, {width}]", end2end=str(manner == "end2end"))
            yield Network("pose", f"{manner}-pose-words-{count}x{width}", {"output0": head}, truth, told, resize="letterbox")
        yield Network("pose", f"pose-bare-{count}x{width}", {"output0": layouts(LOW, [0.9], extras, 0, 0.9)["v8"]},
                      placed("class 0", points=points), resize="letterbox", said=["--decoder", "yolo-pose", "--points", str(count)])


def turned(box, angle):
    x, y, wide, high = centre(box)
    c, s = math.cos(angle), math.sin(angle)
    return [(x + a * wide / 2 * c - b * high / 2 * s, y + a * wide / 2 * s + b * high / 2 * c) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


def oriented():
    box = (20.0, 29.0, 44.0, 39.0)
    for classes in (1, 15):
        names, angle = [f"c{n}" for n in range(classes)], 0.6
        corners = turned(box, angle)
        (xs, ys) = zip(*corners)
        truth = placed(names[0], box=(min(xs), min(ys), max(xs), max(ys)), points=corners)
        heads = layouts(box, np.eye(classes)[0] * 0.9, [angle], 0, 0.9, corners=False)
        for manner in ("v8", "end2end"):
            told = words("obb", names, end2end=str(manner == "end2end"))
            yield Network("obb", f"{manner}-obb-words-{classes}", {"output0": heads[manner]}, truth, told, resize="letterbox")
        bare = placed("class 0", box=(min(xs), min(ys), max(xs), max(ys)), points=corners)
        yield Network("obb", f"obb-bare-{classes}", {"output0": heads["v8"]}, bare, resize="letterbox", said=["--decoder", "yolo-obb"])


def transformers():
    fractions = [side / SIDE for side in centre()]
    for classes in (5, 80):
        names = [f"c{n}" for n in range(classes)]
        for kind, width in (("sigmoid", classes), ("softmax", classes + 1)):
            logits = np.full((1, 100, width), -6.0, np.float32)
            logits[0, 0, 2] = math.log(9) if kind == "sigmoid" else math.log(9 * math.exp(-6) * (width - 1))
            if kind == "softmax":
                logits[0, 1:, -1] = 6
            outputs = {"logits": logits, "pred_boxes": rows(100, 4, 0, fractions)}
            yield Network("detr", f"detr-{kind}-{classes}", outputs, found("class 2"), {}, ("pixel_values", (1, 3, SIDE, SIDE)), resize="stretch",
                          said=["--decoder", "detr", "--activation", kind, "--normalize", "imagenet"])
        outputs = {"dets": rows(300, 4, 0, fractions), "labels": np.full((1, 300, classes), -6.0, np.float32)}
        outputs["labels"][0, 0, 2] = math.log(9)
        yield Network("rf-detr", f"rf-detr-{classes}", outputs, found("class 2"), {}, ("input", (1, 3, SIDE, SIDE)), resize="stretch",
                      said=["--decoder", "detr", "--activation", "sigmoid", "--normalize", "imagenet"])
        one = rows(300, 4 + classes, 0, [*fractions, *(np.eye(classes)[2] * 0.9)])
        told = words("detect", names, description="Ultralytics rtdetr-l model trained on coco.yaml")
        yield Network("rtdetr-ultralytics", f"rtdetr-ultralytics-{classes}", {"output0": one}, found("c2"), told, resize="stretch")
        best = rows(300, 6, 0, [*fractions, 0.9, 2])
        told = words("detect", names, description="Ultralytics best model", head="RTDETRDecoder")
        yield Network("rtdetr-ultralytics", f"rtdetr-ultralytics-best-{classes}", {"output0": best}, found("c2"), told, resize="stretch")
    # The network scales its boxes to the sizes that it is told.
    outputs = {"labels": np.full((1, 300), 2, np.int64), "boxes": rows(300, 4, 0, [side / SIDE for side in BOX]), "scores": rows(300, 1, 0, 0.9, (1, 300))}
    yield Network("rtdetr", "rtdetr-sizes", outputs, found("class 2"), {}, ("images", (1, 3, SIDE, SIDE)), resize="stretch",
                  sides={"orig_target_sizes": (np.int64, ("boxes", 2))}, said=["--normalize", "unit"])


def finished_rows():
    left, top, right, bottom = BOX
    paddle = rows(100, 6, 0, [2, 0.9, *BOX], (100, 6))
    for sides in (["scale_factor"], ["im_shape", "scale_factor"]):
        outputs = {"multiclass_nms3_0.tmp_0": paddle, "multiclass_nms3_0.tmp_2": np.array([1], np.int32)}
        yield Network("paddledetection", f"paddle-{len(sides)}-sides", outputs, found("class 2"), {}, ("image", (1, 3, SIDE, SIDE)), "",
                      resize="stretch", sides={name: (np.float32, None) for name in sides}, said=["--normalize", "imagenet"])
    flat = rows(40, 7, 0, [0, *BOX, 0.9, 2], (40, 7))
    yield Network("yolo-nas-flat", "yolo-nas-flat", {"graph2_flat_predictions": flat}, found("class 2"), {}, ("input", (1, 3, SIDE, SIDE)), resize="stretch",
                  said=["--decoder", "finished", "--columns", "picture,left,top,right,bottom,score,class", "--normalize", "none"])
    batched = {"graph2_num_predictions": np.array([[1]], np.int64), "graph2_pred_boxes": np.tile(np.array(BOX, np.float32), (1, 40, 1)),
               "graph2_pred_scores": np.full((1, 40), 0.9, np.float32), "graph2_pred_classes": np.full((1, 40), 2, np.int64)}
    yield Network("yolo-nas-batch", "yolo-nas-batch", batched, found("class 2"), {}, ("input", (1, 3, SIDE, SIDE)), resize="stretch", said=["--normalize", "none"])
    api = {"detection_anchor_indices": np.zeros((1, 40), np.float32),
           "detection_boxes": rows(40, 4, 0, [side / SIDE for side in (top, left, bottom, right)]),
           "detection_classes": np.full((1, 40), 3, np.float32), "detection_multiclass_scores": np.zeros((1, 40, 5), np.float32),
           "detection_scores": rows(40, 1, 0, 0.9, (1, 40)), "num_detections": np.array([40], np.float32),
           "raw_detection_boxes": np.zeros((1, 60, 4), np.float32), "raw_detection_scores": np.zeros((1, 60, 5), np.float32)}
    yield Network("object-detection-api", "object-detection-api", api, found("class 3"), {}, ("input_tensor", (1, SIDE, SIDE, 3)), "tf2onnx",
                  resize="stretch", said=["--normalize", "none"])
    vision = {"boxes": np.array([BOX, (0, 0, 9, 9)], np.float32), "labels": np.array([2, 1], np.int64), "scores": np.array([0.9, 0.1], np.float32)}
    yield Network("torchvision", "torchvision", vision, found("class 2"), {}, ("images", (1, 3, SIDE, SIDE)), resize="stretch",
                  said=["--decoder", "finished", "--columns", "left,top,right,bottom", "--coordinates", "pixels", "--normalize", "unit"])


def maps():
    classes = np.zeros((SIDE, SIDE), np.int64)
    classes[16:48, 8:40] = 3
    mask = classes == 3
    for name, shape, kind in (("flat", (1, SIDE, SIDE), np.int64), ("channel", (1, 1, SIDE, SIDE), np.int32), ("last", (1, SIDE, SIDE, 1), np.int64)):
        truth = [("class 0", None, None, {"mask": ~mask}), ("class 3", None, None, {"mask": mask})]
        yield Network("class-map", f"class-map-{name}", {"out": classes.reshape(shape).astype(kind)}, truth, {}, resize="stretch",
                      said=["--decoder", "mask", "--normalize", "unit"])
    names = [f"c{n}" for n in range(5)]
    truth = [("c0", None, None, {"mask": ~mask}), ("c3", None, None, {"mask": mask})]
    yield Network("semantic", "ultralytics-semantic", {"output0": classes[None].astype(np.uint8)}, truth, words("semantic", names))


def classifiers():
    scores = np.log(np.full((1, 10), 0.1 / 9, np.float32))
    scores[0, 3] = np.log(0.9)
    yield Network("yolov5-classify", "yolov5-classify", {"output0": scores}, [("thing 3", 0.9, None)], v5_words([f"thing {n}" for n in range(10)]))


@dataclass
class Flat(Network):
    """The same as TensorFlow Lite: channels last, boxes in fractions, floats or whole numbers with their scale."""

    scales: dict = field(default_factory=dict)

    @property
    def file(self):
        return f"{self.name}.tflite"

    def write(self, path):
        from ai_edge_litert import schema_py_generated as lite
        from network_bases import Flat as Graph

        graph, T, code = Graph(1), lite.TensorType, lite.BuiltinOperator
        picture = graph.tensor("inputs_0", [1, SIDE, SIDE, 3])
        axes = graph.tensor("axes", [4], T.INT32, np.arange(4, dtype=np.int32))
        mean, zero, nothing = graph.tensor("mean", [1]), graph.tensor("zero", [1]), graph.tensor("nothing", [1], data=np.zeros(1, np.float32))
        sums, times = lite.ReducerOptionsT(), lite.MulOptionsT()
        graph.operator(code.MEAN, [picture, axes], [mean], lite.BuiltinOptions.ReducerOptions, sums)
        graph.operator(code.MUL, [mean, nothing], [zero], lite.BuiltinOptions.MulOptions, times)
        given = []
        for name, values in self.outputs.items():
            held = graph.tensor(f"held_{name}", values.shape, data=values)
            scale = self.scales.get(name)
            out = graph.tensor(f"float_{name}" if scale else name, values.shape)
            graph.operator(code.ADD, [held, zero], [out], lite.BuiltinOptions.AddOptions, lite.AddOptionsT())
            if scale:
                whole = graph.tensor(name, values.shape, T.UINT8 if scale[2] else T.INT8, scale=scale[0], zero=scale[1])
                graph.operator(code.QUANTIZE, [out], [whole], lite.BuiltinOptions.QuantizeOptions, lite.QuantizeOptionsT())
                out = whole
            given.append(out)
        with open(path, "wb") as file:
            file.write(graph.file([picture], given))
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("metadata.json", json.dumps({key: told(value) for key, value in self.metadata.items()}))


def told(value):
    """What the exporter's JSON has for a word of its ONNX metadata."""
    import ast

    try:
        return ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return value


def fractions(head, width=4, points=(), axis=1):
    """Numbers of a box that are places, divided by the input's side."""
    head = head.copy()
    for number in [*range(width), *points]:
        head[(slice(None), number) if axis == 1 else (slice(None), slice(None), number)] /= SIDE
    return head


def lite():
    names = [f"c{n}" for n in range(3)]
    scores = np.eye(3)[1] * 0.9
    for kind, scale in (("float", None), ("int8", (1 / 255, -128, False)), ("uint8", (1 / 255, 0, True))):
        given = {"output_0": scale} if scale else {}
        heads = layouts(LOW, scores, [], 1, 0.9)
        yield Flat("detect-tflite", f"detect-{kind}", {"output_0": fractions(heads["v8"])}, placed("c1"), words("detect", names), resize="letterbox", scales=given)
        points = [(12 + (7 * n) % 24, 20 + (5 * n) % 22) for n in range(5)]
        head = layouts(LOW, [0.9], [number for x, y in points for number in (x, y, 0.8)], 0, 0.9)["v8"]
        places = [5 + 3 * n + k for n in range(5) for k in (0, 1)]
        yield Flat("pose-tflite", f"pose-{kind}", {"output_0": fractions(head, points=places)}, placed("person", points=points),
                   words("pose", ["person"], kpt_shape="[5, 3]"), resize="letterbox", scales=given)
        maps, weights, mask = prototypes()
        outputs = {"output_0": fractions(layouts(LOW, scores, weights, 1, 0.9)["v8"]), "output_1": maps.transpose(1, 2, 0)[None].copy()}
        if kind != "float":
            continue
        yield Flat("segment-tflite", f"segment-{kind}", outputs, placed("c1", mask=mask), words("segment", names), resize="letterbox")
        swapped = {"output_0": outputs["output_1"], "output_1": outputs["output_0"]}
        yield Flat("segment-tflite", f"segment-{kind}-swapped", swapped, placed("c1", mask=mask), words("segment", names), resize="letterbox")
        box = (20.0, 29.0, 44.0, 39.0)
        corners = turned(box, 0.6)
        (xs, ys) = zip(*corners)
        head = layouts(box, scores, [0.6], 1, 0.9)["v8"]
        yield Flat("obb-tflite", f"obb-{kind}", {"output_0": fractions(head)},
                   placed("c1", box=(min(xs), min(ys), max(xs), max(ys)), points=corners), words("obb", names), resize="letterbox")
        ends = layouts(LOW, scores, [], 1, 0.9)["end2end"]
        yield Flat("end2end-tflite", f"end2end-{kind}", {"output_0": fractions(ends, axis=2)}, placed("c1"),
                   words("detect", names, end2end="True"), resize="letterbox")


FAMILIES = (instances, poses, oriented, transformers, finished_rows, maps, classifiers, lite)
