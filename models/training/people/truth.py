# SPDX-License-Identifier: LGPL-2.1-or-later
"""The files that say what is in the generated pictures."""

import csv

from dantrain import scheme

POINTS = [f'{axis}{k}' for k in range(scheme.N_POINTS) for axis in 'xy']
POSE = ['yaw', 'pitch', 'roll', 'right_eye', 'left_eye', 'mouth']


def points(face):
    return [f'{v:.2f}' for v in face.shape.ravel()]


def pose(face):
    openings = face.right_eye, face.left_eye, face.mouth
    return [f'{v:.2f}' for v in face.angles] + [f'{v:.4f}' for v in openings]


def write(path, header, rows):
    with open(path, 'w', newline='') as file:
        csv.writer(file, lineterminator='\n').writerows([header, *rows])
