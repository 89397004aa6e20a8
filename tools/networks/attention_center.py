"""attention-center's TensorFlow Lite file with its inner map as a second answer, and without the input of text that it never reads.

A FlatBuffer is changed in place and at its end; all weights and nodes stay as they are. Takes `image:0`, f32 [1,480,640,3] from 0 to 255, and
gives `concat:0` [1,2], the centre, and `saliency` [1,480,640]."""
import struct

UNREAD, MAP = "filename:0", "truediv"


def made(sources):
    file = Buffer(sources["center.tflite"])
    root = file.at(0)
    # Fields by their number in TensorFlow Lite's schema: of a model 2 subgraphs and 7 signatures, of a subgraph 0 tensors, 1 inputs,
    # 2 outputs and 3 operators, of a tensor 3 its name, of an operator 1 inputs.
    (graph,) = file.tables(file.field(root, 2))
    tensors = file.tables(file.field(graph, 0))
    names = [file.text(file.field(tensor, 3)) for tensor in tensors]
    inputs = file.numbers(file.field(graph, 1))
    unread, inner = names.index(UNREAD), names.index(MAP)
    if any(unread in file.numbers(file.field(operator, 1)) for operator in file.tables(file.field(graph, 3))):
        raise ValueError(f"{UNREAD} is read by an operator")
    file.append(file.place(graph, 1), vector([each for each in inputs if each != unread]))
    file.append(file.place(graph, 2), vector([*file.numbers(file.field(graph, 2)), inner]))
    file.append(file.place(tensors[inner], 3), struct.pack("<I", len(b"saliency")) + b"saliency\0")
    # Signatures name the inputs and outputs as they were.
    file.append(file.place(root, 7), vector([]))
    return {"attention_center.tflite": bytes(file.content)}


def vector(numbers):
    return struct.pack(f"<I{len(numbers)}i", len(numbers), *numbers)


class Buffer:
    """Reads tables and vectors of a FlatBuffer by where they lie, and puts new ones behind all others."""

    def __init__(self, content):
        if content[4:8] != b"TFL3":
            raise ValueError("this is no file of TensorFlow Lite")
        self.content = bytearray(content)

    def read(self, kind, place):
        return struct.unpack_from("<" + kind, self.content, place)[0]

    def at(self, place):
        """What an offset at a place points to."""
        return place + self.read("I", place)

    def place(self, table, number):
        """Where a table has the offset of one of its fields."""
        layout = table - self.read("i", table)
        offset = self.read("H", layout + 4 + 2 * number) if 4 + 2 * number < self.read("H", layout) else 0
        if not offset:
            raise ValueError(f"the file lacks a field: {number} of the table at {table}")
        return table + offset

    def field(self, table, number):
        return self.at(self.place(table, number))

    def numbers(self, vector):
        return [self.read("i", vector + 4 + 4 * index) for index in range(self.read("I", vector))]

    def tables(self, vector):
        return [self.at(vector + 4 + 4 * index) for index in range(self.read("I", vector))]

    def text(self, string):
        return self.content[string + 4:string + 4 + self.read("I", string)].decode()

    def append(self, place, content):
        """Puts a vector at the end, and has the offset at `place` point to it."""
        self.content += bytes(-len(self.content) % 4)
        struct.pack_into("<I", self.content, place, len(self.content) - place)
        self.content += content
