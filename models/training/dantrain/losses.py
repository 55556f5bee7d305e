# SPDX-License-Identifier: LGPL-2.1-or-later
"""Losses of predicted shapes, each over the truth's inter-pupil distance, so
that faces count alike whatever their size."""

import math

import torch

from . import lids, shapes, unet


def distance(error):
    """The paper's: the distance itself."""
    return error


def wing(error, width=.1, curvature=.02):
    """Feng et al., "Wing Loss for Robust Facial Landmark Localisation" (CVPR
    2018): logarithmic below @width, so that small errors go on counting."""
    offset = width - width * math.log(1 + width / curvature)
    near = width * torch.log(1 + error / curvature)
    return torch.where(error < width, near, error - offset)


LOSSES = {'distance': distance, 'wing': wing}  # of a landmark's distance from the truth


class Loss:
    """The mean over faces and landmarks, in which those of a shut eye's lids count
    @lids_weight times: they are few, and that of all faces would be taken from
    what the others learn."""

    def __init__(self, name, lids_weight=1.):
        self.of, self.lids_weight = LOSSES[name], lids_weight

    def __call__(self, predicted, truth):
        error = (predicted - truth).norm(dim=-1) / shapes.inter_pupil(truth)[:, None]
        return (self.of(error) * self._weights(truth)).mean()

    def _weights(self, truth):
        return 1 + (self.lids_weight - 1) * lids.shut_lids(truth)


EARLIER = .5  # weight of the stages before the last, where they are trained too
REGRESSED = .5  # of what a stage regresses, beside what its decoder sees


def stage_loss(shape, parts, truth, loss):
    """Of one stage. @parts: what Cascade made @shape of, or None."""
    if parts is None:
        return loss(shape, truth)
    regressed, decoded, variances = parts
    return loss(decoded, truth) + REGRESSED * loss(regressed, truth) + unet.spread_loss(variances)


def cascade_loss(results, apart, truth, n_frozen, loss):
    """The last stage's loss, and a part of that of each other trained one. @apart:
    what Cascade.forward() fills it with."""
    trained = [stage_loss(results[s][0], apart.get(s), truth, loss) for s in range(n_frozen, len(results))]
    return trained[-1] + EARLIER * sum(trained[:-1])
