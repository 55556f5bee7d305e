#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""That landmarks, poses and openings of the generated faces say the same."""

import csv
import math
import os
import statistics
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def read(name):
    with open(os.path.join(HERE, name), newline='') as file:
        return list(csv.DictReader(file))


def points(row):
    return [complex(float(row[f'x{k}']), float(row[f'y{k}'])) for k in range(68)]


def correlation(pairs):
    xs, ys = zip(*pairs)
    return statistics.correlation(xs, ys)


def upright(shape):
    """@shape in units of the distance of the eyes' outer corners, which lie level."""
    across = shape[45] - shape[36]
    return [point / across for point in shape]


class Truth(unittest.TestCase):
    def setUp(self):
        self.stills, self.poses, self.video = map(read, ('stills.csv', 'stills-pose.csv', 'video.csv'))
        faces = list(zip(self.stills, self.poses, strict=True)) + [(row, row) for row in self.video]
        self.faces = [(points(row), {k: float(pose[k]) for k in pose if k != 'image'}) for row, pose in faces]

    def test_rows(self):
        self.assertEqual([row['image'] for row in self.stills], [row['image'] for row in self.poses])
        for row in self.stills:
            self.assertTrue(os.path.exists(os.path.join(HERE, row['image'])))

    def test_yaw_moves_the_nose_to_the_right(self):
        pairs = [(pose['yaw'], (face[30] - (face[36] + face[45]) / 2).real)
                 for face, pose in ((upright(shape), pose) for shape, pose in self.faces)]
        self.assertGreater(correlation(pairs), .9)

    def test_pitch_moves_the_nose_up(self):
        pairs = [(pose['pitch'], -(face[30] - (face[36] + face[45]) / 2).imag)
                 for face, pose in ((upright(shape), pose) for shape, pose in self.faces)]
        self.assertGreater(correlation(pairs), .6)

    def test_roll_is_clockwise(self):
        for shape, pose in self.faces:
            lean = math.degrees(math.atan2((shape[45] - shape[36]).imag, (shape[45] - shape[36]).real))
            self.assertAlmostEqual(lean, pose['roll'], delta=14)  # a turned head that nods leans its eyes

    def test_openings(self):
        for name, pairs in (('right_eye', ((37, 41), (38, 40))), ('left_eye', ((43, 47), (44, 46))),
                            ('mouth', ((61, 67), (62, 66), (63, 65)))):
            seen = [(pose[name], statistics.fmean(abs(face[a] - face[b]) for a, b in pairs))
                    for face, pose in ((upright(shape), pose) for shape, pose in self.faces)]
            self.assertGreater(correlation(seen), .85, name)

    def test_what_the_video_shows(self):
        first, last = (int(self.video[k]['frame']) for k in (0, -1))
        self.assertEqual({int(row['frame']) for row in self.video}, set(range(first, last + 1)))
        visible = [float(row['visible']) for row in self.video]
        self.assertTrue(min(visible) < .2 and max(visible) > .99)
        for name, shut, opened in (('right_eye', .02, .09), ('left_eye', .02, .09), ('mouth', .03, .15)):
            values = [float(row[name]) for row in self.video]
            self.assertTrue(min(values) < shut and max(values) > opened, name)


if __name__ == '__main__':
    unittest.main(verbosity=2)
