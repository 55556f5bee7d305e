# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a detector is worth on sets, in pictures scaled as dan_detect() does, beside Haar's cascade and YuNet, and by
the faces' size, angle and yaw."""

import json
import math
import os

import cv2
import numpy as np

from dantrain.scheme import OUTER_CORNERS
from . import boxes, detect, measures, mosaic, teacher
from .five import NOSE_TIP
from .scenes import ANNOTATED, Scenes

FRAME = (640, 480)
SIZES = (16, 20, 24, 32, 48, 64, 96, 160, 240, 320, 400, 480)  # of the face in the frame, in pixels
ANGLES = (-60, -45, -30, -15, 0, 15, 30, 45, 60)
ANGLE_SIZES = (32, 120)
YAWS = (0, .1, .2, .3, .5, math.inf)  # tip of the nose from the middle of the outer corners, by their distance
THRESHOLDS = (.3, .4, .5, .6, .7)


def haar():
    """The cascade as GStreamer's `facedetect` sets it, but for the neighbours:
    their number is the score."""
    cascade = teacher.detectors.Haar().cascade

    def find(image):
        found, scores = cascade.detectMultiScale2(image, scaleFactor=1.25, minNeighbors=1, minSize=(30, 30))
        found = np.array(found, float).reshape(-1, 4)
        return np.array(scores, float).ravel(), np.column_stack([found[:, :2], found[:, :2] + found[:, 2:]]), None
    return find


def yunet(path, long_side=320):
    net = teacher.Teacher(path, .05, scales=(1,))

    def find(image):
        factor = long_side / max(image.shape)
        small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        scores, rectangles, points = net.find(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR))
        return scores, rectangles / factor, points / factor
    return find


def framed(scenes, size, angle):
    """Each annotated face of @scenes alone: @size pixels large, turned by @angle
    degrees more, in the middle of a FRAME."""
    images, pictures, shapes = [], [], []
    for image, picture, in_picture, kinds in zip(scenes.images, scenes.pictures, scenes.shapes, scenes.kinds):
        for shape in in_picture[kinds == ANNOTATED]:
            box = boxes.tight(shape)
            cos, sin = (size / math.sqrt(boxes.area(box)) * f(math.radians(angle)) for f in (math.cos, math.sin))
            linear = np.array([[cos, -sin], [sin, cos]])
            matrix = np.column_stack([linear, np.array(FRAME) / 2 - linear @ ((box[:2] + box[2:]) / 2)])
            images.append(mosaic.warp(image, matrix, np.full(FRAME[::-1], 128, np.uint8)))
            pictures.append(picture)
            shapes.append((shape @ linear.T + matrix[:, 2])[None])
    return Scenes(images, pictures, shapes, [np.zeros(1, np.uint8)] * len(images))


def _yaws(scenes):
    shape = np.concatenate([s[k == ANNOTATED] for s, k in zip(scenes.shapes, scenes.kinds)])
    right, left = (shape[:, corner] for corner in OUTER_CORNERS)
    line, nose = left - right, shape[:, NOSE_TIP] - (right + left) / 2
    return np.abs((nose * line).sum(1)) / (line ** 2).sum(1)


def _shares(outcome, threshold, masks):
    return {label: {'faces': int(mask.sum()), 'recall': float((outcome.found[mask] >= threshold).mean())}
            for label, mask in masks.items() if mask.any()}


def _summary(outcome):
    threshold, (iou, points) = outcome.threshold(), outcome.means()
    return {'faces': len(outcome.found), 'pictures': outcome.n_pictures, 'threshold': threshold,
            'recall': outcome.recall(threshold), 'alarms': outcome.alarms_a_picture(threshold),
            'iou': iou, 'points': points,
            'curve': outcome.curve()}


def _framed_recall(find, scenes, size, angle, threshold):
    return measures.measure(find, framed(scenes, size, angle)).recall(threshold)


def evaluate(detector, scenes, rivals, threshold):
    """A dict of figures of @detector on @scenes, and of the curves of @rivals,
    functions by name. @threshold: of the score, for the tables."""
    def find(image):
        return detect.detect_as_usual(detector, image)

    ours, yaws = measures.measure(find, scenes), _yaws(scenes)
    in_bins = {f'{low} to {high}': (low <= yaws) & (yaws < high) for low, high in zip(YAWS, YAWS[1:])}
    return {
        'detector': _summary(ours),
        'at': {str(t): {'recall': ours.recall(t), 'alarms': ours.alarms_a_picture(t)} for t in THRESHOLDS},
        'alarms': [[str(scenes.pictures[place]), round(float(score), 3)]
                   for score, place in sorted(zip(ours.alarms, ours.places), reverse=True) if score >= threshold],
        'yaw': _shares(ours, threshold, in_bins),
        'size': {str(size): _framed_recall(find, scenes, size, 0, threshold) for size in SIZES},
        'angle': {f'{angle} degrees, {size} pixels': _framed_recall(find, scenes, size, angle, threshold)
                  for size in ANGLE_SIZES for angle in ANGLES},
        **{name: _summary(measures.measure(rival, scenes)) for name, rival in rivals.items()},
    }


def draw(path, figures, names):
    """Recall over false alarms of the detectors with these @names."""
    import matplotlib
    matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(figsize=(6.4, 4.4))
    for name in names:
        alarms, recalls = zip(*figures[name]['curve'])
        axes.step(np.maximum(alarms, 1e-3), 100 * np.array(recalls), label=name, where='post')
    axes.axvline(measures.ALLOWED, color='#bb2222', linewidth=1, linestyle=':')
    axes.set(xlabel='false alarms a picture', ylabel='annotated faces found, %', xscale='log', ylim=(80, 100.5))
    axes.legend(loc='lower right')
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def report(folder, name, figures, rivals):
    """Writes FOLDER/NAME.json and NAME.png, and prints what matters."""
    with open(os.path.join(folder, f'{name}.json'), 'w') as file:
        json.dump(figures, file, indent=1)
    draw(os.path.join(folder, f'{name}.png'), figures, ['detector', *rivals])
    for detector in ('detector', *rivals):
        f = figures[detector]
        print(f'{name}: {detector}: {100 * f["recall"]:.2f} % of {f["faces"]} faces at {f["alarms"]:.3f} false alarms '
              f'in each of {f["pictures"]} pictures, threshold {f["threshold"]:.3f}; IoU {f["iou"]:.3f}, '
              f'points {100 * f["points"]:.2f} %')
    for table in ('at', 'yaw', 'size', 'angle'):
        print(f'{name}: {table}: {json.dumps(figures[table])}', flush=True)
