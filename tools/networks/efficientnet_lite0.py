"""EfficientNet-Lite0 as ONNX from PyTorch's file of its weights, without PyTorch.

Takes `image`, f32 [n,3,224,224], and gives `probabilities` [n,1000] and `embedding` [n,1280]."""
import array
import collections
import io
import pickle
import struct

import onnxfile

# Of each group of blocks: how many, kernel, stride of the first, how much wider inside, channels in and out (Tan and Le; the Lite variant has no
# squeeze and excitation, ReLU6, and a stem and a head that do not grow).
GROUPS = [(1, 3, 1, 1, 32, 16), (2, 3, 2, 6, 16, 24), (2, 5, 2, 6, 24, 40), (3, 3, 2, 6, 40, 80), (3, 5, 1, 6, 80, 112),
          (4, 5, 2, 6, 112, 192), (1, 3, 1, 6, 192, 320)]  # fmt: skip
EPSILON = 1e-3


def made(sources):
    weights = Weights(sources["efficientnet-lite0-57934424.pth"])
    graph = onnxfile.Graph("efficientnet-lite0")
    flow = graph.clipped(weights.layer(graph, graph.input("image", ["n", 3, 224, 224]), "_conv_stem", "_bn0", stride=2))
    block = 0
    for count, _, stride, wider, inner, outer in GROUPS:
        for place in range(count):
            flow = bottleneck(graph, weights, flow, f"_blocks.{block}.", stride if place == 0 else 1, wider, place > 0 or inner == outer)
            block += 1
    flow = graph.clipped(weights.layer(graph, flow, "_conv_head", "_bn1"))
    flow = graph.node("Flatten", [graph.node("GlobalAveragePool", [flow])], "embedding", axis=1)
    shape, values = weights.take("_fc.weight")
    inputs = [flow, graph.constant("_fc.weight", shape, values), graph.constant("_fc.bias", *weights.take("_fc.bias"))]
    graph.node("Softmax", [graph.node("Gemm", inputs, transB=1)], "probabilities", axis=1)
    graph.output("probabilities", ["n", 1000])
    graph.output("embedding", ["n", 1280])
    weights.must_be_used_up()
    return {"efficientnet_lite0.onnx": graph.bytes()}


def bottleneck(graph, weights, source, name, stride, wider, returns):
    flow = source
    if wider > 1:
        flow = graph.clipped(weights.layer(graph, flow, name + "_expand_conv", name + "_bn0"))
    flow = graph.clipped(weights.layer(graph, flow, name + "_depthwise_conv", name + "_bn1", stride=stride))
    flow = weights.layer(graph, flow, name + "_project_conv", name + "_bn2")
    return graph.node("Add", [flow, source]) if returns else flow


class Weights:
    """Shapes and values by name, each to be taken once."""

    def __init__(self, content):
        self.left = torch_weights(content)

    def take(self, name):
        if name not in self.left:
            raise ValueError(f"the file of weights has no {name}")
        return self.left.pop(name)

    def layer(self, graph, source, name, normal, stride=1):
        shape, kernel = self.take(name + ".weight")
        numbers = [self.take(f"{normal}.{part}")[1] for part in ("weight", "bias", "running_mean", "running_var")]
        kernel, bias = onnxfile.folded(kernel, numbers, EPSILON)
        # As TensorFlow's SAME: of an odd pixel the greater half lies behind. All sides that a stride of 2 meets are even.
        before, behind = (shape[2] - stride) // 2, (shape[2] - stride + 1) // 2
        is_alone = "depthwise" in name
        return graph.convolution(
            source, name, shape, kernel, bias, stride, (before, before, behind, behind), shape[0] if is_alone else 1)

    def must_be_used_up(self):
        left = [name for name in self.left if not name.endswith("num_batches_tracked")]
        if left:
            raise ValueError(f"the file of weights has {', '.join(left)}, and nothing takes them")


def torch_weights(content):
    """What `torch.save` wrote before it wrote archives: shape and values by name. Nothing in the file is run."""
    file = io.BytesIO(content)
    if pickle.load(file) != 0x1950A86A20F9469CFC6C or pickle.load(file) != 1001 or not pickle.load(file)["little_endian"]:
        raise ValueError("this is no file of weights that torch.save wrote")
    tensors = Tensors(file).load()
    keys, values = pickle.load(file), {}
    for key in keys:
        (count,) = struct.unpack("<q", file.read(8))
        kind, stored = tensors.storages[key]
        if stored != count:
            raise ValueError(f"the file of weights has {count} numbers where {stored} are told")
        values[key] = array.array(kind)
        values[key].frombytes(file.read(count * values[key].itemsize))
    return {name: (list(shape), onnxfile.strided(values[key], start, shape, strides))
            for name, (key, start, shape, strides) in tensors.items()}


class Tensors(pickle.Unpickler):
    """Reads the tensors' descriptions, and knows no other words than they need."""

    KINDS = {"FloatStorage": "f", "LongStorage": "q"}

    def __init__(self, file):
        super().__init__(file)
        self.storages = {}

    def load(self):
        tensors = super().load()
        tensors.storages = self.storages
        return tensors

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return Described
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda key, start, shape, strides, *_: (key, start, shape, strides)
        if module == "torch" and name in self.KINDS:
            return self.KINDS[name]
        raise ValueError(f"the file of weights asks for {module}.{name}")

    def persistent_load(self, told):
        _, kind, key, _, count, _ = told
        self.storages[key] = kind, count
        return key


class Described(collections.OrderedDict):
    """An ordered dictionary that takes attributes."""
