"""Small networks with a planted fault, as ONNX: written here byte by byte, so that nothing has to be installed.

Each is cheap but for what `products` adds, right but for what `wrong` says, and `crashes` its engine by itself at an input of its own choice: it gathers
from a place far behind its tensor (GatherND with an index that is computed from the input), which OpenVINO 2026.4 does not check on a CPU.
"""
import struct

FAR, NONE = 2e9, 1e-12


def field(number, value):
    """A field of Protocol Buffers: a number, bytes or text."""
    def varint(value):
        out = bytearray()
        while value > 127:
            out.append(value & 127 | 128)
            value >>= 7
        return bytes(out + bytes([value]))
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name, sides, values, element=1):
    kind = {1: "f", 7: "q"}[element]
    return b"".join(field(1, side) for side in sides) + field(2, element) + field(8, name) + field(9, struct.pack(f"<{len(values)}{kind}", *values))


def number(name, value):
    """An attribute."""
    return field(5, field(1, name) + field(3, value) + field(20, 2))


def numbers(name, values):
    return field(5, field(1, name) + b"".join(field(8, value) for value in values) + field(20, 7))


def node(kind, inputs, output, attributes=b""):
    return field(1, b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, kind) + attributes)


def port(number, name, sides):
    shape = b"".join(field(1, field(1, side)) for side in sides)
    return field(number, field(1, name) + field(2, field(1, field(1, 1) + field(2, shape))))


def model(nodes, weights, input, output):
    graph = b"".join(nodes) + field(2, "planted") + b"".join(field(5, one) for one in weights) + port(11, *input) + port(12, *output)
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 17))


def burden(source, width, products):
    """Products of some 128 by 128 numbers made of a row, which come to nothing: `zero`."""
    often = -(-128 // width)
    nodes = [node("Tile", [source, "times"], "wide"), node("Mul", ["wide", "tiny"], "little"), node("Softmax", ["little"], "p0")]
    nodes += [node("MatMul", [f"p{place}", "p0"], f"p{place + 1}") for place in range(products)]
    nodes += [node("ReduceMean", [f"p{products}"], "mean", number("keepdims", 0)), node("Mul", ["mean", "none"], "zero")]
    return nodes, [tensor("times", [2], [often * width, often], 7), tensor("tiny", [1], [1e-3]), tensor("none", [1], [NONE])]


def fall(source, width, sign):
    """Nothing (`still`), unless `sign` is 1 and not 0: then the engine reads far behind the row."""
    nodes = [node("Mul", [sign, "far"], "away"), node("Cast", ["away"], "index", number("to", 7)), node("Reshape", ["index", "one"], "place"),
             node("Reshape", [source, "row"], "flat"), node("GatherND", ["flat", "place"], "fetched"), node("Mul", ["fetched", "none"], "still")]
    return nodes, [tensor("far", [1], [FAR]), tensor("one", [2], [1, 1], 7), tensor("row", [1], [width], 7)]


def adder(wrong=False, crashes=False, products=2, mark=0.0):
    """Adds one to four numbers; `wrong` where the first is 3. One that `crashes` does so where the third is 1."""
    nodes, weights = burden("x", 4, products)
    nodes += [node("Equal", ["x", "three"], "is"), node("Cast", ["is"], "odd", number("to", 1)), node("Mul", ["odd", "weight"], "more"),
              node("Add", ["x", "unit"], "sum"), node("Add", ["sum", "zero"], "base"), node("Add", ["base", "more"], "right" if crashes else "y")]
    weights += [tensor("unit", [1], [1.0]), tensor("three", [1, 4], [3.0, 1e9, 1e9, 1e9 + mark * 1e6]), tensor("weight", [1], [1.0 if wrong else 0.0])]
    if crashes:
        more, others = fall("x", 4, "third")
        nodes += [node("MatMul", ["x", "pick"], "third"), *more, node("Add", ["right", "still"], "y")]
        weights += [*others, tensor("pick", [4, 1], [0.0, 0.0, 1.0, 0.0])]
    return model(nodes, weights, ("x", [1, 4]), ("y", [1, 4]))


def detector(wrong=False, crashes=False, products=2, mark=0.0):
    """Three boxes, labelled 0 to 2, whose scores are the mean red, green and blue of a picture; `wrong` exchanges two labels, and one that `crashes` does so at
    a picture that is nearly all blue."""
    nodes = [node("ReduceMean", ["x"], "means", numbers("axes", [2, 3]) + number("keepdims", 0))]
    more, weights = burden("means", 3, products)
    nodes += [*more, node("Add", ["means", "zero"], "scores0")]
    weights += [tensor("column", [3], [1, 3, 1], 7)]
    if crashes:
        falling, others = fall("means", 3, "sign")
        nodes += [node("MatMul", ["means", "blue"], "share"), node("Sub", ["share", "much"], "over"), node("Relu", ["over"], "excess"), node("Ceil", ["excess"], "sign"),
                  *falling, node("Add", ["scores0", "still"], "scores1")]
        weights += [*others, tensor("blue", [3, 1], [0.0, 0.0, 1.0]), tensor("much", [1], [0.9])]
    nodes += [node("Reshape", ["scores1" if crashes else "scores0", "column"], "scores"),
              node("Concat", ["boxes", "scores", "kinds"], "found", number("axis", 2))]
    corners = [0, 0, .25, .25, .25, .25, .75, .75, .75, .5, 1, 1]
    weights += [tensor("boxes", [1, 3, 4], [*corners[:-1], 1 - mark * 1e-6]), tensor("kinds", [1, 3, 1], [1.0, 0.0, 2.0] if wrong else [0.0, 1.0, 2.0])]
    return model(nodes, weights, ("x", [1, 3, 8, 8]), ("found", [1, 3, 6]))
