#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""train-detector.py as it is run, on drawn faces: pack, train, evaluate,
export, and then the numpy reference and the library on what came out."""

import json
import os
import re
import unittest

import cv2
import numpy as np
import torch

import command
import detector_reference
import drawn
import library
import reference
from dantrain import folded, sets
from facetrain import boxes, detect, scenes
from facetrain import folded as detectors

SMALL = ['--width', '.25', '--batch', '8', '--images', '4000', '--side', '128', '--rate', '6e-3', '--threads', '1',
         '--no-bf16', '--damage', '0', '--rotation', '0', '--small', '0', '--crowd', '0', '--device', 'cpu']


class TrainDetector(command.CommandTest):
    PROGRAM = os.environ['DAN_TRAIN_DETECTOR']

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for seed, (name, n) in enumerate({'clean': 40, 'noisy': 9, 'unseen': 12}.items()):
            drawn.write_set(cls.data, name, n, seed)
        cls.scenes, cls.out, cls.weights = cls.at('scenes.npz'), cls.at('out'), cls.at('out/weights.npz')
        cls.packed = cls.ok('pack', '--data', cls.data, '--clean', 'clean', '--noisy', 'noisy',
                            '--scenes', cls.scenes)
        cls.said = cls.ok('train', '--scenes', cls.scenes, '--out', cls.out, *SMALL)
        cls.export('out')

    @classmethod
    def export(cls, out):
        cls.ok('export', '--out', cls.at(out), '--name', 'drawn', cls.at(f'{out}.dan'))
        return cls.at(f'{out}.dan')

    def evaluate(self, *options):
        return self.ok('evaluate', '--data', self.data, '--clean', 'clean', '--no-rivals', '--threshold', '.2', *options)

    def figures(self, out, name):
        with open(os.path.join(out, f'{name}.json')) as file:
            return json.load(file)

    def test_packs_every_third_noisy_picture(self):
        self.assertIn('clean: 40 pictures of clean with 40 annotated faces', self.packed)
        self.assertIn('noisy: 3 pictures', self.packed)

    def test_the_reference_finds_unseen_faces(self):
        arrays, n = reference.load_arrays(self.weights), 0
        rows = list(sets.read_rows(self.at('unseen.csv')))
        for name, shape in rows:
            found = detector_reference.run(arrays, cv2.imread(self.at(name), cv2.IMREAD_GRAYSCALE), .2)
            n += len(found) > 0 and boxes.iou(found[:1, 1:5], boxes.tight(shape)[None])[0, 0] > .5
        self.assertGreaterEqual(n, .7 * len(rows))

    def test_says_what_it_does(self):
        self.assertRegex(self.said, r'detector +100% .* images/s .* left .* loss .* validation: .* % found at')
        self.assertGreater(os.path.getsize(os.path.join(self.out, 'curves.png')), 1000)

    def test_evaluates(self):
        said = self.evaluate('--out', self.out, '--set', 'unseen', 'held-out')
        self.assertRegex(said, r'unseen: detector: .* % of 12 faces')
        figures = self.figures(self.out, 'held-out')
        self.assertEqual(figures['detector']['faces'], 4)
        self.assertGreater(figures['size']['96'], 0)
        self.assertGreater(os.path.getsize(os.path.join(self.out, 'unseen.png')), 1000)

    def test_evaluates_a_model(self):
        out = self.at('judged')
        os.makedirs(out)
        self.evaluate('--out', out, '--set', 'unseen', '--model', self.at('out.dan'))
        self.evaluate('--out', self.out, '--set', 'unseen')
        trained, exported = (self.figures(folder, 'unseen')['detector'] for folder in (self.out, out))
        self.assertEqual(trained['recall'], exported['recall'])
        self.assertAlmostEqual(trained['points'], exported['points'], delta=1e-3)

    def test_held_out_pictures_are_those_that_training_keeps(self):
        read = scenes.read_held_out([self.at('clean.csv')], None, None)
        _, kept = sets.hold_out(scenes.unpack(self.scenes)['clean'])
        self.assertEqual(list(read.pictures), list(kept.pictures))
        for own, other in zip(read.shapes, kept.shapes):
            np.testing.assert_array_equal(own, other)

    def test_the_model_holds_the_weights(self):
        arrays, model = reference.load_arrays(self.weights), folded.read_model(self.at('out.dan'))
        self.assertEqual(set(arrays), set(model))
        for name in arrays:
            np.testing.assert_allclose(model[name], arrays[name], rtol=1e-3, atol=1e-6, err_msg=name)

    def test_the_library_finds_what_the_reference_finds(self):
        arrays, n = folded.read_model(self.at('out.dan')), 0
        arrays = {name: array.astype(np.float64) for name, array in arrays.items()}
        find = library.Detector(self.at('out.dan'), .1)
        for name, _ in sets.read_rows(self.at('unseen.csv')):
            picture = cv2.imread(self.at(name), cv2.IMREAD_GRAYSCALE)[:150, :140]
            expected = detector_reference.run(arrays, picture, .1)
            np.testing.assert_allclose(find(picture), expected, atol=.01)
            n += len(expected)
        self.assertGreater(n, 5)

    def test_pictures_are_judged_at_the_size_that_the_library_searches(self):
        find, n, same = library.Detector(self.at('out.dan'), .2, library.USUAL), 0, 0
        detector = detectors.load(self.at('out.dan'), torch.rand(1, 1, 64, 64))
        for name, _ in sets.read_rows(self.at('unseen.csv')):
            picture = cv2.imread(self.at(name), cv2.IMREAD_GRAYSCALE)
            found = find(picture)
            _, rectangles, _ = detect.detect_as_usual(detector, picture, .15)
            same += (boxes.iou(found[:, 1:5], rectangles).max(1, initial=0) > .95).sum()
            n += len(found)
        self.assertGreater(n, 5)
        self.assertGreaterEqual(same, .9 * n)

    def test_goes_on_where_it_was(self):
        options = ['--scenes', self.scenes, '--out', self.at('cut'), *SMALL, '--images', '64']
        self.assertIn('the time is up', self.ok('train', *options, '--minutes', '1e-9'))
        self.assertIn('100%', self.ok('train', *options))
        self.assertRegex(self.ok('train', *options), '^[^\n]*this training is complete\n$')

    def test_averages(self):
        other, mean = self.at('other.dan'), self.at('mean.dan')
        arrays = {name: 3 * array for name, array in folded.read_model(self.at('out.dan')).items()}
        with open(other, 'wb') as file:
            file.write(detectors.model(arrays, 'other', 'none'))
        self.ok('average', '--models', self.at('out.dan'), other, '--name', 'mean', mean)
        for name, array in folded.read_model(mean).items():
            np.testing.assert_allclose(array, 2 / 3 * arrays[name], rtol=1e-3, err_msg=name)
        with self.assertRaisesRegex(ValueError, 'of different shapes'):
            detectors.average([arrays, {name: array[:1] for name, array in arrays.items()}])

    def test_goes_on_from_a_model(self):
        out = self.at('started')
        self.ok('train', '--scenes', self.scenes, '--out', out, *SMALL, '--start', self.export('out'), '--images', '16', '--rate', '0')
        first, second = (folded.read_model(self.export(o)) for o in ('out', 'started'))
        for level in '1234':
            np.testing.assert_array_equal(second[f'head{level}.w'], first[f'head{level}.w'])

    def test_trains_on_what_another_training_got_wrong(self):
        options = ['--scenes', self.scenes, '--out', self.at('mined'), *SMALL, '--start', self.export('out'), '--images', '32', '--mined',
                   '.5']
        started = self.ok('train', *options, '--minutes', '1e-9')
        mined = re.search(r'mining: ([0-9]+) places in 36 pictures', started)
        self.assertGreater(int(mined[1]), 0)
        self.assertIn('the time is up', started)
        gone_on = self.ok('train', *options)
        self.assertIn(mined[0], gone_on)
        self.assertIn('100%', gone_on)

    def test_errors(self):
        self.expect('none.csv: ', 'pack', '--data', self.data, '--clean', 'none', '--scenes', self.at('x'))
        self.expect('no file of packed scenes', 'train', '--scenes', self.at('clean.csv'), '--out', self.at('x'), *SMALL)
        self.expect('from 0 to 1', 'train', '--scenes', self.scenes, '--out', self.at('x'), '--crowd', '1.5', code=2)
        self.expect('--side must be', 'train', '--scenes', self.scenes, '--out', self.at('x'), *SMALL, '--side', '100')
        self.expect('of another width', 'train', '--scenes', self.scenes, '--out', self.at('x'), *SMALL, '--start', self.export('out'),
                    '--width', '.5')
        self.expect('no face detector', 'train', '--scenes', self.scenes, '--out', self.at('x'), *SMALL, '--start', drawn.MODEL)
        self.expect('no face detector', 'average', '--models', drawn.MODEL, '--name', 'x', self.at('x.dan'))
        self.expect('--mined needs', 'train', '--scenes', self.scenes, '--out', self.at('x'), *SMALL, '--mined', '.1')
        self.expect('checkpoint.pt', 'export', '--out', self.at('nowhere'), '--name', 'x', self.at('x.dan'))
        self.expect('is no network that OpenCV reads', 'pack', '--data', self.data, '--clean', 'clean',
                    '--teacher', self.at('clean.csv'), '--scenes', self.at('x'))


if __name__ == '__main__':
    unittest.main()
