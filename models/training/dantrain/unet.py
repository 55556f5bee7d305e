# SPDX-License-Identifier: LGPL-2.1-or-later
"""What networks are made of that draw a heatmap of each landmark, coarse to fine
(Ronneberger, Fischer and Brox, "U-Net", MICCAI 2015), and where landmarks are in
those: at the mean (Sun et al., "Integral Human Pose Regression", ECCV 2018)."""

import torch
import torch.nn as nn
import torch.nn.functional as F

STRIDE = 2                          # pixels of the image to a heatmap's
SPREAD, SPREAD_WEIGHT = 9., 1e-6    # variance that a heatmap should have, in square pixels, and what it counts


def convs(*planes):
    layers = []
    for before, after in zip(planes, planes[1:]):
        layers += [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


def beside(coarse, fine):
    """@coarse at twice its size, and @fine."""
    return torch.cat([F.interpolate(coarse, scale_factor=2), fine], 1)


def places(logits):
    """Where heatmaps (n, points, side, side) see the landmarks, (n, points, 2) in pixels of the image, and how far
    they are spread, their variances (n, points, 2)."""
    shares = F.softmax(logits.float().flatten(2), -1).reshape(logits.shape)
    shares = torch.stack([shares.sum(2), shares.sum(3)], 2)
    axis = torch.arange(logits.shape[-1], device=logits.device) * STRIDE + (STRIDE - 1) / 2
    mean = (shares * axis).sum(-1)
    return mean, (shares * (axis - mean[..., None]) ** 2).sum(-1)


def spread_loss(variances):
    """Keeps heatmaps from being broad, so that what is far from a landmark does not
    pull at it (Nibali et al., "Numerical Coordinate Regression with Convolutional
    Neural Networks", 2018)."""
    return SPREAD_WEIGHT * ((variances - SPREAD) ** 2).sum(-1).mean()


class Decoder(nn.Module):
    """Heatmaps from what a stage's convolutions make of a face, of which it sees what
    each pair of them makes, pooled. @widths: of those; @planes: its own. Each
    landmark gets a @share of where it sees them, (points,)."""

    DROPOUT = .2

    def __init__(self, widths, planes, share):
        super().__init__()
        first, second, third, fourth = widths
        self.up = nn.ModuleList([convs(fourth + third, planes[0]), convs(planes[0] + second, planes[1], planes[2]),
                                 convs(planes[2] + first, planes[3])])
        self.dropout = nn.Dropout2d(self.DROPOUT)
        self.heatmaps = nn.Conv2d(planes[3], len(share), 3, padding=1)
        nn.init.constant_(self.heatmaps.bias, 2.)  # none is all below zero at first, where nothing could be learnt
        self.register_buffer('share', share)

    def forward(self, pooled):
        first, second, third, fourth = pooled
        x = self.up[0](beside(self.dropout(fourth), third))
        x = self.up[1](beside(x, second))
        return F.relu(self.heatmaps(self.up[2](beside(x, first))))

    def conv_layers(self):
        """(name, convolution, batch norm) in order, but for the heatmaps'."""
        layers = [layer for up in self.up for layer in up if not isinstance(layer, nn.ReLU)]
        return [(f'up{i + 1}', *layers[2 * i:2 * i + 2]) for i in range(len(layers) // 2)]
