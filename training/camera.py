"""What happens to a picture between the belt and the network: chroma, compression, blur, and the smaller size."""

import subprocess

import numpy as np

from belts import TRAINING
from line import HEIGHT, LABELS, WIDTH, draw_part, picture

INPUT_WIDTH, INPUT_HEIGHT, PAD = 320, 192, 114
SCALE = INPUT_WIDTH / WIDTH
SHOWN = int(HEIGHT * SCALE)

# BT.709: red, green, blue to luma and two colour differences
TO_YUV = np.array([[0.2126, 0.7152, 0.0722], [-0.1146, -0.3854, 0.5], [0.5, -0.4542, -0.0458]], np.float32)
TO_RGB = np.linalg.inv(TO_YUV).astype(np.float32)


def _cosines(size=8):
    k, n = np.mgrid[:size, :size]
    table = np.cos(np.pi * (2 * n + 1) * k / (2 * size)) * np.sqrt(2 / size)
    table[0] /= np.sqrt(2)
    return table.astype(np.float32)


COSINES = _cosines()
# fine detail is thrown away first, as every video codec does
COARSENESS = (1 + 0.5 * np.add.outer(np.arange(8), np.arange(8))).astype(np.float32)


def squeeze(plane, step):
    """Quantises a plane in blocks of 8x8: no codec, but it breaks a picture in the way a codec does."""
    high, wide = plane.shape
    blocks = plane.reshape(high // 8, 8, wide // 8, 8).transpose(0, 2, 1, 3)
    freq = COSINES @ blocks @ COSINES.T
    freq = np.rint(freq / (step * COARSENESS)) * (step * COARSENESS)
    blocks = COSINES.T @ freq @ COSINES
    return blocks.transpose(0, 2, 1, 3).reshape(high, wide)


def through_codec(rng, frame, coarsest=9):
    """The frame with colour at half size and, mostly, with block quantisation."""
    yuv = frame @ TO_YUV.T
    half = (yuv[0::2, 0::2, 1:] + yuv[1::2, 0::2, 1:] + yuv[0::2, 1::2, 1:] + yuv[1::2, 1::2, 1:]) / 4
    if rng.random() < 0.75:
        yuv[..., 0] = squeeze(yuv[..., 0], rng.uniform(1.5, coarsest))
    yuv[..., 1:] = half.repeat(2, axis=0).repeat(2, axis=1)
    return yuv @ TO_RGB.T


def through_h264(frames, quality):
    """Encodes every frame as H.264 with the ffmpeg command, and decodes it again."""
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}"]
    encode = ["ffmpeg", "-loglevel", "error", *raw, "-r", "25", "-i", "-", "-c:v", "libx264", "-preset", "veryfast",
              "-crf", str(quality), "-pix_fmt", "yuv420p", "-f", "matroska", "-"]
    decode = ["ffmpeg", "-loglevel", "error", "-i", "-", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    stream = subprocess.run(encode, input=b"".join(f.tobytes() for f in frames), capture_output=True, check=True)
    plain = subprocess.run(decode, input=stream.stdout, capture_output=True, check=True).stdout
    return np.frombuffer(plain, np.uint8).reshape(-1, HEIGHT, WIDTH, 3)


def shrink(frame, kind="average"):
    """Half size, in the ways that scalers do it: average of 2x2, a wider triangle, or every other pixel."""
    frame = frame.astype(np.float32)
    if kind == "point":
        return frame[0::2, 0::2]
    if kind == "triangle":
        frame = np.pad(frame, ((1, 1), (1, 1), (0, 0)), mode="edge")
        frame = (frame[0:-3:2] + 3 * frame[1:-2:2] + 3 * frame[2:-1:2] + frame[3::2]) / 8
        return (frame[:, 0:-3:2] + 3 * frame[:, 1:-2:2] + 3 * frame[:, 2:-1:2] + frame[:, 3::2]) / 8
    return (frame[0::2, 0::2] + frame[1::2, 0::2] + frame[0::2, 1::2] + frame[1::2, 1::2]) / 4


def photograph(rng, frame):
    """A frame as the network might get it: INPUT_WIDTH x SHOWN, uint8."""
    frame = frame.astype(np.float32)
    if rng.random() < 0.8:
        frame = through_codec(rng, frame, coarsest=12)
    if rng.random() < 0.25:  # moved while the shutter was open
        frame = (frame + np.roll(frame, 1, axis=1) + np.roll(frame, -1, axis=1)) / 3
    return small(rng, frame)


def small(rng, frame):
    kind = rng.choice(("average", "average", "triangle", "triangle", "point"))
    return np.clip(np.rint(shrink(frame, kind)), 0, 255).astype(np.uint8)


def letterbox(small):
    """INPUT_HEIGHT x INPUT_WIDTH: the picture at the top left, the rest padded."""
    full = np.full((INPUT_HEIGHT, INPUT_WIDTH, 3), PAD, np.uint8)
    full[:small.shape[0], :small.shape[1]] = small
    return full


TWO_GOOD = (LABELS[0], *LABELS)  # two good parts for one of each defect


def batch_of_pictures(seed, count, styles=tuple(TRAINING), sprites=160, take=photograph, order=TWO_GOOD, **crowd):
    """`count` pictures, each with its parts, from one seed: the same seed draws the same pictures everywhere."""
    rng = np.random.default_rng(seed)
    pool = [draw_part(rng, order[k % len(order)], rng.uniform(34, 58)) for k in range(sprites)]
    grounds = []
    for style in styles:
        ground = style(rng, 560, 960)
        grounds.append(np.clip(ground, 0, 255).astype(np.uint8))
    pictures, placed = [], []
    for index in range(count):
        frame, parts = picture(rng, grounds[index % len(grounds)], pool, **crowd)
        pictures.append(take(rng, frame))
        placed.append(parts)
    return pictures, placed
