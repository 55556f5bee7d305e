#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The face detector in plain numpy and float64: what the C code has to compute.

detector_reference.py WEIGHTS.npz PICTURE
    prints the faces in PICTURE: score, box and five points

Nothing here is shared with the training or the C code, so that they cannot be
wrong in the same way.
"""

import sys

import numpy as np

from reference import convolve, load_arrays, max_pool

STRIDES = (8, 16, 32, 64)
MAX_LOG = 4
MIN_SCORE, MAX_IOU = .5, .4


def prepare(arrays, picture):
    """16 planes at a quarter of the size of a grey picture (h, w) of 0..255:
    plane 4 y + x has the pixels of rows 4 i + y and columns 4 j + x. To the
    right and below the picture is filled up with black to multiples of 64."""
    mean, deviation = float(arrays['img_mean'][0]), float(arrays['img_std'][0])
    height, width = picture.shape
    filled = np.pad(picture, ((0, -height % STRIDES[-1]), (0, -width % STRIDES[-1])))
    image = (filled / 255 - mean) / deviation
    return np.stack([image[y::4, x::4] for y in range(4) for x in range(4)])


def layer(arrays, name, x):
    return np.maximum(convolve(x, arrays[f'{name}.w'], arrays[f'{name}.b']), 0)


def forward(arrays, picture):
    """{stride: values (15, rows, columns)} of the heads."""
    x, values = layer(arrays, 'stem', prepare(arrays, picture)), {}
    for level, stride in enumerate(STRIDES, 1):
        x = max_pool(x)
        for letter in 'ab':
            x = layer(arrays, f'conv{level}{letter}', x)
        values[stride] = convolve(x, arrays[f'head{level}.w'], arrays[f'head{level}.b'])
    return values


def decode(values, stride):
    """Rows (score, left, top, right, bottom, x0, y0 ... x4, y4) of a level's
    cells, row by row. Pixel centres are integers: the first cell's is at
    (stride - 1) / 2."""
    y, x = np.mgrid[:values.shape[1], :values.shape[2]] * stride + (stride - 1) / 2
    middle = np.stack([x, y]) + values[1:3] * stride
    half = np.exp(np.clip(values[3:5], -MAX_LOG, MAX_LOG)) * stride / 2
    points = np.tile(np.stack([x, y]), (5, 1, 1)) + values[5:] * stride
    score = 1 / (1 + np.exp(-values[:1]))
    return np.concatenate([score, middle - half, middle + half, points]).reshape(len(values), -1).T


def iou(a, b):
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    shared = np.prod(np.maximum(high - low, 0))
    return shared / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - shared)


def suppress(rows, max_iou=MAX_IOU):
    """Best first; a row goes whose box overlaps a better one's that stays."""
    kept = []
    for row in rows[np.argsort(-rows[:, 0], kind='stable')]:
        if all(iou(row[1:5], other[1:5]) <= max_iou for other in kept):
            kept.append(row)
    return np.array(kept).reshape(-1, rows.shape[1])


def run(arrays, picture, min_score=MIN_SCORE):
    rows = np.concatenate([decode(values, stride) for stride, values in forward(arrays, picture).items()])
    return suppress(rows[rows[:, 0] > min_score])


def main():
    import cv2
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    picture = cv2.imread(sys.argv[2], cv2.IMREAD_GRAYSCALE)
    if picture is None:
        sys.exit(f'{sys.argv[2]}: no picture that OpenCV can read')
    for row in run(load_arrays(sys.argv[1]), picture):
        print(' '.join(f'{value:.3f}' for value in row))


if __name__ == '__main__':
    main()
