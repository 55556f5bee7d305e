#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""dan-align follows the people of the generated video, whom a detector that reads a script finds now and then."""

import csv
import math
import os
import statistics
import unittest

from support import ToolTest, bounds, has_elements, main, row_points, write_png

PEOPLE = os.environ.get('DAN_TEST_PEOPLE', os.path.join(os.path.dirname(__file__), '../people'))
VIDEO = os.path.join(PEOPLE, 'video.webm')
HAS_VIDEO = has_elements('matroskademux', 'vp9dec')

EVERY = 10                      # frames between detections
IN_VIEW, DETECTABLE = .98, .6   # shares of a face that are visible
SAME_FACE = .2
FOUND = .97                     # of the faces in view
CUT, CARD, PASS = 200, 134, 270
START = 60                      # frames, in which one person talks

RATE = 25


def read_truth():
    """The faces (visible, shape) of each frame."""
    frames = {}
    with open(os.path.join(PEOPLE, 'video.csv'), newline='') as file:
        for row in csv.DictReader(file):
            frames.setdefault(int(row['frame']), []).append((float(row['visible']), row_points(row)))
    return [frames[number] for number in sorted(frames)]


TRUTH = read_truth()


def detections(number):
    return [','.join(str(round(v)) for v in bounds(shape))
            for visible, shape in TRUTH[number] if visible > DETECTABLE]


def line(number, time='=', detected=True):
    """A frame, as the detector wants it said."""
    return ' '.join([time, *(detections(number) if detected else [])])


def nme(truth, points):
    distances = [math.dist(p, q) for p, q in zip(truth, points, strict=True)]
    return statistics.fmean(distances) / math.dist(truth[36], truth[45])


def face_of(shape, frame):
    """The face of the @frame that has this shape, None: it was not found."""
    error, number = min(((nme(shape, face['landmarks']), i) for i, face in enumerate(frame['faces'])),
                        default=(math.inf, None))
    return frame['faces'][number] if error < SAME_FACE else None


def statuses(frames):
    return [face['status'] for frame in frames for face in frame['faces']]


def ids(frames):
    return {face['id'] for frame in frames for face in frame['faces']}


class VideoTest(ToolTest):
    def follow(self, lines, *args):
        return self.align_json(*self.detector(lines), *args, VIDEO)


@unittest.skipUnless(HAS_VIDEO, 'no decoder for VP9')
class WholeVideo(VideoTest):
    def setUp(self):
        super().setUp()
        self.frames = self.follow([line(n, detected=n % EVERY == 0) for n in range(len(TRUTH))])
        self.people = [[face_of(shape, frame) for _, shape in people]
                       for people, frame in zip(TRUTH, self.frames, strict=True)]

    def ids_of(self, numbers, place):
        """The ids of the person at @place of each frame's truth."""
        return {self.people[n][place]['id'] for n in numbers if self.people[n][place]}

    def test_follows(self):
        in_view = [face for people, found in zip(TRUTH, self.people)
                   for (visible, _), face in zip(people, found) if visible > IN_VIEW]
        self.assertGreater(sum(face is not None for face in in_view) / len(in_view), FOUND)
        self.assertEqual([len(frame['faces']) for frame in self.frames[:CARD - 4]], [1] * (CARD - 4))
        self.check_ids()
        self.check_fields()

    def check_ids(self):
        behind = min((0, 1), key=lambda place: TRUTH[PASS][place][0])
        people = [self.ids_of(range(CUT), 0), self.ids_of(range(CUT, len(TRUTH)), 1 - behind),
                  self.ids_of(range(CUT, len(TRUTH)), behind)]
        self.assertTrue(all(len(numbers) == 1 for numbers in people), people)
        self.assertEqual(len(set.union(*people)), len(people))

    def check_fields(self):
        """Of the first person, who is there from the start."""
        for number, frame in enumerate(self.frames[:CARD - 4]):
            (face,) = frame['faces']
            self.assertEqual(face['status'], 'tracked' if number else 'aligned')
            self.assertAlmostEqual(face['age'], frame['time'], places=5)
            detected = {'box', 'source-id', 'detection-confidence'} if number % EVERY == 0 else set()
            self.assertEqual({'box', 'source-id', 'detection-confidence'} & set(face), detected)
            box = [face[name] for name in ('x', 'y', 'width', 'height')]
            for value, expected in zip(box, bounds(face['landmarks'])):
                self.assertAlmostEqual(value, expected, delta=.002)


@unittest.skipUnless(HAS_VIDEO, 'no decoder for VP9')
class Frames(VideoTest):
    """The first seconds, with one person."""

    def test_no_tracking(self):
        sparse = [line(n, detected=n % EVERY == 0) for n in range(START)]
        frames = self.follow(sparse, '--no-tracking')
        self.assertEqual([len(frame['faces']) for frame in frames],
                         [int(n % EVERY == 0) for n in range(START)])
        self.assertEqual(set(statuses(frames)), {'aligned'})
        self.assertFalse(any('age' in face for frame in frames for face in frame['faces']))
        # A frame has the same landmarks whatever was before it, which those that are tracked have not.
        (alone,) = self.follow(['x'] * EVERY + [line(EVERY)], '--no-tracking')
        self.assertEqual(frames[EVERY]['faces'], alone['faces'])
        tracked = self.follow(sparse[:EVERY + 1])[EVERY]
        self.assertNotEqual(tracked['faces'][0]['landmarks'], alone['faces'][0]['landmarks'])

    def test_videos_share_nothing(self):
        lines = [line(n, detected=n == 0) for n in range(20)]
        frames = self.align_json(*self.detector(lines), VIDEO, VIDEO)
        self.assertEqual(len(frames), 40)
        self.assertEqual(frames[:20], frames[20:])
        self.assertEqual(ids(frames), {0})

    def test_variable_rate(self):
        kept = [n for n in range(START) if n % 7 in (0, 1, 4)]
        frames = self.follow([line(n, detected=n == 0) if n in kept else 'x' for n in range(START)])
        self.assertEqual([round(frame['time'] * RATE) for frame in frames], kept)
        self.assertEqual([[face['id'] for face in frame['faces']] for frame in frames], [[0]] * len(kept))
        for number, frame in zip(kept, frames):
            self.assertLess(nme(TRUTH[number][0][1], frame['faces'][0]['landmarks']), .09)
            self.assertAlmostEqual(frame['faces'][0]['age'], frame['time'], places=5)

    def test_frames_without_a_time(self):
        """Nobody knows how far a face may have gone: each stands for itself."""
        frames = self.follow([line(n, time='-', detected=n % 2 == 0) for n in range(10)])
        self.assertEqual([frame['time'] for frame in frames], [None] * 10)
        self.assertEqual([len(frame['faces']) for frame in frames], [1, 0] * 5)
        self.assertEqual(set(statuses(frames)), {'aligned'})

    def test_times_that_jump(self):
        """Back, and far ahead: that is another scene."""
        times = ['0', '0.04', '0.08', '0.02', '0.06', '1.5', '1.54']
        detected = (0, 4, 6)
        frames = self.follow([line(n, time, n in detected) for n, time in enumerate(times)])
        self.assertEqual([[face['id'] for face in frame['faces']] for frame in frames],
                         [[0], [0], [0], [], [1], [], [2]])

    def test_box(self):
        """Where the face is at first; it leaves its box, and is not found there again."""
        box = detections(0)[0]
        errors = [nme(TRUTH[n][0][1], frame['faces'][0]['landmarks'])
                  for n, frame in enumerate(self.align_json('--box', box, VIDEO)[:CARD - 4])]
        self.assertLess(max(errors), .09)

    def test_max_faces(self):
        lines = ['x'] * CUT + [line(n, detected=n == CUT) for n in range(CUT, CUT + 20)]
        self.assertEqual(ids(self.follow(lines)), {0, 1})
        self.assertEqual(ids(self.follow(lines, '--max-faces', 1)), {0})

    def test_csv(self):
        args = (*self.detector([line(0), line(1, detected=False)]), '-o', 'out.csv', '--format', 'csv')
        self.align(*args, VIDEO)
        first, second = self.read_csv('out.csv')
        names = ['status', 'age', 'source-id', 'detection-confidence']
        self.assertEqual([first[name] for name in names], ['aligned', '0.000000', '1', '0.750000'])
        self.assertEqual([second[name] for name in names], ['tracked', '0.040000', '', ''])
        for row in (first, second):
            for name, value in zip(('x', 'y', 'width', 'height'), bounds(row_points(row))):
                self.assertAlmostEqual(float(row[name]), value, delta=.002)


class Pictures(ToolTest):
    def test_are_never_tracked(self):
        write_png(self.path('a.png'), 200, 170)
        frames = self.align_json('--box', '40,30,90,100', 'a.png', 'a.png')
        self.assertEqual(frames[0], frames[1])
        (face,) = frames[0]['faces']
        self.assertEqual((face['id'], face['status'], 'age' in face), (0, 'aligned', False))


if __name__ == '__main__':
    main()
