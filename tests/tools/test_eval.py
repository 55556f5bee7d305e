#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""dan-eval: every number against one computed here, and the picture of the curve."""

import math
import random
import statistics
import xml.etree.ElementTree as xml

from support import (SMALL_MODEL, ToolTest, bounds, box_text, main, max_distance,
                     row_points, write_png)

PARTS = {'jaw': (0, 17), 'brows': (17, 27), 'nose': (27, 36), 'eyes': (36, 48), 'mouth': (48, 68)}
LIMIT = .08
BOXES = [('a.png', (30.0, 30.0, 80.0, 80.0)), ('a.png', (90.0, 60.0, 70.0, 80.0)),
         ('b, 2.png', (20.0, 25.0, 60.0, 60.0)), ('b, 2.png', (35.0, 20.0, 64.0, 70.0))]
# JSON and CSV hold thousandths of a pixel.
ROUNDING = 1e-4


def centre(points):
    return statistics.fmean(p[0] for p in points), statistics.fmean(p[1] for p in points)


def errors_of(truth, points):
    """The three normalised errors and the parts' of a face, from their definition."""
    distances = [math.dist(p, q) for p, q in zip(truth, points, strict=True)]
    ocular = math.dist(truth[36], truth[45])
    pupil = math.dist(centre(truth[36:42]), centre(truth[42:48]))
    diagonal = math.hypot(*bounds(truth)[2:])
    mean = statistics.fmean(distances)
    return {'inter_ocular': mean / ocular, 'inter_pupil': mean / pupil,
            'diagonal': mean / diagonal,
            'parts': {name: statistics.fmean(distances[first:end]) / ocular
                      for name, (first, end) in PARTS.items()}}


def area_under_ced(errors, steps=200000):
    """A plain Riemann sum over the share of faces below each error."""
    return statistics.fmean(sum(e <= LIMIT * (i + .5) / steps for e in errors) / len(errors)
                            for i in range(steps))


def ranks(values):
    """Equal ones share the mean of their ranks."""
    return [sum(v < value for v in values) + (sum(v == value for v in values) - 1) / 2
            for value in values]


def spearman(a, b):
    return statistics.correlation(ranks(a), ranks(b))


class Numbers(ToolTest):
    def setUp(self):
        super().setUp()
        write_png(self.path('a.png'), 200, 170)
        write_png(self.path('b, 2.png'), 130, 110, offset=5)
        self.write_csv('boxes.csv', ['image', 'x', 'y', 'width', 'height'],
                       [[image, *box] for image, box in BOXES])
        self.found = [
            (image, self.align_json('--box', box_text(box), image)[0]['faces'][0]['landmarks'])
            for image, box in BOXES]

    def evaluate_faces(self, faces, *args):
        self.write_annotations('set.csv', faces)
        return self.evaluate_json('--data', 'set.csv', '--box', 'boxes.csv', *args)

    def test_faces_start_as_they_are_turned(self):
        self.write_annotations('set.csv', self.found)
        errors = []
        for roll in 0, 30:
            self.write_csv('rolls.csv', ['image', 'x', 'y', 'width', 'height', 'roll'],
                           [[image, *box, roll] for image, box in BOXES])
            errors.append(self.evaluate_json('--data', 'set.csv', '--box', 'rolls.csv')['nme_inter_ocular'])
        self.assertLess(errors[0], ROUNDING)
        self.assertGreater(errors[1], 10 * ROUNDING)

    def test_own_results_have_no_error(self):
        result = self.evaluate_faces(self.found)
        self.assertEqual((result['faces'], result['skipped']), (len(BOXES), 0))
        for name in ('nme_inter_ocular', 'nme_inter_pupil', 'nme_diagonal', 'failure_008'):
            self.assertLess(result[name], ROUNDING)
        self.assertGreater(result['auc_008'], 1 - 2 * ROUNDING / LIMIT)

    def test_known_shift(self):
        shifted = [(image, [(x + 3, y - 4) for x, y in points]) for image, points in self.found]
        result = self.evaluate_faces(shifted)
        expected = statistics.fmean(5 / math.dist(p[36], p[45]) for _, p in self.found)
        self.assertAlmostEqual(result['nme_inter_ocular'], expected, delta=ROUNDING)
        for part in PARTS:
            self.assertAlmostEqual(result['parts'][part], expected, delta=ROUNDING)

    def test_all_numbers(self):
        noise = random.Random(7)
        truth = [(image, [(x + noise.gauss(0, 1 + n), y + noise.gauss(0, 1 + n))
                          for x, y in points]) for n, (image, points) in enumerate(self.found)]
        result = self.evaluate_faces(truth, '--per-face', 'faces.csv')
        rows = self.read_csv('faces.csv')
        self.assertEqual([row['image'] for row in rows], [image for image, _ in BOXES])
        for row, (_, points) in zip(rows, self.found, strict=True):
            self.assertLess(max_distance(row_points(row), points), .01)

        expected = [errors_of(points, row_points(row))
                    for row, (_, points) in zip(rows, truth, strict=True)]
        for name in ('inter_ocular', 'inter_pupil', 'diagonal'):
            values = [e[name] for e in expected]
            self.assertAlmostEqual(result['nme_' + name], statistics.fmean(values), delta=ROUNDING)
            self.assertAlmostEqual(result['median_' + name], statistics.median(values),
                                   delta=ROUNDING)
            for row, value in zip(rows, values, strict=True):
                self.assertAlmostEqual(float(row['nme_' + name]), value, delta=ROUNDING)
        for part in PARTS:
            self.assertAlmostEqual(result['parts'][part],
                                   statistics.fmean(e['parts'][part] for e in expected),
                                   delta=ROUNDING)

        ocular = [e['inter_ocular'] for e in expected]
        self.assertAlmostEqual(result['auc_008'], area_under_ced(ocular), delta=ROUNDING / LIMIT)
        self.assertEqual(result['failure_008'], sum(e > LIMIT for e in ocular) / len(ocular))

    def test_expected_errors(self):
        noise = random.Random(3)
        boxes = [(x, y, 60., 70.) for x in (20, 60, 90) for y in (10, 40, 80)] + [(20, 10, 60., 70.)]
        args = ('--model', SMALL_MODEL)
        found = [(n, self.align_json('--box', box_text(box), *args, 'a.png')[0]['faces'][0]['landmarks'])
                 for n, box in enumerate(boxes)]
        self.write_csv('many.csv', ['image', 'x', 'y', 'width', 'height'],
                       [['a.png', *box] for box in boxes])
        self.write_annotations('set.csv', [
            ('a.png', [(x + noise.gauss(0, 1 + n), y + noise.gauss(0, 1)) for x, y in points])
            for n, points in found])
        result = self.evaluate_json('--data', 'set.csv', '--box', 'many.csv', '--per-face',
                                    'faces.csv', *args)
        rows = self.read_csv('faces.csv')
        told = [float(row['expected_error']) for row in rows]
        for row, error in zip(rows, told, strict=True):
            self.assertAlmostEqual(float(row['confidence']), 1 / (1 + (error / LIMIT) ** 2), places=4)
        self.assertEqual(told[0], told[-1])  # the same face: a tie
        self.assertGreater(len(set(told)), 5)
        expected = spearman(told, [float(row['nme_inter_ocular']) for row in rows])
        self.assertLess(abs(expected), 1)
        self.assertAlmostEqual(result['spearman_expected_error'], expected, places=6)
        text, _ = self.evaluate('--data', 'set.csv', '--box', 'many.csv', *args)
        self.assertRegex(text, rf'Spearman +{expected:.3f}')

    def test_expected_errors_of_the_shipped_model(self):
        result = self.evaluate_faces(self.found, '--per-face', 'faces.csv')
        self.assertIn('spearman_expected_error', result)
        for row in self.read_csv('faces.csv'):
            self.assertNotEqual(row['confidence'], '')
            self.assertNotEqual(row['expected_error'], '')

    def test_limit(self):
        self.assertEqual(self.evaluate_faces(self.found, '--limit', 3)['faces'], 3)

    def test_tight_boxes(self):
        self.write_annotations('set.csv', self.found)
        # What is no face answers roundings of the box with more than rounding.
        exact = ('--precision', 'fp32')
        self.evaluate('--data', 'set.csv', '--per-face', 'faces.csv', *exact)
        for row, (image, points) in zip(self.read_csv('faces.csv'), self.found, strict=True):
            (face,) = self.align_json('--box', box_text(bounds(points)), *exact,
                                      image)[0]['faces']
            self.assertLess(max_distance(row_points(row), face['landmarks']), .01)

    def test_another_folder_and_line_ends(self):
        self.write_annotations('set.csv', self.found)
        with open(self.path('set.csv'), newline='') as file:
            text = file.read()
        self.assertIn('\r\n', text)
        with open(self.path('set.csv'), 'w', newline='') as file:
            file.write('\ufeff' + text.replace('\r\n', '\n') + '\n\n')
        self.folder, name = '/', self.path('set.csv')
        self.assertEqual(self.evaluate_json('--data', name)['faces'], len(BOXES))


class NoisyStarts(ToolTest):
    NOISE = ('--start-noise', '0.1,0.1,10', '--precision', 'fp32')

    def setUp(self):
        super().setUp()
        write_png(self.path('a.png'), 200, 170)
        box = (30.0, 30.0, 80.0, 80.0)
        points = self.align_json('--box', box_text(box), 'a.png')[0]['faces'][0]['landmarks']
        self.write_annotations('set.csv', [('a.png', points)] * 3)

    def rows(self, *args):
        self.evaluate('--data', 'set.csv', '--per-face', 'faces.csv', *args)
        return self.read_csv('faces.csv')

    def test_same_seed_same_numbers(self):
        first = self.rows(*self.NOISE, '--seed', 5)
        self.assertEqual(self.rows(*self.NOISE, '--seed', 5), first)
        other = self.rows(*self.NOISE, '--seed', 6)
        for a, b in zip(first, other, strict=True):
            self.assertGreater(max_distance(row_points(a), row_points(b)), .1)

    def test_each_face_and_draw_has_its_own(self):
        rows = self.rows(*self.NOISE, '--repeat', 4)
        self.assertEqual(len({tuple(row_points(row)) for row in rows}), 3 * 4)
        result = self.evaluate_json('--data', 'set.csv', *self.NOISE, '--repeat', 4)
        self.assertEqual(result['faces'], 3 * 4)
        # Those of a face do not depend on what else is asked for.
        self.assertEqual(self.rows(*self.NOISE, '--repeat', 2, '--limit', 2), rows[:2] + rows[4:6])

    def test_no_noise_is_the_plain_start(self):
        plain = self.rows('--precision', 'fp32')
        for a, b in zip(plain, self.rows('--start-noise', '0,0,0', '--precision', 'fp32'),
                        strict=True):
            self.assertLess(max_distance(row_points(a), row_points(b)), .05)


class Curve(ToolTest):
    def test_svg(self):
        write_png(self.path('a.png'), 200, 170)
        box = (30.0, 30.0, 80.0, 80.0)
        points = self.align_json('--box', box_text(box), 'a.png')[0]['faces'][0]['landmarks']
        self.write_annotations('a & <b>.csv', [('a.png', points)] * 3)
        self.write_csv('boxes.csv', ['image', 'x', 'y', 'width', 'height'], [['a.png', *box]] * 3)
        out, _ = self.evaluate('--data', 'a & <b>.csv', '--box', 'boxes.csv', '--ced', 'curve.svg')
        self.assertIn('3 faces', out)
        root = xml.parse(self.path('curve.svg')).getroot()
        self.assertEqual(root.tag, '{http://www.w3.org/2000/svg}svg')
        text = ' '.join(root.itertext())
        self.assertIn('a & <b>.csv', text)
        self.assertIn('inter-ocular', text)
        curves = [e for e in root.iter() if e.get('class') == 'curve']
        self.assertEqual(len(curves), 1)
        self.assertEqual(curves[0].get('d').count('V'), 3)


if __name__ == '__main__':
    main()
