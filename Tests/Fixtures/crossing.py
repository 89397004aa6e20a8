#!/usr/bin/env python3
"""Draws two parts that cross on a belt, behind a cover that hides each of them for more than a second, and the truth.

    Tests/Fixtures/crossing.py crossing.mp4 truth.json [STILL]

Parts and belt are those of training/, so the starter model knows them. The truth is, for each part, its box in every
frame as fractions (x, y, width, height) and which share of it is to be seen. STILL seconds of the empty belt come first.
"""

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "training"))
import belts  # noqa: E402
from line import FPS, HEIGHT, WIDTH, Placed, encoder, put  # noqa: E402
from noise import grain  # noqa: E402
from parts import draw_part  # noqa: E402

FRAMES, SPEED = 140, 6
COVER = (220, 420)


def main():
    video, truth, *more = sys.argv[1:]
    still = int(more[0]) * FPS if more else 0
    rng = np.random.default_rng(11)
    belt = belts.rubber(rng, HEIGHT, WIDTH, color=np.array((58, 66, 70), np.float32))
    sprites = [draw_part(rng, "good"), draw_part(rng, "scratch")]
    hiss = 2.2 * grain(rng, HEIGHT + 64, WIDTH + 64)[..., None]
    parts = [[], []]
    pipe = encoder(video)
    for index in range(-still, FRAMES):
        frame = belt.copy()
        for number, sprite in enumerate(sprites):
            x0, y0, x1, y1 = sprite.box
            run = index * SPEED - (x1 - x0) // 2
            x, y = (run, 140) if number == 0 else (WIDTH - (x1 - x0) - run, 175)
            if index >= 0:
                put(frame, Placed(sprite, x - x0, y - y0))
            left, right = max(0, x), min(WIDTH, x + x1 - x0)
            hidden = max(0, min(right, COVER[1]) - max(left, COVER[0]))
            parts[number].append({"box": [x / WIDTH, y / HEIGHT, (x1 - x0) / WIDTH, (y1 - y0) / HEIGHT],
                                  "visible": max(0, right - left - hidden) / (x1 - x0) if index >= 0 else 0})
        frame[:, COVER[0]:COVER[1]] = (24, 60, 48)
        dy, dx = rng.integers(0, 64, 2)
        frame += hiss[dy:dy + HEIGHT, dx:dx + WIDTH]
        pipe.stdin.write(np.clip(frame, 0, 255).astype(np.uint8).tobytes())
    pipe.stdin.close()
    Path(truth).write_text(json.dumps({"fps": FPS, "parts": parts}))
    sys.exit(pipe.wait())


if __name__ == "__main__":
    main()
