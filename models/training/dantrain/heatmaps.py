# SPDX-License-Identifier: LGPL-2.1-or-later
"""A network that draws a heatmap of each landmark, as a teacher: it learns more
from few faces than a cascade does, which regresses shapes, and labels others
for it."""

import torch
import torch.nn as nn
import torch.nn.functional as F

from . import shapes, unet
from .scheme import N_POINTS

CHANNELS = (32, 64, 128, 192, 256)  # of the pairs of convolutions on the way down, at width 1
EXTENT = 92                         # larger side of the mean shape that faces are turned upright onto
GREY_MEAN, GREY_DEVIATION = .45, .25


class HeatmapNetwork(nn.Module):
    """Upright canonical images in, logits (n, 68, SIZE / 2, SIZE / 2) out.
    @upright_shape: what faces are turned upright onto. @bf16: as in Cascade."""

    def __init__(self, upright_shape, width=1.):
        super().__init__()
        self.width, self.bf16 = width, False
        planes = [int(c * width) for c in CHANNELS]
        self.register_buffer('upright_shape', upright_shape)
        self.down = nn.ModuleList(unet.convs(*pair) for pair in zip([1, *planes], planes, planes))
        self.dropout = nn.Dropout2d(.2)
        self.up_to_eighth = unet.convs(planes[4] + planes[3], planes[3])
        self.up_to_fourth = unet.convs(planes[3] + planes[2], planes[2], planes[2])
        self.up_to_half = unet.convs(planes[2] + planes[1], planes[1])
        self.coarse = nn.Conv2d(planes[2], N_POINTS, 1)
        self.fine = nn.Conv2d(planes[1], N_POINTS, 1)

    def forward(self, images):
        x, scales = images, []
        for s, convs in enumerate(self.down):
            x = convs(F.max_pool2d(x, 2) if s else x)
            scales.append(x)
        x = self.up_to_eighth(unet.beside(self.dropout(x), scales[3]))
        fourth = self.up_to_fourth(unet.beside(x, scales[2]))
        half = self.up_to_half(unet.beside(fourth, scales[1]))
        coarse = F.interpolate(self.coarse(fourth), scale_factor=2, mode='bilinear', align_corners=False)
        return coarse + self.fine(half)

    def landmarks(self, images):
        """(landmarks (n, 68, 2) in pixels of @images, variances of their heatmaps (n, 68, 2))."""
        images = ((images - GREY_MEAN) / GREY_DEVIATION).to(memory_format=torch.channels_last)
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=self.bf16):
            logits = self(images)
        return unet.places(logits)

    def find(self, view, near):
        """Landmarks in the crops of @view, whose faces are turned upright by the
        landmarks @near, in the crops, too."""
        upright = shapes.fit_similarity(near, self.upright_shape.expand_as(near))
        return shapes.transform(self.landmarks(view.through(upright).images())[0], shapes.invert(upright))
