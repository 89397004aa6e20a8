"""How well maps of attention foretell where people looked: NSS, AUC, shuffled AUC, CC, and shares of boxes.

Maps are arrays of rows, whatever their resolution; fixations are x and y in fractions of the picture. Between the middles of cells a map
follows a straight line; shares spread a cell evenly over its area, as ridley does.
"""
import numpy as np


def at(surface, points):
    """The map at points, by straight lines between the middles of cells."""
    rows, columns = surface.shape
    x = np.clip(points[:, 0] * columns - 0.5, 0, columns - 1)
    y = np.clip(points[:, 1] * rows - 0.5, 0, rows - 1)
    left, top = np.minimum(x.astype(int), columns - 2), np.minimum(y.astype(int), rows - 2)
    across, down = x - left, y - top
    upper = surface[top, left] * (1 - across) + surface[top, left + 1] * across
    lower = surface[top + 1, left] * (1 - across) + surface[top + 1, left + 1] * across
    return upper * (1 - down) + lower * down


def drawn(surface, width, height):
    """The map at every pixel of a picture."""
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    return at(surface, np.stack([x.ravel(), y.ravel()], 1)).reshape(height, width)


def nss(pixels, values):
    """Mean of the map at fixations, in standard deviations of the map above its mean."""
    spread = pixels.std()
    return float((values.mean() - pixels.mean()) / spread) if spread > 1e-12 else 0.0


def auc(positive, negative):
    """Chance that a positive is higher than a negative; equal ones count half."""
    negative = np.sort(negative)
    below, not_above = np.searchsorted(negative, positive, "left"), np.searchsorted(negative, positive, "right")
    return float((below + not_above).mean() / 2 / len(negative))


def auc_judd(pixels, points, values):
    """Fixations against every pixel that nobody fixated."""
    height, width = pixels.shape
    free = np.ones(pixels.shape, bool)
    free[(points[:, 1] * height).astype(int), (points[:, 0] * width).astype(int)] = False
    return auc(values, pixels[free])


def shuffled_auc(surface, values, others):
    """Fixations against those on other pictures, which lie in the middle too: the centre alone gains nothing."""
    return auc(values, at(surface, others))


def cc(pixels, density):
    """Correlation with the smoothed map of fixations."""
    if min(pixels.std(), density.std()) <= 1e-12:
        return 0.0
    return float(np.corrcoef(pixels.ravel(), density.ravel())[0, 1])


def cover(start, end, count):
    edges = np.arange(count)
    return np.clip(np.minimum(end * count, edges + 1) - np.maximum(start * count, edges), 0, None)


def share(surface, box):
    """The part of the map that lies in a box of left, top, right, bottom."""
    rows, columns = surface.shape
    return float(cover(box[1], box[3], rows) @ surface @ cover(box[0], box[2], columns) / surface.sum())


def coarse(surface, rows, columns):
    """Means over the cells of a coarser grid."""
    across = np.stack([cover(i / columns, (i + 1) / columns, surface.shape[1]) for i in range(columns)], 1)
    down = np.stack([cover(i / rows, (i + 1) / rows, surface.shape[0]) for i in range(rows)])
    return down @ np.clip(surface, 0, None) @ across * (rows * columns / surface.size)


def in_bytes(surface, power):
    """What is left of a map whose cells are bytes that stand for their power; ridley's are cubes."""
    return (np.rint((surface / surface.max()) ** (1 / power) * 255) / 255) ** power


def check():
    """What every measure must say of maps that are known: of an even one nothing, of the truth all there is, of its opposite the opposite."""
    truth = np.zeros((24, 32))
    truth[6:9, 20:24] = 1
    points = np.array([[(x + 0.5) / 32, (y + 0.5) / 24] for y in range(6, 9) for x in range(20, 24)])
    even, others = np.full((24, 32), 0.3), np.stack([np.linspace(0.01, 0.5, 50), np.full(50, 0.9)], 1)
    wanted = {"even": (even, 0, 0.5, 0.5, 0), "truth": (truth, None, 1, 1, 1), "opposite": (1 - truth, None, 0, 0, -1)}
    for name, (surface, by_nss, by_auc, by_shuffled, by_cc) in wanted.items():
        values = at(surface, points)
        if by_nss is not None:
            assert abs(nss(surface, values) - by_nss) < 1e-9, name
        assert abs(auc_judd(surface, points, values) - by_auc) < 1e-9, name
        assert abs(shuffled_auc(surface, values, others) - by_shuffled) < 1e-9, name
        assert abs(cc(surface, truth) - by_cc) < 1e-9, name
        # A map is the same map at any scale.
        assert abs(nss(1000 * surface, 1000 * values) - nss(surface, values)) < 1e-6, name
    assert nss(truth, at(truth, points)) > 5 and nss(1 - truth, at(1 - truth, points)) < -5
    assert abs(share(truth, (0, 0, 1, 1)) - 1) < 1e-12 and abs(share(truth, (0.5, 0, 22 / 32, 1)) - 0.5) < 1e-12
    assert abs(coarse(truth, 8, 8).mean() - truth.mean()) < 1e-12
