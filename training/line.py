#!/usr/bin/env python3
"""A conveyor line that never existed: draws its belt, its light and the parts on it, and knows the truth about each.

Training and evaluation take single pictures from here, `make demo` a video:

    python3 training/line.py --video line.mp4 --truth truth.json --seed 7 --seconds 24
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass

import numpy as np

import belts
from noise import cloud, grain, smoothstep
from parts import LABELS, Sprite, draw_part

WIDTH, HEIGHT, FPS = 640, 360, 25
RAIL = 34


@dataclass
class Placed:
    """A sprite whose canvas has its top left corner at (x, y) of the picture."""

    sprite: Sprite
    x: int
    y: int

    def box(self):
        """x0, y0, x1, y1 of what the picture shows, or None when it shows nothing."""
        return self._clip(self.sprite.box)

    def visible(self):
        return _area(self.box()) / _area(self.sprite.box)

    def defect_visible(self):
        box = self.sprite.defect_box
        return 1.0 if box is None else _area(self._clip(box)) / _area(box)

    def _clip(self, box):
        x0, y0 = max(0, box[0] + self.x), max(0, box[1] + self.y)
        x1, y1 = min(WIDTH, box[2] + self.x), min(HEIGHT, box[3] + self.y)
        return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def _area(box):
    return 0.0 if box is None else float((box[2] - box[0]) * (box[3] - box[1]))


def put(picture, placed):
    """Lays shadow and part over the picture, touching only the pixels under the sprite."""
    high, wide = placed.sprite.alpha.shape
    y0, y1 = max(0, placed.y), min(HEIGHT, placed.y + high)
    x0, x1 = max(0, placed.x), min(WIDTH, placed.x + wide)
    if y0 >= y1 or x0 >= x1:
        return
    cut = (slice(y0 - placed.y, y1 - placed.y), slice(x0 - placed.x, x1 - placed.x))
    under = picture[y0:y1, x0:x1]
    under *= 1 - 0.55 * placed.sprite.shadow[cut][..., None]
    alpha = placed.sprite.alpha[cut][..., None]
    under += (placed.sprite.rgb[cut] - under) * alpha


def lamp(rng, strength=1.0):
    """Brightness over the picture: a slope, darker corners, and perhaps the soft shadow of a beam or of a person."""
    y, x = np.mgrid[-1:1:HEIGHT * 1j, -1:1:WIDTH * 1j].astype(np.float32)
    turn = rng.uniform(0, 2 * np.pi)
    light = 1 + strength * 0.16 * (x * np.cos(turn) + y * np.sin(turn)) - strength * 0.10 * (x * x + y * y)
    if rng.random() < 0.6:
        lean, at, wide = rng.uniform(-0.5, 0.5), rng.uniform(-0.9, 0.9), rng.uniform(0.1, 0.35)
        away = np.abs(x + lean * y - at)
        light *= 1 - strength * rng.uniform(0.1, 0.3) * smoothstep(wide + 0.2, wide, away)
    return light[..., None].astype(np.float32)


def rails(rng, high=RAIL):
    """The frame of the conveyor: strips at top and bottom with bolts, as (rows, columns, colours)."""
    profile = np.interp(np.arange(high) / high, [0, 0.12, 0.2, 0.7, 0.8, 1], [0.5, 0.62, 1.0, 0.86, 0.55, 0.3])
    strip = profile[:, None] * (1 + 0.04 * cloud(rng, high, WIDTH, 3, 40)) + 0.012 * grain(rng, high, WIDTH)
    x = np.arange(WIDTH)[None, :] % 128 - 64
    y = np.arange(high)[:, None] - high * 0.45
    head = np.hypot(x, y) - high * 0.17
    strip = strip * (1 - 0.45 * smoothstep(1.8, 0.2, np.abs(head))) * (1 + 0.12 * smoothstep(0.5, -0.5, head))
    color = np.array([(150, 154, 160), (176, 150, 40), (96, 110, 128)][rng.integers(3)], np.float32)
    return (strip[..., None] * color).astype(np.float32)


def lay_rails(picture, strip):
    """Rails, and the shadow that they throw on the belt."""
    high = len(strip)
    picture[:high] = strip
    picture[-high:] = strip[::-1]
    fall = (1 - 0.45 * np.exp(-np.arange(14, dtype=np.float32) / 5))[:, None, None]
    picture[high:high + 14] *= fall
    picture[-high - 5:-high] *= fall[:5][::-1]


def scatter(rng, sprites, margin, tries=16, most=8):
    """Up to `most` parts that do not overlap, some of them cut by the edge of the picture."""
    placed = []
    for _ in range(int(rng.integers(0, tries))):
        sprite = sprites[rng.integers(len(sprites))]
        x0, y0, x1, y1 = sprite.box
        inside = rng.random() < 0.7
        x = rng.uniform(*_room(WIDTH, x1 - x0, 0 if inside else 0.8))
        y = rng.uniform(*_room(HEIGHT, y1 - y0, 0 if inside or margin else 0.5, margin))
        one = Placed(sprite, int(x) - x0, int(y) - y0)
        if len(placed) < most and all(_apart(one, other) for other in placed):
            placed.append(one)
    return placed


def _room(extent, side, outside, margin=0):
    """Where something of length `side` may begin, if up to the share `outside` of it may lie beyond either end."""
    return margin - outside * side, extent - margin - (1 - outside) * side


def _apart(a, b):
    ax0, ay0, ax1, ay1 = a.sprite.box
    bx0, by0, bx1, by1 = b.sprite.box
    return (ax1 + a.x + 2 < bx0 + b.x or bx1 + b.x + 2 < ax0 + a.x
            or ay1 + a.y + 2 < by0 + b.y or by1 + b.y + 2 < ay0 + a.y)


def picture(rng, ground, sprites, **crowd):
    """One frame (uint8) over a piece of `ground`, and the parts placed in it; `crowd` is for `scatter`."""
    top = rng.integers(ground.shape[0] - HEIGHT + 1)
    left = rng.integers(ground.shape[1] - WIDTH + 1)
    frame = ground[top:top + HEIGHT, left:left + WIDTH].astype(np.float32)
    margin = int(rng.integers(16, 46)) if rng.random() < 0.6 else 0
    placed = scatter(rng, sprites, margin, **crowd)
    for one in placed:
        put(frame, one)
    if margin:
        lay_rails(frame, rails(rng, margin))
    frame *= lamp(rng, rng.uniform(0.3, 1.6)) * rng.uniform(0.75, 1.15)
    frame += rng.uniform(0.5, 5) * grain(rng, HEIGHT, WIDTH)[..., None]
    return np.clip(frame, 0, 255).astype(np.uint8), placed


def schedule(rng, seconds, speed):
    """Who lies where on the belt: two lanes with varying gaps, full from the first frame on."""
    length = seconds * FPS * speed
    placed = []
    for lane, at in ((0.31, 60.0 - WIDTH), (0.69, -WIDTH)):
        while at < length + 40:
            # every other part is broken: far more than on any real line, so that the video has something to show
            label = LABELS[0] if rng.random() < 0.55 else LABELS[rng.integers(1, len(LABELS))]
            sprite = draw_part(rng, label)
            x0, y0, x1, y1 = sprite.box
            row = int(HEIGHT * lane + rng.uniform(-14, 14) - (y0 + y1) / 2)
            placed.append(Placed(sprite, int(at) - x0, row))
            at += (x1 - x0) + rng.uniform(24, 150)
    return sorted(placed, key=lambda one: one.x)


def film(seed, seconds, speed=6, ground=belts.rubber):
    """Yields (frame, [(part number, Placed)]) for every frame of the demo video. The belt runs to the right."""
    rng = np.random.default_rng(seed)
    frames = int(seconds * FPS)
    belt = ground(rng, HEIGHT, WIDTH + frames * speed, color=np.array((58, 66, 70), np.float32))
    strip, light = rails(rng), lamp(rng, 0.8) * 1.04
    parts = schedule(rng, seconds, speed)
    hiss = 2.2 * grain(rng, HEIGHT + 64, WIDTH + 64)[..., None]
    for index in range(frames):
        run = index * speed
        start = (frames - index) * speed
        frame = belt[:, start:start + WIDTH].copy()
        shown = []
        for number, part in enumerate(parts):
            now = Placed(part.sprite, run - part.x - part.sprite.alpha.shape[1], part.y)
            if -200 < now.x < WIDTH:
                put(frame, now)
                shown.append((number, now))
        lay_rails(frame, strip)
        frame *= light
        dy, dx = rng.integers(0, 64, 2)
        frame += hiss[dy:dy + HEIGHT, dx:dx + WIDTH]
        yield np.clip(frame, 0, 255, out=frame).astype(np.uint8), [s for s in shown if s[1].box()]


def encoder(path):
    """ffmpeg as a pipe: raw frames in, H.264 with B-frames out."""
    return subprocess.Popen(
        ["ffmpeg", "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}",
         "-r", str(FPS), "-i", "-", "-vf", "scale=out_color_matrix=bt709:out_range=tv", "-c:v", "libx264",
         "-preset", "veryfast", "-crf", "20", "-bf", "2", "-pix_fmt", "yuv420p", "-colorspace", "bt709",
         "-color_primaries", "bt709", "-color_trc", "bt709", "-movflags", "+faststart", path],
        stdin=subprocess.PIPE)


def record(truth, index, shown):
    """Adds one frame to the truth: boxes as fractions of the picture, x, y, width, height from the top left."""
    for number, placed in shown:
        x0, y0, x1, y1 = placed.box()
        part = truth.setdefault(number, {"id": number, "label": placed.sprite.label, "frames": []})
        box = [x0 / WIDTH, y0 / HEIGHT, (x1 - x0) / WIDTH, (y1 - y0) / HEIGHT]
        part["frames"].append({"frame": index, "box": [round(v, 6) for v in box],
                               "visible": round(placed.visible(), 4)})


def main():
    options = argparse.ArgumentParser(description="Draws a video of a conveyor line, and the truth about its parts.")
    options.add_argument("--video", required=True, help="MP4 file to write")
    options.add_argument("--truth", required=True, help="JSON file to write")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--seconds", type=float, default=24)
    chosen = options.parse_args()

    truth = {}
    try:
        pipe = encoder(chosen.video)
    except FileNotFoundError:
        sys.exit("line.py needs the ffmpeg command; on Debian: apt-get install ffmpeg")
    for index, (frame, shown) in enumerate(film(chosen.seed, chosen.seconds)):
        pipe.stdin.write(frame.tobytes())
        record(truth, index, shown)
    pipe.stdin.close()
    if pipe.wait() != 0:
        sys.exit("ffmpeg could not write " + chosen.video)
    with open(chosen.truth, "w", encoding="utf-8") as file:
        json.dump({"fps": FPS, "width": WIDTH, "height": HEIGHT, "parts": list(truth.values())}, file)


if __name__ == "__main__":
    main()
