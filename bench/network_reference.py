"""What onnxruntime or LiteRT answer, in a process of its own: a damaged network may take it down.

Reads lines of JSON {path, feed}: a network's file, and a .npz with its inputs or nothing, which means inputs by its own ports.
Writes a line of JSON: {outputs: .npz, inputs: .npz} or {refused: why}.
"""
import json
import os
import sys

import numpy

TYPES = {"float": "float32", "double": "float64", "float16": "float16", "bool": "bool"}


def made(name, shape, kind, random):
    """Values that a port takes; the same for the same name and shape."""
    shape = [side if isinstance(side, int) and side > 0 else 1 for side in shape]
    if numpy.prod(shape) > 2**22:
        raise ValueError("the input is too large to try")
    if numpy.issubdtype(kind, numpy.floating):
        return (random.random(shape) * 255).astype(kind)
    return random.integers(0, 2 if kind == numpy.bool_ else 20, shape).astype(kind)


def onnx(path, feed):
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # no reports of its use to its maker
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    random = numpy.random.default_rng(7)
    inputs = {}
    for port in session.get_inputs():
        kind = numpy.dtype(TYPES.get(port.type[7:-1], port.type[7:-1]))
        inputs[port.name] = next(iter(feed.values())) if feed else made(port.name, port.shape, kind, random)
        rows = port.shape[0] if port.shape and isinstance(port.shape[0], int) else 1
        if feed and rows > 1:  # one picture so many times, of which one answer is wanted
            inputs[port.name] = inputs[port.name].repeat(rows, axis=0)
    outputs = dict(zip([port.name for port in session.get_outputs()], session.run(None, inputs)))
    if feed and rows > 1:
        outputs = {name: value[:1] if value.shape[:1] == (rows,) else value for name, value in outputs.items()}
    return inputs, outputs


def flat(path, feed):
    from ai_edge_litert.interpreter import Interpreter

    network = Interpreter(path, num_threads=1)
    network.allocate_tensors()
    random, inputs = numpy.random.default_rng(7), {}
    for port in network.get_input_details():
        value = made(port["name"], port["shape"].tolist(), port["dtype"], random)
        if feed:
            value = next(iter(feed.values())).transpose(0, 2, 3, 1)
            if port["dtype"] == numpy.int8:  # the bytes of a picture, whatever they stand for
                value = (value - 128).astype(numpy.int8)
        inputs[port["name"]] = value
        network.set_tensor(port["index"], value)
    network.invoke()
    return inputs, {port["name"]: network.get_tensor(port["index"]) for port in network.get_output_details()}


def main():
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            feed = dict(numpy.load(asked["feed"])) if asked.get("feed") else None
            inputs, outputs = (onnx if asked["path"].endswith(".onnx") else flat)(asked["path"], feed)
            folder = os.path.dirname(asked["path"])
            told = {}
            for name, arrays in (("inputs", inputs), ("outputs", outputs)):
                told[name] = os.path.join(folder, f"{name}.npz")
                numpy.savez(told[name], *arrays.values())
                told[name + "_names"] = list(arrays)
        except Exception as error:  # whatever a library says of a damaged file
            told = {"refused": str(error)[:500]}
        out.write(json.dumps(told) + "\n")
        out.flush()


main()
