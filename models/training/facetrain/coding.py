# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a cell's values mean, and which cells answer for which face.

A cell's values are the score's logit, then the centre of the face's box from
the cell's centre and the ln of its width and height, then five points from
the cell's centre, all lengths in strides. Boxes are left, top, right, bottom."""

import torch

from .five import N_FIVE
from .scenes import IGNORED

MAX_LOG = 4.              # of a size in strides: nothing overflows
SMALLEST, LARGEST = 2.5, 5.6    # strides: the sizes of the faces that a level learns; neighbouring ones overlap
TOLERANCE = 1.3           # beyond them, by this factor, nobody minds if it finds them
CENTRE, RIM = .17, .45    # of the size: cells this near the middle learn the face; those on the rim learn nothing
IGNORED_RIM = .6
FACE, BACKGROUND, NEITHER = 1, 0, -1


def decode(values, centres, strides):
    """(logits (...), boxes (..., 4), points (..., 5, 2)) of values (..., cells,
    N_VALUES)."""
    strides = strides[:, None]
    middle = centres + values[..., 1:3] * strides
    half = torch.exp(values[..., 3:5].clamp(-MAX_LOG, MAX_LOG)) * strides / 2
    points = values[..., 5:].reshape(*values.shape[:-1], N_FIVE, 2)
    points = centres[:, None] + points * strides[..., None]
    return values[..., 0], torch.cat([middle - half, middle + half], -1), points


def encode(boxes, points, centres, strides):
    """The values but the score's (n, N_VALUES - 1) that decode to @boxes (n, 4)
    and @points (n, 5, 2) at the cells with @centres and @strides."""
    strides = strides[:, None]
    middle = ((boxes[:, :2] + boxes[:, 2:]) / 2 - centres) / strides
    size = torch.log((boxes[:, 2:] - boxes[:, :2]) / strides)
    offsets = (points - centres[:, None]) / strides[..., None]
    return torch.cat([middle, size, offsets.flatten(1)], -1)


def _in_levels(size, strides, slack):
    """Which faces (n, m) belong to the levels of cells (c): (n, m, c). The
    first and the last level take whatever is smaller and larger."""
    low, high = SMALLEST * strides / slack, LARGEST * strides * slack
    low = torch.where(strides == strides.min(), torch.zeros_like(low), low)
    high = torch.where(strides == strides.max(), torch.full_like(high, float('inf')), high)
    return (size[..., None] >= low) & (size[..., None] < high)


def assign(boxes, kinds, centres, strides):
    """For images with faces @boxes (n, m, 4) of @kinds (n, m), -1 where there is
    none: what each cell is to say (n, cells), FACE, BACKGROUND or NEITHER, and
    the index (n, cells) of its face."""
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    size = (boxes[..., 2:] - boxes[..., :2]).prod(-1).clamp(min=1e-6).sqrt()
    distance = (centres - middle[..., None, :]).abs().amax(-1)
    relative = distance / size[..., None]
    known, ignored = ((kinds >= 0) & (kinds != IGNORED))[..., None], (kinds == IGNORED)[..., None]
    # The cell that the middle is in learns the face, however small that is.
    near = (relative <= CENTRE) | (distance <= strides / 2)
    positive = known & near & _in_levels(size, strides, 1.)
    neither = (known & (relative <= RIM) & _in_levels(size, strides, TOLERANCE)) | (ignored & (relative <= IGNORED_RIM))
    nearest = torch.where(positive, relative, torch.full_like(relative, float('inf')))
    says = torch.where(neither.any(1), NEITHER, BACKGROUND)
    return torch.where(positive.any(1), torch.full_like(says, FACE), says), nearest.argmin(1)
