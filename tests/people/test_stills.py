#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tools on generated pictures: how far landmarks and poses are from the truth."""

import csv
import itertools
import math
import os
import statistics
import unittest

from support import ToolTest, bounds, box_text, has_elements, main, row_points

HERE = os.path.dirname(os.path.abspath(__file__))
STILLS, POSES = (os.path.join(HERE, name) for name in ('stills.csv', 'stills-pose.csv'))
HAS_DETECTOR = has_elements('facedetect', 'jpegdec')


def annotated():
    """The truth: a list of shapes for each picture's path."""
    faces = {}
    with open(STILLS, newline='') as file:
        for row in csv.DictReader(file):
            faces.setdefault(os.path.join(HERE, row['image']), []).append(row_points(row))
    return faces


def nme(truth, points):
    distances = [math.dist(p, q) for p, q in zip(truth, points, strict=True)]
    return statistics.fmean(distances) / math.dist(truth[36], truth[45])


def posed():
    """The truth: (path, [(tight box, angles and openings)]) of each picture."""
    with open(STILLS, newline='') as stills, open(POSES, newline='') as poses:
        rows = zip(csv.DictReader(stills), csv.DictReader(poses), strict=True)
        for image, faces in itertools.groupby(rows, lambda row: row[0]['image']):
            yield os.path.join(HERE, image), [(bounds(row_points(row)), {k: float(pose[k]) for k in POSE})
                                              for row, pose in faces]


class Accuracy(ToolTest):
    def test_from_tight_boxes(self):
        result = self.evaluate_json('--data', STILLS)
        self.assertEqual(result['faces'], sum(map(len, annotated().values())))
        self.assertEqual(result['skipped'], 0)
        self.assertLess(result['nme_inter_ocular'], LIMITS['tight'])
        self.assertLess(result['failure_008'], LIMITS['failures'])
        for part, limit in LIMITS['parts'].items():
            self.assertLess(result['parts'][part], limit, part)

    def test_poses(self):
        errors = {name: [] for name in POSE}
        for path, faces in itertools.islice(posed(), 0, None, EVERY):
            boxes = itertools.chain(*(('--box', box_text(box)) for box, _ in faces))
            (frame,) = self.align_json(*boxes, path)
            for (_, truth), face in zip(faces, frame['faces'], strict=True):
                found = {**face['pose'], **face['openings']}
                for name in POSE:
                    errors[name].append(abs(found[name] - truth[name]))
        for name, limit in POSE.items():
            self.assertLess(statistics.fmean(errors[name]), limit, name)

    @unittest.skipUnless(HAS_DETECTOR, 'needs facedetect')
    def test_from_detected_boxes(self):
        truth = annotated()
        found = {frame['file']: [face['landmarks'] for face in frame['faces']]
                 for frame in self.align_json('--detector', 'facedetect min-size-width=40 min-size-height=40', *truth)}
        errors = [min((nme(shape, points) for points in found[path]), default=1)
                  for path, shapes in truth.items() for shape in shapes]
        seen = [error for error in errors if error < .3]
        self.assertGreater(len(seen) / len(errors), LIMITS['detected'])
        self.assertLess(statistics.median(seen), LIMITS['median'])


# What the shipped model measures, and about a tenth of it: landmarks that are
# off by a pixel of the network's 112 are 3 % off.
LIMITS = {'tight': .036, 'failures': .02, 'detected': .80, 'median': .0385,
          'parts': {'jaw': .053, 'brows': .039, 'nose': .021, 'eyes': .028, 'mouth': .034}}
EVERY = 3  # pictures: each is a run of dan-align
# Degrees, and fractions of the inter-ocular distance. On these faces the shipped
# model sees lids go a third of their way, and lips half of it.
POSE = {'yaw': 1.3, 'pitch': 1.8, 'roll': .8, 'right_eye': .021, 'left_eye': .0215, 'mouth': .056}

if __name__ == '__main__':
    main()
