"""Reads the raw output of the network, with numpy: what Ridley's decoder `yolox` does, for checking."""

import numpy as np

from camera import INPUT_HEIGHT, INPUT_WIDTH
from line import LABELS

STRIDES = (16,)


def _cells():
    grids = []
    for stride in STRIDES:
        row, col = np.mgrid[:INPUT_HEIGHT // stride, :INPUT_WIDTH // stride]
        grids.append(np.stack([col, row, np.full_like(col, stride)], axis=-1).reshape(-1, 3))
    return np.concatenate(grids).astype(np.float32)


CELLS = _cells()


def overlap(a, b):
    """Intersection over union of two boxes x0, y0, x1, y1."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    both = wide * high
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def read(rows, threshold=0.6, iou=0.45):
    """[(label, score, box in input pixels)], best first, with non-maximum suppression inside each class."""
    scores = rows[:, 4:5] * rows[:, 5:]
    cell, kind = np.nonzero(scores >= threshold)
    kept = []
    for at in np.argsort(-scores[cell, kind], kind="stable"):
        row, grid = rows[cell[at]], CELLS[cell[at]]
        centre, half = (row[:2] + grid[:2]) * grid[2], np.exp(row[2:4]) * grid[2] / 2
        box = np.concatenate([centre - half, centre + half])
        label = LABELS[kind[at]]
        if all(label != other or overlap(box, b) <= iou for other, _, b in kept):
            kept.append((label, float(scores[cell[at], kind[at]]), box))
    return kept
