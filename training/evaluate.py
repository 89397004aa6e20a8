#!/usr/bin/env python3
"""Measures the exported network on pictures that training never drew. See README.md in this folder.

Half of the pictures pass through the real H.264 encoder of ffmpeg, half through none; all are scaled by averaging.
"""

import argparse
import os
from collections import Counter
from pathlib import Path

import numpy as np
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # no reports of its use to its maker
import onnxruntime

import misses
from belts import BELTS, HELD_OUT, HELD_OUT_PRINT, MESS, PRINTED
from camera import SCALE, batch_of_pictures, letterbox, shrink, through_h264
from decode import overlap, read
from line import LABELS

MODEL = Path(__file__).resolve().parent.parent / "models/line-inspector/line-inspector.onnx"
CHUNK = 100


def pictures(styles, count, seed):
    """Network inputs, their parts and whether they have been H.264, which is every other chunk."""
    for index in range(count // CHUNK):
        frames, placed = batch_of_pictures(seed + index, CHUNK, styles, sprites=120, take=lambda _, frame: frame)
        if index % 2 == 0:
            frames = through_h264(frames, quality=26)
        for frame, parts in zip(frames, placed):
            yield letterbox(np.rint(shrink(frame)).astype(np.uint8)), parts, index % 2 == 0


def compare(found, placed, tally, confused):
    """Matches detections to parts, best score first. A part that is mostly hidden counts neither way."""
    parts = [p for p in placed if p.box()]
    fair = [p.visible() >= 0.8 and p.defect_visible() >= 0.8 for p in parts]
    boxes = [np.array(p.box(), np.float32) * SCALE for p in parts]
    taken = set()
    for label, _, box in found:
        overlaps = [overlap(box, b) for b in boxes]
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best >= 0 and overlaps[best] >= 0.3 and not fair[best]:
            continue
        truth = parts[best].sprite.label if best >= 0 and overlaps[best] >= 0.5 and best not in taken else None
        confused[truth, label] += 1
        if truth is None or truth != label:
            tally[label, "wrong"] += 1
        else:
            tally[label, "right"] += 1
        _defects(truth, label, tally)
        taken.add(best if truth else None)
    for index, part in enumerate(parts):
        if fair[index]:
            tally[part.sprite.label, "parts"] += 1
            tally["defective", "parts"] += part.sprite.label != "good"
            if index not in taken:
                confused[part.sprite.label, None] += 1


def _defects(truth, label, tally):
    if label != "good":
        tally["defective", "right" if truth not in (None, "good") else "wrong"] += 1


def measure(session, styles, count, seed, threshold):
    tally, confused, notes = Counter(), Counter(), []
    for image, placed, compressed in pictures(styles, count, seed):
        values = image.transpose(2, 0, 1)[None].astype(np.float32) / 255
        rows = session.run(None, {"images": values})[0][0]
        found = read(rows, threshold)
        compare(found, placed, tally, confused)
        notes += misses.note(found, placed, compressed)
    return tally, confused, notes


def report(title, tally, confused):
    print(f"\n{title}\n{'':14}{'parts':>7}{'precision':>11}{'recall':>9}")
    for label in [*LABELS, "defective"]:
        right, wrong, parts = (tally[label, key] for key in ("right", "wrong", "parts"))
        print(f"{label:14}{parts:7}{right / max(1, right + wrong):11.3f}{right / max(1, parts):9.3f}")
    # a wrong label is also a miss of the right one, so the pairs say which
    pairs = [f"{a or 'nothing'} taken for {b or 'nothing'}: {n}" for (a, b), n in confused.most_common() if a != b]
    print("mistakes: " + ("; ".join(pairs) or "none"))


def main():
    options = argparse.ArgumentParser(description="Precision and recall of the line inspector.")
    options.add_argument("--model", type=Path, default=MODEL)
    options.add_argument("--pictures", type=int, default=600, help="for each set")
    options.add_argument("--seed", type=int, default=9_000_000)
    options.add_argument("--misses", action="store_true", help="also tell which defects are missed")
    options.add_argument("--threshold", type=float, default=0.6)
    chosen = options.parse_args()

    session = onnxruntime.InferenceSession(str(chosen.model), providers=["CPUExecutionProvider"])
    sets = [("belts, seeds never drawn before", BELTS), ("printed belts, seeds never drawn before", PRINTED),
            ("prints of kinds never seen, together", HELD_OUT_PRINT),
            ("the mess used in training, seeds never drawn before", MESS)]
    sets += [("background never seen: " + style.__name__, [style]) for style in HELD_OUT]
    for title, styles in sets:
        tally, confused, notes = measure(session, styles, chosen.pictures, chosen.seed, chosen.threshold)
        report(f"{title} ({chosen.pictures} pictures)", tally, confused)
        if chosen.misses:
            misses.tell(notes)


if __name__ == "__main__":
    main()
