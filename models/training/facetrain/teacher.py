# SPDX-License-Identifier: LGPL-2.1-or-later
"""YuNet as the teacher that labels the faces that nobody annotated. It is no
part of what is trained."""

import os
import sys

import cv2
import numpy as np

from . import boxes
from .five import N_FIVE

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'evaluation'))
import detectors  # noqa: E402  models/evaluation/detectors.py

SCALES = (1, 2)  # of the picture: the larger one is for small faces
MAX_IOU = .4


class Teacher(detectors.YuNet):
    """YuNet with its five points, at several @scales of the picture."""

    def __init__(self, path, min_score=.3, scales=SCALES):
        super().__init__(path, min_score)
        self.scales = scales
        self.outputs += [f'kps_{stride}' for stride in self.STRIDES]

    def find(self, picture):
        """Scores (n,), boxes (n, 4) and five points (n, 5, 2) of the faces in a
        @picture in colours."""
        found = [self._at_scale(picture, scale) for scale in self.scales]
        rectangles, scores, points = (np.concatenate(parts) for parts in zip(*found))
        kept = boxes.suppress(rectangles, scores, MAX_IOU)
        return scores[kept], rectangles[kept], points[kept]

    def _at_scale(self, picture, scale):
        picture = cv2.resize(picture, None, fx=scale, fy=scale)
        step = self.STRIDES[-1]
        bottom, right = (-side % step for side in picture.shape[:2])
        self.net.setInput(cv2.dnn.blobFromImage(cv2.copyMakeBorder(picture, 0, bottom, 0, right, cv2.BORDER_CONSTANT)))
        outputs, n_levels = self.net.forward(self.outputs), len(self.STRIDES)
        levels = [self._level(stride, (picture.shape[1] + right) // stride, outputs[3 * i:3 * i + 3],
                              outputs[3 * n_levels + i]) for i, stride in enumerate(self.STRIDES)]
        rectangles, scores, points = (np.concatenate(parts) for parts in zip(*levels))
        return rectangles / scale, scores, points / scale

    def _level(self, stride, columns, outputs, offsets):
        rectangles, scores = self._decode(stride, columns, *outputs)
        cells = np.arange(len(scores))
        corners = np.column_stack([cells % columns, cells // columns])
        points = (offsets.reshape(-1, N_FIVE, 2) + corners[:, None]) * stride
        likely = scores > self.min_score
        rectangles[:, 2:] += rectangles[:, :2]
        return rectangles[likely], scores[likely], points[likely]
