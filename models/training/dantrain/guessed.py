# SPDX-License-Identifier: LGPL-2.1-or-later
"""Faces that nobody annotated in annotated pictures, as a detector with five points finds them: where the mean shape
fits those. relabel.py makes labels of it, or leaves a face out."""

import numpy as np
import torch

from facetrain import scenes
from facetrain.teacher import Teacher

from . import sets, shapes

LEAST = 40  # pixels of a face's larger side


def read(paths, model, annotated):
    """The Faces that the detector @model finds in the pictures of the sets at @paths beside those that are annotated
    there. @annotated: shapes that the mean shape is taken from."""
    mean, found = shapes.mean_shape(torch.from_numpy(annotated)).numpy(), []
    pictures = scenes.read_all(paths, Teacher(model), mean)
    for image, name, points, kinds in zip(pictures.images, pictures.pictures, pictures.shapes, pictures.kinds):
        for shape in points[kinds == scenes.TAUGHT]:
            if np.ptp(shape, 0).max() >= LEAST:
                found.append((*sets.crop_face(image, shape), name))
    if not found:
        raise sets.SetError(f'{", ".join(paths)}: no faces in the pictures beside those that are annotated')
    crops, points, names = zip(*found)
    return sets.Faces(np.stack(crops), np.stack(points).astype(np.float32), np.array(names))
