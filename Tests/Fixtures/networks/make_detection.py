"""Writes small networks that end in TFLite_Detection_PostProcess, and what TensorFlow Lite answers to them.

    python3.11 -m venv venv && venv/bin/pip install ai-edge-litert==2.3.0 tflite==2.18.0 flatbuffers==25.12.19
    venv/bin/python make_detection.py
"""

import pathlib

import flatbuffers
import numpy
import tflite
from ai_edge_litert.interpreter import Interpreter
from flatbuffers import flexbuffers

ANCHORS, CLASSES = 64, 5
FOLDER = pathlib.Path("detection")
USUAL = {
    "max_detections": 12, "max_classes_per_detection": 1, "num_classes": CLASSES, "nms_score_threshold": 0.3,
    "nms_iou_threshold": 0.4, "y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0,
}
OUTPUTS = ["boxes", "classes", "scores", "count"]


def anchors():
    """An 8 x 8 grid of centres, each box a fifth of the picture."""
    centres = (numpy.arange(8, dtype="f4") + 0.5) / 8
    y, x = numpy.meshgrid(centres, centres, indexing="ij")
    return numpy.stack([y.ravel(), x.ravel(), numpy.full(64, 0.2), numpy.full(64, 0.25)], 1).astype("f4")


def inputs(background):
    """Offsets and scores; no two scores are the same, so that the order is settled."""
    dice = numpy.random.default_rng(7)
    offsets = dice.normal(0, 4, (1, ANCHORS, 4)).astype("f4")
    columns = CLASSES + background
    scores = dice.permutation(ANCHORS * columns).reshape(1, ANCHORS, columns).astype("f4") / (ANCHORS * columns)
    return offsets, scores


def packed(options):
    builder = flexbuffers.Builder()
    with builder.Map():
        for name, value in options.items():
            builder.Key(name)
            builder.Add(value)
    return bytes(builder.Finish())


def network(options, background=1, anchor_shape=(ANCHORS, 4), operands=3):
    """The bytes of a file with one operator; `operands` of its three inputs are there."""
    b = flatbuffers.Builder(1024)

    def vector(start, items, prepend):
        start(b, len(items))
        for item in reversed(items):
            prepend(item)
        return b.EndVector()

    def numbers(values):
        return b.CreateNumpyVector(numpy.array(values, "i4"))

    def buffer(data):
        data = b.CreateNumpyVector(numpy.frombuffer(data, "u1")) if data else None
        tflite.BufferStart(b)
        if data:
            tflite.BufferAddData(b, data)
        return tflite.BufferEnd(b)

    buffers = [buffer(b""), buffer(anchors()[: anchor_shape[0]].tobytes())]
    shapes = [("offsets", (1, ANCHORS, 4), 0), ("confidences", (1, ANCHORS, CLASSES + background), 0), ("anchors", anchor_shape, 1)]
    tensors = []
    for name, shape, held in shapes + [(name, (), 0) for name in OUTPUTS]:
        name, shape = b.CreateString(name), numbers(shape)
        tflite.TensorStart(b)
        tflite.TensorAddName(b, name)
        tflite.TensorAddShape(b, shape)
        tflite.TensorAddBuffer(b, held)
        tflite.TensorAddType(b, tflite.TensorType.FLOAT32)
        tensors.append(tflite.TensorEnd(b))

    custom = b.CreateNumpyVector(numpy.frombuffer(packed(options), "u1"))
    taken, given = numbers(range(operands)), numbers(range(3, 7))
    tflite.OperatorStart(b)
    tflite.OperatorAddInputs(b, taken)
    tflite.OperatorAddOutputs(b, given)
    tflite.OperatorAddCustomOptions(b, custom)
    operator = tflite.OperatorEnd(b)

    entering, leaving = numbers([0, 1]), numbers(range(3, 7))
    tensors = vector(tflite.SubGraphStartTensorsVector, tensors, b.PrependUOffsetTRelative)
    operators = vector(tflite.SubGraphStartOperatorsVector, [operator], b.PrependUOffsetTRelative)
    tflite.SubGraphStart(b)
    tflite.SubGraphAddTensors(b, tensors)
    tflite.SubGraphAddInputs(b, entering)
    tflite.SubGraphAddOutputs(b, leaving)
    tflite.SubGraphAddOperators(b, operators)
    graph = tflite.SubGraphEnd(b)

    name = b.CreateString("TFLite_Detection_PostProcess")
    tflite.OperatorCodeStart(b)
    tflite.OperatorCodeAddBuiltinCode(b, tflite.BuiltinOperator.CUSTOM)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(b, tflite.BuiltinOperator.CUSTOM)
    tflite.OperatorCodeAddCustomCode(b, name)
    tflite.OperatorCodeAddVersion(b, 1)
    code = tflite.OperatorCodeEnd(b)

    codes = vector(tflite.ModelStartOperatorCodesVector, [code], b.PrependUOffsetTRelative)
    graphs = vector(tflite.ModelStartSubgraphsVector, [graph], b.PrependUOffsetTRelative)
    buffers = vector(tflite.ModelStartBuffersVector, buffers, b.PrependUOffsetTRelative)
    tflite.ModelStart(b)
    tflite.ModelAddVersion(b, 3)
    tflite.ModelAddOperatorCodes(b, codes)
    tflite.ModelAddSubgraphs(b, graphs)
    tflite.ModelAddBuffers(b, buffers)
    b.Finish(tflite.ModelEnd(b), file_identifier=b"TFL3")
    return bytes(b.Output())


def save_rows(path, rows):
    path.write_text("".join(" ".join(f"{value:.9g}" for value in numpy.ravel(row)) + "\n" for row in rows))


FOLDER.mkdir(exist_ok=True)
for background in (0, 1):
    save_rows(FOLDER / f"inputs-{background}.txt", inputs(background))

answered = {
    "fast": (USUAL, 1),
    "bare": (USUAL, 0),  # no background column
    "many": (USUAL | {"max_classes_per_detection": 3, "nms_score_threshold": 0.97}, 1),  # fewer than asked for
    "regular": (USUAL | {"use_regular_nms": True, "detections_per_class": 4}, 1),
    "few": (USUAL | {"use_regular_nms": True, "nms_score_threshold": 0.99}, 1),
}
for name, (options, background) in answered.items():
    path = FOLDER / f"{name}.tflite"
    path.write_bytes(network(options, background))
    lite = Interpreter(str(path))
    lite.allocate_tensors()
    for detail, values in zip(lite.get_input_details(), inputs(background)):
        lite.set_tensor(detail["index"], values)
    lite.invoke()
    boxes, classes, scores, count = (lite.get_tensor(detail["index"]) for detail in lite.get_output_details())
    # Rows beyond the count are not written by the fast way.
    rows = int(count[0]) * (1 if options.get("use_regular_nms") else options["max_classes_per_detection"])
    save_rows(FOLDER / f"{name}.txt", [boxes[0, :rows], classes[0, :rows], scores[0, :rows], count])
    print(name, count, scores.shape)

refused = {
    "huge": {"max_detections": 2**31}, "none": {"max_detections": 0}, "negative": {"max_detections": -1},
    "product": {"max_detections": 60000, "max_classes_per_detection": 60000}, "word": {"max_detections": "ten"},
    "unscaled": {"h_scale": 0.0}, "overlap": {"nms_iou_threshold": 1.5}, "unclear": {"nms_score_threshold": float("nan")},
    "classes": {"num_classes": 50}, "per-class": {"detections_per_class": -5},
}
for name, change in refused.items():
    (FOLDER / f"refused-{name}.tflite").write_bytes(network(USUAL | change))
(FOLDER / "refused-optionless.tflite").write_bytes(network({}))
(FOLDER / "refused-anchors.tflite").write_bytes(network(USUAL, anchor_shape=(ANCHORS // 2, 4)))
(FOLDER / "refused-anchorless.tflite").write_bytes(network(USUAL, operands=2))
