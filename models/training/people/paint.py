# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole head as a texture with alpha: skin from the model, and painted around
it what the model does not have: forehead, ears, hair."""

import cv2
import numpy as np

from dantrain import scheme
from . import texture
from .mesh import Frame, SKULL_CENTRE, SKULL_RADII

FRAME = Frame((-1.3, -2.0), (1.3, 1.2), 200)


def soft(mask, width):
    """@mask (0 or 1) with an edge that is @width of the head's units wide."""
    return cv2.GaussianBlur(np.asarray(mask, np.float32), None, max(width * FRAME.scale, .3))


def smooth_step(values, low, high):
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(below, above, alpha):
    return below + alpha[..., None] * (above - below)


def filled(points):
    """1 inside the polygon of the head's @points."""
    mask = np.zeros(FRAME.size[::-1], np.uint8)
    cv2.fillPoly(mask, [np.round(FRAME.pixels(points) * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
    return mask


def noise(rng, size, *scales):
    """Noise of deviation 1 of @size (width, height), as wide as each of @scales (pixels; one or two)."""
    spread = rng.normal(size=size[::-1]).astype(np.float32)
    spread = cv2.GaussianBlur(spread, None, sigmaX=scales[0], sigmaY=scales[-1])
    return spread / spread.std()


def _skull_polar():
    """The angle (radians, 0 to the right, upwards) and the share of the skull's radius at each pixel."""
    x, y = FRAME.grid()
    x, y = (x - SKULL_CENTRE[0]) / SKULL_RADII[0], (SKULL_CENTRE[1] - y) / SKULL_RADII[1]
    return np.arctan2(y, x), np.hypot(x, y)


def _face_picture(skin):
    """The model's @skin, enlarged and sharpened, in FRAME."""
    width, height = FRAME.size
    ratio = texture.FRAME.scale / FRAME.scale
    offset = (FRAME.low - texture.FRAME.low) * texture.FRAME.scale
    matrix = np.array([[ratio, 0, offset[0]], [0, ratio, offset[1]]])
    picture = cv2.warpAffine(skin.astype(np.float32), matrix, (width, height),
                             flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
    return picture + .9 * (picture - cv2.GaussianBlur(picture, None, 2.5))


def skin_colour(picture):
    """The colour between the brows and of the cheeks' middle."""
    x, y = FRAME.grid()
    spots = (np.hypot(x, y + .72) < .13) | (np.hypot(np.abs(x) - .38, y + .02) < .12)
    return np.median(picture[spots], axis=0)


def _face_outline(mean):
    """Where the model's skin is used: within the jaw, up to just above the brows."""
    brows = mean[17:27, :2] - [0, .09]
    return np.concatenate([mean[1:16, :2] * [.97, 1] - [0, .015], brows[::-1]])


def _continued(picture, inside, colour):
    """What @picture is like near where it is @inside; farther off, @colour."""
    weight = inside.astype(np.float32)
    near = cv2.GaussianBlur(picture * weight[..., None], None, .11 * FRAME.scale)
    spread = cv2.GaussianBlur(weight, None, .11 * FRAME.scale)
    return (near + .02 * colour) / (spread + .02)[..., None]


def _ears(picture, alpha):
    x, y = FRAME.grid()
    side = np.abs(x)
    reach = np.hypot((side - .89) / .115, (y + .2) / .27)
    lobe = smooth_step(-reach, -1.0, -.9)
    inner = np.exp(-(((side - .92) / .035) ** 2 + ((y + .22) / .13) ** 2))
    shade = (.9 - .3 * inner)[..., None] * picture
    return mix(shade, picture, alpha), 1 - (1 - lobe) * (1 - alpha)


class Hair:
    """A hair style: @colour (3,), @length below the eyes on the sides and behind,
    @line the height of the hairline, @volume over the skull, @part to a side."""

    def __init__(self, rng):
        dark = rng.uniform(0, .85) ** 1.5
        base = np.array([18, 24, 32]) * (1 - dark) + np.array([110, 165, 205]) * dark
        grey = rng.uniform() < .12
        self.colour = np.full(3, 60 + 120 * dark) if grey else base * rng.uniform([.9, .85, 1], [1, 1, 1.12])
        self.is_long = rng.uniform() < .45
        self.length = rng.uniform(.2, 1.3) if self.is_long else 0
        self.line = rng.uniform(-1.2, -1.06)
        self.volume = rng.uniform(1.03, 1.11) + .03 * self.is_long
        self.part = rng.uniform(-.35, .35)
        self.seed = int(rng.integers(1 << 30))

    def mask(self):
        """How much hair there is at each pixel of FRAME, in front of the head."""
        x, y = FRAME.grid()
        rng = np.random.default_rng(self.seed)
        wave = .03 * noise(rng, FRAME.size, 14)
        # The hairline: an arch over the forehead, from ear to ear.
        arch = ((np.abs(x) / (.84 if self.is_long else .87)) ** 2.6
                + np.clip((y - .12 * self.part * x + .4) / (self.line + .4), 0, None) ** 2.6) ** (1 / 2.6)
        _, radius = _skull_polar()
        down = smooth_step(-y, .05 if self.is_long else .3, .5)
        outside = smooth_step(radius - .25 * wave, self.volume - .05, self.volume)
        return smooth_step(arch + wave, .94, 1.08) * down * (1 - outside)

    def strands(self, angle, radius):
        """The hair's colour at each pixel, combed away from the crown."""
        rng = np.random.default_rng(self.seed)
        fine = np.clip(noise(rng, (1024, 128), 1.2, 9), -2.5, 2.5) + np.clip(noise(rng, (1024, 128), 6, 20), -2, 2)
        bend = .25 * np.sin(3 * radius + self.part * 4)
        map_x = ((angle + bend) % (2 * np.pi) / (2 * np.pi) * 1023).astype(np.float32)
        map_y = np.clip(radius * 70, 0, 127).astype(np.float32)
        sampled = cv2.remap(fine, map_x, map_y, cv2.INTER_LINEAR)
        shine = .35 * np.exp(-((radius - .82) / .12) ** 2) * smooth_step(np.sin(angle), .2, 1)
        edge = .35 * smooth_step(radius, .8, 1.1)
        return self.colour * np.clip(.85 - edge + .16 * sampled + shine, .2, 1.7)[..., None]

    def paint(self, picture, alpha):
        angle, radius = _skull_polar()
        mask = self.mask()
        shadow = soft(mask, .04) * .45
        picture = mix(picture * (1 - shadow[..., None] * (1 - mask[..., None])), self.strands(angle, radius), mask)
        return picture, np.maximum(alpha, mask)


def _grain(rng, picture):
    """The pores and spots that averaging took away."""
    spots = .012 * noise(rng, FRAME.size, .8) + .015 * noise(rng, FRAME.size, 2) + .02 * noise(rng, FRAME.size, 7)
    return picture * (1 + spots[..., None])


def head_texture(skin, hair, mean, rng):
    """(picture, alpha) in FRAME, of the model's @skin and @hair, and the skin's colour."""
    face = _face_picture(skin)
    colour = skin_colour(face)
    _, radius = _skull_polar()
    x, y = FRAME.grid()
    dome = np.clip(1.04 - .22 * radius ** 5, .5, 1)[..., None]
    outline = filled(_face_outline(mean))
    picture = mix(_continued(face, outline, colour) * dome, face, soft(outline, .06))
    jaw = filled(np.concatenate([mean[scheme.JAW, :2], [[.9, -.6], [-.9, -.6]]]))
    skull = (radius < 1) & (y < -.3)
    alpha = soft(np.maximum(jaw, skull), .008)
    picture, alpha = _ears(picture, alpha)
    picture, alpha = hair.paint(_grain(rng, picture), alpha)
    lips = filled(mean[scheme.INNER_LIPS])
    return np.clip(picture, 0, 255).astype(np.float32), alpha * (1 - soft(lips, .006)), colour
