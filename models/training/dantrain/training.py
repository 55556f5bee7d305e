# SPDX-License-Identifier: LGPL-2.1-or-later
"""The loop that trains cascades."""

import dataclasses

import torch

from . import frames, losses, shapes, unet
from .augment import MOTION
from .log import Log
from .loop import Loop
from .network import RECURRENT
from .view import join

VALIDATION_BATCH, VALIDATION_SEED = 64, 0
STEADY = dataclasses.replace(MOTION, wild=0.)
DECODER_RATE = 4.  # of the rate of others, which have been trained before
NORMS = torch.nn.BatchNorm1d, torch.nn.BatchNorm2d


class CascadeLog(Log):
    UNIT, MEASURE = 'faces', 'validation NME, inter-ocular, %'

    def describe(self, validation):
        errors, recurrent = self._parts(validation)
        after = f', {RECURRENT} {100 * recurrent:.3f}' if recurrent else ''
        return f'validation NME {" ".join(f"{100 * e:.3f}" for e in errors)}{after} %'

    def curves(self, validation):
        errors, recurrent = self._parts(validation)
        curves = {f'stage {stage + 1}': 100 * error for stage, error in enumerate(errors)}
        return {**curves, RECURRENT: 100 * recurrent} if recurrent else curves

    def _parts(self, validation):
        return validation['stages'], validation.get(RECURRENT)


def _as_it_is(view):
    return view


@torch.no_grad()
def validate(cascade, sampler, n_stages, n_steps=0):
    """Mean inter-ocular errors: after each stage, from the tight boxes, and in
    the last of @n_steps frames more, if any. Motions are never wild, and the
    same each time; training's own random numbers go on as if none were drawn."""
    errors, motion = [], frames.Motion(cascade.upright_shape, STEADY)
    with torch.random.fork_rng():
        torch.manual_seed(VALIDATION_SEED)
        for start in range(0, len(sampler), VALIDATION_BATCH):
            view = sampler.ordered(start, start + VALIDATION_BATCH)
            results = cascade(view, n_stages)
            measured = [shapes.nme(shape, view.truth()) for shape, _ in results]
            if n_steps:
                view, (shape, _) = frames.follow(cascade, motion, _as_it_is, view, results[-1], n_steps)
                measured.append(shapes.nme(shape, view.truth()))
            errors.append(torch.stack(measured, 1))
    means = torch.cat(errors).mean(0).tolist()
    return {'stages': means[:n_stages], **({RECURRENT: means[-1]} if n_steps else {})}


class FaceLoop(Loop):
    """@samplers: clean, noisy, exchanged and validation Sampler; the second and third may be None."""

    def __init__(self, network, samplers, phases, options, log):
        self.clean, self.noisy, self.exchanged, self.held_out = samplers
        super().__init__(network, phases, options, log)

    def draw(self, phase):
        """A batch's View, with @phase's share of noisy faces and the options' of exchanged ones."""
        batch, shares = self.options.batch, ((self.noisy, phase.noisy), (self.exchanged, self.options.exchanged))
        others = [(sampler, int(batch * share)) for sampler, share in shares if sampler]
        n_clean = batch - sum(n for _, n in others)
        return join([self.clean.draw(n_clean), *(sampler.draw(n) for sampler, n in others if n)])


class Training(FaceLoop):
    def __init__(self, cascade, samplers, phases, options):
        self.motion, self.shape_loss = frames.Motion(cascade.upright_shape), losses.Loss(options.loss, options.lids_weight)
        super().__init__(cascade, samplers, phases, options, CascadeLog)

    def trained_modules(self, phase):
        modules = [m for s in range(phase.n_frozen, phase.n_stages) for m in self.network.stage_modules(s)]
        return modules + ([self.network.recurrent] if phase.recurrent else [])

    def rate_factor(self, module):
        return DECODER_RATE if isinstance(module, unet.Decoder) else 1.

    def _make_optimizer(self):
        optimizer = super()._make_optimizer()
        if self.options.frozen_norms:
            for module in self.network.modules():
                if isinstance(module, NORMS):
                    module.eval()
        return optimizer

    def begin(self, phase):
        if phase.recurrent:
            self.network.begin_recurrent()

    def loss(self, phase):
        view, loss = self.draw(phase), self.shape_loss
        seen = self.clean.show(view)
        apart = {}
        results = self.network(seen, phase.n_stages, phase.n_frozen, apart)
        if not phase.recurrent:
            return losses.cascade_loss(results, apart, seen.truth(), phase.n_frozen, loss)
        walked = frames.walk(self.network, self.motion, self.clean.show, view, results[-1], phase.recurrent, apart)
        return torch.stack([losses.stage_loss(shape, apart.get(RECURRENT), seen.truth(), loss)
                            for _, seen, (shape, _) in walked]).mean()

    def validate(self, phase):
        return validate(self.average.module, self.held_out, phase.n_stages, phase.recurrent)
