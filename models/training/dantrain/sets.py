# SPDX-License-Identifier: LGPL-2.1-or-later
"""Annotated faces as grey crops, and one file to carry them all in.

A set is SET.csv with rows image,x0,y0,...,x67,y67: pictures relative to the
CSV's folder, points in pixels whose centres lie on integers, from 0.
"""

import csv
import io
import os

import cv2
import numpy as np

from .scheme import N_POINTS

CROP = 320  # side of a crop, in pixels
FACE = 128   # larger side of the face's tight box in it


class SetError(Exception):
    """A set that cannot be read; the message names the file and the reason."""


class Faces:
    """Crops (n, CROP, CROP) uint8 with shapes (n, 68, 2) in their pixels, and
    the picture that each came from."""

    def __init__(self, crops, shapes, pictures):
        self.crops, self.shapes, self.pictures = crops, shapes, pictures

    def __len__(self):
        return len(self.crops)

    def take(self, chosen):
        """The faces at the indices, or of the mask, @chosen."""
        return Faces(self.crops[chosen], self.shapes[chosen], self.pictures[chosen])


def join(sets):
    return Faces(*(np.concatenate([getattr(s, name) for s in sets]) for name in ('crops', 'shapes', 'pictures')))


def read_rows(path):
    """(picture's name, shape) of every row of the set at @path."""
    try:
        with open(path, newline='') as file:
            for number, row in enumerate(csv.reader(file), 1):
                if number == 1 and row and row[0] == 'image':
                    continue
                if len(row) != 1 + 2 * N_POINTS:
                    raise SetError(f'{path}: line {number} has {len(row)} fields, not {1 + 2 * N_POINTS}')
                yield row[0], np.array(row[1:], np.float32).reshape(-1, 2)
    except (OSError, ValueError) as error:
        raise SetError(f'{path}: {error}') from error


def read_picture(path):
    """The grey picture at @path."""
    picture = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise SetError(f'{path}: no picture that OpenCV can read')
    return picture


def crop_face(picture, shape):
    """The crop around @shape's tight box, and the shape in it. What shrinks is
    averaged first, as libdan does; beyond the picture there is black."""
    low, high = shape.min(0), shape.max(0)
    extent = (high - low).max()
    if not extent > 0:
        raise SetError('the landmarks of a face are all at one point')
    scale = FACE / extent
    if scale < .5:
        picture = cv2.resize(picture, None, fx=2 * scale, fy=2 * scale, interpolation=cv2.INTER_AREA)
        shape = (shape + .5) * (2 * scale) - .5
        low, high, scale = shape.min(0), shape.max(0), .5
    offset = CROP / 2 - scale * (low + high) / 2
    matrix = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
    return cv2.warpAffine(picture, matrix, (CROP, CROP), flags=cv2.INTER_LINEAR), shape * scale + offset


def read(path):
    """The Faces of the set at @path."""
    crops, shapes, pictures, folder = [], [], [], os.path.dirname(path)
    for name, shape in read_rows(path):
        picture = read_picture(os.path.join(folder, name))
        try:
            crop, shape = crop_face(picture, shape)
        except SetError as error:
            raise SetError(f'{path}: {name}: {error}') from error
        crops.append(crop)
        shapes.append(shape)
        pictures.append(name)
    if not crops:
        raise SetError(f'{path}: no faces')
    return Faces(np.stack(crops), np.stack(shapes).astype(np.float32), np.array(pictures))


def read_background(path, rng, pixels_a_crop=300_000):
    """Crops (n, CROP, CROP) of the set's pictures that keep clear of every
    annotated face; there may be others in them. The larger a picture, the more."""
    folder, boxes = os.path.dirname(path), {}
    for name, shape in read_rows(path):
        boxes.setdefault(name, []).append((*shape.min(0), *shape.max(0)))
    crops = []
    for name, faces in boxes.items():
        picture = read_picture(os.path.join(folder, name))
        for _ in range(1 + picture.size // pixels_a_crop):
            crop = _clear_crop(picture, np.array(faces), rng)
            if crop is not None:
                crops.append(crop)
    return np.stack(crops) if crops else np.zeros((0, CROP, CROP), np.uint8)


def _clear_crop(picture, faces, rng, tries=20):
    height, width = picture.shape
    for _ in range(tries):
        side = int(min(height, width) * rng.uniform(.15, .6))
        x, y = rng.integers(width - side + 1), rng.integers(height - side + 1)
        clear = (faces[:, 2] < x) | (faces[:, 0] > x + side) | (faces[:, 3] < y) | (faces[:, 1] > y + side)
        if side >= 24 and clear.all():
            return cv2.resize(picture[y:y + side, x:x + side], (CROP, CROP), interpolation=cv2.INTER_AREA)
    return None


def encode(pictures, quality):
    """JPEGs one behind the other, and the length of each."""
    jpegs = [cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].ravel() for picture in pictures]
    return np.concatenate(jpegs) if jpegs else np.zeros(0, np.uint8), np.array([len(j) for j in jpegs], np.int64)


def decode(jpegs, lengths):
    """The grey pictures that encode() was given."""
    ends = np.cumsum(lengths)
    return [cv2.imdecode(jpegs[end - length:end], cv2.IMREAD_GRAYSCALE) for end, length in zip(ends, lengths)]


def _decode_crops(jpegs, lengths):
    return np.array(decode(jpegs, lengths), np.uint8).reshape(-1, CROP, CROP)


def write_arrays(path, arrays):
    """Writes @arrays by name to one file."""
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    try:
        with open(path, 'wb') as file:
            file.write(packed.getbuffer())
    except OSError as error:
        raise SetError(f'{path}: {error.strerror or error}') from error


def pack(path, sets, background, quality):
    """Writes Faces by name, and background crops, to one file."""
    arrays = {}
    for name, faces in sets.items():
        arrays[f'{name}.jpegs'], arrays[f'{name}.lengths'] = encode(faces.crops, quality)
        arrays[f'{name}.shapes'], arrays[f'{name}.pictures'] = faces.shapes, faces.pictures
    arrays['background.jpegs'], arrays['background.lengths'] = encode(background, quality)
    write_arrays(path, arrays)


def unpack(path):
    """({name: Faces}, background crops) of a file that pack() wrote."""
    try:
        with np.load(path) as file:
            names = [key[:-len('.shapes')] for key in file.files if key.endswith('.shapes')]
            sets = {name: Faces(_decode_crops(file[f'{name}.jpegs'], file[f'{name}.lengths']),
                                file[f'{name}.shapes'], file[f'{name}.pictures']) for name in names}
            return sets, _decode_crops(file['background.jpegs'], file['background.lengths'])
    except (OSError, ValueError, KeyError) as error:
        raise SetError(f'{path}: no file of packed crops: {error}') from error


def is_held_out(pictures, every=10):
    """Which faces, by their pictures' names, are for validation: those of each
    @every-th picture."""
    _, index = np.unique(pictures, return_inverse=True)
    return index % every == every - 1


def hold_out(faces):
    """(training part, validation part)."""
    held_out = is_held_out(faces.pictures)
    return faces.take(~held_out), faces.take(held_out)
