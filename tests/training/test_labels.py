#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Labels for faces that people did not label: the teacher, and relabelling."""

import os
import tempfile
import types
import unittest
import unittest.mock

import cv2
import numpy as np
import torch

import drawn
from dantrain import augment, folded, guessed, heatmaps, plan, relabel, sets, shapes, teaching, unet
from facetrain import five

STILL = augment.Strength(0, 0, 0, 0, 0)


class Wavering:
    """Sees every face as it is but for a random error, the same for all points:
    of half a pixel, in every other face of six, and @shift."""

    def __init__(self, mean_shape):
        self.mean_shape, self.spreads, self.shift = mean_shape, (.5, 6), 0

    def __call__(self, view):
        truth = view.truth()
        error = torch.randn(len(truth), 1, 2)
        for i, spread in enumerate(self.spreads):
            error[i::2] = error[i::2] * spread + self.shift
        return [(truth, None), (truth + error, None)]


class Relabelled(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(12)
        self.faces = drawn.faces(40)
        self.cascade = Wavering(torch.from_numpy(folded.read_model(drawn.MODEL)['mean_shape']))

    def test_mean_of_the_views_where_they_agree(self):
        new = relabel.relabel(self.cascade, None, self.faces, .02, .1)
        np.testing.assert_array_equal(new.pictures, self.faces.pictures[::2])
        np.testing.assert_array_equal(new.crops, self.faces.crops[::2])
        error = np.linalg.norm(new.shapes - self.faces.shapes[::2], axis=-1).mean()
        self.assertLess(error, .6)  # of one view: 1.1 pixels of the crop

    def test_a_teacher_counts_as_much(self):
        """It is wrong by 4 pixels, to the same side in mirrored views, where it is asked about what the cascade found."""
        def find(view, near):
            self.assertLess(float((near - view.points).norm(dim=-1).mean()), 8)
            return view.points + torch.tensor([0, 4.])

        new = relabel.relabel(self.cascade, types.SimpleNamespace(find=find), self.faces, .1, .1)
        moved = new.shapes - self.faces.shapes[[list(self.faces.pictures).index(p) for p in new.pictures]]
        np.testing.assert_allclose(moved.mean((0, 1)), [0, 2], atol=.3)

    def test_none_agree(self):
        for self.cascade.spreads, self.cascade.shift in ((6, 6), 0), ((.1, .1), 9):
            with self.assertRaisesRegex(sets.SetError, 'no face is seen alike'):
                relabel.relabel_all(self.cascade, None, 2 * [(self.faces, .1)], .02)

    def test_each_part_has_its_distance(self):
        self.cascade.spreads = .1, .1
        self.assertEqual(len(relabel.relabel_all(self.cascade, None, [(self.faces, 0), (self.faces, .1)], .02)), len(self.faces))


class FewFound:
    """A detector that sees two faces in each picture: the one at @five, and one of the same size and @away from it."""

    def __init__(self, five, away):
        self.points = np.stack([five, five + away])

    def find(self, picture):
        return np.array([.9, .9]), None, self.points


class Guessed(unittest.TestCase):
    def test_what_nobody_annotated(self):
        rng = np.random.default_rng(5)
        shape = drawn.shapes(1, rng)[0] * .6
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'set.csv')
            cv2.imwrite(os.path.join(folder, '0.png'), drawn.draw(shape, rng))
            with open(path, 'w') as file:
                file.write('0.png,' + ','.join(map(str, shape.ravel())))
            with unittest.mock.patch.object(guessed, 'Teacher', lambda _: FewFound(five.five_points(shape), (70, 0))):
                found = guessed.read([path], None, shape[None].astype(np.float32))
                self.assertEqual((len(found), list(found.pictures)), (1, ['0.png']))
                _, away = sets.crop_face(np.zeros((160, 160), np.uint8), shape + (70, 0))
                self.assertLess(np.linalg.norm(found.shapes[0] - away, axis=-1).mean(), .05 * sets.FACE)
            for nothing in FewFound(five.five_points(shape), 0), FewFound(.2 * five.five_points(shape), (99, 0)):
                with unittest.mock.patch.object(guessed, 'Teacher', lambda _: nothing), self.assertRaisesRegex(sets.SetError, 'no faces in'):
                    guessed.read([path], None, shape[None].astype(np.float32))


class Peaks(heatmaps.HeatmapNetwork):
    """Heatmaps with a peak at each of @pixels, (68, 2)."""

    def __init__(self, upright_shape, pixels):
        super().__init__(upright_shape, .0625)
        self.pixels = pixels

    def forward(self, images):
        axis = torch.arange(0, shapes.SIZE, unet.STRIDE) + .5
        square = (axis[:, None] - self.pixels[:, 1, None, None]) ** 2 + (axis - self.pixels[:, 0, None, None]) ** 2
        return (-square / 18).expand(len(images), -1, -1, -1)


class Heatmaps(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(14)
        self.upright = shapes.enlarged(torch.from_numpy(folded.read_model(drawn.MODEL)['mean_shape']), 1.2)

    def test_landmarks_are_their_means(self):
        pixels = torch.rand(68, 2) * 70 + 20
        found, variances = Peaks(self.upright, pixels).landmarks(torch.rand(2, 1, shapes.SIZE, shapes.SIZE))
        torch.testing.assert_close(found, pixels.expand(2, -1, -1), rtol=0, atol=.02)
        torch.testing.assert_close(variances, torch.full_like(found, 9), rtol=.02, atol=0)
        self.assertLess(unet.spread_loss(variances), 1e-6)

    def test_found_in_the_crops(self):
        """Where the upright shape is in the images, that which was near is in the crops."""
        faces = drawn.faces(5)
        view = augment.Sampler(faces, self.upright, STILL, 'cpu').ordered(0, 5)
        near = shapes.transform(self.upright.expand(5, -1, -1),
                                shapes.make_similarity(torch.rand(5) + .5, torch.randn(5), torch.randn(5, 2) * 9))
        torch.testing.assert_close(Peaks(self.upright, self.upright).find(view, near), near, rtol=0, atol=.3)

    def test_it_learns(self):
        """One face by heart."""
        samplers = [augment.Sampler(drawn.faces(1), self.upright, STILL, 'cpu', teaching.UprightStarts) for _ in range(4)]
        with tempfile.TemporaryDirectory() as folder:
            options = types.SimpleNamespace(batch=2, exchanged=.5, minutes=0, report=1e9, out=folder, device='cpu')
            run = teaching.Teaching(heatmaps.HeatmapNetwork(self.upright, .25), samplers,
                                    [plan.Phase('heatmaps', 1, 0, 400, 2e-2, .5)], options)
            before = run.validate(None)
            self.assertTrue(run.run())
            self.assertLess(run.validate(None), .5 * before)
            again = teaching.load(folder)
            self.assertEqual(teaching.validate(again, samplers[3]), run.validate(None))


if __name__ == '__main__':
    unittest.main()
