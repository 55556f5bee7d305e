# SPDX-License-Identifier: LGPL-2.1-or-later
"""Training images: one, four or many parts of pictures, each turned, scaled and
mirrored at random, with the faces that are in them."""

import dataclasses
import math

import cv2
import numpy as np

from dantrain.scheme import MIRROR
from . import boxes, lettering
from .scenes import IGNORED

MIN_FACE = 14.     # pixels; smaller faces are neither learnt nor background
SMALL = 48.        # pixels: a face up to this size is a small one
MAX_GROWTH = 3.    # a picture is not enlarged further
CROWDED = 50, 90   # pixels: sides of the parts of a crowd
PLACES = 8         # are looked at to find one without a face
VISIBLE, HIDDEN = .55, .05  # share of a face's box in the image: a face from the first, nothing below the second


@dataclasses.dataclass
class Strength:
    """How much is varied."""
    rotation: float = 20.   # degrees, standard deviation
    turned: float = .25     # share of parts with an angle from -TURN to TURN instead
    turn: float = 60.
    stretch: float = .06    # of width against height, standard deviation
    whole: float = .4       # share of images that are one part
    crowd: float = .2       # share of images that are many parts with a small face each
    background: float = .12  # share of parts that no face was chosen for
    plain: float = .3       # share of parts with one grey around the picture, not a place without a face
    largest: float = 1.1    # face over the part's smaller side
    small: float = .3       # share of parts with a small face, whatever their own size
    noisy: float = .25      # share of parts from automatically labelled pictures
    mined: float = 0.       # share of parts that show a mined place, if there are any
    letters: float = .25    # share of images with a word, if there is room for it


class Mosaics:
    """Makes images from @clean Scenes and, if there are any, @noisy ones.
    @mined: (index, box) of places in clean pictures that look like faces."""

    def __init__(self, clean, noisy, strength, mined=()):
        self.clean, self.noisy, self.strength, self.mined = clean, noisy, strength, mined

    def make(self, side, rng):
        """An image (side, side) uint8, the shapes (n, 68, 2) in its pixels and
        the kinds (n,) of its faces."""
        image = np.empty((side, side), np.uint8)
        parts = [self._part(image, rectangle, rng) for rectangle in self._layout(side, rng)]
        shapes, kinds = (np.concatenate(values) for values in zip(*parts))
        if rng.random() < self.strength.letters:
            lettering.write(image, boxes.tight(shapes), rng)
        return image, shapes, kinds

    def _layout(self, side, rng):
        """Rectangles (left, top, right, bottom) that cover an image."""
        kind = rng.random() - self.strength.whole
        if kind < 0:
            return [(0, 0, side, side)]
        if kind < self.strength.crowd:
            columns, rows = (np.linspace(0, side, round(side / rng.uniform(*CROWDED)) + 1).astype(int) for _ in range(2))
        else:
            columns, rows = (np.array([0, rng.uniform(.25, .75) * side, side]).astype(int) for _ in range(2))
        return [(left, top, right, bottom) for top, bottom in zip(rows, rows[1:]) for left, right in zip(columns, columns[1:])]

    def _part(self, image, rectangle, rng):
        """Fills a @rectangle (left, top, right, bottom) of @image."""
        scenes, i, box = self._choose(rng)
        left, top, right, bottom = rectangle
        picture, shapes, kinds = scenes.images[i], scenes.shapes[i], scenes.kinds[i]
        matrix, mirrored = self._place(picture, box, (right - left, bottom - top), rng)
        image[top:bottom, left:right] = warp(picture, matrix, self._backdrop((right - left, bottom - top), rng))
        shapes = shapes @ matrix[:, :2].T + matrix[:, 2]
        if mirrored:
            shapes = shapes[:, MIRROR]
        return kept(shapes, kinds, np.array([right - left, bottom - top]), np.array([left, top]))

    def _choose(self, rng):
        """Scenes, the index of one of their pictures, and the box in it that is
        to be seen: a face's or a mined one, or None."""
        if self.mined and rng.random() < self.strength.mined:
            return self.clean, *self.mined[rng.integers(len(self.mined))]
        scenes = self.noisy if self.noisy and rng.random() < self.strength.noisy else self.clean
        i = rng.integers(len(scenes))
        shapes = scenes.shapes[i][scenes.kinds[i] != IGNORED]
        if len(shapes) and rng.random() >= self.strength.background:
            return scenes, i, boxes.tight(shapes[rng.integers(len(shapes))])
        return scenes, i, None

    def _backdrop(self, size, rng):
        """What a part of @size (width, height) shows around its picture."""
        places = range(0 if rng.random() < self.strength.plain else PLACES)
        found = (_clear_place(self.clean, rng.integers(len(self.clean)), size, rng) for _ in places)
        place = next((place for place in found if place is not None), None)
        # Black is what a frame is filled up with to whole cells.
        return np.full(size[::-1], rng.choice([0, rng.integers(256)]), np.uint8) if place is None else place

    def _place(self, picture, box, size, rng):
        """The affine map (2, 3) from the picture to a part of @size (width,
        height) that shows @box, and whether it is a mirror image."""
        if box is not None:
            face = self._face_size(min(size), rng)
            scale, middle = face / math.sqrt(boxes.area(box)), (box[:2] + box[2:]) / 2
        else:
            scale, middle = math.exp(rng.uniform(math.log(.4), math.log(2))), rng.uniform(0, 1, 2) * picture.shape[::-1]
            face = 0
        scale = min(scale, MAX_GROWTH)
        linear, mirrored = self._linear(scale, rng)
        margin = np.minimum(.3 * face, np.array(size) / 2)
        to = margin + rng.uniform(0, 1, 2) * (np.array(size) - 2 * margin)
        return np.column_stack([linear, to - linear @ middle]), mirrored

    def _face_size(self, side, rng):
        """The size of a face in a part whose smaller side is @side, evenly in
        the logarithm."""
        largest = SMALL if rng.random() < self.strength.small else max(self.strength.largest * side, 1.5 * MIN_FACE)
        return math.exp(rng.uniform(math.log(MIN_FACE), math.log(largest)))

    def _linear(self, scale, rng):
        s = self.strength
        angle = math.radians(rng.uniform(-s.turn, s.turn) if rng.random() < s.turned else rng.normal(0, s.rotation))
        stretch, mirrored = math.exp(rng.normal(0, s.stretch)), rng.random() < .5
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        return turn @ np.diag([-scale * stretch if mirrored else scale * stretch, scale / stretch]), mirrored


def _clear_place(scenes, i, size, rng):
    """A place at random in picture @i, as an image of @size, or None if a face
    is there."""
    picture, faces = scenes.images[i], boxes.tight(scenes.shapes[i])
    extent = np.array(size) * min(np.array(picture.shape[::-1]) / size) * rng.uniform(.2, .7)
    corner = rng.uniform(0, 1, 2) * (picture.shape[::-1] - extent)
    if boxes.overlap(faces, np.array([[*corner, *(corner + extent)]])).any():
        return None
    (x, y), (width, height) = corner.astype(int), np.maximum(1, extent.astype(int))
    method = cv2.INTER_AREA if width > size[0] else cv2.INTER_LINEAR
    return cv2.resize(picture[y:y + height, x:x + width], size, interpolation=method)


def warp(picture, matrix, backdrop):
    """@picture under @matrix in front of @backdrop, which changes; what shrinks
    is averaged first."""
    shrink = max(1, int(1 / math.sqrt(abs(np.linalg.det(matrix[:, :2])))))
    if shrink > 1:
        height, width = (max(1, side // shrink) for side in picture.shape)
        factors = np.array([picture.shape[1] / width, picture.shape[0] / height])
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        # A pixel of the small picture is the middle of those that it stands for.
        matrix = np.column_stack([matrix[:, :2] * factors, matrix[:, 2] + matrix[:, :2] @ ((factors - 1) / 2)])
    return cv2.warpAffine(picture, matrix, backdrop.shape[::-1], backdrop, flags=cv2.INTER_LINEAR,
                          borderMode=cv2.BORDER_TRANSPARENT)


def kept(shapes, kinds, size, offset):
    """The faces that are in a part of @size at @offset."""
    tight = boxes.tight(shapes)
    whole = boxes.area(tight)
    inside = boxes.overlap(tight, np.array([[0, 0, *size]]))[:, 0] / np.maximum(whole, 1e-9)
    vague = (inside < VISIBLE) | (np.sqrt(whole) < MIN_FACE)
    seen = inside > HIDDEN
    return (shapes + offset)[seen], np.where(vague, IGNORED, kinds)[seen]
