#!/usr/bin/env python3
"""Makes an 8-bit network of a float ONNX network: `ridley model quantize` runs it. It stands on the packages onnx and onnxruntime.

Usage: quantize.py JOB.json. The job says: network, target (paths), input (its name), frames (a file of pictures as the network takes them, bytes, rows,
columns, channels), width, height, channels, channels_first, mean, scale (for each channel), element (float or float16), tolerance (of the outputs'
deviation), most_left_out (share of the operators with weights), log (a file that gets a line of JSON for each step, and one for the result).

Weights are 8 bits with a scale for each channel, activations 8 bits between the least and the most that the frames gave (QDQ format, onnxruntime's own
quantiser). Where the outputs then differ by more than the tolerance, each operator with weights is left in floats alone to see what it costs, and those
that cost most stay in floats until the tolerance is met.
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
    import onnx.version_converter
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
OPERATORS = sorted(set(QLinearOpsRegistry) | set(QDQRegistry))
# Frames on which what was made is compared while it is made.
COMPARED = 16


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


class Quantiser:
    def __init__(self, job, folder):
        self.path = os.path.join(folder, "prepared.onnx")
        quant_pre_process(newer(job["network"], folder), self.path, skip_symbolic_shape=True)
        calibrator = create_calibrator(
            Path(self.path), OPERATORS, augmented_model_path=os.path.join(folder, "augmented.onnx"), calibrate_method=CalibrationMethod.MinMax,
            extra_options={"symmetric": False})
        calibrator.collect_data(Frames(job))
        self.ranges = calibrator.compute_data()
        self.weighed = [node.name for node in onnx.load(self.path, load_external_data=False).graph.node if node.op_type in WEIGHED]

    def make(self, left_out, target):
        model = load_model_with_shape_infer(Path(self.path))
        quantiser = QDQQuantizer(
            model, True, False, QuantType.QInt8, QuantType.QUInt8, self.ranges, [], left_out, OPERATORS,
            {"ActivationSymmetric": False, "WeightSymmetric": True})
        quantiser.quantize_model()
        quantiser.model.save_model_to_file(target, False)
        return target


def left_out(quantiser, answers, job, folder):
    """The operators that stay in floats, those that cost most first, and the difference that is left."""
    trial = os.path.join(folder, "trial.onnx")
    whole = answers.difference(quantiser.make([], trial))
    say(step="quantised", difference=whole)
    if whole <= job["tolerance"]:
        return [], whole
    costs = []
    for number, name in enumerate(quantiser.weighed):
        costs.append((answers.difference(quantiser.make([name], trial)), name))
        say(step="looking for what costs most", done=number + 1, of=len(quantiser.weighed))
    costs.sort()
    found, best = [], whole
    for count in range(1, max(1, int(len(costs) * job["most_left_out"])) + 1):
        names = [name for _, name in costs[:count]]
        difference = answers.difference(quantiser.make(names, trial))
        say(step="leaving out", done=count, difference=difference)
        if difference < best * 0.98:
            found, best = names, difference
        if best <= job["tolerance"]:
            break
    return found, best


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
