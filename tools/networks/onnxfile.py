"""Writes networks as ONNX files (IR version 8, opset 17) with Python's own library alone; the same calls give the same bytes."""
import array
import math
import struct
import sys

FLOAT, INT64 = 1, 7
PRODUCER = "ridley tools/network"


def floats(values=()):
    return array.array("f", values)


def little(values):
    """The bytes of an array as files have them."""
    if sys.byteorder == "big":
        values = array.array(values.typecode, values)
        values.byteswap()
    return values.tobytes()


def strided(values, start, shape, strides):
    """What an array holds along sides of so many steps of so many places, in one piece."""
    places = [start]
    for side, stride in zip(shape, strides):
        places = [place + step * stride for place in places for step in range(side)]
    return array.array(values.typecode, map(values.__getitem__, places))


def transposed(values, shape, order):
    """An array with its sides in another order, as `numpy.transpose` has it."""
    strides = [math.prod(shape[side + 1:]) for side in range(len(shape))]
    return strided(values, 0, [shape[side] for side in order], [strides[side] for side in order])


def folded(kernel, normal, epsilon):
    """A kernel, output channels first, and its bias, with the normalization behind it: gamma, beta, mean and variance.

    Counted in 64 bits and rounded once."""
    gamma, beta, mean, variance = normal
    size = len(kernel) // len(gamma)
    ratios = [g / math.sqrt(v + epsilon) for g, v in zip(gamma, variance)]
    scaled = floats()
    for channel, ratio in enumerate(ratios):
        scaled.extend(value * ratio for value in kernel[channel * size:(channel + 1) * size])
    return scaled, floats(b - m * ratio for b, m, ratio in zip(beta, mean, ratios))


class Graph:
    """A network in the making: each call adds a node, and gives back the name of what it answers."""

    def __init__(self, name):
        self.name, self.parts, self.count, self.limits = name, [], 0, None

    def input(self, name, shape):
        self.parts.append((11, value_info(name, shape)))
        return name

    def output(self, name, shape):
        self.parts.append((12, value_info(name, shape)))

    def constant(self, name, shape, values):
        tensor = b"".join(number(1, side) for side in shape) + number(2, FLOAT if values.typecode == "f" else INT64)
        self.parts.append((5, tensor + text(8, name) + field(9, little(values))))
        return name

    def node(self, kind, inputs, output=None, **attributes):
        self.count += 1
        output = output or f"{kind.lower()}-{self.count}"
        told = b"".join(text(1, name) for name in inputs) + text(2, output) + text(3, f"{kind}-{self.count}") + text(4, kind)
        self.parts.append((1, told + b"".join(field(5, attribute(*item)) for item in attributes.items())))
        return output

    def convolution(self, source, name, shape, kernel, bias, stride=1, pads=(0, 0, 0, 0), group=1):
        """`shape` of the kernel: output channels, input channels of a group, height, width; pads: top, left, bottom, right."""
        inputs = [source, self.constant(f"{name}.weight", shape, kernel), self.constant(f"{name}.bias", shape[:1], bias)]
        return self.node(
            "Conv", inputs, kernel_shape=list(shape[2:]), strides=[stride] * 2, pads=list(pads), group=group)

    def clipped(self, source):
        """At least 0, at most 6."""
        if not self.limits:
            self.limits = [self.constant("nothing", [], floats([0])), self.constant("six", [], floats([6]))]
        return self.node("Clip", [source, *self.limits])

    def bytes(self):
        # Nodes, name, constants, inputs, outputs: in the order of their fields.
        inner = [*self.parts, (2, self.name.encode())]
        graph = b"".join(field(key, part) for key, part in sorted(inner, key=lambda pair: pair[0]))
        return number(1, 8) + text(2, PRODUCER) + field(7, graph) + field(8, text(1, "") + number(2, 17))


# Protocol Buffers' wire format, as far as ONNX needs it.
def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(key, value):
    return varint(key << 3) + varint(value)


def field(key, content):
    return varint(key << 3 | 2) + varint(len(content)) + content


def text(key, value):
    return field(key, value.encode())


def attribute(name, value):
    if isinstance(value, float):
        return text(1, name) + varint(2 << 3 | 5) + struct.pack("<f", value) + number(20, 1)
    if isinstance(value, int):
        return text(1, name) + number(3, value) + number(20, 2)
    return text(1, name) + b"".join(number(8, item) for item in value) + number(20, 7)


def value_info(name, shape):
    sides = b"".join(field(1, text(2, side) if isinstance(side, str) else number(1, side)) for side in shape)
    return text(1, name) + field(2, field(1, number(1, FLOAT) + field(2, sides)))
