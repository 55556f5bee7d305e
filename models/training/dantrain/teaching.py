# SPDX-License-Identifier: LGPL-2.1-or-later
"""The loop that trains a teacher, heatmaps.HeatmapNetwork."""

import torch

from . import augment, heatmaps, losses, shapes, unet
from .log import Log
from .loop import load_checkpoint
from .training import VALIDATION_BATCH, FaceLoop

# How far a cascade's landmarks, by which a face is turned upright, are off.
NEAR = augment.Strength(shift=.03, scale=.05, rotation=6., wild=.1)


class TeacherLog(Log):
    UNIT, MEASURE = 'faces', 'validation NME, inter-ocular, %'

    def describe(self, validation):
        return f'validation NME {100 * validation:.3f} %, upright on the truth'

    def curves(self, validation):
        return {'upright on the truth': 100 * validation}


class UprightStarts(augment.Starts):
    """Faces are turned upright on the shape, or nearly so."""

    def place(self, truth, perturb):
        upright = shapes.fit_similarity(truth, self.mean_shape.expand_as(truth))
        return self.near(upright) if perturb else upright


@torch.no_grad()
def validate(network, sampler):
    errors = []
    for start in range(0, len(sampler), VALIDATION_BATCH):
        view = sampler.ordered(start, start + VALIDATION_BATCH)
        errors.append(shapes.nme(network.landmarks(view.images())[0], view.truth()))
    return float(torch.cat(errors).mean())


class Teaching(FaceLoop):
    """@samplers: as FaceLoop has them, with UprightStarts."""

    def __init__(self, network, samplers, phases, options):
        self.shape_loss = losses.Loss('distance')
        super().__init__(network, samplers, phases, options, TeacherLog)

    def trained_modules(self, _phase):
        return [self.network]

    def loss(self, phase):
        seen = self.clean.show(self.draw(phase))
        found, variances = self.network.landmarks(seen.images())
        return self.shape_loss(found, seen.truth()) + unet.spread_loss(variances)

    def validate(self, _phase):
        return validate(self.average.module, self.held_out)


def load(folder):
    """The teacher whose training is in @folder."""
    state = load_checkpoint(folder)
    weights = state['average']
    if 'fine.weight' not in weights:
        raise ValueError(f'{folder}: no teacher was trained there')
    teacher = heatmaps.HeatmapNetwork(weights['upright_shape'], state['width'])
    teacher.load_state_dict(weights)
    return teacher.eval()
