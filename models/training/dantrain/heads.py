# SPDX-License-Identifier: LGPL-2.1-or-later
"""How sure a network may be: heads that predict the error of each stage's
landmarks from its fc1, trained on starts of all kinds and on crops without a
face, while the network itself stays as it is."""

import dataclasses
import os
import sys

import torch
import torch.nn.functional as F

from . import augment, shapes
from .network import ErrorHead, sample
from .sets import CROP

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'evaluation'))
from measures import LIMIT, auroc, spearman  # noqa: E402  models/evaluation/measures.py

LEAST, MOST = .005, 1.   # errors that are told apart; no face counts as MOST
KINDS = [(.45, 1.), (.15, 2.5), (.2, None)]  # (share, factor on the starts; None: misplaced); the rest is background
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
    """@n canonical images of places without an annotated face."""
    images = crops[torch.randint(len(crops), (n,), device=crops.device)][:, None].float() / 255
    device = images.device
    matrix, _ = shapes.make_similarity(torch.empty(n, device=device).uniform_(.47, .9),
                                       torch.randn(n, device=device) * .3, None)
    middle = torch.full((n, 1, 2), (CROP - 1) / 2, device=device)
    offset = (shapes.SIZE - 1) / 2 - (middle @ matrix)[:, 0]
    return augment.damage(sample(images, (matrix, offset), CROP, 'reflection'), strength.damage)


class Examples:
    """fc1's activations of every stage, and the errors to predict from them."""

    def __init__(self, cascade):
        self.cascade, self.hidden, self.errors = cascade, [], []

    @torch.no_grad()
    def add(self, images, truth):
        """@truth: None where there is no face."""
        results = self.cascade(images)
        self.hidden.append(torch.stack([hidden for _, hidden in results], 1))
        if truth is None:
            self.errors.append(torch.full((len(images), len(results)), MOST, device=images.device))
        else:
            self.errors.append(torch.stack([shapes.nme(shape, truth) for shape, _ in results], 1))

    def joined(self):
        """hidden (n, stages, 256), errors (n, stages)."""
        return torch.cat(self.hidden), torch.cat(self.errors).clamp(LEAST, MOST)


def collect(cascade, faces, background, strength, n, batch=64):
    """About @n examples of all kinds."""
    device, examples = cascade.mean_shape.device, Examples(cascade)
    samplers = [(share, _sampler(faces, cascade.mean_shape, factor, strength, device)) for share, factor in KINDS]
    crops = torch.from_numpy(background).to(device)
    for i in range(-(-n // batch)):
        for share, sampler in samplers:
            sampler.padding = PADDINGS[i % len(PADDINGS)]
            examples.add(*sampler.batch(int(share * batch)))
        examples.add(_background(crops, batch - sum(int(share * batch) for share, _ in samplers), strength), None)
        if i % 50 == 49:
            print(f'heads: {(i + 1) * batch} of {n} examples', flush=True)
    return examples.joined()


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


@torch.no_grad()
def report(heads, hidden, errors):
    """A line for each stage, on examples that no head was trained on."""
    for s, head in enumerate(heads):
        expected, true = head(hidden[:, s])[:, 0].cpu().numpy(), errors[:, s].cpu().numpy()
        aligned = true < LIMIT
        print(f'stage {s + 1}: AUROC {auroc(-expected, aligned):.4f} for errors below {LIMIT:.0%}, '
              f'Spearman {spearman(expected[aligned], true[aligned]):.3f} among those')
