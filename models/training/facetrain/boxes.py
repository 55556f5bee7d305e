# SPDX-License-Identifier: LGPL-2.1-or-later
"""Boxes left, top, right, bottom of faces: the tight boxes of their 68
landmarks, the convention of libdan's models. Pixel centres are integers."""

import numpy as np


def tight(shapes):
    """(..., 4) of shapes (..., points, 2)."""
    return np.concatenate([shapes.min(-2), shapes.max(-2)], -1)


def area(boxes):
    return np.clip(boxes[..., 2:] - boxes[..., :2], 0, None).prod(-1)


def overlap(boxes, others):
    """The areas (n, m) that @boxes (n, 4) share with @others (m, 4)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.clip(high - low, 0, None).prod(-1)


def _share(shared, whole):
    return shared / np.maximum(whole, 1e-9)


def iou(boxes, others):
    """Intersection over union, (n, m)."""
    shared = overlap(boxes, others)
    return _share(shared, area(boxes)[:, None] + area(others)[None] - shared)


def covered(boxes, others):
    """Intersection over the smaller of both, (n, m): 1 if one holds the other."""
    return _share(overlap(boxes, others), np.minimum(area(boxes)[:, None], area(others)[None]))


def suppress(boxes, scores, max_iou):
    """Non-maximum suppression: indices of the boxes to keep, best first."""
    order, kept = np.argsort(-scores, kind='stable'), []
    while len(order):
        kept.append(order[0])
        order = order[1:][iou(boxes[order[:1]], boxes[order[1:]])[0] <= max_iou]
    return np.array(kept, int)
