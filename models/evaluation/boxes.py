# SPDX-License-Identifier: LGPL-2.1-or-later
"""Detectors' boxes and annotated ones: which belongs to which, how they relate, and boxes that are wrong. A box is
left, top, width, height."""

import numpy as np

# A detection of less overlap is not of this face.
MIN_IOU = .3
SHIFTS, SHRUNK, GROWN, BACKGROUND_SIZES = (.6, 1.2), .4, 2.5, (.7, 1.3)
TRIALS = 200


def iou(box, boxes):
    """Intersection over union of @box with each of @boxes (n, 4)."""
    boxes = np.asarray(boxes, float).reshape(-1, 4)
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(np.add(box[:2], box[2:]), boxes[:, :2] + boxes[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    return shared / (box[2] * box[3] + boxes[:, 2:].prod(axis=1) - shared)


def match(box, detections):
    """The detection, a row that begins with a box, that overlaps @box most, or None."""
    if not len(detections):
        return None
    overlaps = iou(box, np.asarray(detections)[:, :4])
    best = int(overlaps.argmax())
    return np.asarray(detections[best], float) if overlaps[best] >= MIN_IOU else None


def fit_map(detected, true):
    """The box map (scale x, scale y, offset x, offset y) from @detected to @true boxes: medians, as some detections
    are far off."""
    detected, true = np.asarray(detected, float), np.asarray(true, float)
    size = detected[:, 2:]
    centre = detected[:, :2] + size / 2
    true_centre = true[:, :2] + true[:, 2:] / 2
    return [*np.median(true[:, 2:] / size, axis=0), *np.median((true_centre - centre) / size, axis=0)]


def about(centre, size):
    return np.concatenate([np.asarray(centre) - np.asarray(size) / 2, size])


def _has_centre_in(box, width, height):
    x, y = box[:2] + box[2:] / 2
    return 0 <= x < width and 0 <= y < height


def shifted(box, rng):
    angle = rng.uniform(0, 2 * np.pi)
    step = rng.uniform(*SHIFTS) * np.array([np.cos(angle), np.sin(angle)])
    return about(box[:2] + box[2:] / 2 + step * box[2:], box[2:])


def scaled(box, factor):
    return about(box[:2] + box[2:] / 2, box[2:] * factor)


def elsewhere(box, width, height, rng):
    return about(rng.uniform(0, 1, 2) * (width, height), box[2:] * rng.uniform(*BACKGROUND_SIZES))


def _first(draw, is_good):
    return next((box for box in (draw() for _ in range(TRIALS)) if is_good(box)), None)


def misplaced(box, others, width, height, rng):
    """Wrong boxes by their kind for the face at @box in a picture, where @others may be faces too. None where there
    is no room for one: its centre has to be in the picture."""
    taken = np.vstack([box, *others])
    return {
        'shifted': _first(lambda: shifted(box, rng), lambda new: _has_centre_in(new, width, height)),
        'too small': scaled(box, SHRUNK),
        'too large': scaled(box, GROWN),
        'background': _first(lambda: elsewhere(box, width, height, rng), lambda new: not iou(new, taken).any()),
    }
