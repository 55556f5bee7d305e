# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whole pictures with all of their faces, and one file to carry them in."""

import os

import cv2
import numpy as np

from dantrain import sets
from . import boxes
from .five import shape_on

ANNOTATED, TAUGHT, IGNORED = 0, 1, 2  # kinds of faces: by people, by the teacher, neither face nor background
SURE = .7          # score of the teacher from which on its face is one to learn
SAME_FACE = .4     # of the smaller box is shared: an annotated face that the teacher found too


class Scenes:
    """Grey @images, the @pictures' names, and a list with the @shapes (n, 68,
    2) and one with the @kinds (n,) of the faces in each."""

    def __init__(self, images, pictures, shapes, kinds):
        self.images, self.pictures, self.shapes, self.kinds = images, np.array(pictures), shapes, kinds

    def __len__(self):
        return len(self.images)

    def take(self, chosen):
        """The pictures at the indices, or of the mask, @chosen."""
        indices = np.arange(len(self))[chosen]
        return Scenes(*([part[i] for i in indices] for part in (self.images, self.pictures, self.shapes, self.kinds)))


def join(parts):
    return Scenes(*(sum((list(getattr(part, name)) for part in parts), [])
                    for name in ('images', 'pictures', 'shapes', 'kinds')))


def label(picture, annotated, teacher, mean_shape):
    """Shapes and kinds of all faces in @picture: the @annotated (n, 68, 2), and
    what the @teacher, if there is one, finds beyond them."""
    if not teacher:
        return annotated.astype(np.float32), np.full(len(annotated), ANNOTATED, np.uint8)
    scores, _, points = teacher.find(picture)
    shapes = np.array([shape_on(five, mean_shape) for five in points]).reshape(-1, *mean_shape.shape)
    new = (boxes.covered(boxes.tight(shapes), boxes.tight(annotated)) < SAME_FACE).all(1)
    kinds = np.where(scores[new] >= SURE, TAUGHT, IGNORED)
    return (np.concatenate([annotated, shapes[new]]).astype(np.float32),
            np.concatenate([np.full(len(annotated), ANNOTATED), kinds]).astype(np.uint8))


def read(path, teacher, mean_shape, choose=list):
    """The Scenes of those of the pictures in the set at @path whose names @choose gives back."""
    faces, folder = {}, os.path.dirname(path)
    for name, shape in sets.read_rows(path):
        faces.setdefault(name, []).append(shape)
    if not faces:
        raise sets.SetError(f'{path}: no faces')
    names, images, shapes, kinds = choose(list(faces)), [], [], []
    for name in names:
        picture = cv2.imread(os.path.join(folder, name))
        if picture is None:
            raise sets.SetError(f'{os.path.join(folder, name)}: no picture that OpenCV can read')
        in_picture = label(picture, np.array(faces[name]), teacher, mean_shape)
        images.append(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
        shapes.append(in_picture[0])
        kinds.append(in_picture[1])
    return Scenes(images, names, shapes, kinds)


def read_all(paths, teacher, mean_shape, choose=list):
    """read() of several sets, as one."""
    return join([read(path, teacher, mean_shape, choose) for path in paths])


def read_held_out(paths, teacher, mean_shape):
    """What sets.hold_out() keeps for validation of the sets at @paths, as it is:
    packed pictures have been compressed once more."""
    pictures = np.array([picture for path in paths for picture, _ in sets.read_rows(path)])
    held_out = set(pictures[sets.is_held_out(pictures)])
    return read_all(paths, teacher, mean_shape, lambda found: [name for name in found if name in held_out])


def pack(path, parts, quality):
    """Writes Scenes by name to one file."""
    arrays = {}
    for name, part in parts.items():
        arrays[f'{name}.jpegs'], arrays[f'{name}.lengths'] = sets.encode(part.images, quality)
        arrays[f'{name}.pictures'] = part.pictures
        arrays[f'{name}.counts'] = np.array([len(kinds) for kinds in part.kinds])
        arrays[f'{name}.shapes'], arrays[f'{name}.kinds'] = np.concatenate(part.shapes), np.concatenate(part.kinds)
    sets.write_arrays(path, arrays)


def _unpack(file, name):
    ends = np.cumsum(file[f'{name}.counts'])[:-1]
    return Scenes(sets.decode(file[f'{name}.jpegs'], file[f'{name}.lengths']), file[f'{name}.pictures'],
                  np.split(file[f'{name}.shapes'], ends), np.split(file[f'{name}.kinds'], ends))


def unpack(path):
    """{name: Scenes} of a file that pack() wrote."""
    try:
        with np.load(path) as file:
            return {key[:-len('.counts')]: _unpack(file, key[:-len('.counts')])
                    for key in file.files if key.endswith('.counts')}
    except (OSError, ValueError, KeyError) as error:
        raise sets.SetError(f'{path}: no file of packed scenes: {error}') from error
