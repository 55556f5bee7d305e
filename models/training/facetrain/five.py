# SPDX-License-Identifier: LGPL-2.1-or-later
"""The five points that the detector finds, from 68 landmarks: the middles of
the eyes, the tip of the nose, the corners of the mouth; right before left,
the subject's own."""

import numpy as np

from dantrain.scheme import LEFT_EYE, RIGHT_EYE

N_FIVE = 5
NOSE_TIP, RIGHT_CORNER, LEFT_CORNER = 30, 48, 54


def five_points(shapes):
    """(..., 5, 2) of shapes (..., 68, 2)."""
    eyes = [shapes[..., eye, :].mean(-2) for eye in (RIGHT_EYE, LEFT_EYE)]
    return np.stack([*eyes, *(shapes[..., k, :] for k in (NOSE_TIP, RIGHT_CORNER, LEFT_CORNER))], -2)


def shape_on(five, mean_shape):
    """@mean_shape (68, 2) under the affine map that best fits its five points
    to @five: about where the landmarks are."""
    source = np.column_stack([five_points(mean_shape), np.ones(N_FIVE)])
    matrix, *_ = np.linalg.lstsq(source, five, rcond=None)
    return np.column_stack([mean_shape, np.ones(len(mean_shape))]) @ matrix
