# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is behind a face: hair, neck and shoulders, and the inside of its mouth.
They are drawn straight into the picture; a drawing is (colour, mask)."""

import cv2
import numpy as np

from dantrain import scheme
from .paint import noise, smooth_step


def polygon(size, points):
    mask = np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(mask, [np.round(np.asarray(points) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return mask.astype(np.float32) / 255


def _grid(size, origin, scale, lean):
    """The coordinates of each pixel in units of the head, about @origin, leaning by @lean degrees."""
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    x, y = (x - origin[0]) / scale, (y - origin[1]) / scale
    c, s = np.cos(np.radians(lean)), np.sin(np.radians(lean))
    return x * c + y * s, y * c - x * s


def back_of_head(size, origin, scale, roll, hair):
    """The hair behind the head whose skull's centre is at @origin."""
    x, y = _grid(size, origin, scale, roll)
    radius = np.hypot(x / .96, y / 1.13)
    skull = smooth_step(-radius, -hair.volume, -hair.volume + .04)
    if hair.is_long:
        drop = .5 + hair.length
        width = .96 * hair.volume + .1 * np.sin(np.clip(y, 0, drop) * 1.6)
        curtain = smooth_step(width - np.abs(x), 0, .06) * smooth_step(drop - y, 0, .25) * (y > 0)
        skull = np.maximum(skull, curtain)
    angle = np.arctan2(-y, x)
    hanging = np.where(y > 0, np.sign(x) * (np.pi / 2) - np.pi / 2 - x * .8, angle)
    return .8 * hair.strands(hanging, np.clip(radius, 0, 1.7)), skull


class Clothes:
    def __init__(self, rng):
        colour = rng.uniform(25, 210, 3)
        self.colour = colour.mean() + rng.uniform(.2, .9) * (colour - colour.mean())
        self.second = self.colour * rng.uniform(.6, 1.2)
        self.collar = rng.uniform(.05, .5)
        self.width = rng.uniform(1.65, 2.05)
        self.stripes = rng.uniform(4, 16) if rng.uniform() < .4 else 0
        self.seed = int(rng.integers(1 << 30))

    def cloth(self, x, y):
        rng = np.random.default_rng(self.seed)
        stripe = (np.sin(y * self.stripes * 2) > .3) if self.stripes else np.zeros(x.shape, bool)
        colour = np.where(stripe[..., None], self.second, self.colour)
        folds = noise(rng, (96, 96), 5, 9)
        fold = cv2.remap(folds, ((x + 2.5) * 18).astype(np.float32), ((y + 1) * 18).astype(np.float32),
                         cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        return colour * (1 + .07 * fold - .12 * np.abs(x))[..., None]


def shoulders(size, origin, scale, lean, clothes, skin):
    """(colour, mask) of neck and shoulders; @origin: the base of the skull."""
    x, y = _grid(size, origin, scale, lean)
    side = np.abs(x)
    neck_width = .5 + .06 * np.clip(y - .3, 0, 1) ** 2 + .25 * smooth_step(y, .75, 1.25)
    neck = smooth_step(neck_width - side, 0, .03) * smooth_step(y, -.5, -.45)
    slope = .95 + .16 * side + .75 * smooth_step(side, clothes.width - .75, clothes.width + .1)
    torso = smooth_step(y - slope, 0, .03) * smooth_step(clothes.width + .2 - side, 0, .06)
    collar = smooth_step(y - (slope + clothes.collar * smooth_step(-side, -.62, 0) ** .8), 0, .025)
    shade = (.5 + .38 * smooth_step(y, .45, 1.15) - .3 * (side / .6) ** 4 * (y < .9))
    skin = np.clip(shade, .3, 1)[..., None] * skin
    colour = skin + collar[..., None] * (clothes.cloth(x, y) - skin)
    return colour, np.maximum(neck, torso)


def mouth_inside(size, shape, upper_teeth):
    """(colour, mask) of the inside of the mouth of the placed @shape (68, 2);
    @upper_teeth (2,): where the edge of the upper teeth's middle is."""
    inner = shape[scheme.INNER_LIPS, :2]
    right, left = inner[0], inner[4]
    mask = cv2.dilate(polygon(size, inner), np.ones((3, 3), np.uint8))
    gap = np.linalg.norm(inner[2] - inner[6])
    width = max(np.linalg.norm(left - right), 1e-6)
    colour = np.empty((*size[::-1], 3), np.float32)
    colour[:] = 22, 20, 52
    along = (left - right) / width
    down = np.array([-along[1], along[0]])
    blur = max(width * .018, .4)

    def arch(middle, height, reach):
        """A bent band from the corners' sides, its lower edge's middle at @middle."""
        turns = np.linspace(-1, 1, 13)
        lower = [middle + along * t * reach - down * height * .55 * t * t for t in turns]
        return polygon(size, np.array(lower + [p - down * height for p in lower[::-1]]))

    def paint(value, where):
        where = cv2.GaussianBlur(where, None, blur)[..., None]
        np.copyto(colour, colour + where * (np.array(value, np.float32) - colour))

    paint((70, 66, 150), polygon(size, cv2.ellipse2Poly(
        tuple(int(v) for v in inner[6] - down * gap * .05), (int(width * .27) + 1, int(gap * .3) + 1), 0, 0, 360, 12)))
    paint((185, 200, 208), arch(upper_teeth, width * .17, width * .4))
    paint((150, 166, 172), arch(inner[6] + down * width * .03, width * .075, width * .3))
    shadow = cv2.GaussianBlur(mask, None, max(width * .045, .5))[..., None]
    return colour * (.25 + .75 * shadow ** 2), mask
