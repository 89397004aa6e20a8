"""Twenty small networks with random weights, as files in memory: what `networks damaged` breaks."""
import dataclasses
import os
import tempfile

import numpy
import onnx
from ai_edge_litert import schema_py_generated as tflite
from onnx import TensorProto, helper, numpy_helper
import flatbuffers

SIDE = 32


@dataclasses.dataclass
class Base:
    name: str
    main: str
    files: dict
    takes_picture: bool = True


class Graph:
    """An ONNX graph under way: each call adds a node and gives its output's name."""

    def __init__(self, seed):
        self.random, self.nodes, self.weights = numpy.random.default_rng(seed), [], []

    def weight(self, *shape, scale=0.3, kind=numpy.float32):
        return self.constant((self.random.standard_normal(shape) * scale).astype(kind))

    def constant(self, array):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(numpy.asarray(array), name))
        return name

    def node(self, kind, *inputs, outputs=1, **attributes):
        names = [f"{kind.lower()}{len(self.nodes)}" + (f"_{number}" if number else "") for number in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def conv(self, x, out, into, size=3, group=1, kind=numpy.float32, **more):
        pads = [size // 2] * 4
        return self.node(
            "Conv", x, self.weight(out, into // group, size, size, scale=1 / (into // group * size * size) ** 0.5, kind=kind),
            self.weight(out, kind=kind), kernel_shape=[size, size], pads=pads, group=group, **more)

    def model(self, outputs, inputs=None, opset=17):
        inputs = inputs or [("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])]
        graph = helper.make_graph(
            self.nodes, "g", [helper.make_tensor_value_info(*each) for each in inputs],
            [helper.make_tensor_value_info(*each) for each in outputs], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        return onnx.shape_inference.infer_shapes(model)


def head(g, x, channels, classes=10):
    flat = g.node("Flatten", g.node("GlobalAveragePool", x))
    return g.node("Gemm", flat, g.weight(channels, classes), g.weight(classes))


def scaled(g, x="image"):
    return g.node("Div", x, g.constant(numpy.float32(255)))


def floats(name, *shape):
    return (name, TensorProto.FLOAT, list(shape))


def classifier(g):
    x = g.node("Relu", g.conv(scaled(g), 8, 3, strides=[2, 2]))
    return g.model([floats(g.node("Softmax", head(g, x, 8)), 1, 10)])


def depthwise(g):
    x = g.node("Clip", g.conv(scaled(g), 8, 3), g.constant(numpy.float32(0)), g.constant(numpy.float32(6)))
    x = g.conv(g.conv(x, 8, 8, group=8), 12, 8, size=1)
    return g.model([floats(head(g, x, 12), 1, 10)])


def residual(g):
    x = g.conv(scaled(g), 8, 3)
    y = g.node("Relu", g.node("Add", x, g.conv(g.node("Relu", g.conv(x, 8, 8)), 8, 8)))
    return g.model([floats(head(g, y, 8), 1, 10)])


def pools(g):
    x = g.node("MaxPool", g.conv(scaled(g), 6, 3), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    x = g.node("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
    return g.model([floats(x, 1, 6, 8, 8)])


def normalised(g):
    size = [g.weight(6), g.weight(6), g.weight(6), g.constant(numpy.abs(g.random.standard_normal(6)).astype(numpy.float32) + 0.5)]
    x = g.node("BatchNormalization", g.conv(scaled(g), 6, 3), *size)
    return g.model([floats(g.node("LeakyRelu", x, alpha=0.1), 1, 6, SIDE, SIDE)])


def activations(g):
    x = g.conv(scaled(g), 6, 3)
    both = g.node("Mul", g.node("Sigmoid", x), g.node("HardSwish", x))
    return g.model([floats(g.node("Tanh", both), 1, 6, SIDE, SIDE)])


def upsampled(g):
    x = g.conv(scaled(g), 4, 3, strides=[2, 2])
    x = g.node(
        "Resize", x, "", g.constant(numpy.array([1, 1, 2, 2], numpy.float32)), mode="linear",
        coordinate_transformation_mode="half_pixel")
    return g.model([floats(g.node("Softmax", x, axis=1), 1, 4, SIDE, SIDE)])


def transposed(g):
    x = g.conv(scaled(g), 4, 3, strides=[2, 2])
    x = g.node("ConvTranspose", x, g.weight(4, 3, 2, 2), kernel_shape=[2, 2], strides=[2, 2])
    return g.model([floats(x, 1, 3, SIDE, SIDE)])


def branches(g):
    first, second = g.node("Split", g.conv(scaled(g), 8, 3), axis=1, outputs=2)
    x = g.node("Concat", g.node("Relu", first), g.node("Neg", second), axis=1)
    return g.model([floats(x, 1, 8, SIDE, SIDE)])


def rows(g):
    x = g.conv(scaled(g), 9, 3, strides=[4, 4])
    x = g.node("Reshape", x, g.constant(numpy.array([1, 9, -1], numpy.int64)))
    return g.model([floats(g.node("Transpose", x, perm=[0, 2, 1]), 1, 64, 9)])


def reduced(g):
    x = g.node("ReduceMean", g.conv(scaled(g), 16, 3), axes=[2, 3], keepdims=0)
    length = g.node("ReduceL2", x, axes=[1], keepdims=1)
    return g.model([floats(g.node("Div", x, length), 1, 16)])


def argmax(g):
    x = g.node("ArgMax", g.conv(scaled(g), 5, 3), axis=1, keepdims=0)
    return g.model([(x, TensorProto.INT64, [1, SIDE, SIDE])])


def attention(g):
    x = g.node("Reshape", scaled(g), g.constant(numpy.array([1, 48, 64], numpy.int64)))
    x = g.node("LayerNormalization", x, g.weight(64), g.weight(64), axis=-1)
    q, k, v = (g.node("MatMul", x, g.weight(64, 16)) for _ in range(3))
    weights = g.node("Softmax", g.node("MatMul", q, g.node("Transpose", k, perm=[0, 2, 1])))
    return g.model([floats(g.node("MatMul", weights, v), 1, 48, 16)])


def halves(g):
    x = g.node("Cast", scaled(g), to=TensorProto.FLOAT16)
    x = g.node("Cast", g.conv(x, 6, 3, kind=numpy.float16), to=TensorProto.FLOAT)
    return g.model([floats(x, 1, 6, SIDE, SIDE)])


def quantised(g):
    scale, zero = g.constant(numpy.float32(1 / 255)), g.constant(numpy.uint8(0))
    x = g.node("DequantizeLinear", g.node("QuantizeLinear", scaled(g), scale, zero), scale, zero)
    weights = g.constant(g.random.integers(-127, 128, (6, 3, 3, 3)).astype(numpy.int8))
    w = g.node("DequantizeLinear", weights, g.constant(numpy.float32(0.004)), g.constant(numpy.int8(0)))
    return g.model([floats(g.node("Conv", x, w, kernel_shape=[3, 3], pads=[1] * 4), 1, 6, SIDE, SIDE)])


def conditional(g):
    sure = g.node("Greater", g.node("ReduceMean", scaled(g), keepdims=0), g.constant(numpy.float32(0.4)))
    out = lambda node, name: helper.make_graph(  # noqa: E731
        [helper.make_node(node, ["image"], [name])], name, [], [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)])
    x = g.node("If", sure, then_branch=out("Neg", "then"), else_branch=out("Abs", "else"))
    return g.model([floats(x, 1, 3, SIDE, SIDE)])


def open_batch(g):
    x = g.node("Relu", g.conv(scaled(g), 8, 3, strides=[2, 2]))
    return g.model([floats(head(g, x, 8), "n", 10)], [floats("image", "n", 3, SIDE, SIDE)])


def recurrent(g):
    y = g.node("LSTM", "series", g.weight(1, 32, 6), g.weight(1, 32, 8), g.weight(1, 64), hidden_size=8, outputs=2)[1]
    return g.model([floats(y, 1, 1, 8)], [floats("series", 5, 1, 6)])


def table(g):
    x = g.node("Gather", g.weight(20, 6), "words", axis=0)
    return g.model([floats(g.node("ReduceSum", x, keepdims=0), 6)], [("words", TensorProto.INT64, [1, 7])])


ONNX = [classifier, depthwise, residual, pools, normalised, activations, upsampled, transposed, branches, rows, reduced, argmax,
        attention, halves, quantised, conditional, open_batch]
TENSORS = [recurrent, table]


def outside(model):
    """The network with its weights in a side file, as exporters of large networks write it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        onnx.save_model(model, path, save_as_external_data=True, location="model.onnx.data", size_threshold=0)
        return {name: open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))}


class Flat:
    """A TFLite graph under way."""

    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)
        self.model, self.graph = tflite.ModelT(), tflite.SubGraphT()
        self.model.version, self.model.operatorCodes, self.model.subgraphs = 3, [], [self.graph]
        self.model.buffers = [tflite.BufferT()]
        self.graph.tensors, self.graph.operators, self.graph.inputs, self.graph.outputs = [], [], [], []

    def tensor(self, name, shape, kind=tflite.TensorType.FLOAT32, data=None, scale=None, zero=0):
        it = tflite.TensorT()
        it.name, it.shape, it.type, it.buffer = name, list(shape), kind, 0
        if data is not None:
            buffer = tflite.BufferT()
            buffer.data = list(data.tobytes())
            it.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        if scale is not None:
            it.quantization = tflite.QuantizationParametersT()
            it.quantization.scale, it.quantization.zeroPoint = [scale], [zero]
        self.graph.tensors.append(it)
        return len(self.graph.tensors) - 1

    def operator(self, code, inputs, outputs, kind, options, version=1):
        it = tflite.OperatorCodeT()
        it.builtinCode, it.deprecatedBuiltinCode, it.version = code, code, version
        node = tflite.OperatorT()
        node.opcodeIndex, node.inputs, node.outputs = len(self.model.operatorCodes), inputs, outputs
        node.builtinOptionsType, node.builtinOptions = kind, options
        self.model.operatorCodes.append(it)
        self.graph.operators.append(node)

    def file(self, inputs, outputs):
        self.graph.inputs, self.graph.outputs = inputs, outputs
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def flat_conv(f, quantised=False):
    options = tflite.Conv2DOptionsT()
    options.padding, options.strideW, options.strideH = tflite.Padding.SAME, 2, 2
    options.dilationWFactor = options.dilationHFactor = 1
    T = tflite.TensorType
    if quantised:
        x = f.tensor("image", [1, SIDE, SIDE, 3], T.INT8, scale=1 / 255, zero=-128)
        w = f.tensor("w", [6, 3, 3, 3], T.INT8, f.random.integers(-127, 128, (6, 3, 3, 3)).astype(numpy.int8), 0.004)
        b = f.tensor("b", [6], T.INT32, f.random.integers(-90, 90, 6).astype(numpy.int32), 0.004 / 255)
        y = f.tensor("out", [1, SIDE // 2, SIDE // 2, 6], T.INT8, scale=0.03, zero=3)
    else:
        x = f.tensor("image", [1, SIDE, SIDE, 3])
        w = f.tensor("w", [6, 3, 3, 3], data=(f.random.standard_normal((6, 3, 3, 3)) * 0.2).astype(numpy.float32))
        b = f.tensor("b", [6], data=f.random.standard_normal(6).astype(numpy.float32))
        y = f.tensor("out", [1, SIDE // 2, SIDE // 2, 6])
    f.operator(tflite.BuiltinOperator.CONV_2D, [x, w, b], [y], tflite.BuiltinOptions.Conv2DOptions, options, 3 if quantised else 1)
    return f.file([x], [y])


def bases():
    """All of them, the same each time."""
    found = []
    for number, make in enumerate(ONNX + TENSORS):
        model = make(Graph(number))
        found.append(Base(make.__name__, "model.onnx", {"model.onnx": model.SerializeToString()}, make not in TENSORS))
    found.append(Base("outside", "model.onnx", outside(classifier(Graph(100)))))
    found.append(Base("flat", "model.tflite", {"model.tflite": flat_conv(Flat(101))}))
    found.append(Base("flat-int8", "model.tflite", {"model.tflite": flat_conv(Flat(102), quantised=True)}))
    return found
