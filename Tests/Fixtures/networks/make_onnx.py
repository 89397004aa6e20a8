"""Writes the ONNX and OpenVINO IR networks, and wide.txt: the answer to picture 0 at 48 x 24.

    python3.11 -m venv venv && venv/bin/pip install onnx==1.17.0 onnxruntime==1.31.1 openvino==2026.4.1
    venv/bin/python make_onnx.py
"""

import os

import function
import numpy
import onnx
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # no reports of its use to its maker
import onnxruntime
import openvino
from onnx import TensorProto, helper, numpy_helper


def write(name, nodes, inputs, outputs, weights=()):
    graph = helper.make_graph(
        nodes, name, inputs, outputs, [numpy_helper.from_array(values, label) for label, values in weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="ridley")
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, f"{name}.onnx")


def vision(name, shape, is_channels_last=False):
    nodes = [
        helper.make_node("Conv", ["nchw", "conv", "conv_bias"], ["features"], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4),
        helper.make_node("Relu", ["features"], ["positive"]),
        helper.make_node("GlobalAveragePool", ["positive"], ["means"]),
        helper.make_node("Flatten", ["means"], ["flat"], axis=1),
        helper.make_node("Gemm", ["flat", "sums", "sums_bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["scores"], axis=1),
    ]
    if is_channels_last:
        nodes.insert(0, helper.make_node("Transpose", ["image"], ["nchw"], perm=[0, 3, 1, 2]))
    write(
        name, nodes,
        [helper.make_tensor_value_info("image" if is_channels_last else "nchw", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [shape[0], 4])],
        [("conv", function.CONV), ("conv_bias", function.CONV_BIAS), ("sums", function.SUMS), ("sums_bias", function.SUMS_BIAS)])


def arithmetic(name, type):
    def tensor(label):
        return helper.make_tensor_value_info(label, type, ["n", 3])
    nodes, (a, b) = [], ("a", "b")
    if name in ("u8", "i8"):  # in 32 bits, as the engine does not let bytes wrap
        nodes = [helper.make_node("Cast", [side], [f"wide_{side}"], to=TensorProto.INT32) for side in (a, b)]
        a, b = "wide_a", "wide_b"
    for kind, label in (("Add", "sum"), ("Mul", "product")):
        nodes.append(helper.make_node(kind, [a, b], [label if a == "a" else f"wide_{label}"]))
        if a != "a":
            nodes.append(helper.make_node("Cast", [f"wide_{label}"], [label], to=type))
    write(f"arithmetic-{name}", nodes, [tensor("a"), tensor("b")], [tensor("sum"), tensor("product")])


def shaped():
    """A reshape to a shape that is an input: some inputs make it fail while it runs."""
    write(
        "shaped", [helper.make_node("Reshape", ["data", "shape"], ["shaped"])],
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, [6]),
         helper.make_tensor_value_info("shape", TensorProto.INT64, [2])],
        [helper.make_tensor_value_info("shaped", TensorProto.FLOAT, ["rows", "columns"])])


def found():
    """Places of the values that are not zero: as many rows as there are, whatever the batch."""
    write(
        "found",
        [helper.make_node("NonZero", ["values"], ["columns"]), helper.make_node("Transpose", ["columns"], ["places"])],
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("places", TensorProto.INT64, ["found", 2])])


def run(name, value):
    session = onnxruntime.InferenceSession(f"{name}.onnx", providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: value})[0]


vision("nchw", ["n", 3, 32, 32])
vision("nhwc", ["n", 32, 32, 3], is_channels_last=True)
vision("batch16", [16, 3, 32, 32])
vision("open", ["n", 3, "height", "width"])
for name in ("u8", "i8", "i32", "i64", "f16", "f32"):
    type = {"u8": "UINT8", "i8": "INT8", "i32": "INT32", "i64": "INT64", "f16": "FLOAT16", "f32": "FLOAT"}[name]
    arithmetic(name, getattr(TensorProto, type))
shaped()
found()

pictures = [function.tensor(number) for number in (0, 1)]
for name in ("nchw", "open"):
    function.check(name, [run(name, picture) for picture in pictures])
function.check("nhwc", [run("nhwc", picture.transpose(0, 2, 3, 1)) for picture in pictures])
function.check("batch16", [run("batch16", numpy.repeat(picture, 16, 0))[:1] for picture in pictures])
function.write_expected("wide.txt", [run("open", function.tensor(0, 48, 24))])

model = openvino.convert_model("nchw.onnx")
openvino.save_model(model, "ir-f32.xml", compress_to_fp16=False)
openvino.save_model(model, "ir-f16.xml", compress_to_fp16=True)
