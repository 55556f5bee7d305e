# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recall against false alarms."""

import dataclasses

import numpy as np

from . import boxes
from .five import five_points
from .scenes import ANNOTATED

MIN_IOU = .3          # a detection of less overlap is not of this face
UNANNOTATED = .3      # share of the smaller box: this is a face that nobody annotated
ALLOWED = .03         # false alarms a picture


@dataclasses.dataclass
class Outcome:
    """Of a set: for each annotated face the score that it was found with (-1:
    not found), its size, the overlap and the points' mean error over the eyes'
    distance (nan: not found); the scores of false alarms, and in which of the
    pictures each was."""
    found: np.ndarray
    sizes: np.ndarray
    overlaps: np.ndarray
    errors: np.ndarray
    alarms: np.ndarray
    places: np.ndarray
    n_pictures: int

    def recall(self, threshold):
        return float((self.found >= threshold).mean())

    def alarms_a_picture(self, threshold):
        return float((self.alarms >= threshold).sum() / self.n_pictures)

    def threshold(self, allowed=ALLOWED):
        """The lowest threshold with at most @allowed false alarms a picture."""
        n = int(allowed * self.n_pictures)
        if len(self.alarms) <= n:
            return 0.
        return float(np.nextafter(np.sort(self.alarms)[::-1][n], np.inf))

    def means(self):
        """The mean overlap and error of the faces that were found."""
        has = self.found >= 0
        return tuple(float(part[has].mean()) if has.any() else float('nan') for part in (self.overlaps, self.errors))

    def curve(self):
        """(false alarms a picture, recall) for every threshold that matters."""
        thresholds = np.unique(np.concatenate([self.alarms, self.found[self.found >= 0]]))
        return [(self.alarms_a_picture(t), self.recall(t)) for t in thresholds]


def _point_error(points, shape):
    truth = five_points(shape)
    return np.linalg.norm(points - truth, axis=-1).mean() / np.linalg.norm(truth[1] - truth[0])


def match(detections, shapes, kinds):
    """For one picture: rows (score, overlap, error) of the annotated faces, and
    the indices of detections that are false alarms. The best detection takes
    the face that it overlaps most; another one of the same face is an alarm."""
    scores, rectangles, points = detections
    annotated = np.flatnonzero(kinds == ANNOTATED)
    faces = boxes.tight(shapes)
    overlaps = boxes.iou(rectangles, faces[annotated])
    others = (boxes.covered(rectangles, faces[kinds != ANNOTATED]) >= UNANNOTATED).any(1)
    rows, alarms = np.array([[-1, np.nan, np.nan]] * len(annotated)).reshape(-1, 3), []
    for i in np.argsort(-scores, kind='stable'):
        free = np.where(rows[:, 0] < 0, overlaps[i], 0)
        if len(free) and free.max() >= MIN_IOU:
            k = free.argmax()
            error = _point_error(points[i], shapes[annotated[k]]) if points is not None else np.nan
            rows[k] = scores[i], free[k], error
        elif not others[i]:
            alarms.append(i)
    return rows, alarms


def measure(detector, scenes):
    """The Outcome of @detector, a function from a grey picture to scores, boxes
    and points (or None), on @scenes."""
    rows, alarms, places, sizes = [], [], [], []
    for i, (image, shapes, kinds) in enumerate(zip(scenes.images, scenes.shapes, scenes.kinds)):
        detections = detector(image)
        found, wrong = match(detections, shapes, kinds)
        rows.append(found)
        alarms += list(detections[0][wrong])
        places += [i] * len(wrong)
        sizes.append(np.sqrt(boxes.area(boxes.tight(shapes[kinds == ANNOTATED]))))
    found, overlaps, errors = np.concatenate(rows).T
    return Outcome(found, np.concatenate(sizes), overlaps, errors, np.array(alarms, float), np.array(places, int), len(scenes))
