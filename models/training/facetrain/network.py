# SPDX-License-Identifier: LGPL-2.1-or-later
"""The detector's network: 3x3 convolutions and 2x2 maxima on a grey image, as
libdan's kernels like them, with a head at each of four strides."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from .five import N_FIVE

FOLD = 4                    # squares of so many pixels a side become planes
STEM, PLANES = 32, 64       # planes of the first convolution and of all others
STRIDES = (8, 16, 32, 64)   # of the levels
N_VALUES = 5 + 2 * N_FIVE   # score, centre (2), ln size (2), points
IMAGE_MEAN, IMAGE_STD = .45, .27
PRIOR = .01                 # score of an untrained network


def _conv(planes, channels):
    return nn.Sequential(nn.Conv2d(planes, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels),
                         nn.ReLU(inplace=True))


def cells(height, width, device=None):
    """Centres (n, 2) and strides (n,) of all cells of an image, level after
    level, row by row. Pixel centres are integers."""
    centres, strides = [], []
    for stride in STRIDES:
        y, x = torch.meshgrid(*(stride * torch.arange(side // stride, device=device) + (stride - 1) / 2
                                for side in (height, width)), indexing='ij')
        centres.append(torch.stack([x, y], -1).reshape(-1, 2))
        strides.append(torch.full((len(centres[-1]),), float(stride), device=device))
    return torch.cat(centres), torch.cat(strides)


class Detector(nn.Module):
    """Images are grey / 255, (n, 1, h, w), h and w multiples of 64; out come
    values (n, cells, N_VALUES) in the order of cells(). @width: factor of all
    planes; @bf16: compute in bfloat16."""

    def __init__(self, width=1.):
        super().__init__()
        self.width, self.bf16 = width, False
        stem, planes = int(STEM * width), int(PLANES * width)
        self.stem = _conv(FOLD ** 2, stem)
        self.levels = nn.ModuleList([nn.Sequential(_conv(before, planes), _conv(planes, planes))
                                     for before in [stem] + [planes] * (len(STRIDES) - 1)])
        self.heads = nn.ModuleList([nn.Conv2d(planes, N_VALUES, 3, padding=1) for _ in STRIDES])
        for head in self.heads:
            nn.init.normal_(head.weight, 0, .01)
            nn.init.zeros_(head.bias)
            nn.init.constant_(head.bias[:1], torch.logit(torch.tensor(PRIOR)))

    def forward(self, images):
        x = F.pixel_unshuffle((images - IMAGE_MEAN) / IMAGE_STD, FOLD).to(memory_format=torch.channels_last)
        values = []
        with torch.autocast(x.device.type, dtype=torch.bfloat16, enabled=self.bf16):
            x = self.stem(x)
            for level, head in zip(self.levels, self.heads):
                x = level(F.max_pool2d(x, 2))
                values.append(head(x).permute(0, 2, 3, 1).reshape(len(x), -1, N_VALUES))
        return torch.cat(values, 1).float()

    def convolutions(self):
        """(name, convolution, batch norm or None), as they are exported."""
        layers = [(f'conv{number}{letter}', *layer[:2]) for number, level in enumerate(self.levels, 1)
                  for letter, layer in zip('ab', level)]
        heads = [(f'head{number}', head, None) for number, head in enumerate(self.heads, 1)]
        return [('stem', *self.stem[:2]), *layers, *heads]
