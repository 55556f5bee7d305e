# SPDX-License-Identifier: LGPL-2.1-or-later
"""Face detectors of OpenCV: functions from a picture in colours to boxes (n, 4)."""

import pathlib

import cv2
import numpy as np

from faces import DataError

CASCADE = pathlib.Path('/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml')


class Haar:
    """The frontal cascade with the settings of GStreamer's `facedetect`."""
    name = 'the Haar cascade'

    def __init__(self):
        self.cascade = cv2.CascadeClassifier(str(CASCADE))
        if self.cascade.empty():
            raise DataError(f'{CASCADE} cannot be read (Debian has it in opencv-data)')

    def __call__(self, picture):
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        found = self.cascade.detectMultiScale(grey, scaleFactor=1.25, minNeighbors=3, minSize=(30, 30))
        return np.array(found, float).reshape(-1, 4)


class YuNet:
    """YuNet of 2023, decoded here: OpenCV 4.6 has a class for the older network alone."""
    name = 'YuNet'
    STRIDES = (8, 16, 32)

    def __init__(self, path, min_score=.6, max_iou=.3):
        self.min_score, self.max_iou = min_score, max_iou
        try:
            self.net = cv2.dnn.readNetFromONNX(str(path))
        except cv2.error as error:
            raise DataError(f'{path} is no network that OpenCV reads: {error}') from error
        self.outputs = [f'{kind}_{stride}' for stride in self.STRIDES for kind in ('cls', 'obj', 'bbox')]
        missing = set(self.outputs) - set(self.net.getUnconnectedOutLayersNames())
        if missing:
            raise DataError(f'{path} is not YuNet: it lacks {", ".join(sorted(missing))}')

    def __call__(self, picture):
        step = self.STRIDES[-1]
        bottom, right = (-side % step for side in picture.shape[:2])
        picture = cv2.copyMakeBorder(picture, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
        self.net.setInput(cv2.dnn.blobFromImage(picture))
        outputs = self.net.forward(self.outputs)
        levels = [self._decode(stride, picture.shape[1] // stride, *outputs[3 * i:3 * i + 3])
                  for i, stride in enumerate(self.STRIDES)]
        boxes, scores = (np.concatenate(parts) for parts in zip(*levels, strict=True))
        kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), self.min_score, self.max_iou)
        return boxes[np.array(kept, int).reshape(-1)]

    @staticmethod
    def _decode(stride, columns, classes, objects, offsets):
        """Boxes and scores of one level, a cell after the other."""
        classes, objects, offsets = classes.reshape(-1), objects.reshape(-1), offsets.reshape(-1, 4)
        cells = np.arange(len(classes))
        corner = np.column_stack([cells % columns, cells // columns])
        centre = (corner + offsets[:, :2]) * stride
        size = np.exp(offsets[:, 2:]) * stride
        return np.concatenate([centre - size / 2, size], axis=1), np.sqrt(np.clip(classes, 0, 1) * np.clip(objects, 0, 1))


def find(detector, faces):
    """What @detector finds in each face's picture: a list of boxes (n, 4)."""
    found = {}
    for image in dict.fromkeys(faces.images):
        picture = cv2.imread(image)
        if picture is None:
            raise DataError(f'{image} cannot be read')
        found[image] = detector(picture)
    return [found[image] for image in faces.images]
