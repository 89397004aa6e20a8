"""nsfwjs' MobileNet v2 as ONNX from its TensorFlow.js files, without TensorFlow.

Takes `image`, f32 [n,3,224,224] from 0 to 1, and gives `probabilities` [n,5]."""
import json
import math

import onnxfile


def made(sources):
    description = json.loads(sources["model.json"])
    weights = Weights(description["weightsManifest"], sources["group1-shard1of1"])
    graph = Layers(weights).graph(description["modelTopology"]["model_config"]["config"]["layers"])
    if weights.left:
        raise ValueError(f"model.json has weights that nothing takes: {', '.join(weights.left)}")
    return {"nsfwjs_mobilenet_v2.onnx": graph.bytes()}


class Weights:
    """Shapes and values by name, each to be taken once; a byte `q` stands for `q * scale + min`."""

    def __init__(self, manifest, content):
        self.left, place = {}, 0
        for entry in (entry for group in manifest for entry in group["weights"]):
            step, count = entry["quantization"], math.prod(entry["shape"])
            if step["dtype"] != "uint8":
                raise ValueError(f"{entry['name']} is kept as {step['dtype']}, and only bytes are known")
            values = onnxfile.floats(q * step["scale"] + step["min"] for q in content[place:place + count])
            self.left[entry["name"]], place = (entry["shape"], values), place + count
        if place != len(content):
            raise ValueError(f"the weights are {len(content)} bytes, and {place} are told of")

    def take(self, name):
        return self.left.pop(name)


class Layers:
    """Keras' layers as ONNX's nodes, each a method by its class."""

    def __init__(self, weights):
        self.weights, self.made, self.pads = weights, onnxfile.Graph("nsfwjs"), None

    def graph(self, layers):
        flows, layers = {}, iter(layers)
        for layer in layers:
            inputs = [flows[name] for name, *_ in (layer["inbound_nodes"] or [[]])[0]]
            method, config = getattr(self, layer["class_name"], None), layer["config"]
            if not method:
                raise ValueError(f"{config['name']} is a layer {layer['class_name']}, which is not known")
            flow = method(inputs, config, layers)
            # A convolution takes the normalization behind it with it, and goes by its name.
            flows[config["name"]] = flow
            if isinstance(flow, tuple):
                flow, name = flow
                flows[name] = flow
        self.made.output("probabilities", ["n", 5])
        return self.made

    def InputLayer(self, *_):
        return self.made.input("image", ["n", 3, 224, 224])

    def ZeroPadding2D(self, inputs, config, _):
        """The convolution behind it pads in the same step."""
        (top, bottom), (left, right) = config["padding"]
        self.pads = top, left, bottom, right
        return inputs[0]

    def Conv2D(self, inputs, config, layers, alone=False):
        normal = next(layers)
        if normal["class_name"] != "BatchNormalization" or config["use_bias"] or config["activation"] != "linear":
            raise ValueError(f"{config['name']} is no plain convolution with a normalization behind it")
        shape, kernel = self.weights.take(config["name"] + ("/depthwise_kernel" if alone else "/kernel"))
        order = (2, 3, 0, 1) if alone else (3, 2, 0, 1)
        kernel, shape = onnxfile.transposed(kernel, shape, order), [shape[side] for side in order]
        name, parts = normal["config"]["name"], ("gamma", "beta", "moving_mean", "moving_variance")
        numbers = [self.weights.take(f"{name}/{part}")[1] for part in parts]
        kernel, bias = onnxfile.folded(kernel, numbers, normal["config"]["epsilon"])
        stride, pad = config["strides"][0], shape[2] // 2 if config["padding"] == "same" else 0
        if pad and stride > 1:
            raise ValueError(f"{config['name']} steps by {stride}, and pads itself")
        pads, self.pads = self.pads or (pad,) * 4, None
        group = shape[0] if alone else 1
        return self.made.convolution(inputs[0], config["name"], shape, kernel, bias, stride, pads, group), name

    def DepthwiseConv2D(self, inputs, config, layers):
        return self.Conv2D(inputs, config, layers, alone=True)

    def ReLU(self, inputs, config, _):
        if config["max_value"] != 6:
            raise ValueError(f"{config['name']} ends at {config['max_value']}")
        return self.made.clipped(inputs[0])

    def Add(self, inputs, *_):
        return self.made.node("Add", inputs)

    def AveragePooling2D(self, inputs, config, _):
        return self.made.node("AveragePool", inputs, kernel_shape=config["pool_size"], strides=config["strides"])

    def Flatten(self, inputs, *_):
        return self.made.node("Flatten", inputs, axis=1)

    def Dropout(self, inputs, *_):
        return inputs[0]

    def Dense(self, inputs, config, _):
        constants = []
        for part in ("kernel", "bias"):
            name = f"{config['name']}/{part}"
            constants.append(self.made.constant(name, *self.weights.take(name)))
        flow = self.made.node("Gemm", [*inputs, *constants])
        if config["activation"] == "softmax":
            return self.made.node("Softmax", [flow], "probabilities", axis=1)
        return self.made.node("Relu", [flow])
