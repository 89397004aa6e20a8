"""Single operators of ONNX as networks of their own, in the ways and opsets that exports use: what `networks operators` asks.

Each is served and asked what onnxruntime is asked; an engine that reads one of them in another way than its opset has it is found
here, and stands in `Sources/Inference/KnownDefect.swift` from then on.
"""
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSETS = (7, 9, 10, 11, 12, 13, 15, 17, 18, 19, 20, 21)
SHAPE = [1, 4, 6, 6]
RANDOM = numpy.random.default_rng(1)


def some(*shape):
    return RANDOM.standard_normal(shape).astype(numpy.float32)


def several(**values):
    return list(values.items())


def network(opset, kind, attributes, constants, count=1, outputs=1, absolute=False):
    """The operator over `count` inputs of random numbers from about -3 to 3, or from 0 to 3, and constants."""
    nodes, ports, weights = [], [], [numpy_helper.from_array(numpy.float32(127), "middle"), numpy_helper.from_array(numpy.float32(40), "span")]
    for number in range(count):
        nodes.append(helper.make_node("Sub", [f"in{number}", "middle"], [f"moved{number}"]))
        nodes.append(helper.make_node("Div", [f"moved{number}", "span"], [f"x{number}"]))
        if absolute:
            nodes.append(helper.make_node("Abs", [f"x{number}"], [f"abs{number}"]))
        ports.append(helper.make_tensor_value_info(f"in{number}", TensorProto.FLOAT, SHAPE))
    names = [f"abs{number}" if absolute else f"x{number}" for number in range(count)]
    weights += [numpy_helper.from_array(array, name) for name, array in constants]
    nodes.append(helper.make_node(kind, names + [name for name, _ in constants], [f"y{number}" for number in range(outputs)], **attributes))
    graph = helper.make_graph(nodes, "g", ports, [onnx.ValueInfoProto(name=f"y{number}") for number in range(outputs)], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8).SerializeToString()


def over_axes(opset):
    for axis in (None, 0, 1, 2, 3, -1, -2):
        said = {} if axis is None else {"axis": axis}
        for kind in ("Softmax", "LogSoftmax", "Hardmax", "Flatten", "ArgMax", "ArgMin"):
            yield f"{kind}-{axis}", kind, said, []
        yield f"ArgMax-{axis}-flat", "ArgMax", said | {"keepdims": 0}, []


def plain(opset):
    for kind in ("Abs", "Relu", "Sigmoid", "Tanh", "Exp", "Floor", "Ceil", "Erf", "Softplus", "Softsign", "Elu", "Selu", "LeakyRelu",
                 "HardSigmoid", "HardSwish", "ThresholdedRelu", "Celu", "Round", "Sign", "Sin", "Cos", "Atan", "Mish", "Gelu",
                 "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "Sinh", "Asinh", "MeanVarianceNormalization"):
        yield kind, kind, {}, []
    yield "Elu-half", "Elu", {"alpha": 0.5}, []
    yield "Selu-own", "Selu", {"alpha": 1.2, "gamma": 1.1}, []
    yield "HardSigmoid-own", "HardSigmoid", {"alpha": 0.3, "beta": 0.4}, []
    yield "Gelu-tanh", "Gelu", {"approximate": "tanh"}, []
    yield "LpNormalization-1", "LpNormalization", {"axis": 1, "p": 1}, []
    yield "LpNormalization-2", "LpNormalization", {}, []


def windows(opset):
    kernel = {"kernel_shape": [3, 3]}
    common = [{}, {"pads": [1, 1, 1, 1], "strides": [2, 2]}, {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
              {"auto_pad": "SAME_LOWER", "strides": [2, 2]}, {"dilations": [2, 2]}]
    for number, said in enumerate(common + [{"pads": [0, 1, 2, 1]}]):
        yield f"Conv-{number}", "Conv", kernel | said, [("w", some(8, 4, 3, 3))]
    more = [{"strides": [2, 2], "output_padding": [1, 1]}, {"strides": [2, 2], "output_shape": [12, 12]}]
    for number, said in enumerate(common + more):
        yield f"ConvTranspose-{number}", "ConvTranspose", kernel | said, [("w", some(4, 5, 3, 3))]
    more = [{"strides": [2, 2], "ceil_mode": 1}, {"strides": [2, 2], "ceil_mode": 1, "pads": [1, 1, 1, 1]},
            {"pads": [1, 1, 1, 1], "strides": [2, 2], "count_include_pad": 1},
            {"pads": [1, 1, 1, 1], "strides": [2, 2], "count_include_pad": 1, "ceil_mode": 1}]
    # The last window begins behind the data.
    more.append({"kernel_shape": [2, 2], "pads": [1, 1, 1, 1], "strides": [4, 4], "ceil_mode": 1})
    for kind in ("MaxPool", "AveragePool", "LpPool"):
        for number, said in enumerate(common + more):
            yield f"{kind}-{number}", kind, kernel | said, []


def resized(opset):
    if opset < 11:
        return
    for mode in ("nearest", "linear", "cubic"):
        for way in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric"):
            for near in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil") if mode == "nearest" else (None,):
                for scale in ([1, 1, 2, 2], [1, 1, 0.5, 0.5], [1, 1, 1.7, 1.3]):
                    said = {"mode": mode, "coordinate_transformation_mode": way} | ({"nearest_mode": near} if near else {})
                    sides = [("roi", numpy.array([], numpy.float32)), ("scales", numpy.array(scale, numpy.float32))]
                    yield f"Resize-{mode}-{way}-{near}-{scale[2]}", "Resize", said, sides
        sides = [("roi", numpy.array([], numpy.float32)), ("scales", numpy.array([1, 1, 0.5, 0.5], numpy.float32))]
        yield f"Resize-{mode}-antialias", "Resize", {"mode": mode, "antialias": 1}, sides
        yield f"Resize-{mode}-outside", "Resize", {"mode": mode, "exclude_outside": 1}, sides
        wanted = [("roi", numpy.array([], numpy.float32)), ("scales", numpy.array([], numpy.float32)), ("sizes", numpy.array([9, 7]))]
        for policy in ("stretch", "not_larger", "not_smaller"):
            yield f"Resize-{mode}-{policy}", "Resize", {"mode": mode, "keep_aspect_ratio_policy": policy, "axes": [2, 3]}, wanted


def reduced(opset):
    for kind in ("Mean", "Sum", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"):
        kind = f"Reduce{kind}"
        yield f"{kind}-attribute", kind, {"axes": [1, 2]}, []
        yield f"{kind}-flat", kind, {"axes": [-1], "keepdims": 0}, []
        yield f"{kind}-all", kind, {}, []
        yield f"{kind}-input", kind, {}, [("axes", numpy.array([1], numpy.int64))]
        yield f"{kind}-nothing", kind, {"noop_with_empty_axes": 1}, []


def moved(opset):
    pads = numpy.array([0, 0, 1, 2, 0, 0, 2, 1], numpy.int64)
    for mode in ("constant", "reflect", "edge", "wrap"):
        yield f"Pad-{mode}", "Pad", {"mode": mode}, [("pads", pads)]
        yield f"Pad-{mode}-attribute", "Pad", {"mode": mode, "pads": pads.tolist()}, []
    for mode in ("DCR", "CRD"):
        yield f"DepthToSpace-{mode}", "DepthToSpace", {"mode": mode, "blocksize": 2}, []
    yield "SpaceToDepth", "SpaceToDepth", {"blocksize": 2}, []
    yield "Slice", "Slice", {}, several(
        starts=numpy.array([5, 1]), ends=numpy.array([-99, 9]), axes=numpy.array([3, 2]), steps=numpy.array([-2, 2]))
    yield "Gather", "Gather", {"axis": 1}, [("at", numpy.array([-1, 0, 2]))]
    modes = ("bilinear", "nearest", "bicubic") if opset < 20 else ("linear", "nearest", "cubic")
    grid = RANDOM.uniform(-1.3, 1.3, (1, 5, 5, 2)).astype(numpy.float32)
    for mode in modes:
        for padding in ("zeros", "border", "reflection"):
            for corners in (0, 1):
                said = {"mode": mode, "padding_mode": padding, "align_corners": corners}
                yield f"GridSample-{mode}-{padding}-{corners}", "GridSample", said, [("grid", grid)]
    boxes = several(boxes=numpy.array([[0, 0, 3, 3], [1, 1, 5, 5]], numpy.float32), batches=numpy.zeros(2, numpy.int64))
    for number, said in enumerate([{}, {"sampling_ratio": 2}, {"mode": "max"}, {"mode": "max", "sampling_ratio": 2}]):
        yield f"RoiAlign-{number}", "RoiAlign", {"output_height": 2, "output_width": 2} | said, boxes


def weighed(opset):
    four = numpy.abs(some(4)) + numpy.float32(0.1)
    yield "BatchNormalization", "BatchNormalization", {"epsilon": 1e-3}, several(a=four, b=four + 1, c=four - 1, d=four + 1)
    yield "InstanceNormalization", "InstanceNormalization", {"epsilon": 1e-3}, several(a=four, b=four)
    yield "LayerNormalization", "LayerNormalization", {"axis": 2}, [("a", some(6, 6))]
    groups = four if opset >= 21 else four[:2]
    yield "GroupNormalization", "GroupNormalization", {"num_groups": 2}, several(a=groups, b=groups)
    yield "LRN", "LRN", {"size": 3, "alpha": 0.5, "beta": 0.25, "bias": 1.0}, []
    yield "PRelu", "PRelu", {}, [("slope", some(4, 1, 1))]
    for kind in (numpy.uint8, numpy.int8):
        yield f"QuantizeLinear-{kind.__name__}", "QuantizeLinear", {}, several(s=numpy.float32(0.1), z=kind(100))
        yield f"QuantizeLinear-{kind.__name__}-negative", "QuantizeLinear", {}, several(s=numpy.float32(-0.1), z=kind(100))


FAMILIES = (over_axes, plain, windows, resized, reduced, moved, weighed)


def narrow(opset, kind, element):
    """Two inputs of 8 bits, whose sum or product may be beyond them."""
    ports = [helper.make_tensor_value_info(name, element, SHAPE) for name in ("in0", "in1")]
    nodes = [helper.make_node("Mul", ["in0", "twenty"], ["x0"])] if kind == "Mul" else [helper.make_node("Identity", ["in0"], ["x0"])]
    nodes.append(helper.make_node(kind, ["x0", "in1"], ["y0"]))
    twenty = helper.make_tensor("twenty", element, [], [20])
    graph = helper.make_graph(nodes, "g", ports, [onnx.ValueInfoProto(name="y0")], [twenty])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8).SerializeToString()


def all_operators():
    """Names and networks."""
    for opset in OPSETS:
        for kind in ("Add", "Sub", "Mul") if opset >= 15 else ():
            for name, element in (("UINT8", TensorProto.UINT8), ("INT8", TensorProto.INT8)):
                yield f"{opset}-{kind}-{name}", narrow(opset, kind, element)
        for family in FAMILIES:
            for name, kind, attributes, constants in family(opset):
                yield f"{opset}-{name}", network(opset, kind, attributes, constants, absolute="Log" in name and family is reduced)
        for kind in ("Add", "Sub", "Mul", "Div", "Max", "Min", "Mean", "Sum"):
            yield f"{opset}-{kind}", network(opset, kind, {}, [], count=2)
