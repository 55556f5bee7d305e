#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""train.py as it is run, on drawn faces: pack, train, heads, export, and then
the library's own tools on what came out."""

import csv
import json
import os
import re
import shutil
import subprocess
import unittest

import numpy as np
import torch

import command
import drawn
from dantrain import augment, folded, loop, network, sets, shapes

SMALL = ['--width', '.0625', '--stages', '2', '--batch', '8', '--stage-crops', '800', '--joint-crops', '160',
         '--rate', '2e-3', '--joint-rate', '1e-3', '--threads', '1', '--no-bf16', '--damage', '.3', '--scale', '.1',
         '--rotation', '8', '--wild', '0', '--device', 'cpu']


class Train(command.CommandTest):
    PROGRAM = os.environ['DAN_TRAIN']

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drawn.write_set(cls.data, 'clean', 80, 1)
        drawn.write_set(cls.data, 'noisy', 20, 2)
        drawn.write_set(cls.data, 'unseen', 30, 3)
        # Pictures whose face is elsewhere, so that there is some background.
        with open(os.path.join(cls.data, 'clean.csv')) as file:
            names = [line.split(',')[0] for line in list(file)[1:20]]
        with open(os.path.join(cls.data, 'away.csv'), 'w') as file:
            file.writelines(f'{name}{",999" * 136}\n' for name in names)
        cls.crops, cls.out = cls.at('crops.npz'), cls.at('out')
        cls.ok('pack', '--data', cls.data, '--clean', 'clean', '--noisy', 'noisy', '--background', 'away',
               '--crops', cls.crops, '--exchanged', '12')
        cls.report = cls.ok('train', '--crops', cls.crops, '--out', cls.out, *SMALL)

    def export(self, out, model):
        self.ok('export', '--out', out, '--name', 'drawn', self.at(model))
        return self.at(model)

    def evaluate(self, model, *options):
        result = subprocess.run(['dan-eval', '--model', model, '--data', self.at('unseen.csv'), '--json', *options],
                                capture_output=True, text=True, check=True)
        return json.loads(result.stdout)['nme_inter_ocular']

    def test_it_learns(self):
        faces = sets.read(self.at('unseen.csv'))
        mean = torch.from_numpy(folded.read_model(drawn.MODEL)['mean_shape'])
        truth = augment.Sampler(faces, mean, augment.Strength(), 'cpu').ordered(0, len(faces)).truth()
        untrained = float(shapes.nme(mean.expand_as(truth), truth).mean())
        self.assertLess(self.evaluate(self.export(self.out, 'after.dan')), .8 * untrained)

    def test_says_what_it_does(self):
        for phase in 'stage 1', 'stage 2', 'together':
            self.assertRegex(self.report, rf'{phase} +100% .* faces/s .* left .* loss .* validation NME')
        with open(os.path.join(self.out, 'log.jsonl')) as file:
            self.assertEqual(json.loads(list(file)[-1])['seen'], 2 * 800 + 160)
        self.assertGreater(os.path.getsize(os.path.join(self.out, 'curves.png')), 1000)

    def test_goes_on_from_a_model(self):
        model, out = self.export(self.out, 'first.dan'), self.at('wide')
        said = self.ok('train', '--crops', self.crops, '--out', out, *SMALL, '--start', model, '--width', '.125',
                       '--joint-crops', '32', '--joint-rate', '0')
        self.assertRegex(said, '^72 faces, and 20 labelled automatically, and 12 exchanged\ntogether')
        first, wide = (self.evaluate(m) for m in (model, self.export(out, 'wide.dan')))
        self.assertAlmostEqual(wide, first, delta=.1 * first)

    def test_goes_on_with_larger_faces(self):
        model, out = self.export(self.out, 'smaller.dan'), self.at('large')
        self.ok('train', '--crops', self.crops, '--out', out, *SMALL, '--start', model, '--extent', '64',
                '--upright-extent', '72', '--dropout', '0')
        larger = self.export(out, 'larger.dan')
        arrays = folded.read_model(larger)
        for name, extent in ('mean_shape', 64), ('upright_shape', 72):
            self.assertAlmostEqual(float(shapes.extent(torch.from_numpy(arrays[name]))), extent, places=4)
        # It starts from what the other knew: 160 faces teach a new one nothing.
        self.assertLess(self.evaluate(larger), 1.25 * self.evaluate(model))

    def relabel(self, *options):
        """The names of the pictures that kept a label, and by how many pixels of the crops each moved."""
        new = self.at('new.npz')
        said = self.ok('relabel', '--crops', self.crops, '--out', self.out, '--threads', '1', '--device', 'cpu', '--no-bf16',
                       *options, new)
        before, after = sets.unpack(self.crops)[0], sets.unpack(new)[0]
        self.assertIn(f'{len(after["noisy"])} of 20 automatically labelled', said)
        np.testing.assert_array_equal(after['clean'].shapes, before['clean'].shapes)
        index = [list(before['noisy'].pictures).index(picture) for picture in after['noisy'].pictures]
        return after['noisy'].pictures, np.linalg.norm(after['noisy'].shapes - before['noisy'].shapes[index], axis=-1).mean(-1)

    def test_relabel(self):
        _, moved = self.relabel('--spread', '.1', '--distance', '.2')
        self.assertTrue(.1 < moved.mean() < .2 * sets.FACE, moved)

    def test_a_teacher_labels_too(self):
        out, loose = self.at('teacher'), ('--spread', '1', '--distance', '2')
        teach = ('teach', '--crops', self.crops, '--out', out, '--width', '.125', '--faces', '160', '--batch', '8', '--threads', '1',
                 '--device', 'cpu', '--no-bf16')
        self.assertRegex(self.ok(*teach), r'heatmaps +100% .* validation NME')
        self.assertIn('complete', self.ok(*teach))
        (pictures, with_it), (same, without) = self.relabel(*loose, '--teacher', out), self.relabel(*loose)
        np.testing.assert_array_equal(pictures, same)
        self.assertGreater(np.abs(with_it - without).mean(), 1)
        self.expect('leaves no planes', 'teach', '--crops', self.crops, '--out', self.at('x'), '--width', '.01')
        self.expect('no teacher was trained', 'relabel', '--crops', self.crops, '--out', self.out, '--teacher', self.out,
                    self.at('x.npz'))
        self.expect('no cascade', 'export', '--out', out, '--name', 'x', self.at('x.dan'))

    def test_a_decoder(self):
        """It learns beside what was learnt before, goes on, and is told from what cannot have it."""
        model, out, new, again = self.export(self.out, 'undecoded.dan'), self.at('decoder'), self.at('new'), self.at('decoder-again')
        start = 'train', '--crops', self.crops, *SMALL, '--frozen', '1', '--start'
        self.ok(*start, model, '--out', new, '--decoder', '--joint-crops', '8', '--joint-rate', '0')
        said = self.ok(*start, model, '--out', out, '--decoder', '--joint-crops', '2400', '--exchanged', '.25')
        self.assertIn('20 labelled automatically, and 12 exchanged\n', said)
        decoded = self.export(out, 'decoded.dan')
        self.assertLess(self.evaluate(decoded), .5 * self.evaluate(self.export(new, 'new.dan')))
        self.ok(*start, decoded, '--out', again, '--joint-crops', '32', '--joint-rate', '0')
        self.assertAlmostEqual(self.evaluate(self.export(again, 'again.dan')), self.evaluate(decoded), delta=.002)
        self.expect('are more than all', *start, model, '--out', self.at('x'), '--exchanged', '.8', '--noisy', '.3')
        self.expect('cannot be widened', *start, decoded, '--out', self.at('x'), '--width', '.125')
        self.expect('a stage before its own', *start, model, '--out', self.at('x'), '--decoder', '--stages', '1', '--frozen', '0')

    def test_frozen_stages_stay(self):
        model, out = self.export(self.out, 'thawed.dan'), self.at('frozen')
        self.ok('train', '--crops', self.crops, '--out', out, *SMALL, '--start', model, '--frozen', '1')
        before, after = folded.read_model(model), folded.read_model(self.export(out, 'frozen.dan'))
        np.testing.assert_allclose(after['s1.fc1.b'], before['s1.fc1.b'], rtol=1e-4, atol=1e-4)
        self.assertGreater(np.abs(after['s2.fc1.b'] - before['s2.fc1.b']).max(), 1e-3)

    def test_average(self):
        model, outs = self.export(self.out, 'common.dan'), [self.at('one'), self.at('two')]
        for seed, out in enumerate(outs):
            said = self.ok('train', '--crops', self.crops, '--out', out, *SMALL, '--start', model, '--seed', str(seed),
                           '--with-held-out')
            self.assertIn('80 faces, and 20 ', said)
        self.ok('average', '--out', self.at('mean'), *outs)
        one, two, mean = (folded.read_model(self.export(out, 'part.dan')) for out in (*outs, self.at('mean')))
        self.assertGreater(np.abs(one['s2.fc2.b'] - two['s2.fc2.b']).max(), 1e-3)
        np.testing.assert_allclose(mean['s2.fc2.b'], (one['s2.fc2.b'] + two['s2.fc2.b']) / 2, rtol=1e-3, atol=1e-3)

    def test_heads_make_the_model_tell_its_error(self):
        out = shutil.copytree(self.out, self.at('sure'))
        self.assertRegex(self.train_heads(out), 'stage 2: AUROC .*, Spearman')
        model, rows = self.export(out, 'sure.dan'), self.at('rows.csv')
        self.evaluate(model, '--per-face', rows)
        with open(rows, newline='') as file:
            for row in csv.DictReader(file):
                self.assertGreater(float(row['expected_error']), 0)
                self.assertLess(float(row['expected_error']), 2)

    def train_steps(self, out, start, *options):
        """The error of recurrent steps in the end, in %."""
        said = self.ok('train', '--crops', self.crops, *SMALL, '--joint-crops', '0', '--recurrent', '2', '--out', out,
                       '--start', start, *options)
        return float(re.findall(r'recurrent ([0-9.]+) %', said)[-1])

    def train_heads(self, out, *options):
        return self.ok('heads', '--crops', self.crops, '--out', out, '--examples', '512', '--device', 'cpu', '--threads', '1',
                       *options)

    def test_recurrent_steps(self):
        sure = shutil.copytree(self.out, self.at('believed'))
        self.train_heads(sure)
        first, out, again = self.export(sure, 'once.dan'), self.at('steps'), self.at('again')
        before = self.train_steps(self.at('untrained'), first, '--recurrent-crops', '8', '--recurrent-rate', '0')
        after = self.train_steps(out, first, '--recurrent-crops', '960', '--recurrent-rate', '1e-3')
        self.assertLess(after, .9 * before)
        self.expect('run heads first', 'export', '--out', out, '--name', 'x', self.at('x.dan'))
        said = self.train_heads(out, '--steps-only')
        self.assertRegex(said, 'recurrent: AUROC .*, Spearman')
        self.assertNotIn('stage', said)
        model = self.export(out, 'steps.dan')
        with open(model, 'rb') as file:
            self.assertEqual(file.read(12)[8], 8)
        old, new = folded.read_model(first), folded.read_model(model)
        for name in old:
            np.testing.assert_allclose(new[name], old[name], rtol=2e-3, atol=1e-5, err_msg=name)
        self.train_steps(again, model, '--recurrent-crops', '8', '--recurrent-rate', '0')
        weights = [loop.load_checkpoint(folder)['average']['recurrent.connection.feature.weight'] for folder in (out, again)]
        torch.testing.assert_close(weights[1], weights[0], rtol=0, atol=1e-3)
        said = self.ok('train', '--crops', self.crops, *SMALL, '--out', self.at('without'), '--start', model,
                       '--joint-crops', '8')
        self.assertIn('its recurrent stage is left out', said)
        self.assertNotIn('recurrent.stage.fc1.weight', loop.load_checkpoint(self.at('without'))['average'])
        self.expect('has no recurrent stage', 'heads', '--crops', self.crops, '--out', self.at('without'), '--steps-only')

    def test_recurrent_steps_with_a_decoder(self):
        """The recurrent stage begins with the last one's, and its own learns."""
        decoded, out = self.at('decoded-out'), self.at('decoded-steps')
        self.ok('train', '--crops', self.crops, *SMALL, '--frozen', '1', '--start', self.export(self.out, 'flat.dan'), '--out',
                decoded, '--decoder', '--joint-crops', '800')
        self.train_heads(decoded)
        first = self.export(decoded, 'decoded-first.dan')
        before = self.train_steps(self.at('decoded-untrained'), first, '--recurrent-crops', '8', '--recurrent-rate', '0')
        self.assertLess(self.train_steps(out, first, '--recurrent-crops', '640', '--recurrent-rate', '1e-3'), .9 * before)
        self.train_heads(out, '--steps-only')
        old, new = folded.read_model(first), folded.read_model(self.export(out, 'decoded-steps.dan'))
        self.assertEqual(folded.decoders(new), [1, network.RECURRENT])
        self.assertGreater(np.abs(new['recurrent.heatmaps.w'] - old['s2.heatmaps.w']).max(), 1e-2)

    def test_recurrent_steps_from_the_beginning(self):
        said = self.ok('train', '--crops', self.crops, '--out', self.at('all'), *SMALL, '--recurrent', '2', '--stage-crops', '16',
                       '--joint-crops', '16', '--recurrent-crops', '16')
        for phase in 'stage 1', 'stage 2', 'together':
            self.assertNotRegex(said, f'{phase} .* recurrent')
        self.assertRegex(said, 'recurrent .* recurrent')

    def test_errors(self):
        self.ok('train', '--crops', self.crops, '--out', self.at('narrow'), *SMALL, '--stages', '1', '--stage-crops', '8',
                '--joint-crops', '8')
        self.expect('none.csv: ', 'pack', '--data', self.data, '--clean', 'none', '--crops', self.at('x'))
        self.expect('/dev/full: No space left', 'pack', '--data', self.data, '--clean', 'clean', '--noisy', '--background', 'away',
                    '--crops', '/dev/full')
        self.expect('no file of packed crops', 'train', '--crops', self.at('clean.csv'), '--out', self.at('x'))
        self.expect('clean.csv: no model file', 'train', '--crops', self.crops, '--out', self.at('x'), *SMALL,
                    '--start', self.at('clean.csv'))
        self.expect('finds no landmarks', 'train', '--crops', self.crops, '--out', self.at('x'), *SMALL,
                    '--start', os.path.join(os.path.dirname(drawn.MODEL), 'danface.dan'))
        self.expect('leaves nothing to train', 'train', '--crops', self.crops, '--out', self.at('x'), *SMALL, '--frozen', '2')
        self.expect('leaves no planes', 'train', '--crops', self.crops, '--out', self.at('x'), *SMALL, '--width', '0')
        for option, value, reason in [('--batch', '0', '1 or more'), ('--noisy', '1.5', 'from 0 to 1'), ('--device', 'x', '"x"'),
                                      ('--rate', 'nan', '0 or more')]:
            self.expect(reason, 'train', '--crops', self.crops, '--out', self.at('x'), option, value, code=2)
        self.assertFalse(os.path.exists(self.at('x')))
        self.expect('two others or more', 'train', '--crops', self.crops, '--out', self.at('x'), *SMALL, '--stages', '1',
                    '--recurrent', '1')
        self.expect('have no average', 'average', '--out', self.at('x'), self.out, self.at('narrow'))
        self.expect('--batch was 8', 'train', '--crops', self.crops, '--out', self.out, *SMALL, '--batch', '9')
        self.assertIn('complete', self.ok('train', '--crops', self.crops, '--out', self.out, *SMALL, '--minutes', '1'))
        os.mkdir(self.at('damaged'))
        with open(self.at('damaged/checkpoint.pt'), 'wb') as file:
            file.write(b'PK\3\4 not really')
        self.expect('no checkpoint, or a damaged one', 'export', '--out', self.at('damaged'), '--name', 'x', self.at('x.dan'))
        self.expect('checkpoint.pt', 'export', '--out', self.at('nowhere'), '--name', 'x', self.at('x.dan'))


if __name__ == '__main__':
    unittest.main()
