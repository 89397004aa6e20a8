"""Writes a MobileNetV2 (Sandler et al., 2018) or a ResNet-50 (He et al., 2015) with random weights that is not blind to its input.

Usage: make_network.py mobilenet-v2|resnet-50 FRAMES.rgb NETWORK.onnx. FRAMES.rgb holds raw 320x320 rgb24 pictures. Weights are drawn from a seed; each
convolution is then scaled, channel by channel, to mean 0 and deviation 1 over pieces of these pictures in all sorts of light, as batch normalisation in training mode
would do, and so are the features before the last layer: a network that is merely initialised answers nearly the same to everything.
Kernels are nearly flat, so that the answer hangs on what can be seen and not on how the scaler treats single pixels.
The input is f32 NCHW from 0 to 1, the output 1,000 probabilities.
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Expansion, channels, repeats, first stride: table 2 of the paper.
MOBILENET = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
# Inner channels, repeats, first stride: table 1 of the paper, with the stride at the 3x3 convolution as it is usual since.
RESNET = [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]
dice = np.random.default_rng(1)


class Network:
    """Builds the graph and runs it on the pictures at the same time, layer by layer."""

    def __init__(self, pictures):
        self.nodes, self.weights, self.value, self.name = [], [], pictures, "image"

    def add(self, kind, inputs, **attributes):
        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        self.name = name

    def weight(self, array):
        name = f"weight{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name))
        return name

    def convolve(self, channels, kernel=1, stride=1, depthwise=False, cut="Clip"):
        count, inside, height, width = self.value.shape
        groups = inside if depthwise else 1
        weights = dice.normal(0, 1, (channels, inside // groups, 1, 1)) * dice.normal(1, 0.2, (1, 1, kernel, kernel))
        weights = weights.astype(np.float32)
        padded = np.pad(self.value, [(0, 0), (0, 0)] + [(kernel // 2, kernel // 2)] * 2)
        value = np.zeros((count, channels, -(-height // stride), -(-width // stride)), np.float32)
        for y in range(kernel):
            for x in range(kernel):
                part = padded[:, :, y:y + height:stride, x:x + width:stride]
                if depthwise:
                    value += part * weights[None, :, 0, y, x, None, None]
                else:
                    value += np.einsum("ncp,oc->nop", part.reshape(count, inside, -1), weights[:, :, y, x]).reshape(value.shape)
        mean, deviation = value.mean((0, 2, 3)), value.std((0, 2, 3)) + 1e-3
        value = (value - mean[:, None, None]) / deviation[:, None, None]
        inputs = [self.name, self.weight(weights / deviation[:, None, None, None]), self.weight(-mean / deviation)]
        self.add("Conv", inputs, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4, group=groups)
        self.value = value
        self.cut(cut)

    def cut(self, kind):
        if kind == "Clip":
            self.add("Clip", [self.name, self.weight(0), self.weight(6)])
            self.value = np.clip(self.value, 0, 6)
        if kind == "Relu":
            self.add("Relu", [self.name])
            self.value = np.maximum(self.value, 0)

    def block(self, expansion, channels, stride):
        name, value = self.name, self.value
        if expansion > 1:
            self.convolve(value.shape[1] * expansion)
        self.convolve(self.value.shape[1], 3, stride, depthwise=True)
        self.convolve(channels, cut=None)
        if stride == 1 and value.shape[1] == channels:
            self.add("Add", [self.name, name])
            self.value = self.value + value

    def bottleneck(self, channels, stride):
        name, value = self.name, self.value
        self.convolve(channels, cut="Relu")
        self.convolve(channels, 3, stride, cut="Relu")
        self.convolve(4 * channels, cut=None)
        inner, found = self.name, self.value
        self.name, self.value = name, value
        if stride > 1 or value.shape[1] != 4 * channels:
            self.convolve(4 * channels, 1, stride, cut=None)
        self.add("Add", [inner, self.name])
        self.value = found + self.value
        self.cut("Relu")

    def pool(self):
        """The most of 3x3 at every second place."""
        self.add("MaxPool", [self.name], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        padded = np.pad(self.value, [(0, 0), (0, 0), (1, 1), (1, 1)], constant_values=-np.inf)
        height, width = self.value.shape[2:]
        self.value = np.max([padded[:, :, y:y + height:2, x:x + width:2] for y in range(3) for x in range(3)], axis=0)

    def classify(self, classes):
        features = self.value.mean((2, 3))
        mean, deviation = features.mean(0), features.std(0) + 1e-3
        weights = dice.normal(0, 1 / np.sqrt(features.shape[1]), (features.shape[1], classes)) / deviation[:, None]
        self.add("GlobalAveragePool", [self.name])
        self.add("Flatten", [self.name])
        self.add("Gemm", [self.name, self.weight(weights), self.weight(-mean @ weights)])
        self.add("Softmax", [self.name])
        self.value = (features - mean) @ weights


def varied(picture):
    """A random part of it, in other light and colour: without these the network would magnify the least change of either."""
    y, x = dice.integers(0, 96, 2)
    piece = picture[y:y + 224, x:x + 224].transpose(2, 0, 1).astype(np.float32) / 255
    return np.clip(piece * dice.uniform(0.4, 1.6, (3, 1, 1)) + dice.uniform(-0.3, 0.3, (3, 1, 1)), 0, 1).astype(np.float32)


def build_mobilenet(network):
    network.convolve(32, 3, 2)
    for expansion, channels, repeats, stride in MOBILENET:
        for number in range(repeats):
            network.block(expansion, channels, stride if number == 0 else 1)
    network.convolve(1280)


def build_resnet(network):
    network.convolve(64, 7, 2, cut="Relu")
    network.pool()
    for channels, repeats, stride in RESNET:
        for number in range(repeats):
            network.bottleneck(channels, stride if number == 0 else 1)


def main(kind, frames, path):
    pictures = np.stack([varied(p) for p in np.fromfile(frames, np.uint8).reshape(-1, 320, 320, 3) for _ in range(2)])
    network = Network(pictures)
    {"mobilenet-v2": build_mobilenet, "resnet-50": build_resnet}[kind](network)
    network.classify(1000)
    winners = set(network.value.argmax(1))
    if len(winners) < len(pictures) / 4:
        sys.exit(f"the network is blind: {len(pictures)} pictures get only {len(winners)} different answers")
    graph = helper.make_graph(
        network.nodes, kind, [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 224, 224])],
        [helper.make_tensor_value_info(network.name, TensorProto.FLOAT, [1, 1000])], network.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="ridley")
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


main(*sys.argv[1:])
