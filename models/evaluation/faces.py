# SPDX-License-Identifier: LGPL-2.1-or-later
"""Annotated faces, as dan-eval reads them."""

import csv
import dataclasses
import pathlib

import numpy as np

N_POINTS = 68
NOSE_TIP, RIGHT_CORNER, LEFT_CORNER = 30, 36, 45
# The larger side of a tight box in pictures whose pixels are made worse: as large as the paper's network sees faces.
WORSE_FACE = 56


class DataError(Exception):
    """An annotation file is not what it should be; the message says why."""


@dataclasses.dataclass
class Faces:
    """Pictures' paths, and for each the points (n, 68, 2) of a face in it."""
    images: list
    points: np.ndarray

    def __len__(self):
        return len(self.images)

    def take(self, indices):
        return Faces([self.images[i] for i in indices], self.points[list(indices)])

    def boxes(self):
        """The tight boxes (n, 4): left, top, width, height."""
        low, high = self.points.min(axis=1), self.points.max(axis=1)
        return np.concatenate([low, high - low], axis=1)

    def nose_offsets(self):
        """How far the tip of the nose is from the middle of the outer eye corners, along the line through them, by
        their distance: 0 seen from the front, 0.5 straight under a corner."""
        right, left = self.points[:, RIGHT_CORNER], self.points[:, LEFT_CORNER]
        line = left - right
        nose = self.points[:, NOSE_TIP] - (right + left) / 2
        return np.abs((nose * line).sum(axis=1)) / (line ** 2).sum(axis=1)


def face_size(points):
    """The larger side of the tight box."""
    return float((points.max(axis=0) - points.min(axis=0)).max())


def header():
    return ['image', *(f'{axis}{k}' for k in range(N_POINTS) for axis in 'xy')]


def read(path, limit=0):
    path = pathlib.Path(path)
    try:
        with open(path, newline='', encoding='utf-8') as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeError, csv.Error) as error:
        raise DataError(f'{path}: {error}') from error
    if not rows or rows[0] != header():
        raise DataError(f'{path} does not begin with image,x0,y0,...,x67,y67')
    rows = rows[1:limit + 1] if limit else rows[1:]
    if not rows:
        raise DataError(f'{path} has no faces')
    try:
        points = np.array([row[1:] for row in rows], float).reshape(-1, N_POINTS, 2)
    except ValueError as error:
        raise DataError(f'{path}: {error}') from error
    return Faces([str(path.resolve().parent / row[0]) for row in rows], points)


def write(path, faces):
    rows = np.round(faces.points.reshape(len(faces), -1), 3).tolist()
    _write_csv(path, header(), faces.images, rows)


def write_boxes(path, images, boxes):
    """@boxes: (n, 4), or (n, 5) with the faces' rolls."""
    columns = ['image', 'x', 'y', 'width', 'height', 'roll'][:1 + np.shape(boxes)[1]]
    _write_csv(path, columns, images, np.round(boxes, 3).tolist())


def _write_csv(path, columns, images, rows):
    with open(path, 'w', newline='', encoding='utf-8') as file:
        csv.writer(file).writerows([columns, *([image, *row] for image, row in zip(images, rows, strict=True))])
