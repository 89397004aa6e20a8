#!/usr/bin/env python3
"""Makes an 8-bit network of a float ONNX network: `ridley model quantize` runs it. It stands on the packages onnx and onnxruntime.

Usage: quantize.py JOB.json. The job says: network, target (paths), input (its name), frames (a file of pictures as the network takes them, bytes, rows,
columns, channels), width, height, channels, channels_first, mean, scale (for each channel), element (float or float16), tolerance (of the outputs'
deviation), most_left_out (share of the operators with weights), log (a file that gets a line of JSON for each step, and one for the result).

Weights are 8 bits with a scale for each channel; what operators take is 8 bits between the least and the most that the frames gave (QDQ format,
onnxruntime's own quantiser). Smooth activations (SiLU and the like) stay in floats, as does what an operator with weights gives: the next one rounds it
anyway. Where the outputs then differ by more than the tolerance, what each operator with weights costs alone is measured, and those that cost most stay
in floats: such costs are nearly independent, so their squares add up.
"""
import json
import os
import sys
import tempfile
from pathlib import Path

with open(sys.argv[1]) as file:
    JOB = json.load(file)


def say(**words):
    with open(JOB["log"], "a") as log:
        log.write(json.dumps(words) + "\n")


try:
    import numpy as np
    import onnx
    import onnx.numpy_helper
    import onnx.version_converter
    # Its maker gets no reports of its use.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime
    from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType
    from onnxruntime.quantization.calibrate import create_calibrator
    from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
    from onnxruntime.quantization.quant_utils import load_model_with_shape_infer
    from onnxruntime.quantization.registry import QDQRegistry, QLinearOpsRegistry
    from onnxruntime.quantization.shape_inference import quant_pre_process
except ImportError as error:
    say(step="missing", missing=error.name or str(error))
    sys.exit(1)

WEIGHED = {"Conv", "ConvTranspose", "Gemm", "MatMul"}
SMOOTH = {"Sigmoid", "Mul", "HardSigmoid", "HardSwish", "LeakyRelu", "Softmax", "Tanh", "Gelu", "Exp", "Pow", "Div", "Sqrt", "LayerNormalization"}
OPERATORS = sorted((set(QLinearOpsRegistry) | set(QDQRegistry)) - SMOOTH)
# Frames on which what was made is compared while it is made.
COMPARED = 8


class Frames(CalibrationDataReader):
    """Pictures as the network's numbers, one at a time."""

    def __init__(self, job, count=None):
        shape = (-1, job["height"], job["width"], job["channels"])
        self.bytes = np.memmap(job["frames"], np.uint8, "r").reshape(shape)[:count]
        self.job, self.next = job, 0

    def __len__(self):
        return len(self.bytes)

    def at(self, number):
        job, count = self.job, self.job["channels"]
        mean, scale = (np.resize(np.float32(job[key] or [usual]), count) for key, usual in (("mean", 0), ("scale", 1)))
        picture = (self.bytes[number].astype(np.float32) - mean) / scale
        if job["channels_first"]:
            picture = picture.transpose(2, 0, 1)
        return {job["input"]: np.ascontiguousarray(picture[None], np.float16 if job["element"] == "float16" else np.float32)}

    def get_next(self):
        if self.next == len(self.bytes):
            return None
        self.next += 1
        return self.at(self.next - 1)


class Answers:
    """What the network answers in floats, and how far another is from it."""

    def __init__(self, network, job):
        self.frames = Frames(job, COMPARED)
        self.floats = self.of(network)

    def of(self, network):
        """`network` is a path, or the bytes of a file."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        return [session.run(None, self.frames.at(number)) for number in range(len(self.frames))]

    def difference(self, network):
        """Root mean square of the difference, as a share of the deviation of what floats answer; of the output that differs most."""
        found, worst = self.of(network), 0.0
        for output, _ in enumerate(self.floats[0]):
            same = [(one[output], other[output]) for one, other in zip(self.floats, found)]
            if not all(one.dtype.kind == "f" and one.shape == other.shape for one, other in same):
                continue
            floats = np.concatenate([one.ravel() for one, _ in same]).astype(np.float64)
            others = np.concatenate([other.ravel() for _, other in same]).astype(np.float64)
            worst = max(worst, float(np.sqrt(np.mean((others - floats) ** 2)) / max(floats.std(), 1e-12)))
        return worst


def newer(network, folder):
    """The same in an opset that has a scale for each channel, which begins with 13."""
    model = onnx.load(network)
    if any(one.domain in ("", "ai.onnx") and one.version >= 13 for one in model.opset_import):
        return network
    path = os.path.join(folder, "newer.onnx")
    onnx.save(onnx.version_converter.convert_version(model, 13), path)
    return path


def named(path):
    """Gives each operator a name of its own, by which it is left out; exporters may give none, or one twice."""
    model, seen = onnx.load(path), set()
    for number, node in enumerate(model.graph.node):
        if not node.name or node.name in seen:
            node.name = f"{node.op_type}/{number}"
        seen.add(node.name)
    onnx.save(model, path)


class Quantiser:
    def __init__(self, job, folder):
        self.path = os.path.join(folder, "prepared.onnx")
        quant_pre_process(newer(job["network"], folder), self.path, skip_symbolic_shape=True)
        named(self.path)
        calibrator = create_calibrator(
            Path(self.path), OPERATORS, augmented_model_path=os.path.join(folder, "augmented.onnx"), calibrate_method=CalibrationMethod.MinMax,
            extra_options={"symmetric": False})
        calibrator.collect_data(Frames(job))
        self.ranges = calibrator.compute_data()
        graph = onnx.load(self.path).graph
        weights = {one.name for one in graph.initializer}
        self.weighed = [node.name for node in graph.node if node.op_type in WEIGHED and node.input[1] in weights]

    def make(self, left_out, target):
        model = load_model_with_shape_infer(Path(self.path))
        quantiser = QDQQuantizer(
            model, True, False, QuantType.QInt8, QuantType.QUInt8, self.ranges, [], left_out, OPERATORS,
            {"ActivationSymmetric": False, "WeightSymmetric": True, "OpTypesToExcludeOutputQuantization": sorted(WEIGHED)})
        quantiser.quantize_model()
        quantiser.model.save_model_to_file(target, False)
        return target

    def alone(self):
        """For each operator with weights its name and a network in which it alone is rounded."""
        model = onnx.load(self.path)
        weights = {one.name: one for one in model.graph.initializer}
        for node in [node for node in model.graph.node if node.name in set(self.weighed)]:
            kept, held = list(node.input), onnx.TensorProto()
            held.CopyFrom(weights[kept[1]])
            weights[kept[1]].CopyFrom(onnx.numpy_helper.from_array(rounded(onnx.numpy_helper.to_array(held), node.op_type), kept[1]))
            added = self.rounding(kept[0])
            model.graph.node.extend(added)
            if added:
                node.input[0] = added[-1].output[0]
            yield node.name, model.SerializeToString()
            node.input[0] = kept[0]
            weights[kept[1]].CopyFrom(held)
            del model.graph.node[len(model.graph.node) - len(added):]

    def rounding(self, name):
        """Operators that round a tensor to the 256 steps of its range."""
        if name not in self.ranges.data:
            return []
        least, most = (float(np.ravel(value)[0]) for value in self.ranges.data[name].range_value)
        least, most = min(least, 0.0), max(most, 0.0)
        step = (most - least) / 255 or 1.0
        constants = [
            onnx.helper.make_node("Constant", [], [f"{name}/step"], value=onnx.numpy_helper.from_array(np.float32(step))),
            onnx.helper.make_node("Constant", [], [f"{name}/zero"], value=onnx.numpy_helper.from_array(np.uint8(round(-least / step))))]
        ports = [f"{name}/step", f"{name}/zero"]
        return constants + [
            onnx.helper.make_node("QuantizeLinear", [name, *ports], [f"{name}/whole"]),
            onnx.helper.make_node("DequantizeLinear", [f"{name}/whole", *ports], [f"{name}/rounded"])]


def rounded(weight, kind):
    """As 8 bits with a scale for each channel of what comes out hold it."""
    axis = 0 if kind == "Conv" else min(1, weight.ndim - 1)
    others = tuple(side for side in range(weight.ndim) if side != axis)
    step = np.maximum(np.abs(weight).max(others, keepdims=True) / 127, 1e-12)
    return (np.round(weight / step) * step).astype(weight.dtype)


def left_out(quantiser, answers, job, folder):
    """The operators that stay in floats, those that cost most first, and the difference that is left."""
    trial = os.path.join(folder, "trial.onnx")
    whole = answers.difference(quantiser.make([], trial))
    say(step="quantised", difference=whole)
    if whole <= job["tolerance"]:
        return [], whole
    costs = []
    for number, (name, network) in enumerate(quantiser.alone()):
        costs.append((answers.difference(network), name))
        say(step="looking for what costs most", done=number + 1, of=len(quantiser.weighed))
    costs.sort(reverse=True)
    most, found = max(1, int(len(costs) * job["most_left_out"])), ([], whole)
    # The fewest that should do by their squares, then more while that is not enough.
    count = next((count for count in range(1, most) if sum(cost ** 2 for cost, _ in costs[count:]) <= job["tolerance"] ** 2), most)
    while True:
        names = [name for _, name in costs[:count]]
        difference = answers.difference(quantiser.make(names, trial))
        say(step="leaving out", done=count, difference=difference)
        if difference < found[1]:
            found = names, difference
        if difference <= job["tolerance"] or count == most:
            return found
        count = min(most, count + max(1, count // 2))


def main(job):
    with tempfile.TemporaryDirectory(dir=os.path.dirname(job["log"])) as folder:
        say(step="preparing", frames=len(Frames(job)))
        quantiser = Quantiser(job, folder)
        answers = Answers(quantiser.path, job)
        names, difference = left_out(quantiser, answers, job, folder)
        quantiser.make(names, job["target"])
    say(step="done", left_out=names, weighed=len(quantiser.weighed), difference=difference)


if __name__ == "__main__":
    try:
        main(JOB)
    except Exception as error:
        say(step="failed", error=f"{type(error).__name__}: {error}")
        sys.exit(1)
