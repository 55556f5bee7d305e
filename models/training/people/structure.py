# SPDX-License-Identifier: LGPL-2.1-or-later
"""Heads in three dimensions out of landmarks in two.

A mean head and a pose for each picture (weak perspective, alternating least
squares); what is left over, turned back to the front, is split into expressions
(by regression on what can be measured) and identity (principal components).
"""

import numpy as np

from dantrain import scheme

from . import landmarks as lm

FRONTAL = 18  # degrees of yaw and pitch that identity and expression are learnt within


def _first_guess(shapes):
    """The mean of upright shapes, on a cylinder with a nose."""
    mean = shapes.mean(0)
    mean = (mean + lm.mirrored(mean, 1)) / 2
    depth = mean[:, 0] ** 2
    depth[scheme.NOSE] -= .3
    return np.column_stack([mean, depth])


def fit_pose(shape, head):
    """(scale, rotation, offset (2,)) that put the @head on the @shape."""
    centre, middle = shape.mean(0), head.mean(0)
    affine = np.linalg.lstsq(head - middle, shape - centre, rcond=None)[0]
    u, sizes, v = np.linalg.svd(affine.T, full_matrices=False)
    rows = u @ v
    matrix = np.column_stack([rows[0], rows[1], np.cross(rows[0], rows[1])])
    scale = sizes.mean()
    return scale, matrix, centre - scale * (middle @ matrix)[:2]


def place(head, scale, matrix, offset):
    """The @head in the picture: x and y in pixels, z on the same scale."""
    placed = scale * (head @ matrix)
    placed[..., :2] += offset
    return placed


def _upright(shapes):
    across = shapes[:, scheme.LEFT_EYE].mean(1) - shapes[:, scheme.RIGHT_EYE].mean(1)
    centred = shapes - shapes.mean(1, keepdims=True)
    unit = across / (across ** 2).sum(1, keepdims=True)
    x, y = centred[..., 0], centred[..., 1]
    return np.stack([x * unit[:, :1] + y * unit[:, 1:], y * unit[:, :1] - x * unit[:, 1:]], -1)


def _solve_head(shapes, poses):
    """The head that the @poses put closest to the @shapes, all at once."""
    rows = np.concatenate([matrix[:, :2].T for _, matrix, _ in poses])
    targets = np.concatenate([((shape - offset) / scale).T
                              for shape, (scale, _, offset) in zip(shapes, poses)])
    head = np.linalg.lstsq(rows, targets, rcond=None)[0].T
    head = (head + lm.mirrored(head, 1)) / 2
    head -= head.mean(0)
    return head / lm.inter_ocular(head)


def factorise(shapes, rounds=40):
    """The mean head of @shapes (n, 68, 2), mirror-symmetric, and their poses.
    It looks to the front where the average picture does."""
    head = _first_guess(_upright(shapes))
    for _ in range(rounds):
        poses = [fit_pose(shape, head) for shape in shapes]
        head = _solve_head(shapes, poses)
    pitch = np.median([lm.angles(fit_pose(shape, head)[1])[1] for shape in shapes])
    head = head @ lm.rotation(0, pitch, 0)
    return head, [fit_pose(shape, head) for shape in shapes]


def turned_terms(yaw, pitch):
    """Terms of the polynomial in the pose (degrees) that corrects a rigid head:
    annotators follow the visible outline, and a turned head's jaw slides."""
    y, p = yaw / 30, pitch / 30
    return np.array([y, p, y * y, y * p, p * p, y ** 3, y * y * p])


def _residuals(shapes, head, poses):
    """What the @head leaves of each shape, in units of the head's, upright, in the picture's plane."""
    left = []
    for shape, (scale, matrix, offset) in zip(shapes, poses):
        difference = (shape - place(head, scale, matrix, offset)[:, :2]) / scale
        roll = np.radians(lm.angles(matrix)[2])
        c, s = np.cos(roll), np.sin(roll)
        left.append(difference @ np.array([[c, -s], [s, c]]))
    return np.array(left)


def _ridge(terms, values, weight):
    terms, flat = np.asarray(terms), values.reshape(len(values), -1)
    gram = terms.T @ terms + weight * np.eye(terms.shape[1])
    return np.linalg.solve(gram, terms.T @ flat).reshape(terms.shape[1], *values.shape[1:])


def measure_expression(shape):
    """(mouth opening, width of the mouth) over the inter-ocular distance."""
    width = np.linalg.norm(shape[..., 54, :2] - shape[..., 48, :2], axis=-1)
    return np.stack([lm.opening(shape, lm.LIPS), width], -1) / lm.inter_ocular(shape)[..., None]


class ShapeModel:
    """mean (68, 3): the head. correction (terms, 68, 2): see turned_terms().
    expressions (2, 68, 2): what a unit of each of measure_expression() adds. neutral: how
    far apart the mean's lips are.
    modes (k, 68, 2) and deviations (k,) of identity."""

    FIELDS = 'mean', 'correction', 'expressions', 'neutral', 'modes', 'deviations'

    def __init__(self, **fields):
        for name in self.FIELDS:
            setattr(self, name, np.asarray(fields[name]))

    def fields(self):
        return {name: getattr(self, name) for name in self.FIELDS}

    def head(self, identity, mouth=0, smile=0):
        """The head (68, 3) of the coefficients @identity (k,), its lips @mouth
        apart and its mouth @smile wider, in inter-ocular distances."""
        head = self.mean.copy()
        head[:, :2] += np.tensordot(identity * self.deviations, self.modes, 1)
        head[:, :2] += np.tensordot([mouth - self.neutral, smile], self.expressions, 1)
        for upper, lower in lm.LIPS:
            middle = (head[upper] + head[lower]) / 2
            head[upper], head[lower] = middle - [0, mouth / 2, 0], middle + [0, mouth / 2, 0]
        return head

    def corrected(self, yaw, pitch):
        """What to add (68, 2) to the turned, unleaned head."""
        return np.tensordot(turned_terms(yaw, pitch), self.correction, 1)


def _identity(left, modes):
    """The first @modes components of @left (n, 68, 2), and their deviations."""
    flat = left.reshape(len(left), -1)
    _, sizes, rows = np.linalg.svd(flat - flat.mean(0), full_matrices=False)
    return rows[:modes].reshape(modes, scheme.N_POINTS, 2), sizes[:modes] / np.sqrt(len(flat))


def learn_shapes(shapes, modes=20):
    """The ShapeModel of @shapes (n, 68, 2), and their poses in degrees (n, 3)."""
    shapes = np.concatenate([shapes, lm.mirrored(shapes, 1)])
    head, poses = factorise(shapes)
    degrees = np.array([lm.angles(matrix) for _, matrix, _ in poses])
    left = _residuals(shapes, head, poses)
    turned = turned_terms(degrees[:, 0], degrees[:, 1]).T
    correction = _ridge(turned, left, 10)
    left -= np.tensordot(turned, correction, 1)
    frontal = np.abs(degrees[:, :2]).max(1) < FRONTAL
    left, measured = left[frontal], measure_expression(shapes[frontal])
    away = measured - measured.mean(0)
    expressions = _ridge(np.column_stack([away, np.ones(len(away))]), left, 1e-6)[:2]
    components, deviations = _identity(left - np.tensordot(away, expressions, 1), modes)
    model = ShapeModel(mean=head, correction=correction, expressions=expressions, neutral=measured[:, 0].mean(),
                       modes=components, deviations=deviations)
    return model, degrees[:len(shapes) // 2]
