#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Write what a network makes of four drawn images, by reference.py in float64.
Nothing in it is a picture of a person. The layout is described at
reference.write_golden().

make-golden.py WEIGHTS.npz OUT.bin  of trained weights: golden-lite.bin
make-golden.py OUT.dan OUT.bin      of a small network with error heads and a
                                    recurrent stage, whose weights are made
                                    up and written as well: golden-small.dan,
                                    golden-small.bin; with an upright shape, if
                                    OUT says so: golden-upright.dan, .bin; and with
                                    decoders: golden-decoder.dan, .bin
"""

import argparse
import os
import sys

import numpy as np

import reference

sys.path.insert(1, os.path.join(os.path.dirname(__file__), '..', '..', 'models'))
import convert

SIZE = 112
SMALL_SIZE = 48


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


def random_bytes(state=1):
    """A 32-bit linear congruential generator, the same on every machine."""
    while True:
        state = (1664525 * state + 1013904223) % 2 ** 32
        yield state >> 24


def noise():
    return np.fromiter(random_bytes(), float, SIZE * SIZE).reshape(SIZE, SIZE)


def pictures():
    upright = draw_face(gradient(40, 90, 0, 40), 56, 56, 1, 0, 170, 50)
    turned = draw_face(gradient(200, 120, 20, 0), 60, 53, .85, .3, 140, 30)
    shaded = draw_face(gradient(20, 20, 0, 10), 52, 58, 1.1, -.15, 90, 20) * gradient(1.4, .5, 0, 0)
    return [np.clip(np.rint(p), 0, 255).astype(np.uint8) for p in (upright, turned, shaded, noise())]


DECODER = dict(up1=(5, 6 + 4), up2=(3, 5 + 3), up3=(4, 3), up4=(7, 4 + 2))  # planes of each layer, and before it


def small_network(upright=False, decoders=False, points=68, channels=(2, 3, 4, 6), hidden=8, error_hidden=5):
    """Arrays for convert.py: weights are multiples of 1/128, which halves hold exactly."""
    random = random_bytes(4)
    angle = 2.4 * np.arange(points)
    radius = SMALL_SIZE / 4 * np.sqrt((np.arange(points) + .5) / points)
    disc = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    arrays = {'mean_shape': SMALL_SIZE / 2 + np.rint(disc * 16) / 16,
              'img_mean': np.array([.5]), 'img_std': np.array([.25])}
    if upright:
        arrays['upright_shape'] = (arrays['mean_shape'] - SMALL_SIZE / 2) * 1.25 + SMALL_SIZE / 2

    def add(name, gain, *shape):
        """Normal enough: the sum of four. The squares of the outputs are @gain times those of the inputs."""
        n = int(np.prod(shape))
        values = np.fromiter(random, float, 4 * n).reshape(4, n).sum(0) / 256 - 2
        spread = np.sqrt(3 * gain * shape[0] / n)
        arrays[f'{name}.w'] = (np.rint(values * spread * 128) / 128).reshape(shape)
        arrays[f'{name}.b'] = np.fromiter(random, float, shape[0]) / 1024 - .125

    for stage in 's1', 's2', 'recurrent':
        width = 1 if stage == 's1' else 3
        for i, conv in enumerate(reference.CONVS):
            add(f'{stage}.{conv}', 2, channels[i // 2], width, 3, 3)
            width = channels[i // 2]
        add(f'{stage}.fc1', 2, hidden, width * (SMALL_SIZE // 16) ** 2)
        add(f'{stage}.fc2', 1, 2 * points, hidden)
        add(f'{stage}.error1', 8, error_hidden, hidden)
        add(f'{stage}.error2', 1, 1, error_hidden)
        arrays[f'{stage}.error2.b'] -= 3  # errors of about 5 %, so that a face is believed
    for stage in ('s2', 'recurrent') if decoders else ():
        for name, shape in DECODER.items():
            add(f'{stage}.{name}', 2, *shape, 3, 3)
        add(f'{stage}.heatmaps', 3, points, 7, 3, 3)
        arrays[f'{stage}.share'] = np.arange(points) / 128 + .25
    for stage in 's2', 'recurrent':
        add(f'{stage}.feature', 2, (SMALL_SIZE // 2) ** 2, hidden)
        arrays[f'{stage}.input.scale'], arrays[f'{stage}.input.shift'] = np.array([1, .75, .5]), np.array([0, .125, -.25])
    return arrays


def write_small(path):
    """Writes the network's model file and returns its arrays."""
    name = os.path.basename(path)
    decoders = 'decoder' in name
    arrays = small_network(decoders or 'upright' in name, decoders)
    options = argparse.Namespace(name='small', licence='none needed: made up', scheme='ibug-68',
                                 image_size=SMALL_SIZE)
    with open(path, 'wb') as file:
        file.write(convert.convert(convert.Source(arrays), options))
    return arrays


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if sys.argv[1].endswith('.dan'):
        arrays = write_small(sys.argv[1])
        images = [picture[8:104:2, 8:104:2] for picture in pictures()]
    else:
        arrays, images = reference.load_arrays(sys.argv[1]), pictures()
    results = [reference.run(arrays, image) for image in images]
    reference.write_golden(sys.argv[2], [{**result, **reference.run_steps(arrays, result)} for result in results])


if __name__ == '__main__':
    main()
