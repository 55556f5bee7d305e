# SPDX-License-Identifier: LGPL-2.1-or-later
"""Crops, and what canonical images show of them."""

import dataclasses
import math

import torch
import torch.nn.functional as F

from . import shapes


def pixels(side, device):
    """All pixel centres of a square image, row by row, (side * side, 2)."""
    axis = torch.arange(side, dtype=torch.float32, device=device)
    return torch.stack(torch.meshgrid(axis, axis, indexing='xy'), -1).reshape(-1, 2)


def look(crops, positions, padding):
    """Square images whose pixels, row by row, show @positions (n, pixels, 2) of
    @crops (n, 1, side, side)."""
    side = math.isqrt(positions.shape[1])
    grid = (positions * (2 / (crops.shape[-1] - 1)) - 1).reshape(-1, side, side, 2)
    return F.grid_sample(crops, grid, align_corners=True, padding_mode=padding)


def sample(crops, similarity, padding):
    """The canonical images whose pixel p shows the pixel of @crops (n, 1, side,
    side) that @similarity maps to p."""
    positions = shapes.transform(pixels(shapes.SIZE, crops.device), shapes.invert(similarity))
    return look(crops, positions, padding)


@dataclasses.dataclass
class View:
    """@crops (n, 1, side, side) of 0..1 with @points in them, or None, seen through
    similarities to canonical images. @padding: what is beyond a crop."""

    crops: torch.Tensor
    points: torch.Tensor
    similarity: tuple
    padding: str

    def through(self, similarity):
        """The same faces, seen otherwise."""
        return dataclasses.replace(self, similarity=similarity)

    def turned(self, similarity):
        """The same, with what is seen mapped by @similarity."""
        return self.through(shapes.compose(self.similarity, similarity))

    def images(self):
        return sample(self.crops, self.similarity, self.padding)

    def truth(self):
        """The points, in the pixels of the images."""
        return shapes.transform(self.points, self.similarity)


def join(views):
    """@views of one padding as one."""
    crops, points, matrices, offsets = zip(*((v.crops, v.points, *v.similarity) for v in views))
    return View(torch.cat(crops), torch.cat(points), (torch.cat(matrices), torch.cat(offsets)), views[0].padding)
