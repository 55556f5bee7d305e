# SPDX-License-Identifier: LGPL-2.1-or-later
"""The appearance model: shapes, textures, and what follows from them."""

import os
from zipfile import BadZipFile

import cv2
import numpy as np
from scipy.interpolate import LinearNDInterpolator

from dantrain import sets

from . import paint, texture
from .mesh import BEYOND, Mesh
from .structure import ShapeModel, learn_shapes

SETS = 'lfpw_train', 'helen_train', 'afw_crops'
MODES = 120
USUAL = .85  # share of the textures that is used: those closest to the mean


class Model:
    def __init__(self, shapes, textures):
        self.shapes, self.textures = shapes, textures
        self.mesh = Mesh(shapes.mean)
        self.normals = self._normals()

    def _normals(self):
        """The direction of the head's surface at each pixel of paint.FRAME."""
        vertices = self.mesh.vertices(self.shapes.mean, BEYOND)
        x, y = paint.FRAME.grid()
        depth = LinearNDInterpolator(self.mesh.flat, vertices[:, 2], 1.0)(x, y).astype(np.float32)
        depth = cv2.GaussianBlur(depth, None, .09 * paint.FRAME.scale) * paint.FRAME.scale
        down, right = np.gradient(depth)
        normals = np.stack([right, down, -np.ones_like(depth)], -1)
        return normals / np.linalg.norm(normals, axis=-1, keepdims=True)

    def save(self, path):
        np.savez(path, **{f'shapes.{k}': v for k, v in self.shapes.fields().items()},
                 **{f'textures.{k}': v.astype(np.float32) for k, v in self.textures.fields().items()})


def load(path):
    """The Model of a file that save() wrote."""
    try:
        with np.load(path) as file:
            return Model(*(kind(**{k: file[f'{name}.{k}'] for k in kind.FIELDS})
                           for name, kind in (('shapes', ShapeModel), ('textures', texture.TextureModel))))
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise sets.SetError(f'{path}: no appearance model: {error}') from error


def _unwarped(rows, folder, degrees, shapes, progress):
    mesh, textures = Mesh(shapes.mean), []
    for done, ((name, shape), (yaw, pitch, _)) in enumerate(zip(rows, degrees)):
        progress(f'textures {done + 1} of {len(rows)}')
        small = np.ptp(shape, axis=0).max() < texture.MIN_SIZE
        if small or abs(yaw) > texture.MAX_YAW or abs(pitch) > texture.MAX_PITCH:
            continue
        picture = cv2.imread(os.path.join(folder, name))
        if picture is None:
            raise sets.SetError(f'{os.path.join(folder, name)}: no picture that OpenCV can read')
        unwarped = texture.unwarp(picture, shape, shapes, mesh)
        if texture.is_usual(unwarped):
            textures.append(unwarped)
    return np.array(textures)


def learn(folder, progress):
    """The Model of the annotated faces in @folder."""
    rows = [row for name in SETS for row in sets.read_rows(os.path.join(folder, name + '.csv'))]
    if len(rows) < MODES:
        raise sets.SetError(f'{folder}: {len(rows)} faces are too few for {MODES} components')
    progress(f'shapes of {len(rows)} faces')
    shapes, degrees = learn_shapes(np.array([shape for _, shape in rows], float))
    textures = _unwarped(rows, folder, degrees, shapes, progress)
    if len(textures) * USUAL < MODES:
        raise sets.SetError(f'{folder}: {len(textures)} frontal faces in colour are too few for {MODES} components')
    away = ((textures - textures.mean(0)) ** 2).mean((1, 2, 3))
    textures = textures[np.argsort(away)[:int(len(textures) * USUAL)]]
    progress(f'components of {len(textures)} textures')
    return Model(shapes, texture.learn_textures(textures, MODES))
