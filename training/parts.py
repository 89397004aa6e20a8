"""Draws machined parts, good or with one defect, as sprites with transparency and a shadow.

A part is a height map made from distance functions (negative inside) and lit from the upper left, so chamfers, hubs,
holes, scratches and broken rims all get their light and dark sides from the same rule.
"""

from dataclasses import dataclass

import numpy as np

from noise import blur, cloud, grain, smoothstep

LABELS = ["good", "scratch", "chip", "hole-missing"]
LIGHT = np.array([-0.52, -0.56, 0.645], np.float32)
SHADOW_REACH = 10
FINE = 2  # drawn at twice the size, then averaged: that is the anti-aliasing

# red, green, blue of a surface that faces the light, and how strongly it shines
METALS = [
    ((188, 192, 198), 0.9),  # steel
    ((214, 216, 218), 0.7),  # aluminium
    ((146, 150, 156), 1.0),  # cast iron, milled
    ((206, 176, 112), 0.9),  # brass
    ((112, 116, 124), 0.7),  # dark oxide
    ((196, 150, 122), 0.8),  # copper
]


@dataclass
class Sprite:
    """`rgb` (0..255), `alpha` and `shadow` (0..1) share one canvas; boxes are x0, y0, x1, y1 on it.

    `defect` is true where the defect is.
    """

    label: str
    rgb: np.ndarray
    alpha: np.ndarray
    shadow: np.ndarray
    box: tuple
    defect_box: tuple = None
    defect: np.ndarray = None


@dataclass
class Blank:
    """A part before it is lit: where it is solid, how high, how bright, and where its holes are."""

    x: np.ndarray
    y: np.ndarray
    rim: np.ndarray
    height: np.ndarray
    tone: np.ndarray
    holes: list
    bore: tuple
    radius: float
    turned: bool
    metal: tuple


def draw_part(rng, label, radius=None):
    """One part of about `radius` pixels (centre to rim), in any rotation, with the defect that `label` names."""
    radius = FINE * (radius or rng.uniform(38, 54))
    metal = METALS[rng.integers(len(METALS))]
    blank = _flange(rng, radius, metal) if rng.random() < 0.6 else _plate(rng, radius, metal)
    defect = np.zeros_like(blank.rim)
    if label == "hole-missing":
        x, y, r = blank.holes.pop(rng.integers(len(blank.holes)))
        defect = (np.hypot(blank.x - x, blank.y - y) < r).astype(np.float32)
    if label == "chip":
        defect = _chip(rng, blank)
    bores = _drill(blank)
    if rng.random() < 0.35:
        _engrave(rng, blank)
    if label == "scratch":
        defect = _scratch(rng, blank, bores)
    return _finish(label, *_light(rng, blank, bores), defect)


def _canvas(radius):
    half = int(radius) + FINE * (SHADOW_REACH + 4)
    half += half % FINE
    axis = np.arange(-half, half, dtype=np.float32) + 0.5
    return np.meshgrid(axis, axis)


def _flange(rng, radius, metal):
    x, y = _canvas(radius)
    r = np.hypot(x, y)
    rim = r - radius
    count = int(rng.integers(4, 7))
    turn = rng.uniform(0, 2 * np.pi)
    size, circle = radius * rng.uniform(0.105, 0.135), radius * rng.uniform(0.68, 0.73)
    bolts = [(circle * np.cos(turn + a), circle * np.sin(turn + a), size)
             for a in np.arange(count) * 2 * np.pi / count]
    hub, bore = radius * rng.uniform(0.40, 0.47), radius * rng.uniform(0.17, 0.28)
    height = radius * 0.05 * smoothstep(hub + radius * 0.05, hub - radius * 0.02, r)
    tone = 1 + 0.045 * _strokes(rng, r, radius)
    return Blank(x, y, rim, height, tone, bolts, (0.0, 0.0, bore), radius, True, metal)


def _plate(rng, radius, metal):
    radius *= 1.1  # a plate of the same reach looks smaller than a disc
    x, y = _canvas(radius)
    turn = rng.uniform(0, np.pi)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    aspect = rng.uniform(0.62, 0.85)
    wide = radius * 0.96 / np.hypot(1, aspect) * 1.04
    high, corner = wide * aspect, radius * rng.uniform(0.14, 0.22)
    du, dv = np.abs(u) - wide + corner, np.abs(v) - high + corner
    rim = np.hypot(np.maximum(du, 0), np.maximum(dv, 0)) + np.minimum(np.maximum(du, dv), 0) - corner
    size, inset = radius * rng.uniform(0.095, 0.12), radius * rng.uniform(0.19, 0.22)
    bolts = []
    for su, sv in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        a, b = su * (wide - inset), sv * (high - inset)
        bolts.append((a * np.cos(turn) - b * np.sin(turn), a * np.sin(turn) + b * np.cos(turn), size))
    ring = radius * rng.uniform(0.24, 0.3)
    height = radius * 0.04 * smoothstep(ring + radius * 0.05, ring, np.hypot(x, y))
    tone = 1 + 0.04 * _strokes(rng, v, radius)
    bore = (0.0, 0.0, radius * rng.uniform(0.11, 0.17))
    return Blank(x, y, rim, height, tone, bolts, bore, radius, False, metal)


def _strokes(rng, across, radius):
    """Marks of the tool: random brightness that changes only along `across`."""
    stops = np.arange(-radius * 1.8, radius * 1.8, 1.75)
    return np.interp(across, stops, rng.uniform(-1, 1, len(stops))).astype(np.float32)


def _drill(blank):
    """Distance to the nearest hole; also lowers the surface around each one a little (the countersink)."""
    bores = np.full_like(blank.rim, 1e6)
    for x, y, r in blank.holes + [blank.bore]:
        bores = np.minimum(bores, np.hypot(blank.x - x, blank.y - y) - r)
    edge = blank.radius * 0.035
    blank.height -= edge * 0.7 * smoothstep(edge, 0, bores)
    return bores


def _chip(rng, blank):
    """A bite out of the rim with a ragged, bright edge. Changes the outline; returns where it is."""
    radius = blank.radius
    turn = _between_bolts(rng, blank)
    reach = np.linspace(0, radius * 1.3, 300)
    column = np.clip((reach * np.cos(turn) - blank.x[0, 0]).astype(int), 0, blank.rim.shape[1] - 1)
    row = np.clip((reach * np.sin(turn) - blank.y[0, 0]).astype(int), 0, blank.rim.shape[0] - 1)
    edge = reach[np.argmax(blank.rim[row, column] > 0)]
    size, depth = radius * rng.uniform(0.25, 0.38), radius * rng.uniform(0.24, 0.32)
    centre = edge + size - depth
    dx, dy = blank.x - centre * np.cos(turn), blank.y - centre * np.sin(turn)
    angle = np.arctan2(dy, dx)
    wobble = sum(rng.uniform(0.02, 0.07) * np.sin(k * angle + rng.uniform(0, 6.3)) for k in (3, 5, 8))
    bite = np.hypot(dx, dy) - size * (1 + wobble)
    gone = ((bite < 0) & (blank.rim < 0)).astype(np.float32)
    facet = smoothstep(radius * 0.09, 0, bite)
    rough = cloud(rng, *bite.shape, 5)
    blank.height -= facet * radius * (0.05 + 0.02 * rough)
    blank.tone *= 1 + facet * (0.12 + 0.25 * rough)
    blank.rim = np.maximum(blank.rim, -bite)
    return gone


def _between_bolts(rng, blank):
    """An angle at which a bite eats no bolt hole, so that a chip never also looks like a missing hole."""
    angles = np.sort([np.arctan2(y, x) for x, y, _ in blank.holes])
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    pick = rng.integers(len(angles))
    return angles[pick] + gaps[pick] * rng.uniform(0.4, 0.6)


def _scratch(rng, blank, bores):
    """One to three long curved grooves over the face; tries again until enough of them lies on metal."""
    solid = (blank.rim < -2) & (bores > 2)
    radius = blank.radius
    for _ in range(20):
        groove = _groove(rng, blank, FINE * rng.uniform(1.1, 1.7))
        if (groove * solid).sum() > radius * 2.2:
            break
    bright = max(blank.metal[0]) < 160 and rng.random() < 0.6  # on light metal nobody would see it
    blank.tone *= 1 + groove * (0.75 if bright else -0.62)
    blank.height -= groove * FINE * 0.8
    return ((groove > 0.3) & solid).astype(np.float32)


def _groove(rng, blank, width):
    radius, turn = blank.radius, rng.uniform(0, 2 * np.pi)
    length, side = radius * rng.uniform(0.9, 1.6), radius * rng.uniform(0.12, 0.6) * rng.choice((-1, 1))
    bend, t = radius * rng.uniform(-0.3, 0.3), np.linspace(-0.5, 0.5, 28)
    along, across = length * t + radius * rng.uniform(-0.12, 0.12), side + bend * (0.25 - t * t) * 2
    groove = np.zeros_like(blank.rim)
    for step in range(int(rng.integers(1, 3))):
        gap = step * FINE * rng.uniform(3.0, 4.5)
        px = along * np.cos(turn) - (across + gap) * np.sin(turn)
        py = along * np.sin(turn) + (across + gap) * np.cos(turn)
        groove = np.maximum(groove, np.exp(-(_to_line(blank, px, py) / width) ** 2))
    return groove


def _to_line(blank, px, py):
    """Distance to a polyline."""
    best = np.full_like(blank.rim, 1e6)
    for ax, ay, bx, by in zip(px[:-1:3], py[:-1:3], px[3::3], py[3::3]):
        dx, dy = bx - ax, by - ay
        t = np.clip(((blank.x - ax) * dx + (blank.y - ay) * dy) / (dx * dx + dy * dy), 0, 1)
        best = np.minimum(best, np.hypot(blank.x - ax - t * dx, blank.y - ay - t * dy))
    return best


def _engrave(rng, blank):
    """A small marking, as parts often carry one. It is no defect, and the network has to learn that."""
    turn, radius = rng.uniform(0, 2 * np.pi), blank.radius
    away = radius * rng.uniform(0.5, 0.6)
    cell = FINE * 1.6
    u = (blank.x - away * np.cos(turn)) / cell
    v = (blank.y - away * np.sin(turn)) / cell
    wide, high = int(rng.integers(4, 7)), int(rng.integers(2, 5))
    dots = rng.random((high, wide)) < 0.55
    col, row = np.floor(u + wide / 2).astype(int), np.floor(v + high / 2).astype(int)
    inside = (col >= 0) & (col < wide) & (row >= 0) & (row < high)
    mark = np.zeros_like(blank.rim)
    mark[inside] = dots[row[inside], col[inside]]
    blank.tone *= 1 - 0.22 * mark


def _light(rng, blank, bores):
    """Colour and opacity of the lit part."""
    base, shine = blank.metal
    chamfer = blank.radius * 0.06
    height = blank.height + np.minimum(-blank.rim, chamfer) * 0.8
    slope_y, slope_x = np.gradient(height)
    flat = 1 / np.sqrt(slope_x ** 2 + slope_y ** 2 + 1)
    facing = (-slope_x * LIGHT[0] - slope_y * LIGHT[1] + LIGHT[2]) * flat
    tone = blank.tone * (0.42 + 0.72 * np.clip(facing, 0, 1))
    tone += shine * _gleam(rng, blank) * flat
    tone += 0.012 * grain(rng, *tone.shape) + 0.035 * cloud(rng, *tone.shape, blank.radius * 0.3)
    tint = np.array(base, np.float32) * rng.uniform(0.80, 1.06)
    rgb = tone[..., None] * tint
    return _sink(rgb, blank, bores), smoothstep(0.7, -0.7, blank.rim)


def _gleam(rng, blank):
    """Turned faces shine in two opposite wedges, brushed faces in one soft band."""
    if blank.turned:
        angle = np.arctan2(blank.y, blank.x) - np.arctan2(LIGHT[1], LIGHT[0]) - rng.uniform(-0.4, 0.4)
        return 0.20 * np.abs(np.cos(angle)) ** 6 - 0.04
    turn = rng.uniform(0, np.pi)
    band = (blank.x * np.cos(turn) + blank.y * np.sin(turn)) / blank.radius + rng.uniform(-0.4, 0.4)
    return 0.16 * np.exp(-(band / 0.35) ** 2) - 0.03


def _sink(rgb, blank, bores):
    """Holes are dark, and their wall away from the light catches some of it."""
    depth = np.zeros_like(blank.rim)
    for x, y, r in blank.holes + [blank.bore]:
        near = np.hypot(blank.x - x, blank.y - y) < r + 2
        lit = -((blank.x - x) * LIGHT[0] + (blank.y - y) * LIGHT[1]) / r
        depth = np.where(near, lit, depth)
    wall = 20 + 58 * smoothstep(0.35, 0.85, depth)
    inside = smoothstep(0.8, -0.8, bores)[..., None]
    return rgb * (1 - inside) + wall[..., None] * inside


def _halve(values):
    return (values[0::2, 0::2] + values[1::2, 0::2] + values[0::2, 1::2] + values[1::2, 1::2]) / 4


def _extent(mask):
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1)


def _finish(label, rgb, alpha, defect):
    alpha = _halve(alpha)
    # straight averaging would pull the colour beyond the rim into the edge; the rim is lit, so that is harmless
    rgb = np.clip(_halve(rgb), 0, 255)
    shadow = np.roll(blur(alpha, 2), (5, 4), axis=(0, 1))
    mask = _halve(defect) > 0.4
    return Sprite(label, rgb.astype(np.float32), alpha.astype(np.float32), shadow.astype(np.float32),
                  _extent(alpha > 0.5), _extent(mask) if mask.any() else None, mask)
