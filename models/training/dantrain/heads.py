# SPDX-License-Identifier: LGPL-2.1-or-later
"""How sure a network may be: heads that predict the error of each stage's
landmarks from its fc1, trained on starts of all kinds and on crops without a
face, while the network itself stays as it is. Recurrent steps have one of their
own, from good steps and ones that lost their face."""

import dataclasses
import os
import sys

import torch
import torch.nn.functional as F

from . import augment, frames, shapes
from .network import ErrorHead
from .sets import CROP
from .view import View

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'evaluation'))
from measures import LIMIT, auroc, spearman  # noqa: E402  models/evaluation/measures.py

LEAST, MOST = .005, 1.   # errors that are told apart; no face counts as MOST
KINDS = [(.45, 1.), (.15, 2.5), (.2, None)]  # (share, factor on the starts; None: misplaced); the rest is background
STEPS = 4                # recurrent steps to an example, at most
PADDINGS = ('zeros', 'border', 'reflection')  # beyond crops, so that black tells nothing
EPOCHS, BATCH, RATE = 30, 256, 1e-3


class MisplacedStarts(augment.Starts):
    """Anywhere near the face, at any size and angle."""

    def near(self, similarity):
        n, device = len(similarity[1]), self.mean_shape.device
        angle = torch.randn(n, device=device) * .6
        scale = torch.exp(torch.empty(n, device=device).uniform_(-1., 1.))
        direction = F.normalize(torch.randn(n, 2, device=device))
        return self._move(similarity, scale, angle, direction * torch.empty(n, 1, device=device).uniform_(0, 1.))


def _sampler(faces, mean_shape, factor, strength, device):
    if factor is None:
        sampler = augment.Sampler(faces, mean_shape, strength, device)
        sampler.starts = MisplacedStarts(sampler.starts.mean_shape, strength)
        return sampler
    wider = dataclasses.replace(strength, shift=factor * strength.shift, scale=factor * strength.scale,
                                rotation=factor * strength.rotation)
    return augment.Sampler(faces, mean_shape, wider, device)


def _background(crops, n, strength):
    """A View of @n places without an annotated face."""
    images = crops[torch.randint(len(crops), (n,), device=crops.device)][:, None].float() / 255
    device = images.device
    matrix, _ = shapes.make_similarity(shapes.SIZE / CROP * torch.empty(n, device=device).uniform_(1., 2.),
                                       torch.randn(n, device=device) * .3, None)
    middle = torch.full((n, 1, 2), (CROP - 1) / 2, device=device)
    offset = (shapes.SIZE - 1) / 2 - (middle @ matrix)[:, 0]
    return View(augment.damage(images, strength.damage), None, (matrix, offset), 'reflection')


class Displaced(frames.Motion):
    """The face is where it was not expected."""

    def __init__(self, upright_shape, strength):
        super().__init__(upright_shape)
        self.starts = MisplacedStarts(upright_shape, strength)


class Exchanged(frames.Motion):
    """Another face of the batch is in the place, about as the last one was."""

    def _next(self, view):
        points = view.points.roll(1, 0)
        similarity = self.starts.place(points, True)
        return View(view.crops.roll(1, 0), points, similarity, view.padding)


class CascadeExamples:
    """Of every stage: fc1's activations (n, stages, 256), and the errors (n,
    stages) to predict from them."""

    def __init__(self, cascade, faces, background, strength):
        device = cascade.mean_shape.device
        self.cascade, self.strength, self.crops = cascade, strength, torch.from_numpy(background).to(device)
        self.samplers = [(share, _sampler(faces, cascade.mean_shape, factor, strength, device)) for share, factor in KINDS]

    def batch(self, n, padding):
        """[(activations, errors)] of about @n examples, a pair of each kind."""
        pairs = []
        for share, sampler in self.samplers:
            sampler.padding = padding
            pairs.append(self._see(sampler.show(sampler.draw(int(share * n)))))
        n_background = n - sum(len(errors) for _, errors in pairs)
        return pairs + [self._see(_background(self.crops, n_background, self.strength))]

    def _see(self, view):
        results, truth = self.cascade(view), None if view.points is None else view.truth()
        return torch.stack([hidden for _, hidden in results], 1), torch.stack([_errors(shape, truth) for shape, _ in results], 1)


class StepExamples:
    """Of recurrent steps: fc1's activations (n, 256) and the errors (n,)."""

    def __init__(self, cascade, faces, background, strength):
        device, upright = cascade.mean_shape.device, cascade.upright_shape
        self.cascade, self.strength, self.crops = cascade, strength, torch.from_numpy(background).to(device)
        self.sampler = augment.Sampler(faces, cascade.mean_shape, strength, device)
        self.motion = frames.Motion(upright)
        self.motions = [(.55, self.motion), (.15, Displaced(upright, strength)), (.15, Exchanged(upright))]

    def batch(self, n, padding):
        self.sampler.padding = padding
        pairs = [self._see(int(share * n), motion) for share, motion in self.motions]
        return pairs + [self._see_background(n - sum(len(errors) for _, errors in pairs))]

    def _reach(self, n):
        """A View of @n faces, and what the cascade gives in it, or after some
        frames the recurrent stage."""
        view = self.sampler.draw(n)
        result = self.cascade(self.sampler.show(view))[-1]
        n_steps = int(torch.randint(STEPS, (1,)))
        return frames.follow(self.cascade, self.motion, self.sampler.show, view, result, n_steps)

    def _see(self, n, motion):
        """The face does in one frame as @motion says."""
        _, seen, (shape, hidden) = frames.step(self.cascade, motion, self.sampler.show, *self._reach(n))
        return hidden, _errors(shape, seen.truth())

    def _see_background(self, n):
        """In the next frame there is no face."""
        view, (shape, hidden) = self._reach(n)
        _, start = self.motion.follow(view, shape)
        shape, hidden = self.cascade.step(_background(self.crops, n, self.strength).images(), start, hidden)
        return hidden, _errors(shape, None)


def _errors(shape, truth):
    """@truth: None where there is no face."""
    return torch.full((len(shape),), MOST, device=shape.device) if truth is None else shapes.nme(shape, truth)


@torch.no_grad()
def collect(examples, n, batch=64):
    """Activations and errors of about @n examples of all kinds."""
    pairs = []
    for i in range(-(-n // batch)):
        pairs += examples.batch(batch, PADDINGS[i % len(PADDINGS)])
        if i % 50 == 49:
            print(f'heads: {(i + 1) * batch} of {n} examples', flush=True)
    hidden, errors = (torch.cat(parts) for parts in zip(*pairs))
    return hidden, errors.clamp(LEAST, MOST)


def fit(hidden, errors):
    """An ErrorHead for one stage's (n, 256) activations and (n,) errors."""
    head = ErrorHead().to(hidden.device)
    target, n = torch.log(errors), len(errors)
    torch.nn.init.constant_(head[2].bias, float(target.mean()))
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * -(-n // BATCH))
    for _ in range(EPOCHS):
        for chosen in torch.randperm(n, device=hidden.device).split(BATCH):
            loss = F.smooth_l1_loss(head(hidden[chosen])[:, 0], target[chosen], beta=.5)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return head


def by_part(examples, steps):
    """(part, activations, errors) of what collect() gave of the cascade, and of
    recurrent steps; either may be None."""
    parts = []
    if examples:
        hidden, errors = examples
        parts += [(f'stage {s + 1}', hidden[:, s], errors[:, s]) for s in range(errors.shape[1])]
    return parts + ([('recurrent', *steps)] if steps else [])


@torch.no_grad()
def report(head, what, hidden, errors):
    """A line on @what, from examples that no head was trained on."""
    expected, true = head(hidden)[:, 0].cpu().numpy(), errors.cpu().numpy()
    aligned = true < LIMIT
    print(f'{what}: AUROC {auroc(-expected, aligned):.4f} for errors below {LIMIT:.0%}, '
          f'Spearman {spearman(expected[aligned], true[aligned]):.3f} among those')
