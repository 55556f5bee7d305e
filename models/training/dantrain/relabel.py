# SPDX-License-Identifier: LGPL-2.1-or-later
"""Labels of a trained network for faces that others labelled automatically: it
learns from the mean of what it, and a teacher, see in several views, which is better than what
it sees in one (Xie, Luong, Hovy and Le, "Self-training with Noisy Student",
CVPR 2020)."""

import dataclasses

import torch

from . import augment, shapes
from .sets import CROP, Faces, SetError, join

VIEWS = 8  # of each face, half of them mirrored
NEAR = augment.Strength(shift=.04, scale=.05, rotation=6., wild=0., damage=0.)
BATCH = 64


def _mirrored(view):
    return dataclasses.replace(view, crops=view.crops.flip(-1), points=shapes.mirrored(view.points, CROP))


def _see(cascade, teacher, sampler, start, mirrored):
    """Landmarks in the crops from @start to the batch's end, of the cascade and of
    the @teacher that looks where it leads, if there is one."""
    view = sampler.ordered(start, start + BATCH)
    view = sampler.again(_mirrored(view) if mirrored else view)
    found = shapes.transform(cascade(view)[-1][0], shapes.invert(view.similarity))
    seen = torch.stack([found, teacher.find(view, found)] if teacher else [found])
    return shapes.mirrored(seen, CROP) if mirrored else seen


@torch.no_grad()
def relabel(cascade, teacher, faces, spread, distance):
    """Those of @faces whose views are @spread or less from their mean, and that
    @distance or less from the old labels (inter-ocular), with the mean as the new
    ones."""
    sampler, chosen, labels = augment.Sampler(faces, cascade.mean_shape, NEAR, cascade.mean_shape.device), [], []
    for start in range(0, len(faces), BATCH):
        seen = torch.cat([_see(cascade, teacher, sampler, start, i % 2) for i in range(VIEWS)])
        mean = seen.mean(0)
        alike = shapes.nme(seen, mean.expand_as(seen)).mean(0) <= spread
        chosen.append(alike & (shapes.nme(mean, sampler.shapes[start:start + BATCH]) <= distance))
        labels.append(mean)
        if start // BATCH % 10 == 9:
            print(f'relabel: {start + BATCH} of {len(faces)} faces', flush=True)
    chosen = torch.cat(chosen).cpu().numpy()
    return Faces(faces.crops[chosen], torch.cat(labels).cpu().numpy()[chosen], faces.pictures[chosen])


def relabel_all(cascade, teacher, parts, spread):
    """relabel() of (faces, distance) in @parts, as one."""
    faces = join([relabel(cascade, teacher, part, spread, distance) for part, distance in parts])
    if not len(faces):
        raise SetError('no face is seen alike in all views: train longer first')
    return faces
