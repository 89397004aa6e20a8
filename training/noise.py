"""Random textures and small picture operations, with numpy alone."""

import numpy as np


def stretch(values, height, width):
    """Bilinear enlargement of a small lattice to height x width."""
    rows = np.linspace(0, values.shape[0] - 1.001, height, dtype=np.float32)
    cols = np.linspace(0, values.shape[1] - 1.001, width, dtype=np.float32)
    top, left = rows.astype(int), cols.astype(int)
    down, right = (rows - top)[:, None], (cols - left)[None, :]
    if values.ndim == 3:
        down, right = down[..., None], right[..., None]
    across = values[:, left] * (1 - right) + values[:, left + 1] * right
    return (across[top] * (1 - down) + across[top + 1] * down).astype(np.float32)


def cloud(rng, height, width, cell, stretch_x=1.0):
    """Soft noise in -1..1 whose blobs are about `cell` pixels wide (`cell * stretch_x` along x)."""
    rows = max(2, int(height / cell) + 2)
    cols = max(2, int(width / (cell * stretch_x)) + 2)
    return stretch(rng.uniform(-1, 1, (rows, cols)).astype(np.float32), height, width)


def grain(rng, height, width):
    """Noise of one pixel, about normal with deviation 1."""
    return rng.standard_normal((height, width), dtype=np.float32)


def smoothstep(low, high, x):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def blur(values, radius):
    """Three box blurs: close to a Gaussian, and quick."""
    for _ in range(3):
        for axis in (0, 1):
            values = _box(values, radius, axis)
    return values


def _box(values, radius, axis):
    pad = [(0, 0)] * values.ndim
    pad[axis] = (radius + 1, radius)
    total = np.cumsum(np.pad(values, pad, mode="edge"), axis=axis, dtype=np.float64)
    span = 2 * radius + 1
    count = total.shape[axis]
    ahead = np.take(total, range(span, count), axis=axis)
    behind = np.take(total, range(0, count - span), axis=axis)
    return ((ahead - behind) / span).astype(np.float32)
