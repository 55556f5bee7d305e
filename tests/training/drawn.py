# SPDX-License-Identifier: LGPL-2.1-or-later
"""Drawn faces with known landmarks, enough to learn from in a minute."""

import csv
import os

import cv2
import numpy as np

from dantrain import folded, sets

MODEL = os.environ['DAN_MODEL']
SIDE = 56
PARTS = [(range(36, 42), 30), (range(42, 48), 30), (range(48, 60), 70)]  # landmarks around, grey level
LINES = [range(17, 22), range(22, 27), range(27, 31), range(31, 36)]


def shapes(n, rng):
    """Shapes (n, 68, 2) about the shipped mean shape, SIDE large, in pictures of 160."""
    mean = folded.read_model(MODEL)['mean_shape'].astype(np.float64)
    mean = (mean - mean.mean(0)) * (SIDE / np.ptp(mean, 0).max())
    result = []
    for _ in range(n):
        angle, scale = rng.normal(0, .2), rng.uniform(1.5, 2.1)
        stretched = mean * rng.normal(1, .08, 2)
        stretched[48:] += [0, rng.normal(0, 2)]
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        result.append(scale * stretched @ turn + 80 + rng.normal(0, 4, 2))
    return np.array(result)


def draw(shape, rng):
    """A grey picture, 160 x 160, of a face with the landmarks @shape."""
    picture = cv2.GaussianBlur(rng.uniform(0, 255, (160, 160)).astype(np.float32), (0, 0), 9)
    picture = (picture - picture.min()) / np.ptp(picture) * 120
    outline = np.concatenate([shape[:17], shape[26:16:-1] + [0, -12]])
    points = [np.round(outline * 16).astype(np.int32)]
    cv2.fillPoly(picture, points, float(rng.uniform(150, 220)), cv2.LINE_AA, 4)
    for part, grey in PARTS:
        cv2.fillPoly(picture, [np.round(shape[list(part)] * 16).astype(np.int32)], grey, cv2.LINE_AA, 4)
    for line in LINES:
        cv2.polylines(picture, [np.round(shape[list(line)] * 16).astype(np.int32)], False, 40, 2, cv2.LINE_AA, 4)
    return np.clip(picture, 0, 255).astype(np.uint8)


def faces(n):
    """@n Faces, always the same ones."""
    rng = np.random.default_rng(3)
    crops, points = zip(*[sets.crop_face(draw(shape, rng), shape) for shape in shapes(n, rng)])
    return sets.Faces(np.stack(crops), np.stack(points).astype(np.float32), np.arange(n).astype(str))


def write_set(folder, name, n, seed):
    """Writes FOLDER/NAME.csv and its pictures, a face each."""
    rng = np.random.default_rng(seed)
    os.makedirs(os.path.join(folder, name), exist_ok=True)
    with open(os.path.join(folder, f'{name}.csv'), 'w', newline='') as file:
        rows = csv.writer(file)
        rows.writerow(['image', *(f'{axis}{k}' for k in range(68) for axis in 'xy')])
        for i, shape in enumerate(shapes(n, rng)):
            picture = f'{name}/{i}.png'
            cv2.imwrite(os.path.join(folder, picture), draw(shape, rng))
            rows.writerow([picture, *(f'{value:.3f}' for value in shape.ravel())])
