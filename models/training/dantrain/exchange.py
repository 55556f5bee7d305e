# SPDX-License-Identifier: LGPL-2.1-or-later
"""New people: the inner face of one is bent onto the landmarks of another that is
alike in shape, and blended in, lit as that was. The landmarks stay exact. Bending
is by thin plates (Bookstein, "Principal Warps", PAMI 1989)."""

import cv2
import numpy as np
import torch

from . import shapes
from .scheme import JAW
from .sets import CROP, Faces

ALIKE = 25           # faces, upright or mirrored, that are most alike: one of them is taken
WHOLE = .35          # share of exchanges that take the jaw, too
STIFFNESS = 1.       # of the plate: lips that touch are landmarks at one place
STEP = 8             # pixels from one place that the bending is computed for to the next
GROWN = .05          # what the mask reaches beyond the landmarks, by the face's size
SOFT, LIGHT = .03, .18  # deviations of the mask's edge and of what counts as light, likewise
FIRST_BROW, BETWEEN_EYES, UNDER_NOSE = 17, 27, 33


def _mirrored(points):
    return shapes.mirrored(torch.from_numpy(points), CROP).numpy()


def _aligned(points):
    """@points as complex numbers of one size and place."""
    flat = points[..., 0] + 1j * points[..., 1]
    flat = flat - flat.mean(1, keepdims=True)
    return flat / np.linalg.norm(flat, axis=1, keepdims=True)


def alike(points):
    """For each of @points (n, 68, 2) the indices (n, ALIKE) of those that are most alike, whatever their size and
    angle; n and more are the mirrored ones."""
    n = len(points)
    both = np.concatenate([points, _mirrored(points)])
    likeness = np.abs(_aligned(points) @ _aligned(both).conj().T)
    own = np.arange(n)
    likeness[own, own] = likeness[own, own + n] = -1
    return np.argsort(-likeness, 1)[:, :min(ALIKE, 2 * n - 2)]


def _plate(square):
    """The thin plate's kernel, of squared distances."""
    return square * np.log(square + 1e-9)


def _squares(a, b):
    return ((a[:, None] - b[None]) ** 2).sum(-1)


def bend(crop, source, target):
    """@crop, whose points @source (n, 2) come to lie at @target."""
    n = len(target)
    plane = np.column_stack([np.ones(n), target])
    stiff = _plate(_squares(target, target)) + STIFFNESS * np.eye(n)
    system = np.block([[stiff, plane], [plane.T, np.zeros((3, 3))]])
    weights = np.linalg.solve(system, np.concatenate([source, np.zeros((3, 2))]))
    axis = np.arange(0, CROP + STEP, STEP, dtype=float)
    at = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    coarse = np.column_stack([_plate(_squares(at, target)), np.ones(len(at)), at]) @ weights
    coarse = coarse.reshape(len(axis), len(axis), 2).astype(np.float32)
    fine = np.arange(CROP, dtype=np.float32) / STEP
    maps = cv2.remap(coarse, *np.meshgrid(fine, fine), cv2.INTER_LINEAR)
    return cv2.remap(crop, maps, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _outline(points, whole):
    """Points around what is exchanged: all landmarks, or the inner ones, the cheeks between them and the jaw, and a
    part of the forehead."""
    if whole:
        return points
    cheeks = .45 * points[JAW][4:13] + .55 * points[UNDER_NOSE]
    forehead = points[[19, 24]] + .06 * (points[BETWEEN_EYES] - points[8])
    return np.concatenate([points[FIRST_BROW:], cheeks, forehead])


def _mask(points, whole, size):
    mask = np.zeros((CROP, CROP), np.uint8)
    hull = cv2.convexHull(_outline(points, whole).astype(np.float32))
    cv2.fillConvexPoly(mask, np.round(hull * 16).astype(np.int32), 255, shift=4)
    grown = int(GROWN * size) | 1
    return cv2.dilate(mask, np.ones((grown, grown), np.uint8)) > 0


def _light(image, mask, deviation):
    """What is smooth of @image within @mask."""
    def smooth(values):
        return cv2.GaussianBlur(values.astype(np.float32), (0, 0), deviation)
    return smooth(image * mask) / (smooth(mask) + 1e-3)


def exchange(crop, points, other, other_points, whole, lit):
    """@crop with the face of @other in the place of its own, whose landmarks @points stay. Of its light, @lit is that
    of @crop, the rest that of @other."""
    size = np.ptp(points, 0).max()
    mask = _mask(points, whole, size)
    own, new = crop.astype(np.float32), bend(other, other_points, points).astype(np.float32)
    own_light, new_light = (_light(image, mask, LIGHT * size) for image in (own, new))
    contrast = (own - own_light)[mask].std() / ((new - new_light)[mask].std() + 1e-3)
    level = (own_light - new_light)[mask].mean()
    new = (new - new_light) * np.clip(contrast, .6, 1.6) + lit * own_light + (1 - lit) * (new_light + level)
    share = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), SOFT * size)
    return np.clip(np.rint(own + share * (new - own)), 0, 255).astype(np.uint8)


def exchanged(faces, count, rng):
    """@count Faces, each of @faces with the face of another one. They have the pictures of those that gave the place."""
    near, mirror = alike(faces.shapes), _mirrored(faces.shapes)
    chosen = np.resize(rng.permutation(len(faces)), count)
    crops = np.empty((count, CROP, CROP), np.uint8)
    for crop, i in zip(crops, chosen):
        j = rng.choice(near[i])
        other, points = faces.crops[j % len(faces)], faces.shapes
        if j >= len(faces):
            j, other, points = j - len(faces), other[:, ::-1].copy(), mirror
        crop[:] = exchange(faces.crops[i], faces.shapes[i], other, points[j], rng.random() < WHOLE, rng.uniform(.5, 1))
    return Faces(crops, faces.shapes[chosen], faces.pictures[chosen])
