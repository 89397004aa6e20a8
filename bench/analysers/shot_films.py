"""Films with known transitions, composed of real clips: a seed gives the same film every time.

A film is 37 stretches of clips with 36 transitions: cuts, dissolves, fades through black (or white), and every ninth
stretch has a photographic flash in it, which is no transition. Truth is told as (last frame of the old shot, first of
the new one).
"""

import json
import pathlib
import random
import subprocess

import numpy as np

SIZE = (320, 180)
TRANSITIONS = 36
# The clips of the material's own measurement, in its order: with seed 7 this is the film that its README speaks of.
README = (
    "av1_video.mkv carphone_pristine.mp4 bigbuckbunny.mp4 flipping_a_pancake.mkv car-detection.mp4 bottle-detection.mp4"
    " help.mkv bird.mkv again.mkv book.mkv brother.mkv rabbit320.mp4 video_with_failing_audio.mp4"
).split()
# Half of the clips, on which thresholds were set, and the others, on which they were not. A part of a clip is a single shot.
TUNED = (
    "av1_video.mkv carphone_pristine.mp4 flipping_a_pancake.mkv bottle-detection.mp4 bird.mkv again.mkv rabbit320.mp4"
).split()
HELD = (
    "bigbuckbunny.mp4 car-detection.mp4 help.mkv book.mkv brother.mkv video_with_failing_audio.mp4:96:270"
    " nasa_13013.mp4:182:240 eat.mkv"
).split()
USUAL = dict(lengths=(8, 12, 20), kinds=("cut", "cut", "cut", "dissolve", "fade"), white=False, stretch=(28, 70))
SLOW = dict(
    lengths=(8, 16, 30, 45, 60), kinds=("cut", "cut", "dissolve", "dissolve", "fade"), white=True, stretch=(75, 140)
)


class Clips:
    """Frames of clips, decoded once into files of a folder."""

    def __init__(self, data, folder):
        self.data, self.folder, self.open = pathlib.Path(data), pathlib.Path(folder), {}

    def __getitem__(self, name):
        if name not in self.open:
            self.open[name] = self.load(*name.split(":"))
        return self.open[name]

    def load(self, name, first=0, last=400):
        width, height = SIZE
        raw = self.folder / (name + ".raw")
        if not raw.exists():
            (path,) = sorted(self.data.rglob(name))[:1]
            scale = f"scale={width}:{height}:flags=bicubic"
            command = ["ffmpeg", "-v", "error", "-i", path, "-vf", scale, "-frames:v", "400", "-vsync", "0"]
            subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "rgb24", raw], check=True)
        frames = np.memmap(raw, np.uint8, "r").reshape(-1, height, width, 3)
        return frames[int(first) : int(last)]


def ramp(length, ends=False):
    steps = np.linspace(0, 1, length if ends else length + 2)
    return (steps if ends else steps[1:-1])[:, None, None, None].astype(np.float32)


def mixed(one, other, share):
    return np.clip(one * (1 - share) + other * share, 0, 255).astype(np.uint8)


def compose(clips, names, seed, write, *, lengths, kinds, white, stretch):
    """Hands frames to `write` in order, some at a time; returns the transitions and their kinds."""
    chance, held, written, truth, told = random.Random(seed), [], 0, [], []

    def take(before):
        name = before
        while name == before:
            name = chance.choice(names)
        count = chance.randint(min(stretch[0], len(clips[name]) - 1), min(stretch[1], len(clips[name]) - 1))
        first = chance.randint(0, len(clips[name]) - count)
        return name, clips[name][first : first + count]

    name, shot = take(None)
    held += list(shot)
    for number in range(TRANSITIONS):
        before = len(shot)
        name, shot = take(name)
        kind, end, add = chance.choice(kinds), written + len(held), list(shot)
        if kind == "cut":
            truth.append((end - 1, end))
        elif kind == "dissolve":
            length = chance.choice(lengths)
            if white:  # Slow films keep frames of each shot that are its own.
                length = min(length, before // 2 - 4, len(shot) // 2 - 4)
            held[-length:] = list(mixed(np.stack(held[-length:]), shot[:length], ramp(length)))
            truth.append((end - length - 1, end))
            add = add[length:]
        else:
            color = 255 if white and chance.random() < 0.4 else 0
            held[-10:] = list(mixed(np.stack(held[-10:]), color, ramp(10, ends=True)))
            add[:10] = list(mixed(color, shot[:10], ramp(10, ends=True)))
            add = [np.full_like(add[0], color)] * 4 + add
            truth.append((end - 11, end + 4 + 10))
        held += add
        told.append(kind)
        if number % 9 == 4:
            for place, light in ((-12, 150), (-11, 90)):
                held[place] = np.clip(held[place].astype(np.int16) + light, 0, 255).astype(np.uint8)
        while len(held) > 2 * stretch[1] + 20:
            written += len(held) - stretch[1] - 20
            write(held[: -stretch[1] - 20])
            held = held[-stretch[1] - 20 :]
    write(held)
    return truth, told


def film(clips, names, seed, style, path):
    """Writes an H.264 film at 25 frames a second, and its truth beside it as JSON; returns the truth."""
    beside = pathlib.Path(str(path) + ".json")
    if not beside.exists():
        width, height = SIZE
        command = f"ffmpeg -y -v error -f rawvideo -pix_fmt rgb24 -s {width}x{height} -r 25 -i - -c:v libx264"
        command = [*command.split(), "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p", path]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
            write = lambda frames: encoder.stdin.write(np.stack(frames).tobytes())
            truth, kinds = compose(clips, names, seed, write, **style)
            encoder.stdin.close()
        assert encoder.returncode == 0, "ffmpeg could not write the film"
        beside.write_text(json.dumps({"truth": truth, "kinds": kinds}))
    told = json.loads(beside.read_text())
    return [tuple(one) for one in told["truth"]], told["kinds"]
