# SPDX-License-Identifier: LGPL-2.1-or-later
"""Skin: principal components of faces warped onto the mean head."""

import cv2
import numpy as np

from .mesh import BEYOND, Frame
from .structure import fit_pose, place

FRAME = Frame((-.95, -1.3), (.95, 1.0), 100)
MAX_YAW, MAX_PITCH = 16, 14  # degrees: what is turned further has one cheek in shadow or out of sight
MIN_SIZE = 110  # pixels


def unwarp(picture, shape, model, mesh):
    """@picture's face, whose landmarks are @shape, in FRAME."""
    scale, matrix, offset = fit_pose(shape, model.mean)
    beyond = place(BEYOND, scale, matrix, offset)[:, :2]
    sources = mesh.vertices(shape, beyond)
    map_x, map_y = mesh.map_onto(FRAME.size, FRAME.pixels(mesh.flat), sources)
    return cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


class TextureModel:
    """mean (height, width, 3) in FRAME, 0 to 255; modes (k, height, width, 3);
    deviations (k,). weights (n, k): the examples' coefficients over the deviations."""

    FIELDS = 'mean', 'modes', 'deviations', 'weights'

    def __init__(self, **fields):
        for name in self.FIELDS:
            setattr(self, name, np.asarray(fields[name]))

    def fields(self):
        return {name: getattr(self, name) for name in self.FIELDS}

    def draw(self, coefficients):
        count = len(coefficients)
        return self.mean + np.tensordot(coefficients * self.deviations[:count], self.modes[:count], 1)

    def likeness(self, coefficients):
        """The largest cosine between @coefficients and an example's."""
        examples = self.weights[:, :len(coefficients)]
        norms = np.linalg.norm(examples, axis=1) * np.linalg.norm(coefficients)
        return (examples @ coefficients / np.maximum(norms, 1e-9)).max()


def is_usual(texture):
    """Whether @texture is in colours, and in those of skin under common light."""
    blue, _, red = np.median(texture[100:160, 50:140].reshape(-1, 3).astype(float), axis=0)
    return 8 < red - blue < 110


def _components(data, count):
    """The first @count components of the rows of @data, and each row's share of them."""
    values, vectors = np.linalg.eigh((data @ data.T).astype(np.float64))
    sizes = np.sqrt(np.maximum(values[::-1][:count], 1e-9))
    vectors = vectors[:, ::-1][:, :count]
    return vectors.T.astype(np.float32) @ data / sizes[:, None].astype(np.float32), sizes, vectors


def learn_textures(textures, modes):
    """The TextureModel of @textures (n, height, width, 3) uint8 and their mirror
    images: as it is symmetric, so is each component, or it changes its sign."""
    shape, half = textures.shape[1:], textures.shape[2] // 2
    left = textures[:, :, :half].reshape(len(textures), -1).astype(np.float32)
    right = textures[:, :, :half - 1:-1].reshape(len(textures), -1).astype(np.float32)
    even, odd = (left + right) / 2, (left - right) / 2
    mean = even.mean(0)
    found = []
    for data, sign in ((even - mean, 1), (odd, -1)):
        rows, sizes, vectors = _components(data, modes)
        found += [(size, row, sign, vector) for size, row, vector in zip(sizes, rows, vectors.T)]
    found.sort(key=lambda component: -component[0])

    def whole(row, sign):
        part = row.reshape(shape[0], half, 3)
        return np.concatenate([part, sign * part[:, ::-1]], 1)

    scale = np.sqrt(len(textures))
    return TextureModel(
        mean=whole(mean, 1), modes=np.array([whole(row, sign) for _, row, sign, _ in found[:modes]]),
        deviations=np.array([size / scale for size, *_ in found[:modes]]),
        weights=np.column_stack([vector * scale for *_, vector in found[:modes]]))
