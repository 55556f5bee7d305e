# SPDX-License-Identifier: LGPL-2.1-or-later
"""Losses of predicted shapes, each over the truth's inter-pupil distance, so
that faces count alike whatever their size. Mean over a batch."""

import math

import torch

from . import shapes


def distance(predicted, truth):
    """The paper's: mean point-to-point distance."""
    return shapes.nme(predicted, truth, shapes.inter_pupil).mean()


def wing(predicted, truth, width=.1, curvature=.02):
    """Feng et al., "Wing Loss for Robust Facial Landmark Localisation" (CVPR
    2018): logarithmic below @width, so that small errors go on counting."""
    error = (predicted - truth).norm(dim=-1) / shapes.inter_pupil(truth)[:, None]
    offset = width - width * math.log(1 + width / curvature)
    near = width * torch.log(1 + error / curvature)
    return torch.where(error < width, near, error - offset).mean()


LOSSES = {'distance': distance, 'wing': wing}
EARLIER = .5  # weight of the stages before the last, where they are trained too


def cascade_loss(results, truth, n_frozen, loss):
    """The last stage's loss, and a part of that of each other trained one."""
    trained = [loss(shape, truth) for shape, _ in results[n_frozen:]]
    return trained[-1] + EARLIER * sum(trained[:-1])
