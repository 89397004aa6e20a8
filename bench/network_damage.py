"""Damaged and odd variants of the small networks: each a change that a disk, a network, an exporter or a stranger could make."""
import dataclasses

import onnx

OPERATORS = ["Relu", "Sigmoid", "Exp", "Neg", "Softmax", "Identity", "Erf", "Ceil", "Conv", "Gemm", "Nothing", ""]
NAMES = ["", "x", "image ", "../image", "image\n", "w0", "å" * 3, "n" * 5000]
OUTSIDE = ["/etc/hostname", "../model.onnx.data", "model.onnx", "gone.data", "./model.onnx.data", "a/../model.onnx.data", ""]


@dataclasses.dataclass
class Variant:
    name: str
    kind: str
    main: str
    files: dict
    takes_picture: bool


def flips(random, base, files):
    name = random.choice(sorted(files))
    data = bytearray(files[name])
    for _ in range(random.choice([1, 1, 1, 2, 8])):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    files[name] = bytes(data)


def cut(random, base, files):
    name = random.choice(sorted(files))
    files[name] = files[name][:random.randrange(len(files[name]))]


def span(random, base, files):
    name = random.choice(sorted(files))
    data, start, length = files[name], random.randrange(len(files[name])), random.choice([1, 4, 64])
    middle = random.choice([b"\0" * length, b"\xff" * length, b"", data[start:start + length] * 2])
    files[name] = data[:start] + middle + data[start + length:]


def edited(change):
    """A damage to the ONNX message rather than to its bytes."""
    def damage(random, base, files):
        model = onnx.load_model_from_string(files[base.main])
        change(random, model)
        files[base.main] = model.SerializeToString()
    damage.__name__ = change.__name__
    return damage


def rename(random, model):
    port = random.choice([*model.graph.input, *model.graph.output])
    old, new = port.name, random.choice(NAMES)
    port.name = new
    if random.random() < 0.5:
        for node in model.graph.node:
            for names in (node.input, node.output):
                for index, name in enumerate(names):
                    if name == old:
                        names[index] = new


def opset(random, model):
    if random.random() < 0.8:
        model.opset_import[0].version = random.choice([0, 1, 6, 7, 9, 10, 11, 12, 13, 15, 18, 21, 25, 99, -1])
    else:
        model.opset_import[0].domain = random.choice(["ai.onnx", "com.microsoft", "nowhere"])


def sides(random, model):
    what = random.choice(["weight", "input", "output"])
    if what == "weight":
        dims = random.choice(model.graph.initializer).dims if model.graph.initializer else None
        if dims:
            dims[random.randrange(len(dims))] = random.choice([0, 1, 2, 7, 2**31, 2**62, -1])
        return
    port = random.choice(model.graph.input if what == "input" else model.graph.output)
    shape = port.type.tensor_type.shape.dim
    if shape:
        shape[random.randrange(len(shape))].dim_value = random.choice([0, 1, 2, 33, 2**40, -1])


def operator(random, model):
    random.choice(model.graph.node).op_type = random.choice(OPERATORS)


def attribute(random, model):
    nodes = [node for node in model.graph.node if node.attribute]
    if not nodes:
        return
    node = random.choice(nodes)
    it = random.choice(node.attribute)
    if it.type == onnx.AttributeProto.INT:
        it.i = random.choice([0, 1, 2, -1, 5, 2**40])
    elif it.type == onnx.AttributeProto.FLOAT:
        it.f = random.choice([0.0, -1.0, 1e30, float("nan")])
    elif it.type == onnx.AttributeProto.INTS and it.ints:
        it.ints[random.randrange(len(it.ints))] = random.choice([0, 1, 3, -1, 2**33])
    else:
        node.attribute.remove(it)


def element(random, model):
    """Weights, or a port, of another type."""
    it = random.choice([*model.graph.initializer, *model.graph.input, *model.graph.output])
    kind = random.choice([1, 2, 3, 6, 7, 9, 10, 11, 12, 13, 16, 17, 99])
    if isinstance(it, onnx.TensorProto):
        it.data_type = kind
    else:
        it.type.tensor_type.elem_type = kind


def wiring(random, model):
    """A node that takes another's result, or is gone, or comes twice."""
    what, node = random.randrange(3), random.choice(model.graph.node)
    if what == 0 and node.input:
        names = [name for each in model.graph.node for name in each.output] + ["image", ""]
        node.input[random.randrange(len(node.input))] = random.choice(names)
    elif what == 1:
        model.graph.node.remove(node)
    else:
        model.graph.node.append(node)


def outside(random, model):
    """Weights said to stand elsewhere: another place, offset or length."""
    found = random.choice(model.graph.initializer)
    if not found.external_data:
        found.data_location = onnx.TensorProto.EXTERNAL
        found.ClearField("raw_data")
        found.external_data.extend([onnx.StringStringEntryProto(key="location", value=random.choice(OUTSIDE))])
        return
    entry = random.choice(found.external_data)
    entry.value = random.choice(OUTSIDE) if entry.key == "location" else random.choice(["0", "-1", "7", str(2**62), "x"])


def side_file(random, base, files):
    """The weights' file gone, cut, longer, or another's."""
    sides = [name for name in files if name != base.main]
    if not sides:
        return flips(random, base, files)
    name, what = sides[0], random.randrange(4)
    if what == 0:
        del files[name]
    elif what == 1:
        files[name] = files[name][:random.randrange(len(files[name]))]
    elif what == 2:
        files[name] += bytes(64)
    else:
        files[name] = files[name][::-1]


BYTES = [flips, flips, flips, cut, span]
MESSAGE = [edited(change) for change in (rename, opset, sides, operator, attribute, element, wiring, outside)]


def variants(bases, count, random):
    """So many, of all bases in turn."""
    for number in range(count):
        base = bases[number % len(bases)]
        kinds = BYTES + (MESSAGE if base.main.endswith(".onnx") else []) + ([side_file] * 4 if len(base.files) > 1 else [])
        kind, files = random.choice(kinds), dict(base.files)
        kind(random, base, files)
        yield Variant(f"{number:05}-{base.name}", kind.__name__, base.main, files, base.takes_picture)
