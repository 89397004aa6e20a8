"""Draws what lies under the parts. `TRAINING` styles teach the network; `HELD_OUT` styles never appear in training.

Every style is a function (rng, height, width) -> float32 picture, 0..255.
"""

import numpy as np

from noise import blur, cloud, grain, smoothstep


def _axes(height, width):
    return np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))


def _paint(tone, color):
    return (tone[..., None] * np.asarray(color, np.float32)).astype(np.float32)


def _belt_color(rng):
    colors = [(46, 48, 52), (66, 68, 70), (38, 84, 62), (40, 66, 104), (120, 122, 122), (168, 168, 162), (92, 76, 60),
               (54, 98, 104), (130, 60, 48)]
    return np.array(colors[rng.integers(len(colors))], np.float32) * rng.uniform(0.7, 1.25, 1)


def _worn(rng, height, width):
    """Dust and wear that every real belt has: blotches, and streaks along the way it runs."""
    wear = 0.05 * cloud(rng, height, width, 60) + 0.04 * cloud(rng, height, width, 7, 30)
    return 1 + wear + rng.uniform(0.015, 0.05) * grain(rng, height, width)


def rubber(rng, height, width, color=None):
    tone = _worn(rng, height, width)
    x, y = _axes(height, width)
    if rng.random() < 0.7:  # the splice where the belt was joined, every so often
        every, lean = rng.uniform(500, 1300), rng.uniform(-0.3, 0.3)
        away = np.abs((x + lean * y + rng.uniform(0, 500)) % every - every / 2)
        tone *= 1 - 0.4 * smoothstep(3, 1, away) - 0.08 * smoothstep(22, 19, away)
    return _paint(tone, _belt_color(rng) if color is None else color)


def weave(rng, height, width):
    x, y = _axes(height, width)
    a, b = rng.uniform(0.5, 1.3, 2)
    cloth = np.sin(x * a + y * b) * np.sin(x * a - y * b)
    return _paint(_worn(rng, height, width) * (1 + rng.uniform(0.06, 0.2) * cloth), _belt_color(rng))


def ribs(rng, height, width):
    x, y = _axes(height, width)
    pitch, lean = rng.uniform(7, 40), rng.choice((0, 0, 1, rng.uniform(-0.5, 0.5)))
    wave = np.sin((x + lean * y) * 2 * np.pi / pitch)
    return _paint(_worn(rng, height, width) * (1 + rng.uniform(0.08, 0.3) * wave), _belt_color(rng))


def modular(rng, height, width):
    """A belt of plastic links with dark gaps and small drain holes."""
    x, y = _axes(height, width)
    wide, high = rng.uniform(24, 70), rng.uniform(16, 50)
    shifted = x + (np.floor(y / high) % 2) * wide / 2
    u, v = shifted % wide, y % high
    gap = np.minimum(np.minimum(u, wide - u), np.minimum(v, high - v))
    tone = _worn(rng, height, width) * (1 - 0.55 * smoothstep(2.0, 0.8, gap) + 0.1 * smoothstep(4, 2, gap))
    if rng.random() < 0.5:
        tone *= 1 - 0.6 * smoothstep(4.0, 2.8, np.hypot(u - wide / 2, v - high / 2))
    return _paint(tone, _belt_color(rng))


def felt(rng, height, width):
    specks = (rng.random((height, width)) < rng.uniform(0.005, 0.05)).astype(np.float32)
    tone = _worn(rng, height, width) + rng.choice((-1.6, 2.4)) * blur(specks, 1)
    return _paint(np.maximum(tone, 0.1), _belt_color(rng))


def gradient(rng, height, width):
    tint = 1 + 0.6 * np.stack([cloud(rng, height, width, rng.uniform(80, 400)) for _ in range(3)], axis=-1)
    return tint * rng.uniform(20, 190, 3).astype(np.float32) * _worn(rng, height, width)[..., None]


def clutter(rng, height, width):
    """Scraps of every shape, colour and sharpness: what a part is, it must show by itself."""
    picture = gradient(rng, height, width)
    x, y = _axes(height, width)
    for _ in range(int(height * width / rng.uniform(4000, 20000))):
        size = rng.uniform(4, 70)
        cx, cy, turn = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0, np.pi)
        rows = slice(max(0, int(cy - 2 * size)), int(cy + 2 * size))
        cols = slice(max(0, int(cx - 2 * size)), int(cx + 2 * size))
        dx, dy = x[rows, cols] - cx, y[rows, cols] - cy
        u = (dx * np.cos(turn) + dy * np.sin(turn)) / rng.uniform(0.15, 1)
        v = dy * np.cos(turn) - dx * np.sin(turn)
        norm = rng.choice((1.0, 2.0, 8.0))
        shape = (np.abs(u) ** norm + np.abs(v) ** norm) ** (1 / norm) - size
        if rng.random() < 0.3:
            shape = np.abs(shape) - rng.uniform(1, 4)
        cover = smoothstep(rng.uniform(0.6, 6), -0.6, shape)[..., None] * rng.uniform(0.4, 1)
        color = rng.uniform(10, 245) * rng.uniform(0.6, 1.1, 3)
        picture[rows, cols] = picture[rows, cols] * (1 - cover) + color.astype(np.float32) * cover
    return picture


def scribble(rng, height, width):
    """Bundles of stripes in patches, at any angle and pitch."""
    x, y = _axes(height, width)
    tone = np.ones((height, width), np.float32)
    for _ in range(3):
        turn, pitch = rng.uniform(0, np.pi), rng.uniform(3, 60)
        phase = (x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / pitch + 2 * cloud(rng, height, width, 120)
        where = smoothstep(-0.2, 0.3, cloud(rng, height, width, rng.uniform(60, 250)))
        tone *= 1 + where * rng.uniform(0.1, 0.4) * np.sin(phase)
    return np.clip(gradient(rng, height, width) * tone[..., None], 0, 255)


def wood(rng, height, width):
    x, y = _axes(height, width)
    board = np.floor(y / 84)
    shift = rng.uniform(0, 500, int(height / 84) + 2)[board.astype(int)]
    bend = 26 * cloud(rng, height, width, 60, 7)
    rings = np.sin((y + bend + shift) * 0.42) + 0.6 * np.sin((y + 1.7 * bend + shift) * 1.1)
    tone = 0.92 + 0.07 * rings + 0.06 * cloud(rng, height, width, 3, 20) + 0.02 * grain(rng, height, width)
    tone *= 1 - 0.6 * smoothstep(2, 0.5, np.abs(y % 84 - 42) * -1 + 42)
    return _paint(tone, (178, 128, 80)) * rng.uniform(0.75, 1.15)


def checker_plate(rng, height, width):
    """Steel floor plate with raised lozenges in alternating directions."""
    x, y = _axes(height, width)
    pitch = rng.uniform(24, 34)
    col, row = np.floor(x / pitch), np.floor(y / pitch)
    u, v = x % pitch - pitch / 2, y % pitch - pitch / 2
    sign = np.where((col + row) % 2 == 0, 1, -1)
    along, across = (u + sign * v) * 0.7071, (v - sign * u) * 0.7071
    bump = smoothstep(1.15, 0.7, np.hypot(along / (pitch * 0.52), across / (pitch * 0.15)))
    slope_y, slope_x = np.gradient(bump)
    tone = 1 + 1.3 * (slope_x + slope_y) + 0.12 * bump + 0.06 * cloud(rng, height, width, 40)
    return np.clip(_paint(tone + 0.02 * grain(rng, height, width), (142, 146, 152)) * rng.uniform(0.7, 1.15), 0, 255)


def print_paper(rng, height, width):
    """Printed sheets: lines of words, headings, boxes."""
    picture = np.full((height, width, 3), rng.uniform(205, 240), np.float32)
    for left in range(int(rng.integers(-200, 0)), width, 330):
        picture[:, max(0, left - 6):max(0, left)] -= 60
        top = int(rng.integers(5, 30))
        while top < height:
            size = int(rng.choice((6, 6, 6, 7, 16)))
            at = left + 20
            while at < left + 300:
                word = int(rng.integers(2, 9)) * size // 2
                _print_word(rng, picture, top, at, size, word)
                at += word + size
            top += int(size * 1.9)
    return picture + 2 * grain(rng, height, width)[..., None]


def _print_word(rng, picture, top, left, size, word):
    spot = picture[top:top + size, max(0, left):max(0, left + word)]
    if spot.size:
        ink = rng.random((spot.shape[0], spot.shape[1] // 2 + 1)).repeat(2, axis=1)[:, :spot.shape[1]] < 0.6
        spot[ink] = rng.uniform(25, 70)


def grass(rng, height, width):
    tone = np.zeros((height, width), np.float32)
    for shift in range(9):  # blades: fine noise smeared upwards at a slant
        tone += np.roll(grain(rng, height, width) * 0.4, (shift, shift // 3), axis=(0, 1))
    streak = sum(np.roll(tone, (k, (k * s) // 2), axis=(0, 1)) for k in range(8) for s in (-1, 1)) / 16
    light = 0.8 + 0.45 * streak + 0.2 * cloud(rng, height, width, 50)
    return np.clip(_paint(light, (84, 128, 54)), 0, 255)


BELTS = [rubber, weave, ribs, modular, felt]
MESS = [gradient, clutter, scribble]  # no belt looks like this; it teaches not to lean on the background
TRAINING = BELTS + MESS
HELD_OUT = [wood, checker_plate, print_paper, grass]
