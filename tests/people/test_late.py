#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""models/evaluation/late.py on the generated video, with frames that come faster than any machine can carry: late ones are
extrapolated, and a sink that keeps time gets all of them sooner than without."""

import os
import unittest

import evaluation

late, videos = map(evaluation.module, ('late', 'videos'))

FRAMES, FPS = 60, 2000


class Late(unittest.TestCase):
    def setUp(self):
        self.video = videos.generated(evaluation.ROOT / 'tests' / 'people', FRAMES)

    def play(self, properties):
        return late.play(self.video, FPS, f'model={os.environ["DAN_MODEL"]} box=landmarks {properties}')

    def test_late_frames_are_extrapolated(self):
        shown, without = self.play('qos=true'), self.play('qos=false')
        for frames in shown, without:
            self.assertEqual(len(frames), FRAMES)
        self.assertGreater(late.extrapolated(shown), FRAMES / 4)
        self.assertEqual(late.extrapolated(without), 0)
        self.assertLess(shown[-1][1], without[-1][1] / 2)

    def test_landmarks_of_late_frames_stay_near(self):
        self.assertLess(late.mean_error(self.video, self.play('qos=true')), .1)

    def test_missing_model(self):
        with self.assertRaisesRegex(late.element.ElementError, 'none.dan'):
            late.play(self.video, FPS, 'model=none.dan')


if __name__ == '__main__':
    unittest.main()
