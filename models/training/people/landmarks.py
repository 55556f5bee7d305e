# SPDX-License-Identifier: LGPL-2.1-or-later
"""The 68 landmarks of iBUG / 300-W by part, and poses of the head.

A shape is (68, 2) in pixels or (68, 3) in the head's own frame: x to the
picture's right, y down, z away from the viewer, its unit the distance between
the outer corners of the eyes.
"""

import numpy as np

from dantrain.scheme import LEFT_LIDS, MIRROR, OUTER_CORNERS, RIGHT_LIDS  # noqa: F401  (lids are for others)

# Pairs of an upper and a lower landmark that meet when the mouth shuts.
LIPS = ((61, 67), (62, 66), (63, 65))


def mirrored(shapes, width=1):
    """@shapes (..., 68, 2 or 3) in pictures @width pixels wide, as in their mirror images."""
    flipped = shapes[..., MIRROR, :].copy()
    flipped[..., 0] = width - 1 - flipped[..., 0]
    return flipped


def rotation(yaw, pitch, roll):
    """The matrix that turns a head, for row vectors: p' = p matrix; in degrees.

    First the head turns about its own vertical axis (positive yaw: its nose
    moves to the picture's right), then nods (positive pitch: the nose moves
    up), then leans (positive roll: clockwise in the picture)."""
    cy, cp, cr = np.cos(np.radians([yaw, pitch, roll]))
    sy, sp, sr = np.sin(np.radians([yaw, pitch, roll]))
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    lean = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    return turn @ nod @ lean


def angles(matrix):
    """(yaw, pitch, roll) in degrees that rotation() makes @matrix of."""
    # Leaning leaves column 2 alone: sin yaw cos pitch, -sin pitch, cos yaw cos pitch.
    yaw = np.arctan2(matrix[0, 2], matrix[2, 2])
    pitch = np.arctan2(-matrix[1, 2], np.hypot(matrix[0, 2], matrix[2, 2]))
    lean = rotation(*np.degrees([yaw, pitch]), 0).T @ matrix
    return np.degrees([yaw, pitch, np.arctan2(lean[0, 1], lean[0, 0])])


def inter_ocular(shape):
    """The distance between the outer corners of the eyes."""
    return np.linalg.norm(shape[..., OUTER_CORNERS[0], :2] - shape[..., OUTER_CORNERS[1], :2], axis=-1)


def opening(shape, pairs):
    """The mean distance of @pairs of upper and lower landmarks."""
    upper, lower = np.transpose(pairs)
    return np.linalg.norm(shape[..., upper, :2] - shape[..., lower, :2], axis=-1).mean(-1)
