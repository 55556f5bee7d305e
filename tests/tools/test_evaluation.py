#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""models/evaluation: its measures on generated numbers, its boxes and pictures, and what it does to the document.

usage: test_evaluation.py ROOT
"""

import importlib.util
import math
import os
import pathlib
import sys
import unittest

from support import EVAL, SKIPPED, ToolTest, main, write_png

ROOT = pathlib.Path(sys.argv.pop(1))
sys.path.insert(0, str(ROOT / 'models' / 'evaluation'))
if not importlib.util.find_spec('numpy'):
    print('skipped: there is no NumPy')
    sys.exit(SKIPPED)

import numpy as np  # noqa: E402  (only where it is)

import boxes  # noqa: E402
import daneval  # noqa: E402
import document  # noqa: E402
import faces  # noqa: E402
import measures  # noqa: E402
import steadiness  # noqa: E402

HAS_OPENCV = importlib.util.find_spec('cv2') is not None
if HAS_OPENCV:
    import degrade


def some_face(rng, centre=(100, 80), size=50):
    """Points that are no face, but have eyes apart."""
    points = np.array(centre) + rng.uniform(-size / 2, size / 2, (68, 2))
    points[36], points[45], points[30] = np.add(centre, (-15, -8)), np.add(centre, (15, -8)), centre
    return points


class Steadiness(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(5)
        time = np.arange(60)[:, None, None]
        self.truth = rng.uniform(0, 50, (1, 12, 2)) + 30 * np.sin(time * rng.uniform(.1, .3, (1, 12, 2)))
        self.distances = np.full(60, 40.)

    def test_jitter_is_what_does_not_go_straight_on(self):
        straight = np.arange(20.)[:, None, None] * np.ones((1, 3, 2))
        self.assertAlmostEqual(steadiness.jitter(straight, np.ones(20)), 0)
        straight[::2, :, 0] += 1
        self.assertAlmostEqual(steadiness.jitter(straight, np.full(20, 4.)), .5)

    def test_lag_is_found(self):
        for frames in (-2, 0, 1):
            late = np.roll(self.truth, frames, axis=0)[4:-4] + 7
            self.assertAlmostEqual(steadiness.lag(late, self.truth[4:-4]), frames, 9)
        between = (self.truth[1:] + self.truth[:-1]) / 2
        self.assertAlmostEqual(steadiness.lag(between, self.truth[1:]), .5, 1)

    def test_errors_and_what_is_left_of_them(self):
        shapes = self.truth + [3, 4]
        self.assertAlmostEqual(steadiness.errors(shapes, self.truth, self.distances).mean(), 5 / 40)
        self.assertAlmostEqual(steadiness.scatter(shapes, self.truth, self.distances), 0)

    def test_nearest_face(self):
        class Face:
            def __init__(self, shape):
                self.shape = shape
        near, far = Face(self.truth[0] + 2), Face(self.truth[0] + 20)
        self.assertIs(steadiness.nearest([far, near], self.truth[0], 40), near)
        self.assertIsNone(steadiness.nearest([far], self.truth[0], 40))
        self.assertIsNone(steadiness.nearest([], self.truth[0], 40))


class Measures(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(3)
        # Few values, so that some are equal.
        self.scores, self.values = rng.integers(0, 12, (2, 60))
        self.positive = rng.random(60) < .4

    def test_auroc_is_the_share_of_pairs_in_order(self):
        pairs = [(a > b) + .5 * (a == b) for a, p in zip(self.scores, self.positive) if p
                 for b, q in zip(self.scores, self.positive) if not q]
        self.assertAlmostEqual(measures.auroc(self.scores, self.positive), np.mean(pairs), 12)

    def test_auroc_of_extremes(self):
        self.assertEqual(measures.auroc([3, 4, 1, 2], [1, 1, 0, 0]), 1)
        self.assertEqual(measures.auroc([1, 2, 3, 4], [1, 1, 0, 0]), 0)
        self.assertEqual(measures.auroc([5, 5, 5, 5], [1, 0, 1, 0]), .5)
        self.assertTrue(math.isnan(measures.auroc([1, 2], [1, 1])))

    def test_ranks(self):
        self.assertEqual(measures.ranks([30, 10, 20, 10]).tolist(), [4, 1.5, 3, 1.5])

    def test_spearman(self):
        x = np.linspace(.1, 3, 20)
        self.assertAlmostEqual(measures.spearman(x, np.exp(x)), 1, 12)
        self.assertAlmostEqual(measures.spearman(x, 1 / x), -1, 12)
        # 1 - 6 sum(d^2) / (n (n^2 - 1)), which holds without equal values
        self.assertAlmostEqual(measures.spearman([1, 2, 3, 4, 5], [20, 10, 30, 50, 40]), 1 - 6 * 4 / 120, 12)
        self.assertLess(abs(measures.spearman(self.scores, self.values)), .4)
        self.assertTrue(math.isnan(measures.spearman(x, np.ones(20))))
        self.assertTrue(math.isnan(measures.spearman([], [])))

    def test_ced_and_failures(self):
        errors = [.05, .01, .08, .2]
        self.assertEqual(measures.ced(errors, [0, .01, .05, .0799, .08, 1]).tolist(), [0, .25, .5, .5, .75, 1])
        self.assertEqual(measures.failures(errors), .25)

    def test_reliability(self):
        expected = [.4, .1, .3, .2]
        bins = measures.reliability(expected, [4, 1, 3, 2], 2)
        self.assertEqual([(round(a, 9), b) for a, b in bins], [(.15, 1.5), (.35, 3.5)])
        self.assertEqual(len(measures.reliability(expected, expected, 10)), 4)


class Boxes(unittest.TestCase):
    def test_iou(self):
        overlaps = boxes.iou(np.array([0, 0, 10, 10]), [[0, 0, 10, 10], [5, 0, 10, 10], [20, 0, 5, 5], [2, 2, 5, 5]])
        self.assertEqual(overlaps.round(6).tolist(), [1, round(50 / 150, 6), 0, .25])

    def test_match(self):
        box = np.array([0., 0, 10, 10])
        self.assertEqual(boxes.match(box, [[8, 0, 10, 10], [1, 0, 10, 10]]).tolist(), [1, 0, 10, 10])
        self.assertIsNone(boxes.match(box, [[8, 0, 10, 10]]))
        self.assertIsNone(boxes.match(box, np.zeros((0, 4))))

    def test_fitted_map(self):
        rng = np.random.default_rng(4)
        detected = np.column_stack([rng.uniform(0, 200, (50, 2)), rng.uniform(40, 90, (50, 2))])
        scale, offset = np.array([.85, .8]), np.array([.01, .15])
        # As dan_box_map() says.
        centre = detected[:, :2] + detected[:, 2:] * (.5 + offset)
        true = np.column_stack([centre - detected[:, 2:] * scale / 2, detected[:, 2:] * scale])
        true[:3] += 30  # detections of something else
        for found, value in zip(boxes.fit_map(detected, true), [*scale, *offset], strict=True):
            self.assertAlmostEqual(found, value, 6)

    def test_misplaced(self):
        box, other = np.array([60., 40, 50, 60]), np.array([[150., 20, 40, 40]])
        for seed in range(30):
            wrong = boxes.misplaced(box, other, 300, 200, np.random.default_rng(seed))
            moved = (wrong['shifted'][:2] - box[:2]) / box[2:]
            self.assertTrue(.6 <= math.hypot(*moved) <= 1.2, moved)
            self.assertEqual(wrong['too small'].tolist(), [75, 58, 20, 24])
            self.assertEqual(wrong['too large'].tolist(), [22.5, -5, 125, 150])
            self.assertFalse(boxes.iou(wrong['background'], np.vstack([box, other])).any())
            centre = wrong['background'][:2] + wrong['background'][2:] / 2
            self.assertTrue(0 <= centre[0] < 300 and 0 <= centre[1] < 200)

    def test_no_room(self):
        wrong = boxes.misplaced(np.array([0., 0, 80, 80]), np.zeros((0, 4)), 80, 80, np.random.default_rng(1))
        self.assertIsNone(wrong['background'])


class Annotations(ToolTest):
    def test_back_and_forth(self):
        points = np.array([some_face(np.random.default_rng(i)) for i in range(3)])
        faces.write(self.path('set.csv'), faces.Faces(['a.png', 'b, 2.png', '/c.png'], points))
        found = faces.read(self.path('set.csv'), limit=2)
        folder = str(pathlib.Path(self.folder).resolve())
        self.assertEqual(found.images, [f'{folder}/a.png', f'{folder}/b, 2.png'])
        self.assertLess(np.abs(found.points - points[:2]).max(), 1e-3)

    def test_bad_files(self):
        for text, says in (('', 'does not begin'), ('image,x0\n', 'does not begin'),
                           (','.join(faces.header()) + '\n', 'no faces'),
                           (','.join(faces.header()) + '\na.png,1,2\n', 'set.csv'),
                           (','.join(faces.header()) + '\na.png' + ',x' * 136 + '\n', 'set.csv')):
            with self.subTest(text[:20]):
                pathlib.Path(self.path('set.csv')).write_text(text)
                with self.assertRaisesRegex(faces.DataError, says):
                    faces.read(self.path('set.csv'))
        with self.assertRaisesRegex(faces.DataError, 'missing.csv'):
            faces.read(self.path('missing.csv'))

    def test_nose_offset(self):
        points = some_face(np.random.default_rng(1))
        turn = np.array([[.8, -.6], [.6, .8]])
        for x, offset in ((100, 0), (106, .2), (85, .5)):
            points[30, 0] = x
            both = faces.Faces(['a', 'b'], np.array([points, points @ turn.T]))
            for found in both.nose_offsets():
                self.assertAlmostEqual(found, offset, 9)


class Running(ToolTest):
    """dan-eval itself, on pictures without a face."""

    def setUp(self):
        super().setUp()
        write_png(self.path('a.png'), 200, 160)
        self.evaluator = daneval.Evaluator(pathlib.Path(EVAL).parent, self.folder)
        self.model = daneval.Model(pathlib.Path(os.environ['DAN_MODEL']), 'm', 2, '')
        points = np.array([some_face(np.random.default_rng(i)) for i in range(2)])
        self.faces = faces.Faces([self.path('a.png')] * 2, points)

    def test_result(self):
        result = self.evaluator.evaluate(self.model, self.faces)
        self.assertEqual(result.summary['faces'], 2)
        self.assertAlmostEqual(result.errors.mean(), result.summary['nme_inter_ocular'], 5)

    def test_boxes(self):
        tight = self.evaluator.evaluate(self.model, self.faces)
        same = self.evaluator.evaluate(self.model, self.faces, boxes=self.faces.boxes())
        other = self.evaluator.evaluate(self.model, self.faces, boxes=self.faces.boxes() + [20, 0, 0, 0])
        self.assertLess(np.abs(same.errors - tight.errors).max(), .01)
        self.assertGreater(np.abs(other.errors - tight.errors).min(), .02)

    def test_failure(self):
        self.faces.images[1] = self.path('missing.png')
        with self.assertRaisesRegex(daneval.EvaluationError, 'missing.png'):
            self.evaluator.evaluate(self.model, self.faces)


class Telling(unittest.TestCase):
    def test_expected_errors(self):
        def found(*values):
            return daneval._expected([{'expected_error': value} for value in values])
        self.assertEqual(found('0.02', '0.3').tolist(), [.02, .3])
        self.assertIsNone(found('0.02', ''))
        self.assertIsNone(found('-1', '-1'))
        self.assertIsNone(daneval._expected([{'image': 'a.png'}]))


@unittest.skipUnless(HAS_OPENCV, 'there is no OpenCV')
class Pictures(unittest.TestCase):
    def setUp(self):
        self.rng = np.random.default_rng(1)
        self.points = some_face(self.rng, size=120)
        self.points[30] = 112, 74
        # A dot on the nose, wide enough to be found in a small picture.
        y, x = np.mgrid[:160, :220]
        self.picture = (255 * np.exp(-((x - 112) ** 2 + (y - 74) ** 2) / 200)).astype(np.uint8)

    def check_dot(self, picture, points):
        y, x = np.mgrid[:picture.shape[0], :picture.shape[1]]
        weight = picture.astype(float)
        self.assertLess(math.dist(points[30], ((x * weight).sum() / weight.sum(), (y * weight).sum() / weight.sum())), .2)

    def test_points_follow_the_picture(self):
        for function, level in ((degrade.resized, 40), (degrade.rotated, 30), (degrade.rotated, 60),
                                (degrade.blurred, 2), (degrade.lit, .5)):
            with self.subTest(function.__name__, level=level):
                self.check_dot(*function(self.picture, self.points, level, self.rng))

    def test_size(self):
        _, points = degrade.resized(self.picture, self.points, 40)
        self.assertAlmostEqual(faces.face_size(points), 40, delta=.5)
        picture, points = degrade.resized(self.picture, self.points, 400)
        self.assertIs(picture, self.picture)
        self.assertIs(points, self.points)

    def test_light_and_contrast(self):
        flat = np.full((80, 80), 100, np.uint8)
        self.assertEqual(degrade.lit(flat, self.points, 2, None)[0].max(), 200)
        self.assertEqual(degrade.lit(flat, self.points, 4, None)[0].min(), 255)
        self.assertEqual(degrade.flattened(flat, self.points, .5, None)[0].max(), 114)

    def test_noise(self):
        flat = np.full((300, 300), 128, np.uint8)
        picture, _ = degrade.noisy(flat, self.points, 10, self.rng)
        self.assertAlmostEqual(picture.std(), 10, delta=.5)

    def test_occlusion(self):
        grey = np.tile(np.arange(220, dtype=np.uint8), (160, 1))
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        for part, share in ((.5, .25), ('one side', .5)):
            changed = degrade.occluded(grey, self.points, part, np.random.default_rng(2))[0] != grey
            self.assertAlmostEqual(changed.sum() / np.prod(high - low), share, delta=.03)
        for part, row in (('eyes', self.points[38, 1]), ('below the nose', self.points[30, 1] + 2)):
            changed = degrade.occluded(grey, self.points, part, np.random.default_rng(2))[0] != grey
            self.assertGreater(changed[round(row)].sum(), .9 * (high - low)[0])

    def test_labels(self):
        labels = {kind.name: [kind.label(level) for level in kind.levels] for kind in degrade.DEGRADATIONS}
        self.assertEqual(labels['occlusion'][:3], ['none', '25%', '40%'])
        self.assertEqual(labels['size'][0], '24')
        for name, found in labels.items():
            self.assertEqual(len(set(found)), len(found), name)


class Document(unittest.TestCase):
    TEXT = ('# By hand\n<!-- measured: a -->\nold\n\nold\n<!-- /measured -->\nalso by hand\n'
            '<!-- measured: b-c -->\n<!-- /measured -->\n')

    def test_keeps_what_is_written_by_hand(self):
        once = document.fill(self.TEXT, {'a': 'new', 'b-c': '| x |\\1'})
        self.assertEqual(once, '# By hand\n<!-- measured: a -->\nnew\n<!-- /measured -->\nalso by hand\n'
                               '<!-- measured: b-c -->\n| x |\\1\n<!-- /measured -->\n')
        self.assertEqual(document.fill(once, {'a': 'new', 'b-c': '| x |\\1'}), once)

    def test_places(self):
        for parts, says in (({'a': ''}, 'asks for b-c'), ({'a': '', 'b-c': '', 'd': ''}, 'no place for d')):
            with self.assertRaisesRegex(document.DocumentError, says):
                document.fill(self.TEXT, parts)
        with self.assertRaisesRegex(document.DocumentError, 'more than one place for a'):
            document.fill(self.TEXT + self.TEXT, {'a': '', 'b-c': ''})

    def test_numbers(self):
        self.assertEqual(document.percent(.03757), '3.76 %')
        self.assertEqual(document.points(-.0012), '-0.12 points')
        self.assertEqual(document.points(-.00001), '0.00 points')
        self.assertEqual(document.share(0), 'none')
        self.assertEqual(document.table(['a', 'b'], [[1, 2]]), '| a | b |\n| --- | --- |\n| 1 | 2 |')


if __name__ == '__main__':
    main()
