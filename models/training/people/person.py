# SPDX-License-Identifier: LGPL-2.1-or-later
"""A person who does not exist, and pictures of them."""

import cv2
import numpy as np

from . import body, paint
from . import landmarks as lm
from .mesh import SKULL_CENTRE

STRONGEST = 3        # components of light and colour rather than of a person
MAX_LIKENESS = .45   # cosine to the closest of the pictures that the model is made of


class View:
    """How a person is seen: where the middle of the head is (x, y), the pixels a
    unit (the distance between the eyes' outer corners, seen from the front), yaw, pitch and
    roll in degrees, the opening of mouth and smile in units, eyes from 0 (shut)
    to 1, and the light: its direction (degrees to the right, up) and strength."""

    def __init__(self, position, scale, angles=(0, 0, 0), mouth=0, smile=0, eyes=1, light=(0, 0, 0)):
        self.position, self.scale, self.angles = np.asarray(position, float), scale, angles
        self.mouth, self.smile, self.eyes, self.light = mouth, smile, eyes, light


def shut_eyes(shape, opening):
    """@shape with its lids at @opening of their distance; most of the way is the upper's."""
    shape = shape.copy()
    for upper, lower in lm.RIGHT_LIDS + lm.LEFT_LIDS:
        way = (1 - opening) * (shape[lower] - shape[upper])
        shape[upper] += .8 * way
        shape[lower] -= .2 * way
    return shape


class Person:
    def __init__(self, model, rng):
        self.shapes, self.mesh = model.shapes, model.mesh
        self.identity = np.clip(rng.normal(size=len(model.shapes.deviations)), -2, 2) * .8
        self.hair, self.clothes = paint.Hair(rng), body.Clothes(rng)
        skin = model.textures.draw(self._skin_weights(model.textures, rng))
        self.picture, self.alpha, self.skin = paint.head_texture(skin, self.hair, model.shapes.mean, rng)
        self.sources = paint.FRAME.pixels(self.mesh.flat)
        self.normals = model.normals

    @staticmethod
    def _skin_weights(textures, rng, tries=100):
        """Weights of many faces, none of which stands out."""
        for _ in range(tries):
            weights = np.clip(rng.normal(size=len(textures.deviations)), -2.2, 2.2) * .85
            weights[:STRONGEST] *= .6
            if textures.likeness(weights) < MAX_LIKENESS:
                return weights
        raise ValueError('no face could be drawn that is unlike each of the pictures')

    def _place(self, points, view):
        """@points (n, 3) of the head, without the pose's correction, turned and moved."""
        placed = view.scale * ((points - SKULL_CENTRE) @ lm.rotation(*view.angles))
        placed[:, :2] += view.position
        return placed

    def _correction(self, view):
        yaw, pitch, roll = view.angles
        return view.scale * self.shapes.corrected(yaw, pitch) @ lm.rotation(0, 0, roll)[:2, :2]

    def head(self, view):
        return shut_eyes(self.shapes.head(self.identity, view.mouth, view.smile), view.eyes)

    def landmarks(self, view):
        """Where the landmarks are (68, 3): pixels, z on the same scale."""
        placed = self._place(self.head(view), view)
        placed[:, :2] += self._correction(view)
        return placed

    def _lit(self, view):
        """The head's texture in the light of @view."""
        yaw, pitch, strength = view.light
        towards = np.array([0, 0, -1]) @ lm.rotation(yaw, pitch, 0)
        shade = self.normals @ (lm.rotation(*view.angles) @ towards)
        return self.picture * (1 - strength + strength * 1.35 * np.clip(shade, 0, 1) ** .8)[..., None]

    def draw(self, size, view):
        """(picture, alpha) of @size (width, height), the colours times alpha already,
        and the landmarks (68, 3)."""
        placed = self.landmarks(view)
        beyond = self._place(self.mesh.beyond(self.head(view)), view)
        vertices = self.mesh.vertices(placed, beyond)
        yaw, pitch, roll = view.angles
        canvas, covered = np.zeros((*size[::-1], 3), np.float32), np.zeros(size[::-1], np.float32)

        def over(colour, mask):
            np.copyto(canvas, paint.mix(canvas, colour, mask))
            np.copyto(covered, 1 - (1 - covered) * (1 - mask))

        skull = self._place(SKULL_CENTRE[None], view)[0, :2]
        over(*body.back_of_head(size, skull, view.scale, roll, self.hair))
        neck = self._place(np.array([[0, -.1, .75]]), view)[0, :2]
        over(*body.shoulders(size, neck, view.scale, roll * .4, self.clothes, self.skin))
        if view.mouth > .01:
            teeth = self._upper_teeth(view)
            over(*body.mouth_inside(size, placed, teeth))
        maps = self.mesh.map_onto(size, vertices[:, :2], self.sources, vertices[:, 2])
        over(*(cv2.remap(layer, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
               for layer in (self._lit(view), self.alpha)))
        return canvas, covered, placed

    def _upper_teeth(self, view):
        """Where the lower edge of the upper teeth is; they do not move with the lips."""
        shut = self.shapes.head(self.identity, 0, view.smile)[62]
        return self._place((shut + [0, .035, .08])[None], view)[0, :2]
