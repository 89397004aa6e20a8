"""Which defects are missed: by size, contrast, compression, what the picture cuts off, and what they are taken for."""

from collections import Counter

import numpy as np

from camera import SCALE
from decode import overlap
from line import LABELS
from noise import blur

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
# what is asked about a defect, and where its answers are parted
ASKED = {
    "side of the part, input pixels": (0, 36, 42, 48, 54, 99),
    "area of the defect, input pixels": (0, 15, 20, 30, 45, 60, 90, 999),
    "contrast of the scratch, of 255": (0, 25, 35, 45, 60, 80, 255),
    "share of the part in the picture": (0.8, 0.9, 0.999, 1.01),
    "passed through H.264": (0, 1, 2),
}


def contrast(sprite):
    """Difference of brightness between a scratch and the metal beside it; 0 for other defects."""
    if sprite.label != "scratch":
        return 0.0
    light, metal = sprite.rgb @ LUMA, sprite.alpha > 0.99
    beside = (blur(sprite.defect.astype(np.float32), 2) > 0.05) & ~sprite.defect & metal
    return float(abs(light[sprite.defect].mean() - light[beside].mean())) if beside.any() else 0.0


def note(found, placed, compressed):
    """For each defect that shows: its label, what it was taken for, and the answers to ASKED."""
    notes = []
    for part in (p for p in placed if p.box() and p.sprite.label != LABELS[0]):
        if part.visible() < 0.8 or part.defect_visible() < 0.8:
            continue
        box = np.array(part.box(), np.float32) * SCALE
        said = next((label for label, _, where in found if overlap(box, where) >= 0.5), None)
        x0, y0, x1, y1 = part.sprite.box
        answers = (max(x1 - x0, y1 - y0) * SCALE, part.sprite.defect.sum() * SCALE ** 2, contrast(part.sprite),
                   part.visible(), compressed)
        notes.append((part.sprite.label, said, answers))
    return notes


def tell(notes):
    for label in LABELS[1:]:
        mine = [one for one in notes if one[0] == label]
        taken = Counter(said or "nothing" for _, said, _ in mine if said != label)
        print(f"missed {label}: {sum(taken.values())} of {len(mine)}, taken for "
              + (", ".join(f"{said} {n}" for said, n in taken.most_common()) or "nothing else"))
        for column, (question, edges) in enumerate(ASKED.items()):
            if label != "scratch" and "scratch" in question:
                continue
            shares = []
            for low, high in zip(edges[:-1], edges[1:]):
                here = [said == label for _, said, answers in mine if low <= answers[column] < high]
                if here:
                    shares.append(f"{low:g} to {high:g}: {len(here) - sum(here)}/{len(here)}")
            print(f"  {question}: " + ", ".join(shares))
