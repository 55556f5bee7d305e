#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Write golden-lite.bin: what dan68-lite makes of four drawn images, by
reference.py in float64. Nothing in it is a picture of a person.

usage: make-golden.py WEIGHTS.npz OUT.bin; the layout is described at
reference.write_golden().
"""

import sys

import numpy as np

import reference

SIZE = 112


def ellipse(image, x, y, width, height, grey, angle=0.):
    """Blends in an ellipse of the given radii with a soft edge."""
    at = reference.grid(SIZE) - (x, y)
    cos, sin = np.cos(angle), np.sin(angle)
    u = (at[..., 0] * cos + at[..., 1] * sin) / width
    v = (at[..., 1] * cos - at[..., 0] * sin) / height
    cover = np.clip((1 - np.sqrt(u * u + v * v)) * min(width, height) + .5, 0, 1)
    return image + (grey - image) * cover


def gradient(left, right, top, bottom):
    at = reference.grid(SIZE) / (SIZE - 1)
    return left + (right - left) * at[..., 0] + top + (bottom - top) * at[..., 1]


def draw_face(image, x, y, scale, angle, skin, dark):
    """A cartoon: oval, brows, eyes, nose and mouth, turned by @angle."""
    cos, sin = np.cos(angle), np.sin(angle)

    def part(dx, dy, width, height, grey, turn=0.):
        nonlocal image
        image = ellipse(image, x + scale * (dx * cos - dy * sin), y + scale * (dx * sin + dy * cos),
                        scale * width, scale * height, grey, angle + turn)

    part(0, 0, 30, 38, skin)
    for side in -1, 1:
        part(side * 13, -16, 8, 2, dark, side * .15)
        part(side * 13, -9, 6, 3, 235)
        part(side * 13, -9, 2.6, 2.6, dark)
        part(side * 4, 6, 2, 1.3, dark)
    part(0, 0, 2, 8, min(skin + 25, 255))
    part(0, 19, 12, 4, dark)
    part(0, 19, 9, 1.5, 200)
    return image


def noise():
    """A 32-bit linear congruential generator, the same on every machine."""
    state, values = 1, []
    for _ in range(SIZE * SIZE):
        state = (1664525 * state + 1013904223) % 2 ** 32
        values.append(state >> 24)
    return np.array(values, float).reshape(SIZE, SIZE)


def pictures():
    upright = draw_face(gradient(40, 90, 0, 40), 56, 56, 1, 0, 170, 50)
    turned = draw_face(gradient(200, 120, 20, 0), 60, 53, .85, .3, 140, 30)
    shaded = draw_face(gradient(20, 20, 0, 10), 52, 58, 1.1, -.15, 90, 20) * gradient(1.4, .5, 0, 0)
    return [np.clip(np.rint(p), 0, 255).astype(np.uint8) for p in (upright, turned, shaded, noise())]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    arrays = reference.load_arrays(sys.argv[1])
    reference.write_golden(sys.argv[2], [reference.run(arrays, picture) for picture in pictures()])


if __name__ == '__main__':
    main()
