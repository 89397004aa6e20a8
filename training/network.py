"""The network: a small convolutional detector with two output grids, and how its raw output is read."""

import torch
from torch import nn
from torch.nn import functional as F

STRIDES = (8, 16)


def conv(inputs, outputs, stride=1, size=3):
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
                         nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = conv(channels, channels)

    def forward(self, x):
        return x + self.body(x)


class Head(nn.Module):
    """Per cell: dx, dy, log width, log height, objectness, one score per class."""

    def __init__(self, channels, classes, typical):
        super().__init__()
        self.body = conv(channels, channels)
        self.out = nn.Conv2d(channels, 5 + classes, 1)
        nn.init.normal_(self.out.weight, std=0.01)
        start = torch.zeros(5 + classes)
        start[:2], start[2:4], start[4] = 0.5, typical, -4.0
        self.out.bias.data = start

    def forward(self, x):
        return self.out(self.body(x)).flatten(2).transpose(1, 2)


class Detector(nn.Module):
    """[batch, 3, height, width] in 0..1 -> [batch, cells, 5 + classes], rows of the stride 8 grid first.

    In training mode scores are logits; otherwise they have passed through a sigmoid.
    """

    def __init__(self, classes):
        super().__init__()
        self.eighth = nn.Sequential(conv(3, 16, 2), conv(16, 24, 2), Residual(24), conv(24, 48, 2), Residual(48),
                                    Residual(48))
        self.sixteenth = nn.Sequential(conv(48, 80, 2), Residual(80), Residual(80))
        self.widen = conv(80, 48, size=1)
        self.merge = Residual(48)
        self.down = conv(48, 80, 2)
        self.heads = nn.ModuleList([Head(48, classes, 1.6), Head(80, classes, 1.0)])

    def forward(self, x):
        fine = self.eighth(x)
        coarse = self.sixteenth(fine)
        fine = self.merge(fine + F.interpolate(self.widen(coarse), scale_factor=2, mode="nearest"))
        coarse = coarse + self.down(fine)
        rows = torch.cat([self.heads[0](fine), self.heads[1](coarse)], dim=1)
        if self.training:
            return rows
        return torch.cat([rows[..., :4], rows[..., 4:].sigmoid()], dim=-1)


def cells(height, width):
    """For every output row: column, row and stride of its cell, as [cells, 3]."""
    grids = []
    for stride in STRIDES:
        row, col = torch.meshgrid(torch.arange(height // stride), torch.arange(width // stride), indexing="ij")
        grids.append(torch.stack([col, row, torch.full_like(col, stride)], dim=-1).reshape(-1, 3))
    return torch.cat(grids).float()


def boxes(rows, grid):
    """x0, y0, x1, y1 in input pixels."""
    centre = (rows[..., :2] + grid[:, :2]) * grid[:, 2:]
    half = rows[..., 2:4].clamp(max=6).exp() * grid[:, 2:] / 2
    return torch.cat([centre - half, centre + half], dim=-1)
