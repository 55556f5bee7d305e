# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shapes of 68 landmarks (iBUG / 300-W order) and similarities between them.

A shape is (..., 68, 2), x and y. A similarity is a pair (matrix (..., 2, 2),
offset (..., 2)) for row vectors: p' = p matrix + offset.
"""

import math

import torch

from .scheme import LEFT_EYE, MIRROR, OUTER_CORNERS, RIGHT_EYE

SIZE = 112     # side of the canonical image, in pixels
EXTENT = 56    # larger side of the mean shape in it, in the paper


def transform(points, similarity):
    matrix, offset = similarity
    return points @ matrix + offset[..., None, :]


def invert(similarity):
    matrix, offset = similarity
    scale = (matrix[..., :1, :] ** 2).sum(-1, keepdim=True)
    inverse = matrix.transpose(-1, -2) / scale
    return inverse, -(offset[..., None, :] @ inverse)[..., 0, :]


def compose(first, second):
    """@first, then @second."""
    (a, offset_a), (b, offset_b) = first, second
    return a @ b, (offset_a[..., None, :] @ b)[..., 0, :] + offset_b


def make_similarity(scale, angle, offset):
    """Turn by @angle (radians), scale, then move by @offset (n, 2)."""
    cos, sin = scale * torch.cos(angle), scale * torch.sin(angle)
    return torch.stack([torch.stack([cos, sin], -1), torch.stack([-sin, cos], -1)], -2), offset


def fit_similarity(source, target):
    """The similarity that best maps @source onto @target, least squares."""
    source_mean, target_mean = source.mean(-2), target.mean(-2)
    s, t = source - source_mean[..., None, :], target - target_mean[..., None, :]
    norm = (s ** 2).sum((-2, -1))
    a = (s * t).sum((-2, -1)) / norm
    b = (s[..., 0] * t[..., 1] - s[..., 1] * t[..., 0]).sum(-1) / norm
    matrix = torch.stack([torch.stack([a, b], -1), torch.stack([-b, a], -1)], -2)
    return matrix, target_mean - (source_mean[..., None, :] @ matrix)[..., 0, :]


def mirrored(shapes, width):
    """@shapes of images that are @width pixels wide, as in their mirror images."""
    flipped = shapes[..., MIRROR, :]
    return torch.stack([width - 1 - flipped[..., 0], flipped[..., 1]], -1)


def tight_box(shapes):
    """Smallest and largest corner, each (..., 2)."""
    return shapes.amin(-2), shapes.amax(-2)


def place_on_box(mean_shape, low, high):
    """(scale, offset) that put the mean shape on tight boxes, as libdan does."""
    mean_low, mean_high = tight_box(mean_shape)
    scale = ((high - low) / (mean_high - mean_low)).mean(-1)
    return scale, (low + high) / 2 - (mean_low + mean_high) / 2 * scale[..., None]


def _upright(shape):
    """@shape turned so that the line through the eyes is level."""
    across = shape[LEFT_EYE].mean(0) - shape[RIGHT_EYE].mean(0)
    angle = -torch.atan2(across[1], across[0])
    matrix, _ = make_similarity(torch.ones_like(angle), angle, None)
    return shape @ matrix


def extent(shape):
    """The larger side of its tight box."""
    low, high = tight_box(shape)
    return (high - low).amax(-1)


def enlarged(shape, factor):
    """@shape, a canonical one, about the image's middle."""
    return (shape - SIZE / 2) * factor + SIZE / 2


def mean_shape(shapes, larger_side=EXTENT, rounds=10):
    """The Procrustes mean of @shapes (n, 68, 2): mirror-symmetric, upright,
    in the middle of the canonical image."""
    shapes = shapes.double()
    mean = shapes[0] - shapes[0].mean(0)
    for _ in range(rounds):
        mean = mean / mean.norm()
        mean = transform(shapes, fit_similarity(shapes, mean.expand_as(shapes))).mean(0)
        mean = mean - mean.mean(0)
        mean = mean + mirrored(mean, 1)
    mean = _upright(mean)
    mean = mean * (larger_side / extent(mean))
    return (mean - mean.mean(0) + SIZE / 2).float()


def inter_pupil(shapes):
    return (shapes[..., RIGHT_EYE, :].mean(-2) - shapes[..., LEFT_EYE, :].mean(-2)).norm(dim=-1)


def inter_ocular(shapes):
    right, left = OUTER_CORNERS
    return (shapes[..., right, :] - shapes[..., left, :]).norm(dim=-1)


def nme(shapes, truth, distance=inter_ocular):
    """Mean point-to-point error of each face, over @distance of the truth."""
    return (shapes - truth).norm(dim=-1).mean(-1) / distance(truth)


def degrees(values):
    return values * (math.pi / 180)
