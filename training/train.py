#!/usr/bin/env python3
"""Trains the line inspector from nothing and writes it as ONNX. See README.md in this folder.

    /usr/bin/python3 training/train.py
"""

import argparse
import copy
import hashlib
import multiprocessing
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from camera import INPUT_HEIGHT, INPUT_WIDTH, PAD, SCALE, SHOWN, batch_of_pictures
from line import LABELS
from network import STRIDES, Detector, boxes, cells

MODEL = Path(__file__).resolve().parent.parent / "models/line-inspector/line-inspector.onnx"
CHUNK = 250
MOST_PARTS = 8
CORE = 1.0


def targets(placed):
    """One row per part: box in input pixels, class, whether it counts, whether its class counts."""
    rows = np.zeros((MOST_PARTS, 7), np.float32)
    for row, part in zip(rows, (p for p in placed if p.box())):
        row[:4] = np.array(part.box(), np.float32) * SCALE
        row[4] = LABELS.index(part.sprite.label)
        row[5] = 1 if part.visible() > 0.35 else -1  # -1: too little to see; neither part nor background
        row[6] = part.visible() > 0.5 and part.defect_visible() > 0.65
    return rows


def draw_chunk(seed):
    pictures, placed = batch_of_pictures(seed, CHUNK)
    return np.stack(pictures), np.stack([targets(p) for p in placed])


def draw(count, seed, processes):
    """All training pictures. Each chunk has its own seed, so the number of processes changes nothing."""
    started, images, marks = time.time(), [], []
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for pictures, rows in pool.imap(draw_chunk, range(seed, seed + count // CHUNK)):
            images.append(pictures)
            marks.append(rows)
            print(f"drawn {len(images) * CHUNK} of {count} pictures, {time.time() - started:.0f} s", flush=True)
    return torch.from_numpy(np.concatenate(images)), torch.from_numpy(np.concatenate(marks))


def augment(images, marks, rng):
    """Mirrors, and the differences between one camera and the next. Pictures come back padded, in 0..1."""
    images, marks = images.permute(0, 3, 1, 2).float() / 255, marks.clone()
    many = len(images)
    for axis, side, extent in ((3, 0, INPUT_WIDTH), (2, 1, SHOWN)):
        flip = torch.rand(many, generator=rng) < 0.5
        images[flip] = images[flip].flip(axis)
        flipped = marks[flip]
        low, high = extent - flipped[..., side + 2], extent - flipped[..., side]
        flipped[..., side], flipped[..., side + 2] = low, high
        marks[flip] = flipped
    shape = (many, 1, 1, 1)
    gain = 0.8 + 0.4 * torch.rand(shape, generator=rng)
    tint = 0.92 + 0.16 * torch.rand((many, 3, 1, 1), generator=rng)
    lift = 0.16 * torch.rand(shape, generator=rng) - 0.08
    noise = torch.randn(images.shape, generator=rng) * 0.02 * torch.rand(shape, generator=rng)
    images = (images * gain * tint + lift + noise).clamp(0, 1)
    return F.pad(images, (0, 0, 0, INPUT_HEIGHT - SHOWN), value=PAD / 255), marks


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
    naming = (naming * owner[:, 6]).sum() / owner[:, 6].sum().clamp(min=1)
    return presence, 3 * place, naming


def train(images, marks, rounds, batch, rate, rng):
    """Returns a slowly following average of the weights, which is steadier than the last step's."""
    net = Detector(len(LABELS))
    slow = copy.deepcopy(net).eval()
    grid = cells(INPUT_HEIGHT, INPUT_WIDTH)
    decayed = [p for p in net.parameters() if p.ndim > 1]
    plain = [p for p in net.parameters() if p.ndim <= 1]
    steps = rounds * (len(images) // batch)
    optimiser = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, steps, pct_start=0.1, final_div_factor=100)
    started, step, shown = time.time(), 0, np.zeros(3)
    for turn in range(rounds):
        order = torch.randperm(len(images), generator=rng)
        for at in range(0, len(images) - batch + 1, batch):
            pick = order[at:at + batch]
            pictures, rows = augment(images[pick], marks[pick], rng)
            losses = loss_of(net(pictures), rows, grid)
            optimiser.zero_grad()
            sum(losses).backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 10)
            optimiser.step()
            schedule.step()
            step += 1
            follow(slow, net, min(0.998, step / (step + 20)))
            shown = shown * 0.98 + 0.02 * np.array([float(v) for v in losses])
            if step % 100 == 0:
                spent = time.time() - started
                print(f"round {turn + 1}/{rounds} step {step}/{steps}: presence {shown[0]:.3f} place {shown[1]:.3f} "
                      f"label {shown[2]:.3f}, {spent:.0f} s, {spent / step * (steps - step):.0f} s left", flush=True)
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
    chosen = options.parse_args()

    started = time.time()
    torch.manual_seed(chosen.seed)
    torch.set_num_threads(chosen.threads)
    torch.use_deterministic_algorithms(True)
    rng = torch.Generator().manual_seed(chosen.seed)
    images, marks = draw(chosen.pictures, chosen.seed, chosen.threads)
    net = train(images, marks, chosen.rounds, chosen.batch, chosen.rate, rng)
    export(net, chosen.output)
    print(f"{(time.time() - started) / 60:.1f} minutes in all, strides {list(STRIDES)}, labels {LABELS}")


if __name__ == "__main__":
    main()
