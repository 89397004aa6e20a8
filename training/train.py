#!/usr/bin/env python3
"""Trains the line inspector from nothing and writes it as ONNX. See README.md in this folder.

    /usr/bin/python3 training/train.py
"""

import argparse
import contextlib
import copy
import functools
import hashlib
import math
import multiprocessing
import os
import time
import warnings
from pathlib import Path

import numpy as np

# threads that wait for each other must sleep: where others compute too, spinning made a step five times as long
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
import torch
from torch.nn import functional as F

from camera import INPUT_HEIGHT, INPUT_WIDTH, PAD, SCALE, SHOWN, batch_of_pictures, small, through_h264
from line import LABELS
from network import STRIDES, Detector, boxes, cells

MODEL = Path(__file__).resolve().parent.parent / "models/line-inspector/line-inspector.onnx"
CHUNK = 125
MOST_PARTS = 16
SHIFT = 4
# the two defects that are hardest to tell are drawn most
ORDER = ("good", "good", "good", "scratch", "scratch", "chip", "chip", "hole-missing")
# a scratch or a chip that is taken for good costs more than the other way about
COSTS = torch.tensor([1.0, 1.6, 1.3, 1.0])
CORE = 1.0
QUIET = 0.1
PLAIN = 0.7  # share of the pictures that no real codec has touched
WARM = 200
CPU = Path("/proc/cpuinfo")
BFLOAT16 = CPU.exists() and "avx512_bf16" in CPU.read_text()


def targets(placed):
    """One row per part: box in input pixels, class, whether it counts, whether its class counts."""
    rows = np.zeros((MOST_PARTS, 7), np.float32)
    for row, part in zip(rows, (p for p in placed if p.box())):
        row[:4] = np.array(part.box(), np.float32) * SCALE
        row[4] = LABELS.index(part.sprite.label)
        row[5] = 1 if part.visible() > 0.35 else -1  # -1: too little to see; neither part nor background
        row[6] = part.visible() > 0.5 and part.defect_visible() > 0.65
    return rows


def draw_chunk(seed, coded):
    """A chunk of pictures and their targets; `coded` ones pass through H.264, the others through its likeness."""
    # most pictures are fuller than a line is: a step of training costs as much for an empty belt as for a full one
    full = {"sprites": 200, "order": ORDER, "tries": 64, "most": MOST_PARTS}
    if coded:
        frames, placed = batch_of_pictures(seed, CHUNK, take=lambda _, frame: frame, **full)
        rng = np.random.default_rng((seed, 1))
        pictures = [small(rng, frame) for frame in through_h264(frames, quality=int(rng.integers(20, 33)))]
    else:
        pictures, placed = batch_of_pictures(seed, CHUNK, **full)
    return np.stack(pictures), np.stack([targets(p) for p in placed])


def kept_chunk(task, folder):
    """A chunk drawn before, or else drawn now and, where there is a folder, kept there."""
    seed, coded = task
    if folder is None:
        return draw_chunk(seed, coded)
    path = folder / f"{seed}.npz"
    if not path.exists():
        pictures, rows = draw_chunk(seed, coded)
        half = path.with_suffix(".part.npz")
        np.savez(half, pictures=pictures, rows=rows)
        half.rename(path)
    drawn = np.load(path)
    return drawn["pictures"], drawn["rows"]


def draw(count, seed, processes, folder=None):
    """All training pictures. Each chunk has its own seed, so the number of processes changes nothing."""
    started, at = time.time(), 0
    images = np.empty((count // CHUNK * CHUNK, SHOWN, INPUT_WIDTH, 3), np.uint8)
    marks = np.empty((len(images), MOST_PARTS, 7), np.float32)
    chunk = functools.partial(kept_chunk, folder=folder)
    tasks = [(seed + index, index >= PLAIN * (count // CHUNK)) for index in range(count // CHUNK)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for pictures, rows in pool.imap(chunk, tasks):
            images[at:at + CHUNK], marks[at:at + CHUNK] = pictures, rows
            at += CHUNK
            print(f"drawn {at} of {count} pictures, {time.time() - started:.0f} s", flush=True)
    return torch.from_numpy(images), torch.from_numpy(marks)


def augment(images, marks, rng):
    """Mirrors, small shifts, differences between one camera and the next. Pictures come back padded, in 0..1."""
    images, marks = images.permute(0, 3, 1, 2).float() / 255, marks.clone()
    many = len(images)
    for axis, side, extent in ((3, 0, INPUT_WIDTH), (2, 1, SHOWN)):
        flip = torch.rand(many, generator=rng) < 0.5
        images[flip] = images[flip].flip(axis)
        flipped = marks[flip]
        low, high = extent - flipped[..., side + 2], extent - flipped[..., side]
        flipped[..., side], flipped[..., side + 2] = low, high
        marks[flip] = flipped
    images, marks = shift(images, marks, rng)
    shape = (many, 1, 1, 1)
    gain = 0.8 + 0.4 * torch.rand(shape, generator=rng)
    tint = 0.92 + 0.16 * torch.rand((many, 3, 1, 1), generator=rng)
    lift = 0.16 * torch.rand(shape, generator=rng) - 0.08
    noise = torch.randn(images.shape, generator=rng) * 0.02 * torch.rand(shape, generator=rng)
    images = (images * gain * tint + lift + noise).clamp(0, 1)
    return F.pad(images, (0, 0, 0, INPUT_HEIGHT - SHOWN), value=PAD / 255), marks


def shift(images, marks, rng):
    """Moves the whole batch by up to SHIFT pixels, so that no part always lies alike on the grid of cells."""
    right, down = (int(v) for v in torch.randint(-SHIFT, SHIFT + 1, (2,), generator=rng))
    images = F.pad(images, (SHIFT,) * 4, mode="replicate")
    images = images[:, :, SHIFT - down:SHIFT - down + SHOWN, SHIFT - right:SHIFT - right + INPUT_WIDTH]
    there = marks[..., 2:3] > 0  # rows without a part stay empty
    moved = marks[..., :4] + torch.tensor([right, down, right, down])
    moved = moved.minimum(torch.tensor([INPUT_WIDTH, SHOWN] * 2)).clamp(min=0)
    return images, torch.cat([torch.where(there, moved, marks[..., :4]), marks[..., 4:]], dim=2)


def assign(marks, grid):
    """For each cell the part it shall report (or -1), and whether it takes part in the objectness loss.

    A part is learned by the cells whose centre lies less than CORE strides from its centre.
    """
    centre = (grid[:, :2] + 0.5) * grid[:, 2:]
    x0, y0, x1, y1, _, state, _ = (column.unsqueeze(1) for column in marks.unbind(dim=2))
    cx, cy = centre[None, :, 0:1], centre[None, :, 1:2]
    inside = (cx > x0) & (cx < x1) & (cy > y0) & (cy < y1)
    away = torch.maximum((cx - (x0 + x1) / 2).abs(), (cy - (y0 + y1) / 2).abs())
    core = inside & (away < CORE * grid[None, :, 2:]) & (state > 0)
    nearest = away.masked_fill(~core, 1e6).min(dim=2).indices
    part = torch.where(core.any(dim=2), nearest, torch.full_like(nearest, -1))
    hidden = (inside & (state < 0)).any(dim=2)
    return part, ~hidden


def overlap_loss(found, truth):
    """1 - generalised IoU."""
    low, high = torch.maximum(found[:, :2], truth[:, :2]), torch.minimum(found[:, 2:], truth[:, 2:])
    both = (high - low).clamp(min=0).prod(dim=1)
    area = (found[:, 2:] - found[:, :2]).prod(dim=1) + (truth[:, 2:] - truth[:, :2]).prod(dim=1) - both
    hull = (torch.maximum(found[:, 2:], truth[:, 2:]) - torch.minimum(found[:, :2], truth[:, :2])).prod(dim=1)
    return 1 - both / area.clamp(min=1) + (hull - area) / hull.clamp(min=1)


def loss_of(rows, marks, grid):
    part, counted = assign(marks, grid)
    hit = part >= 0
    many = hit.sum().clamp(min=1)
    presence = F.binary_cross_entropy_with_logits(rows[..., 4], hit.float(), reduction="none")
    presence = (presence * counted).sum() / many
    owner = marks[torch.nonzero(hit)[:, 0], part[hit]]
    place = overlap_loss(boxes(rows, grid)[hit], owner[:, :4]).sum() / many
    naming = F.cross_entropy(rows[..., 5:][hit], owner[:, 4].long(), reduction="none")
    naming = (naming * COSTS[owner[:, 4].long()] * owner[:, 6]).sum() / owner[:, 6].sum().clamp(min=1)
    return presence, 3 * place, naming


@torch.no_grad()
def begin(net, path, pictures):
    """Gives the network the weights of an exported one. Layers which that one lacks stay as they are, but quiet.

    Normalisation was folded into the exported weights: it is put back with what `pictures` show.
    """
    from onnx import load, numpy_helper  # Debian: python3-onnx
    graph = load(str(path)).graph
    values = {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in graph.initializer}
    stored = [[values[name] for name in node.input[1:]] for node in graph.node if node.op_type == "Conv"]
    layers = [m for m in net.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.BatchNorm2d))]
    waiting = []
    for layer, norm in zip(layers, layers[1:] + [None]):
        if not isinstance(layer, torch.nn.Conv2d):
            continue
        kept, shape = stored[0][0] if stored else torch.zeros(0, 0, 0, 0), layer.weight.shape
        fits = kept.shape[0] == shape[0] and kept.shape[1] <= shape[1] and kept.shape[2:] == shape[2:]
        if not fits:
            norm.weight.fill_(QUIET)
            continue
        kept, bias = stored.pop(0)
        # before a normalisation the size of weights means nothing but how fast they learn: as if newly begun
        size = 1.0 if layer.bias is not None else float(2 * layer.weight.std() / kept.std())
        layer.weight[:, kept.shape[1]:] = 0
        layer.weight[:, :kept.shape[1]] = kept * size
        if layer.bias is not None:
            layer.bias.copy_(bias)
        else:
            waiting.append(norm.register_forward_pre_hook(functools.partial(unfold, bias, size)))
    assert not stored, f"{path.name} has layers that this network lacks"
    net.eval()(pictures)
    for hook in waiting:
        hook.remove()
    net.train()


def unfold(bias, size, norm, given):
    """Sets a normalisation so that it divides by `size` and adds `bias`, and else changes nothing."""
    spread, mean = torch.var_mean(given[0], dim=(0, 2, 3))
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(spread)
    norm.weight.copy_((spread + norm.eps).sqrt() / size)
    norm.bias.copy_(bias + mean / size)


def train(net, images, marks, rounds, batch, rate, rng, half, minutes=None):
    """Returns a slowly following average of the weights, which is steadier than the last step's.

    Ends after so many rounds, or minutes if given; the rate falls accordingly.
    """
    net.to(memory_format=torch.channels_last)
    slow = copy.deepcopy(net).eval()
    grid = cells(INPUT_HEIGHT, INPUT_WIDTH)
    decayed = [p for p in net.parameters() if p.ndim > 1]
    plain = [p for p in net.parameters() if p.ndim <= 1]
    steps = rounds * (len(images) // batch)
    optimiser = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}])
    started, step, shown = time.time(), 0, np.zeros(3)
    for turn in range(rounds):
        order = torch.randperm(len(images), generator=rng)
        for at in range(0, len(images) - batch + 1, batch):
            done = step / steps if minutes is None else (time.time() - started) / 60 / minutes
            if done >= 1:
                print(f"ended after {step} steps", flush=True)
                return slow
            for group in optimiser.param_groups:
                group["lr"] = rate * min((step + 1) / WARM, 0.01 + 0.495 * (1 + math.cos(math.pi * done)))
            pick = order[at:at + batch]
            pictures, rows = augment(images[pick], marks[pick], rng)
            with torch.autocast("cpu", torch.bfloat16) if half else contextlib.nullcontext():
                found = net(pictures.contiguous(memory_format=torch.channels_last))
            losses = loss_of(found.float(), rows, grid)
            optimiser.zero_grad()
            sum(losses).backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 10)
            optimiser.step()
            step += 1
            follow(slow, net, min(0.998, step / (step + 20)))
            shown = shown * 0.98 + 0.02 * np.array([float(v) for v in losses])
            if step % 100 == 0:
                spent = time.time() - started
                print(f"round {turn + 1}/{rounds} step {step}/{steps}: presence {shown[0]:.3f} place {shown[1]:.3f} "
                      f"label {shown[2]:.3f}, {spent:.0f} s", flush=True)
    return slow


@torch.no_grad()
def follow(slow, net, keep):
    for old, new in zip(slow.state_dict().values(), net.state_dict().values()):
        if old.dtype.is_floating_point:
            old.mul_(keep).add_(new, alpha=1 - keep)
        else:
            old.copy_(new)


def export(net, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    # the warning is about sizes that become constants, which is what network.py wants
    warnings.simplefilter("ignore", torch.jit.TracerWarning)
    torch.onnx.export(net.eval(), torch.zeros(1, 3, INPUT_HEIGHT, INPUT_WIDTH), str(path), opset_version=12,
                      input_names=["images"], output_names=["output"],
                      dynamic_axes={"images": {0: "batch"}, "output": {0: "batch"}})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    print(f"wrote {path.name}, {path.stat().st_size / 1e6:.2f} MB, sha256 {digest}")


def main():
    options = argparse.ArgumentParser(description="Trains the line inspector and writes it as ONNX.")
    options.add_argument("--output", type=Path, default=MODEL)
    options.add_argument("--pictures", type=int, default=10000)
    options.add_argument("--rounds", type=int, default=13, help="how often each picture is seen")
    options.add_argument("--batch", type=int, default=16)
    options.add_argument("--rate", type=float, default=3e-3)
    options.add_argument("--seed", type=int, default=1_000_000)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--half", action=argparse.BooleanOptionalAction, default=BFLOAT16,
                         help="products in bfloat16, twice as fast where the processor has them")
    options.add_argument("--begin", type=Path, metavar="ONNX", help="start from the weights of this network")
    options.add_argument("--minutes", type=float, help="train for so long instead of --rounds")
    options.add_argument("--drawn", type=Path, help="a folder that keeps the pictures for the next time")
    chosen = options.parse_args()

    if chosen.drawn:
        chosen.drawn.mkdir(parents=True, exist_ok=True)
    started = time.time()
    torch.manual_seed(chosen.seed)
    torch.set_num_threads(chosen.threads)
    torch.use_deterministic_algorithms(True)
    rng = torch.Generator().manual_seed(chosen.seed)
    images, marks = draw(chosen.pictures, chosen.seed, chosen.threads, chosen.drawn)
    net = Detector(len(LABELS))
    if chosen.begin:
        begin(net, chosen.begin, augment(images[:64], marks[:64], rng)[0])
    net = train(net, images, marks, chosen.rounds, chosen.batch, chosen.rate, rng, chosen.half, chosen.minutes)
    export(net, chosen.output)
    print(f"{(time.time() - started) / 60:.1f} minutes in all, strides {list(STRIDES)}, labels {LABELS}")


if __name__ == "__main__":
    main()
