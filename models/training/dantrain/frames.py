# SPDX-License-Identifier: LGPL-2.1-or-later
"""From frame to frame: what faces do meanwhile, and the recurrent steps that go
after them."""

import torch

from . import shapes
from .augment import MOTION, Starts

CHANGED, CHANGE = .5, .25  # share of faces that change their shape too, and how much, standard deviation
KEPT = .25, .75  # of what makes a face differ from the mean shape, a start keeps from this much to that


class Motion:
    """From one frame to the next."""

    def __init__(self, upright_shape, strength=MOTION):
        self.upright_shape, self.starts = upright_shape, Starts(upright_shape, strength)

    def follow(self, view, found):
        """The next frame of @view's faces, whose landmarks @found in it are what
        is expected: (View, start). The start is upright in the new images,
        which the faces have moved in a little, and changed their shapes. It is
        part of the way to the mean shape, as libdan's tracker starts a step:
        errors of a shape that was kept as it is would add up from frame to frame."""
        upright = shapes.fit_similarity(found, self.upright_shape.expand_as(found))
        start = self._forget(self._change(shapes.transform(found, upright), view.points))
        return self._next(view.turned(upright)), start

    def _next(self, view):
        """@view, a frame later, seen nearly as it is expected."""
        return view.through(self.starts.near(view.similarity))

    def _change(self, start, points):
        """Some of @start with more or less of what makes them differ from the
        mean, and with a part of what makes another face of the batch differ."""
        mean = self.upright_shape.expand_as(points)
        others = (shapes.transform(points, shapes.fit_similarity(points, mean)) - mean).roll(1, 0)
        own, other = CHANGE * torch.randn(2, len(points), 1, 1, device=points.device)
        changed = torch.rand(len(points), 1, 1, device=points.device) < CHANGED
        return start + changed * (own * (start - mean) + other * others)

    def _forget(self, start):
        low, high = KEPT
        kept = low + (high - low) * torch.rand(len(start), 1, 1, device=start.device)
        return self.upright_shape + kept * (start - self.upright_shape)


def step(cascade, motion, show, view, result, apart=None):
    """The next frame of @view, what is seen of it as @show makes it, and in that
    the recurrent step's (shape, fc1's activations). The last stage, or a step,
    gave @result in @view. @apart: as Cascade.step() fills it."""
    shape, hidden = result
    view, start = motion.follow(view, shape.detach())
    seen = show(view)
    return view, seen, cascade.step(seen.images(), start, hidden, apart)


def walk(cascade, motion, show, view, result, n, apart=None):
    """step() @n times: what each gives. A gradient goes from step to step through
    fc1's activations."""
    for _ in range(n):
        view, seen, result = step(cascade, motion, show, view, result, apart)
        yield view, seen, result


def follow(cascade, motion, show, view, result, n):
    """(View, result) of the last of walk()'s steps, nothing new for none."""
    for view, _, result in walk(cascade, motion, show, view, result, n):
        pass
    return view, result
