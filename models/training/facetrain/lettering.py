# SPDX-License-Identifier: LGPL-2.1-or-later
"""Words on training images: logos and banners are what a detector that saw few
of them takes for faces."""

import functools
import math
import os
import string

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONTS = [f'DejaVu{family}{weight}.ttf' for family in ('Sans', 'SansMono', 'Serif') for weight in ('', '-Bold')]
CAPITAL = .73      # height of their capitals, of the font's size
SMALLEST = 12.     # pixels: height of a capital; the largest is half of the image
STEP = 1.15        # from one height to the next
LETTERS = list(string.ascii_letters + string.digits)
MOST_LETTERS = 8
PLATE, MIN_CONTRAST = .5, 50    # share of words on a plate, and the least that its grey differs by
ANGLE = 8.         # degrees, standard deviation
BLURRED, BLUR = .3, 1.5         # share of words, and pixels, at most
TRIES = 10         # places are looked at to find one without a face


@functools.lru_cache(maxsize=None)
def _font(name, step):
    path = os.path.join(matplotlib.get_data_path(), 'fonts', 'ttf', name)
    return ImageFont.truetype(path, round(SMALLEST * STEP ** step / CAPITAL), layout_engine=ImageFont.Layout.BASIC)


def _print(text, font, margin):
    """How much of each pixel is ink, 0 to 255."""
    left, top, right, bottom = font.getbbox(text)
    page = Image.new('L', (right - left + 2 * margin, bottom - top + 2 * margin))
    ImageDraw.Draw(page).text((margin - left, margin - top), text, 255, font)
    return np.asarray(page)


def _layers(side, rng):
    """[(opacity (h, w) uint8, grey)] of a random word that suits an image of
    @side, the lowest first."""
    step = rng.integers(1 + int(math.log(side / 2 / SMALLEST, STEP)))
    height = SMALLEST * STEP ** step
    text = ''.join(rng.choice(LETTERS, rng.integers(1, 1 + min(MOST_LETTERS, int(side / height)))))
    ink = _print(text, _font(FONTS[rng.integers(len(FONTS))], step), 1 + int(rng.uniform(0, .5) * height))
    grey = int(rng.integers(256))
    if rng.random() >= PLATE:
        return [(ink, grey)]
    plate = (grey + rng.integers(MIN_CONTRAST, 256 - MIN_CONTRAST)) % 256
    return [(np.full_like(ink, 255), int(plate)), (ink, grey)]


def _clear_corner(faces, size, side, rng):
    """The corner of a place of @size (width, height) without a face, or None.
    What is larger than the image is cut."""
    spare = side - size
    for _ in range(TRIES):
        corner = np.floor(rng.uniform(np.minimum(spare, 0), np.maximum(spare, 0) + 1)).astype(int)
        apart = (corner + size <= faces[:, :2]) | (corner > faces[:, 2:])
        if apart.any(1).all():
            return corner
    return None


def _tilt(size, rng):
    """A turn (2, 2) at random, and the size of what is of @size (width, height)
    before it."""
    angle = math.radians(rng.normal(0, ANGLE))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return turn, np.ceil(np.abs(turn) @ size).astype(int)


def _blend(part, opacity, grey):
    share = opacity / np.float32(255)
    part[:] = cv2.blendLinear(np.full_like(part, grey), part, share, 1 - share)


def write(image, faces, rng):
    """Writes a word on @image (side, side) uint8, outside the boxes @faces (n,
    4); none if there seems to be no room for it."""
    side, layers = len(image), _layers(len(image), rng)
    size = np.array(layers[0][0].shape[::-1])
    turn, tilted = _tilt(size, rng)
    blur = rng.uniform(.3, BLUR) if rng.random() < BLURRED else 0
    corner = _clear_corner(faces, tilted, side, rng)
    if corner is None:
        return
    low, high = np.maximum(corner, 0), np.minimum(corner + tilted, side)
    part = image[low[1]:high[1], low[0]:high[0]]
    matrix = np.column_stack([turn, corner - low + (tilted - 1) / 2 - turn @ ((size - 1) / 2)])
    for opacity, grey in layers:
        opacity = cv2.warpAffine(opacity, matrix, part.shape[::-1])
        _blend(part, cv2.GaussianBlur(opacity, (0, 0), blur) if blur else opacity, grey)
