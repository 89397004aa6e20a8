"""The network: a small convolutional detector, and how its raw output is read."""

import math

import torch
from torch import nn

STRIDES = (16,)
TYPICAL = 45  # side of a part in input pixels


def conv(inputs, outputs, stride=1, size=3):
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
                         nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = conv(channels, channels)

    def forward(self, x):
        return x + self.body(x)


class Detector(nn.Module):
    """[batch, 3, height, width] in 0..1 -> [batch, cells, 5 + classes], cells row by row.

    A row is dx, dy, log width, log height, objectness, one score per class. In training mode scores are logits;
    otherwise objectness has passed through a sigmoid, and the classes through a softmax: a part has one label.
    """

    def __init__(self, classes):
        super().__init__()
        self.fine = nn.Sequential(conv(3, 16, 2), conv(16, 32, 2), conv(32, 48, 2), Residual(48), Residual(48))
        self.body = nn.Sequential(conv(48, 80, 2), Residual(80), Residual(80))
        self.place = nn.Sequential(conv(80, 48, size=1), nn.Conv2d(48, 5, 1))
        # a scratch is one or two pixels wide: the label also sees the strongest fine feature of each cell
        self.mark = nn.Sequential(nn.MaxPool2d(2), conv(48, 32, size=1))
        self.kind = nn.Sequential(conv(112, 80), nn.Conv2d(80, classes, 1))
        # to begin with: a box of TYPICAL pixels in the middle of the cell, and next to no objectness
        size = math.log(TYPICAL / STRIDES[0])
        self.place[1].weight.data *= 0.1
        self.place[1].bias.data = torch.tensor([0.5, 0.5, size, size, -4.0])

    def forward(self, x):
        fine = self.fine(x)
        shared = self.body(fine)
        maps = torch.cat([self.place(shared), self.kind(torch.cat([shared, self.mark(fine)], dim=1))], dim=1)
        # sizes as constants, so that the exported graph says them and leaves only the batch open
        rows = maps.reshape(-1, int(maps.shape[1]), int(maps.shape[2]) * int(maps.shape[3])).transpose(1, 2)
        if self.training:
            return rows
        return torch.cat([rows[..., :4], rows[..., 4:5].sigmoid(), rows[..., 5:].softmax(dim=-1)], dim=-1)


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
