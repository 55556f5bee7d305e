# SPDX-License-Identifier: LGPL-2.1-or-later
"""Videos whose faces are known in every frame."""

import csv
import dataclasses
import functools

import cv2
import numpy as np

import element
import steadiness
from faces import DataError

FPS = 25
EVERY = 30  # frames between detections, where faces are tracked
EYES = (36, 45)
WHOLE = .98  # the share of a face that is visible if it is in full view
HEAD = 'yaw', 'pitch', 'roll', 'right_eye', 'left_eye', 'mouth'  # columns, in the order of element.HEAD


@dataclasses.dataclass
class Truth:
    """Of one face of a frame."""
    person: int
    visible: float  # share of the face, 0 to 1
    shape: np.ndarray  # in the video's own points
    head: np.ndarray = None  # what the columns HEAD say

    def box(self):
        low, high = self.shape.min(axis=0), self.shape.max(axis=0)
        return (*low, *(high - low))


@dataclasses.dataclass
class Video:
    name: str
    frames: list  # of grey pictures
    truth: list  # of lists of Truth
    points: list  # the landmarks of iBUG that the truth's points are
    eyes: tuple  # of the truth's points, the outer corners
    detect: object  # from the number of a frame to boxes

    def boxes(self, number, every):
        """What is detected in a frame, if that is done in one of @every."""
        return self.detect(number) if number % every == 0 else []

    def own_face(self, found, truth):
        """The one of the faces @found in a frame that is @truth's, with the points that this has; or None."""
        seen = [dataclasses.replace(face, shape=face.shape[self.points]) for face in found]
        return steadiness.nearest(seen, truth.shape, self.inter_ocular(truth.shape))

    def inter_ocular(self, shape):
        return float(np.linalg.norm(shape[self.eyes[0]] - shape[self.eyes[1]]))


def read_rows(path):
    try:
        with open(path, newline='', encoding='utf-8') as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise DataError(f'{path} cannot be read: {error.strerror}') from error


def read_shape(row):
    return np.array([[float(row[f'x{i}']), float(row[f'y{i}'])] for i in range(68)])


def read_head(row):
    return np.array([float(row[name]) for name in HEAD])


def read_picture(path):
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise DataError(f'{path} cannot be read')
    return picture


# FG-NET's points by iBUG's numbers: corners of eyes and mouth, chin, tip of the nose.
TALKING = {36: 27, 39: 29, 42: 34, 45: 32, 48: 48, 54: 54, 8: 7, 30: 67}
TALKING_EYES, TALKING_OPENINGS = (27, 32), ((28, 30), (33, 35), (61, 64))  # outer corners; lids and inner lips, one above the other


def _talking_truth(row):
    """Its angles are not known, and lids have one landmark each, in the middle."""
    shape = read_shape(row)
    *openings, eyes = (np.linalg.norm(shape[a] - shape[b]) for a, b in (*TALKING_OPENINGS, TALKING_EYES))
    return Truth(0, 1, shape[list(TALKING.values())], np.array([np.nan] * 3 + [opening / eyes for opening in openings]))


def talking(folder, limit):
    """FG-NET's Talking Face; detections by danfacedetect, the most confident."""
    rows = read_rows(folder / 'points.csv')[:limit or None]
    pictures = [read_picture(folder / row['image']) for row in rows]
    find = element.FaceDetect()

    @functools.cache
    def detect(number):
        return find(pictures[number])[:1, :4]

    return Video('talking face', [cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) for picture in pictures],
                 [[_talking_truth(row)] for row in rows], list(TALKING),
                 (list(TALKING).index(EYES[0]), list(TALKING).index(EYES[1])), detect)


def generated(folder, limit):
    """tests/people/video.webm; detections are true, of faces of which most is visible."""
    truth = {}
    for row in read_rows(folder / 'video.csv'):
        truth.setdefault(int(row['frame']), []).append(
            Truth(int(row['person']), float(row['visible']), read_shape(row), read_head(row)))
    capture, frames = cv2.VideoCapture(str(folder / 'video.webm')), []
    while len(frames) < (limit or len(truth)):
        found, picture = capture.read()
        if not found:
            raise DataError(f'{folder / "video.webm"} has {len(frames)} frames, not {len(truth)}')
        frames.append(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    truth = [truth[number] for number in range(len(frames))]
    return Video('generated', frames, truth, list(range(68)), EYES,
                 lambda number: [face.box() for face in truth[number] if face.visible > .6])
