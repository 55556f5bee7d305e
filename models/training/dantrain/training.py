# SPDX-License-Identifier: LGPL-2.1-or-later
"""The loop that trains cascades."""

import torch

from . import losses, shapes
from .log import Log
from .loop import Loop

VALIDATION_BATCH = 64


class CascadeLog(Log):
    UNIT, MEASURE = 'faces', 'validation NME, inter-ocular, %'

    def describe(self, validation):
        return f'validation NME {" ".join(f"{100 * e:.3f}" for e in validation)} %'

    def curves(self, validation):
        return {f'stage {stage + 1}': 100 * error for stage, error in enumerate(validation)}


@torch.no_grad()
def validate(cascade, sampler, n_stages):
    """Mean inter-ocular error after each stage, from the tight boxes."""
    errors = []
    for start in range(0, len(sampler), VALIDATION_BATCH):
        images, truth = sampler.ordered(start, start + VALIDATION_BATCH)
        errors.append(torch.stack([shapes.nme(shape, truth) for shape, _ in cascade(images, n_stages)], 1))
    return torch.cat(errors).mean(0).tolist()


class Training(Loop):
    """@samplers: clean, noisy (or None) and validation Sampler."""

    def __init__(self, cascade, samplers, phases, options):
        self.clean, self.noisy, self.held_out = samplers
        super().__init__(cascade, phases, options, CascadeLog)

    def trained_modules(self, phase):
        return [m for s in range(phase.n_frozen, phase.n_stages) for m in self.network.stage_modules(s)]

    def _batch(self, phase):
        n_noisy = int(self.options.batch * phase.noisy) if self.noisy else 0
        images, truth = self.clean.batch(self.options.batch - n_noisy)
        if n_noisy:
            more, more_truth = self.noisy.batch(n_noisy)
            images, truth = torch.cat([images, more]), torch.cat([truth, more_truth])
        return images, truth

    def loss(self, phase):
        images, truth = self._batch(phase)
        results = self.network(images, phase.n_stages, phase.n_frozen)
        return losses.cascade_loss(results, truth, phase.n_frozen, losses.LOSSES[self.options.loss])

    def validate(self, phase):
        return validate(self.average.module, self.held_out, phase.n_stages)
