# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures of persons in front of something, as a camera gives them."""

import cv2
import numpy as np

from . import landmarks as lm
from .paint import mix, noise
from .person import View

FINE = 160      # pixels a unit that heads are drawn at, if that is no more than FINEST times their size
FINEST = 4
REACH = 2.4     # units to the sides of the head's middle that a body takes up


def background(rng, size):
    """A room, a garden, a wall: nothing in particular, of @size (width, height)."""
    width, height = size
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    turn, colours = rng.uniform(0, 2 * np.pi), [_muted(rng) for _ in range(2)]
    along = (np.cos(turn) * (x - .5) + np.sin(turn) * (y - .5) + .7) / 1.4
    picture = (colours[0] + along[..., None] * (colours[1] - colours[0])).astype(np.float32)
    for _ in range(rng.integers(3, 26)):
        _add_shape(rng, picture)
    picture = cv2.GaussianBlur(picture, None, width * rng.choice([.002, .006, .015, .03]))
    texture = noise(rng, size, rng.uniform(.7, 12), rng.uniform(.7, 12))
    return np.clip(picture + rng.uniform(0, 8) * texture[..., None], 0, 255).astype(np.float32)


def _muted(rng):
    """A colour as walls and gardens have, mostly."""
    colour = rng.uniform(0, 255, 3)
    return colour.mean() * .75 + 30 + rng.uniform(.05, .45) * (colour - colour.mean())


def _add_shape(rng, picture):
    height, width = picture.shape[:2]
    colour = tuple(_muted(rng))
    x, y = int(rng.uniform(0, width)), int(rng.uniform(0, height))
    w, h = (int(v * rng.uniform(.03, .35)) + 1 for v in (width, height))
    if rng.uniform() < .5:
        cv2.rectangle(picture, (x - w, y - h), (x + w, y + h), colour, -1)
    else:
        cv2.ellipse(picture, (x, y), (w, h), rng.uniform(0, 180), 0, 360, colour, -1)


def _drawn(person, view, size):
    """(slices, colour, alpha, landmarks (68, 2)) of @person in a picture of @size."""
    low = np.floor(np.maximum(view.position - view.scale * np.array([REACH, 1.6]), 0)).astype(int)
    high = np.minimum([view.position[0] + view.scale * REACH, size[1] + 1e4], size).astype(int)
    extent = np.maximum(high - low, 1)
    fine = int(np.clip(round(FINE / view.scale), 1, FINEST))
    zoomed = View((view.position - low + .5) * fine - .5, view.scale * fine, view.angles,
                  view.mouth, view.smile, view.eyes, view.light)
    colour, alpha, placed = person.draw(tuple(extent * fine), zoomed)
    colour, alpha = (cv2.resize(layer, tuple(int(v) for v in extent), interpolation=cv2.INTER_AREA)
                     for layer in (colour, alpha))
    where = slice(low[1], low[1] + extent[1]), slice(low[0], low[0] + extent[0])
    return where, colour, alpha, (placed[:, :2] + .5) / fine - .5 + low


class Face:
    """A face in a picture: its @person's index, @view, @shape (68, 2), share that
    is @visible, and what was measured on the head itself: @angles in degrees, the
    openings of @right_eye, @left_eye and @mouth over the inter-ocular distance."""

    def __init__(self, index, person, view, shape, size):
        self.index, self.angles, self.shape = index, view.angles, shape
        head = person.head(view)
        self.right_eye, self.left_eye, self.mouth = (
            lm.opening(head, pairs) / lm.inter_ocular(head) for pairs in (lm.RIGHT_LIDS, lm.LEFT_LIDS, lm.LIPS))
        self._area = np.zeros(size[::-1], np.uint8)
        hull = cv2.convexHull(shape.astype(np.float32)).round().astype(np.int32)
        cv2.fillConvexPoly(self._area, hull, 1)
        # What of the face lies outside the picture is not visible either.
        self._whole = max(cv2.contourArea(hull), 1)
        self._shown = self._area.astype(np.float32)

    def cover(self, where, alpha):
        self._shown[where] *= 1 - alpha

    @property
    def visible(self):
        # The polygon's filled pixels include its border: no more than all.
        return min(self._shown.sum() / self._whole, 1)


class Camera:
    """@gain (3,) of the colours, @gamma, @blur and @noise in pixels and grey levels."""

    def __init__(self, rng, blur=(.3, .9), grain=(1, 6)):
        self.gain = rng.uniform(.85, 1.3) * rng.uniform(.93, 1.07, 3)
        self.gamma = rng.uniform(.8, 1.2)
        self.blur, self.noise = rng.uniform(*blur), rng.uniform(*grain)

    def take(self, picture, rng):
        picture = 255 * (np.clip(picture * self.gain, 0, 255) / 255) ** self.gamma
        picture = cv2.GaussianBlur(picture, None, self.blur)
        picture = picture + rng.normal(0, self.noise, picture.shape)
        return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def compose(picture, people, over=None):
    """Draws @people, a list of (index, Person, View), from the farthest to the
    nearest, onto @picture, and @over, (colour, alpha), onto them. Returns their Faces."""
    size, faces = picture.shape[1::-1], []
    for index, person, view in people:
        where, colour, alpha, shape = _drawn(person, view, size)
        picture[where] = picture[where] * (1 - alpha[..., None]) + colour
        for face in faces:
            face.cover(where, alpha)
        faces.append(Face(index, person, view, shape, size))
    if over:
        picture[:] = mix(picture, *over)
        for face in faces:
            face.cover(slice(None), over[1])
    return faces
