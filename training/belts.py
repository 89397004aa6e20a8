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


# columns of five bytes, lowest bit on top: the 5x7 letters of dot matrix printers
GLYPHS = bytes.fromhex(
    "7E1111117E 7F49494936 3E41414122 7F4141221C 7F49494941 7F09090901 3E4149497A 7F0808087F 00417F4100 2040413F01"
    "7F08142241 7F40404040 7F020C027F 7F0408107F 3E4141413E 7F09090906 3E4151215E 7F09192946 4649494931 01017F0101"
    "3F4040403F 1F2040201F 3F4038403F 6314081463 0708700807 6151494543 3E5149453E 00427F4000 4261514946 2141454B31"
    "1814127F10 2745454539 3C4A494930 0171090503 3649494936 064949291E")
LETTERS = (np.frombuffer(GLYPHS, np.uint8).reshape(-1, 5)[:, None, :] >> np.arange(7)[:, None] & 1).astype(np.float32)


def _turned(rng, height, width, straight=0.5):
    """Coordinates along and across print that lies straight on the belt or at any angle."""
    x, y = _axes(height, width)
    turn = rng.integers(4) * np.pi / 2 if rng.random() < straight else rng.uniform(0, 2 * np.pi)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    return u - u.min() + rng.uniform(0, 400), v - v.min() + rng.uniform(0, 400)


def _printed(rng, mark):
    """A belt or a pale sheet, and ink of any colour where `mark` (0..1) says so, somewhat rubbed off."""
    height, width = mark.shape
    color = _belt_color(rng) if rng.random() < 0.6 else rng.uniform(180, 245) * rng.uniform(0.9, 1, 3)
    ink = np.array(rng.uniform(10, 245, 3) if rng.random() < 0.5 else [rng.choice((25, 235))] * 3, np.float32)
    if rng.random() < 0.5:
        mark = blur(mark, 1)
    rubbed = rng.uniform(0.5, 1) - rng.uniform(0, 0.3) * (1 + cloud(rng, height, width, 40)) / 2
    cover = (mark * rubbed)[..., None]
    return np.clip((color * (1 - cover) + ink * cover) * _worn(rng, height, width)[..., None], 0, 255)


def _text(rng, rows, cols):
    """Lines of words as a bitmap of rows x cols dots."""
    sheet = np.zeros((rows, cols), np.float32)
    high = 7 + int(rng.integers(2, 9))
    for top in range(0, rows - 7, high):
        left, word = 0, int(rng.integers(1, 9))
        while left < cols - 6:
            sheet[top:top + 7, left:left + 5] = LETTERS[rng.integers(len(LETTERS))]
            left, word = left + 6, word - 1
            if word == 0:
                left, word = left + int(rng.integers(4, 20)), int(rng.integers(1, 9))
    return sheet


def letters(rng, height, width):
    """Lines of words at any size and angle, of one size or of two."""
    mark = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 3))):
        u, v = _turned(rng, height, width)
        dot, sheet = rng.choice((1.0, 1.5, 2.0, 3.0, 5.0, 9.0)), _text(rng, 150, 260)
        if rng.random() < 0.4:  # bold
            sheet = np.maximum(sheet, np.roll(sheet, 1, axis=1))
        mark = np.maximum(mark, sheet[(v / dot).astype(int) % 150, (u / dot).astype(int) % 260])
    return _printed(rng, mark)


def stripes(rng, height, width):
    """Bands with hard edges, all alike or of many widths."""
    u, _ = _turned(rng, height, width)
    if rng.random() < 0.6:
        pitch = rng.uniform(8, 120)
        return _printed(rng, (u % pitch < pitch * rng.uniform(0.15, 0.85)).astype(np.float32))
    edges = np.cumsum(rng.uniform(2, rng.uniform(10, 80), 700))
    return _printed(rng, (np.searchsorted(edges, u) % 2).astype(np.float32))


def checks(rng, height, width):
    """A chequered pattern, or a grid of lines."""
    u, v = _turned(rng, height, width)
    wide = rng.uniform(8, 70)
    high = wide if rng.random() < 0.6 else rng.uniform(8, 70)
    if rng.random() < 0.6:
        return _printed(rng, ((np.floor(u / wide) + np.floor(v / high)) % 2).astype(np.float32))
    line = rng.uniform(1, 6)
    return _printed(rng, ((u % wide < line) | (v % high < line)).astype(np.float32))


def logos(rng, height, width):
    """Discs, rings, lozenges, frames and stars, each perhaps with a letter in it, in rows."""
    u, v = _turned(rng, height, width)
    pitch = rng.uniform(50, 220)
    col, row = (u / pitch).astype(int), (v / pitch).astype(int)
    kind = rng.integers(0, 6, (row.max() + 1, col.max() + 1))[row, col]
    glyph = rng.integers(0, len(LETTERS), (row.max() + 1, col.max() + 1))[row, col]
    a, b = (u % pitch - pitch / 2) / pitch, (v % pitch - pitch / 2) / pitch
    r, box, angle = np.hypot(a, b), np.maximum(np.abs(a), np.abs(b)), np.arctan2(b, a)
    size, points = rng.uniform(0.25, 0.45), int(rng.integers(3, 9))
    star = size * (0.7 + 0.3 * np.cos(points * angle))
    thick = rng.uniform(0.03, 0.1)
    inside = [r < size, np.abs(r - size) < thick, np.abs(a) + np.abs(b) < size, np.abs(box - size) < thick, r < star]
    mark = np.select([kind == k for k in range(5)], inside, False)
    dot = size / 7
    i, j = np.floor(b / dot + 3.5).astype(int), np.floor(a / dot + 2.5).astype(int)
    drawn = (i >= 0) & (i < 7) & (j >= 0) & (j < 5) & (rng.random() < 0.7)
    letter = np.where(drawn, LETTERS[glyph, np.clip(i, 0, 6), np.clip(j, 0, 4)], 0) > 0.5
    return _printed(rng, (mark ^ letter).astype(np.float32))


def barcodes(rng, height, width):
    """White labels in rows, each with bars and a line of digits."""
    u, v = _turned(rng, height, width)
    wide, high, dot = rng.uniform(110, 260), rng.uniform(60, 160), rng.uniform(1, 2.6)
    col, row = (u / wide).astype(int), (v / high).astype(int)
    a, b = u % wide - wide * 0.08, v % high - high * 0.08
    bars = (rng.random((row.max() + 1, col.max() + 1, 300)) < 0.5)[row, col, np.clip(a / dot, 0, 299).astype(int)]
    label = (a > 0) & (a < wide * 0.84) & (b > 0) & (b < high * 0.84)
    field = (a > wide * 0.06) & (a < wide * 0.78) & (b > high * 0.06) & (b < high * 0.6)
    digits = _text(rng, 7 + 9, 260)[np.clip((b - high * 0.66) / dot, 0, 15).astype(int), (u / dot).astype(int) % 260]
    under = label & (b > high * 0.66) & (b < high * 0.66 + 7 * dot) & (digits > 0.5)
    ink = (field & bars) | under
    picture = rubber(rng, height, width)
    picture[label] = rng.uniform(190, 245)
    picture[ink] = rng.uniform(15, 70)
    return np.clip(picture * (1 + 0.02 * grain(rng, height, width))[..., None], 0, 255)


def stencil(rng, height, width):
    """Arrows that tell which way the belt runs, and big numbers, sprayed on."""
    u, v = _turned(rng, height, width)
    wide, high = rng.uniform(120, 300), rng.uniform(70, 180)
    col, row = (u / wide).astype(int), (v / high).astype(int)
    a, b = (u % wide - wide / 2) / high, (v % high - high / 2) / high
    arrow = ((np.abs(b) < 0.09) & (a > -0.45) & (a < 0.15)) | ((a > 0.1) & (np.abs(b) < 0.42 - a) & (a < 0.42))
    chevron = (np.abs(a + np.abs(b) - 0.1) < 0.1) & (np.abs(b) < 0.4)
    i, j = np.floor(b / 0.11 + 3.5).astype(int), np.floor(a / 0.11 + 2.5).astype(int)
    glyph = rng.integers(26, len(LETTERS), (row.max() + 1, col.max() + 1))[row, col]
    number = (LETTERS[glyph, np.clip(i, 0, 6), np.clip(j, 0, 4)] > 0.5) & (i >= 0) & (i < 7) & (j >= 0) & (j < 5)
    kind = rng.integers(0, 4, (row.max() + 1, col.max() + 1))[row, col]
    mark = np.select([kind == k for k in range(3)], [arrow, chevron, number], False).astype(np.float32)
    cover = (blur(mark, 1) * rng.uniform(0.6, 0.95))[..., None]
    paint = np.array([(235, 235, 230), (230, 190, 40), (200, 60, 40), (20, 20, 24)][rng.integers(4)], np.float32)
    return rubber(rng, height, width) * (1 - cover) + paint * cover


BELTS = [rubber, weave, ribs, modular, felt]
MESS = [gradient, clutter, scribble]  # no belt looks like this; it teaches not to lean on the background
PRINTED = [letters, stripes, checks, logos]
TRAINING = BELTS + MESS + PRINTED
HELD_OUT_PRINT = [print_paper, barcodes, stencil]
HELD_OUT = [wood, checker_plate, grass] + HELD_OUT_PRINT
