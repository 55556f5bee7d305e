# SPDX-License-Identifier: LGPL-2.1-or-later
"""Still pictures of one to three persons each."""

import os

import cv2
import numpy as np

from . import scene, truth
from .person import Person, View

SIZES = (640, 480), (480, 480), (480, 640), (800, 600)
UNITS = 1.75     # larger side of a face in units of the head
SMALLEST, LARGEST = 42, 300  # pixels, that side in the pictures


def _random_view(rng, position, face):
    """A view of a face whose larger side is @face pixels."""
    angles = np.clip(rng.normal(size=3) * [14, 7, 8], [-32, -15, -25], [32, 15, 25])
    open_mouth = rng.uniform(.04, .3) if rng.uniform() < .35 else rng.uniform(0, .04)
    eyes = 0 if rng.uniform() < .06 else rng.uniform(.75, 1.1)
    light = rng.uniform(-70, 70), rng.uniform(-10, 45), rng.uniform(0, .65)
    return View(position, face / UNITS, angles, open_mouth, rng.uniform(-.03, .16), eyes, light)


def _views(rng, size, count):
    """Views of @count faces beside each other, the smallest first, which is the farthest."""
    width, height = size
    cell = width / count
    most = min(LARGEST, .55 * cell, .5 * height)
    views = []
    for place in range(count):
        face = np.exp(rng.uniform(np.log(SMALLEST), np.log(most)))
        room = max(cell / 2 - .75 * face, 0)
        x = (place + .5) * cell + rng.uniform(-room, room)
        lowest = max(height - 1.1 * face, .81 * face)
        y = rng.uniform(max(.8 * face, lowest - 1.6 * face), lowest)
        views.append(_random_view(rng, (x, y), face))
    return sorted(views, key=lambda view: view.scale)


def make(model, folder, count, seed, progress):
    """Writes @count pictures to @folder/stills, and beside it stills.csv and stills-pose.csv."""
    os.makedirs(os.path.join(folder, 'stills'), exist_ok=True)
    points, poses = [], []
    for number in range(count):
        progress(f'picture {number + 1} of {count}')
        rng = np.random.default_rng([seed, number])
        size = SIZES[rng.integers(len(SIZES))]
        picture = scene.background(rng, size)
        views = _views(rng, size, rng.choice([1, 2, 3], p=[.65, .2, .15]))
        faces = scene.compose(picture, [(k, Person(model, rng), view) for k, view in enumerate(views)])
        name = f'stills/{number:02}.jpg'
        taken = scene.Camera(rng).take(picture, rng)
        if not cv2.imwrite(os.path.join(folder, name), taken, [cv2.IMWRITE_JPEG_QUALITY, 85]):
            raise OSError(f'{os.path.join(folder, name)} could not be written')
        points += [[name, *truth.points(face)] for face in faces]
        poses += [[name, *truth.pose(face)] for face in faces]
    truth.write(os.path.join(folder, 'stills.csv'), ['image', *truth.POINTS], points)
    truth.write(os.path.join(folder, 'stills-pose.csv'), ['image', *truth.POSE], poses)
