"""Writes what the bench of servers sends and serves.

Usage: networks.py NETWORK.onnx FRAMES.rgb FOLDER PRECISION. The folder then holds the network as OpenVINO IR for floats (f32.xml,
values from 0 to 1), for bytes (u8.xml, the rest in its graph) and for bytes read otherwise (other.xml), some pictures as bytes and
as floats (0.u8, 0.f32, …), the engine's answers to them (0.PRECISION.answer, 0.PRECISION.other.answer, …), and the name of the
output. Ends with an error where answers can hardly be told apart.
"""
import itertools
import sys

import numpy as np
import openvino as ov
from openvino.preprocess import PrePostProcessor

PICTURES, SIDE = 8, 224
# How far an answer may be from what is expected, as a share of its largest value: a server may scale or batch in other steps.
NEAR = {"f32": 0.02, "bf16": 0.2}


def networks(path, folder):
    core = ov.Core()
    model = core.read_model(path)
    ov.save_model(model, f"{folder}/f32.xml", compress_to_fp16=False)
    for name, (mean, scale) in {"u8": (0.0, 255.0), "other": (64.0, 64.0)}.items():
        steps = PrePostProcessor(core.read_model(path))
        steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
        steps.input().model().set_layout(ov.Layout("NCHW"))
        steps.input().preprocess().convert_element_type(ov.Type.f32).mean(mean).scale(scale)
        ov.save_model(steps.build(), f"{folder}/{name}.xml", compress_to_fp16=False)
    with open(f"{folder}/output", "w") as file:
        file.write(model.output().any_name)


def main(path, frames, folder, precision):
    networks(path, folder)
    core = ov.Core()
    compiled = {
        kind: core.compile_model(f"{folder}/{kind}.xml", "CPU", {"INFERENCE_PRECISION_HINT": precision})
        for kind in ("u8", "f32", "other")}
    pictures = np.fromfile(frames, np.uint8).reshape(-1, 320, 320, 3)
    answers = []
    for number in range(PICTURES):
        picture = np.ascontiguousarray(pictures[number * len(pictures) // PICTURES][None, 48:48 + SIDE, 48:48 + SIDE])
        floats = np.ascontiguousarray(picture.transpose(0, 3, 1, 2).astype(np.float32) / 255)
        picture.tofile(f"{folder}/{number}.u8")
        floats.tofile(f"{folder}/{number}.f32")
        answer, same = compiled["u8"](picture)[0], compiled["f32"](floats)[0]
        if abs(answer - same).max() > NEAR[precision] * answer.max():
            sys.exit(f"bytes and floats of picture {number} get different answers")
        answer.tofile(f"{folder}/{number}.{precision}.answer")
        other = compiled["other"](picture)[0]
        other.tofile(f"{folder}/{number}.{precision}.other.answer")
        answers += [answer, other]
    apart = min(abs(a - b).max() / max(a.max(), b.max()) for a, b in itertools.combinations(answers, 2))
    if apart < 2 * NEAR[precision]:
        sys.exit(f"two answers differ by {apart:.1%} of the largest value only: a wrong one would not be seen")


main(*sys.argv[1:])
