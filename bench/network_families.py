"""Networks as exporters make them, read by `ridley analyze` without a word: right, asked, refused, or silently wrong.

Each network gives constants in the shape, with the names and the metadata of a real export, and its truth is known. What counts is
that none is silently wrong: an answer with exit code 0 that is not the truth.
"""
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass, field

import numpy as np
import onnx

import png_file
from onnx import TensorProto, helper

SIDE = 64
CELLS = sum((SIDE // stride) ** 2 for stride in (8, 16, 32))
BOX = (8.0, 16.0, 40.0, 48.0)  # left, top, right, bottom of the one object, in pixels
COCO = 80


@dataclass
class Network:
    """One exported network; `truth` is what is in the picture, `None` where no reading of Ridley's gives it."""

    family: str
    name: str
    outputs: dict
    truth: list | None
    metadata: dict = field(default_factory=dict)
    input: tuple = ("images", (1, 3, SIDE, SIDE))
    producer: str = "pytorch"
    # How such networks take a picture of another shape; one of 2 to 1 is asked about, too, where it is said.
    resize: str | None = None
    # What its owner says where Ridley asks: then it must be right.
    said: list = field(default_factory=list)
    # Files that it names, by `{folder}/NAME` in what is said.
    files: dict = field(default_factory=dict)
    # Inputs beside the picture: their type, and the output that is multiplied by one, how often.
    sides: dict = field(default_factory=dict)

    @property
    def file(self):
        return f"{self.name}.onnx"

    def write(self, path):
        name, shape = self.input
        nodes, ports, constants = [], [], []
        inputs, scaled = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)], {}
        for side, (kind, product) in self.sides.items():
            inputs.append(helper.make_tensor_value_info(side, helper.np_dtype_to_tensor_dtype(np.dtype(kind)), (1, 2)))
            nodes.append(helper.make_node("Cast", [side], [f"{side}_float"], to=TensorProto.FLOAT))
            if product:
                nodes.append(helper.make_node("Concat", [f"{side}_float"] * product[1], [f"{side}_all"], axis=1))
                scaled[product[0]] = f"{side}_all"
            else:
                nodes.append(helper.make_node("ReduceMean", [f"{side}_float"], [f"{side}_mean"], axes=[0, 1], keepdims=0))
        axes = list(range(len(shape)))
        nodes.append(helper.make_node("ReduceMean", [name], ["mean"], axes=axes, keepdims=0))
        constants.append(onnx.numpy_helper.from_array(np.zeros((), np.float32), "nothing"))
        nodes.append(helper.make_node("Mul", ["mean", "nothing"], ["zero"]))
        for side, (_, product) in self.sides.items():
            if not product:
                nodes.append(helper.make_node("Mul", [f"{side}_mean", "nothing"], [f"{side}_nothing"]))
                nodes.append(helper.make_node("Add", ["zero", f"{side}_nothing"], ["zero_" + side]))
        for number, (port, values) in enumerate(self.outputs.items()):
            values = np.asarray(values)
            given = helper.np_dtype_to_tensor_dtype(values.dtype)
            # No sum of bytes in ONNX.
            values = values.astype(np.float32) if values.dtype == np.uint8 else values
            kind = helper.np_dtype_to_tensor_dtype(values.dtype)
            constants.append(onnx.numpy_helper.from_array(values, f"held{number}"))
            free = [side for side, (_, product) in self.sides.items() if not product]
            nodes.append(helper.make_node("Cast", ["zero_" + free[number % len(free)] if free else "zero"], [f"zero{number}"], to=kind))
            nodes.append(helper.make_node("Add", [f"held{number}", f"zero{number}"], [f"{port}_own" if port in scaled or given != kind else port]))
            if given != kind:
                nodes.append(helper.make_node("Cast", [f"{port}_own"], [port], to=given))
            if port in scaled:
                nodes.append(helper.make_node("Mul", [f"{port}_own", scaled[port]], [port]))
            ports.append(helper.make_tensor_value_info(port, given, values.shape))
        graph = helper.make_graph(
            nodes, "torch-jit-export", inputs, ports, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name=self.producer)
        model.ir_version = 8
        for key, value in self.metadata.items():
            entry = model.metadata_props.add()
            entry.key, entry.value = key, value
        onnx.save(model, path)


def centre(box=BOX):
    left, top, right, bottom = box
    return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]


def found(label, score=0.9, box=BOX):
    left, top, right, bottom = (side / SIDE for side in box)
    return [(label, score, [left, top, right - left, bottom - top])]


def words(task, names, **more):
    return {
        "description": "Ultralytics YOLO11n model trained on coco.yaml", "author": "Ultralytics", "stride": "32",
        "task": task, "batch": "1", "imgsz": f"[{SIDE}, {SIDE}]", "names": str(dict(enumerate(names))),
        "args": str({"batch": 1, "nms": False}), **more}


def columns(width, numbers, box=BOX, row=20):
    """`[1, width, cells]` with one object: its box, then numbers by their place."""
    values = np.zeros((1, width, CELLS), np.float32)
    values[0, :4, row] = centre(box)
    for place, number in numbers.items():
        values[0, place, row] = number
    return values


def rows(count, width, row, value, shape=None):
    values = np.zeros((count, width), np.float32)
    values[row] = value
    return values.reshape(shape or (1, count, width))


def detectors():
    for classes in (1, 3, 15, COCO):
        names = [f"thing {index}" for index in range(classes)]
        label = classes - 1
        head = columns(4 + classes, {4 + label: 0.9})
        yield Network("yolov8", f"yolov8-words-{classes}", {"output0": head}, found(names[label]), words("detect", names))
        yield Network("yolov8", f"yolov8-bare-{classes}", {"output0": head}, found(f"class {label}"), {}, ("x", (1, 3, SIDE, SIDE)))
        yield Network("yolov8-turned", f"yolov8-rows-{classes}", {"output": head.transpose(0, 2, 1)}, found(f"class {label}"))
        anchors = rows(3 * CELLS, 5 + classes, 30, centre() + [0.95] + [0] * label + [0.95] )
        yield Network("yolov5", f"yolov5-words-{classes}", {"output0": anchors}, found(names[label], 0.9025),
                      {"stride": "32", "names": str(dict(enumerate(names)))})
        yield Network("yolov5", f"yolov5-bare-{classes}", {"output": anchors}, found(f"class {label}", 0.9025))
    for classes in (1, 3, COCO):
        label = classes - 1
        left, top, right, bottom = BOX
        cell = ((left + right) / 2 / 8, (top + bottom) / 2 / 8)
        number = int(cell[1]) * (SIDE // 8) + int(cell[0])
        offsets = [cell[0] - int(cell[0]), cell[1] - int(cell[1]), np.log((right - left) / 8), np.log((bottom - top) / 8)]
        raw = rows(CELLS, 5 + classes, number, offsets + [0.95] + [0] * label + [0.95])
        yield Network("yolox", f"yolox-raw-{classes}", {"output": raw}, found(f"class {label}", 0.9025))
        decoded = rows(CELLS, 5 + classes, number, centre() + [0.95] + [0] * label + [0.95])
        yield Network("yolox-decoded", f"yolox-decoded-{classes}", {"output": decoded}, found(f"class {label}", 0.9025))
        v6 = rows(CELLS, 5 + classes, number, centre() + [1.0] + [0] * label + [0.9])
        yield Network("yolov6", f"yolov6-{classes}", {"outputs": v6}, found(f"class {label}"))
    for classes in (COCO, 7):
        nas = np.zeros((1, CELLS, 4), np.float32)
        scores = np.zeros((1, CELLS, classes), np.float32)
        nas[0, 20], scores[0, 20, 5] = BOX, 0.9
        yield Network("yolo-nas", f"yolo-nas-{classes}", {"boxes": nas, "scores": scores}, found("class 5"), {}, ("input", (1, 3, SIDE, SIDE)))
        logits = np.full((1, 300, classes), -6.0, np.float32)
        boxes = np.zeros((1, 300, 4), np.float32)
        boxes[0, 0], logits[0, 0, 5] = [side / SIDE for side in centre()], 2.2
        yield Network("detr", f"detr-{classes}", {"logits": logits, "pred_boxes": boxes}, found("class 5"), {}, ("pixel_values", (1, 3, SIDE, SIDE)))


def finished():
    left, top, right, bottom = BOX
    six = rows(300, 6, 0, [*BOX, 0.9, 2])
    names = ["a", "b", "c"]
    yield Network("yolov10", "yolov10-words", {"output0": six}, found("c"), words("detect", names, end2end="True"))
    yield Network("yolov10", "yolov10-bare", {"output0": six}, found("class 2"))
    yield Network("yolov8-nms", "yolov8-nms", {"output0": six}, found("c"), words("detect", names, args="{'nms': True}"))
    paddle = rows(100, 6, 0, [2, 0.9, *BOX], (100, 6))
    yield Network("ppyoloe", "ppyoloe-nms", {"multiclass_nms3_0.tmp_0": paddle}, found("class 2"), {}, ("image", (1, 3, SIDE, SIDE)), "")
    yield Network("ppyoloe", "ppyoloe-batch", {"out": paddle[None]}, found("class 2"), {}, ("image", (1, 3, SIDE, SIDE)), "")
    for count in (2, 100):
        end = rows(count, 7, 0, [0, *BOX, 2, 0.9], (count, 7))
        yield Network("yolov7-end2end", f"yolov7-end2end-{count}", {"output": end}, found("class 2"))
        yield Network("efficientdet", f"efficientdet-{count}", {"detections": rows(count, 7, 0, [0, top, left, bottom, right, 0.9, 2])}, found("class 2"))
        vino = rows(count, 7, 0, [0, 2, 0.9, *(side / SIDE for side in BOX)], (1, 1, count, 7))
        yield Network("openvino-ssd", f"openvino-ssd-{count}", {"detection_out": vino}, found("class 2"))
        parts = {"num_dets": np.array([[1]], np.int32), "det_boxes": rows(count, 4, 0, BOX), "det_scores": rows(count, 1, 0, 0.9, (1, count)),
                 "det_classes": np.full((1, count), 2, np.int32)}
        yield Network("efficient-nms", f"efficient-nms-{count}", parts, found("class 2"))
        dets = {"dets": rows(count, 5, 0, [*BOX, 0.9]), "labels": np.full((1, count), 2, np.int64)}
        yield Network("mmdeploy", f"mmdeploy-{count}", dets, found("class 2"), {}, ("input", (1, 3, SIDE, SIDE)))
    yield Network("obb-end2end", "obb-nms-bare", {"output0": rows(300, 7, 0, [*centre(), 0.9, 2, 0.3])}, None)


def others():
    faces = rows(3 * CELLS, 16, 30, centre() + [0.9] + [30] * 10 + [0.9])
    yield Network("yolov5-face", "yolov5-face", {"output": faces}, None, {}, ("input", (1, 3, SIDE, SIDE)))
    for count in (5, 10, 12, 1000, 1001):
        scores = np.full((1, count), 0.1 / (count - 1), np.float32)
        scores[0, 3] = 0.9
        names = [f"thing {n}" for n in range(count)]
        truth = [("class 3", 0.9, None)]
        yield Network("classifier", f"classes-{count}", {"probs": scores}, truth, {}, ("input", (1, 3, SIDE, SIDE)))
        yield Network("classifier", f"classes-words-{count}", {"output0": scores}, [("thing 3", 0.9, None)], words("classify", names))
        logits = np.log(scores) + 8
        yield Network("classifier-logits", f"logits-{count}", {"logits": logits}, truth, {}, ("pixel_values", (1, 3, SIDE, SIDE)))
        yield Network("classifier-logits", f"logits-id2label-{count}", {"logits": logits}, [("thing 3", 0.9, None)],
                      {"id2label": json.dumps({str(n): name for n, name in enumerate(names)})}, ("pixel_values", (1, 3, SIDE, SIDE)))
    yield Network("argmax", "argmax", {"class": np.array([[3]], np.int64)}, None)
    yield Network("topk", "topk-indices", {"indices": np.arange(10, dtype=np.int64)[None]}, None)
    yield Network("landmarks", "landmarks-10", {"out": np.linspace(0.1, 0.9, 10, dtype=np.float32)[None]}, None)
    yield Network("embedding", "embedding-512", {"embedding": np.full((1, 512), 0.04, np.float32)}, None)
    yield Network("pose3d", "pose3d-17", {"points": np.full((1, 17, 3), 0.5, np.float32)}, None)
    yield Network("super-resolution", "sr-2x", {"out": np.ones((1, 3, 2 * SIDE, 2 * SIDE), np.float32)}, None)
    yield Network("features", "features-10", {"out": np.ones((1, SIDE, SIDE, 10), np.float32)}, None)
    yield Network("saliency", "u2net", {"d0": np.ones((1, 1, SIDE, SIDE), np.float32)}, None)


FAMILIES = (detectors, finished, others)


def picture(path, width=SIDE, height=SIDE):
    """A grey picture as PNG."""
    with open(path, "wb") as file:
        file.write(png_file.encoded(width, height, lambda _: b"\x80" * width, channels=1))


def seen(truth, resize, shape):
    """What is true of a picture of that shape: letterboxed to the middle, or to the left top, it fills all the width, and a part of the height."""
    filled = shape[1] / shape[0] if resize in ("letterbox", "top-left") else 1
    start = 0 if resize == "top-left" else (1 - filled) / 2

    def down(y):
        return (y - start) / filled

    for label, score, box, more in [(*one, {})[:4] for one in truth]:
        more = dict(more)
        if box:
            top, bottom = max(0, down(box[1])), min(1, down(box[1] + box[3]))
            box = [box[0], top, box[2], bottom - top]
        if more.get("points"):
            more["points"] = [(x, down(y)) for x, y in more["points"]]
        if more.get("mask") is not None:
            rows = more["mask"].shape[0]
            more["mask"] = more["mask"][round(start * rows):round((1 - start) * rows)]
        if more.get("map") is not None:
            rows = more["map"].shape[0]
            more["map"] = more["map"][round(start * rows):round((1 - start) * rows)]
        yield label, score, box, more


def overlap(told, mask):
    """Intersection over union of a mask that was told and one of any size."""
    inside = np.repeat(np.arange(len(told["counts"])) % 2, told["counts"]).reshape(told["size"], order="F").astype(bool)
    rows = np.arange(mask.shape[0]) * inside.shape[0] // mask.shape[0]
    across = np.arange(mask.shape[1]) * inside.shape[1] // mask.shape[1]
    inside = inside[rows][:, across]
    return (inside & mask).sum() / max(1, (inside | mask).sum())


def same(answer, truth):
    """The best of the answer is the truth, and nothing else is claimed to be sure: boxes and points within a pixel, masks within 1 %."""
    sure = [one for one in answer if one.get("score", 1) >= 0.5]
    if len(sure) != len(truth):
        return False
    for one, (label, score, box, more) in zip(sorted(sure, key=lambda one: one.get("label") or ""), sorted(truth, key=lambda one: one[0])):
        if one.get("label") != label or score and abs(one["score"] - score) > 0.01:
            return False
        if box and max(abs(a - b) for a, b in zip(one["box"], box)) > 1 / SIDE:
            return False
        points = [(point["x"], point["y"]) for point in one.get("points", [])]
        if more.get("points") and (len(points) != len(more["points"]) or np.abs(np.array(points) - more["points"]).max() > 1 / SIDE):
            return False
        if more.get("text") is not None and one.get("text") != more["text"]:
            return False
        if more.get("map") is not None and (one["tensor"]["shape"] != list(more["map"].shape) or np.abs(one["vector"] - more["map"].ravel()).max() > 1e-4):
            return False
        if more.get("mask") is not None and ("mask" not in one or overlap(one["mask"], more["mask"]) < 0.99):
            return False
    return True


# What an owner says of a family whose files do not.
SAID = {
    "yolov5": ["--decoder", "yolov5"], "yolov8": ["--decoder", "yolov8"], "yolov8-turned": ["--decoder", "yolov8", "--output-layout", "rows"],
    "yolov6": ["--decoder", "yolov5", "--normalize", "unit"], "yolox-decoded": ["--decoder", "yolov5", "--color", "bgr", "--normalize", "none"],
    "yolov7-end2end": ["--decoder", "finished", "--columns", "picture,left,top,right,bottom,class,score", "--normalize", "unit"],
    "efficientdet": ["--decoder", "finished", "--columns", "picture,top,left,bottom,right,score,class", "--normalize", "none"],
    "ppyoloe": ["--decoder", "finished", "--columns", "class,score,left,top,right,bottom", "--normalize", "imagenet"],
    "yolo-nas": ["--decoder", "boxes", "--coordinates", "pixels", "--normalize", "unit"],
    "detr": ["--decoder", "detr", "--activation", "sigmoid", "--normalize", "imagenet"],
    "yolov10": ["--normalize", "unit"], "efficient-nms": ["--normalize", "unit"], "openvino-ssd": ["--normalize", "none"],
    "mmdeploy": ["--normalize", "imagenet"],
}
PICTURES = {"picture.png": (SIDE, SIDE), "wide.png": (2 * SIDE, SIDE)}


def ask(ridley, network, folder):
    """`right`, `told` (right once its owner said what was asked), `asked`, `refused` or `WRONG`, and a line for a person."""
    path = f"{folder}/{network.file}"
    network.write(path)
    for name, text in network.files.items():
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)
    verdict, line = "", ""
    for name in [name for name in PICTURES if name == "picture.png" or network.resize]:
        verdict, line = asked(ridley, network, folder, path, name, [])
        said = network.said or SAID.get(network.family)
        if verdict in ("asked", "refused") and said:
            verdict, line = asked(ridley, network, folder, path, name, said)
            verdict = "told" if verdict == "right" else "WRONG"
        if verdict not in ("right", "told"):
            break
    return verdict, line


def asked(ridley, network, folder, path, name, said):
    command = [ridley, "analyze", f"{folder}/{name}", "--model", path, "--json", "--quiet", "--force", "--output",
               f"{folder}/out", *(word.replace("{folder}", folder) for word in said)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        return "asked" if done.returncode == 2 else "refused", done.stderr.strip().splitlines()[-1][:160]
    answer = json.loads(done.stdout)["files"][0]["predictions"]
    truth = None if network.truth is None else list(seen(network.truth, network.resize, PICTURES[name]))
    if truth is not None and same(answer, truth):
        return "right", ""
    short = [(one.get("kind"), one.get("label"), one.get("score"), one.get("box"), one.get("points")) for one in answer[:3]]
    return "WRONG", f"{name}: {short} instead of {truth}"[:600]


def families(ridley, keep=None):
    """Asks all of them, prints a line each and the counts; gives the exit code."""
    counts, wrong = {}, []
    import network_anchors
    import network_exports
    import network_maps

    more = network_exports.FAMILIES + network_anchors.FAMILIES + network_maps.FAMILIES
    networks = [network for family in FAMILIES + more for network in family()]
    with tempfile.TemporaryDirectory() as made:
        folder = keep or made
        os.makedirs(folder, exist_ok=True)
        for name, shape in PICTURES.items():
            picture(f"{folder}/{name}", *shape)
        for network in networks:
            verdict, line = ask(ridley, network, folder)
            counts[verdict] = counts.get(verdict, 0) + 1
            if verdict == "WRONG":
                wrong.append(network.name)
            print(f"{verdict:8} {network.family:18} {network.name:24} {line}", flush=True)
    kinds = len({network.family for network in networks})
    print(f"\n{len(networks)} networks of {kinds} families: " + ", ".join(f"{counts.get(k, 0)} {k.lower()}" for k in ("right", "told", "asked", "refused", "WRONG")))
    if wrong:
        print("silently wrong: " + ", ".join(wrong))
    return 1 if wrong else 0
