#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""models/convert.py: the bytes of a known network, and inputs that it refuses.

usage: test-convert.py ROOT; exits with 77 (skipped) without numpy
"""

import argparse
import importlib
import os
import sys
import unittest

try:
    import numpy as np
except ImportError:
    print('skipped: no numpy')
    sys.exit(77)

ROOT = sys.argv.pop(1)
FOLDER = os.path.join(ROOT, 'tests', 'dan')
sys.dont_write_bytecode = True
sys.path.insert(1, FOLDER)
make_golden = importlib.import_module('make-golden')
convert = make_golden.convert
OPTIONS = argparse.Namespace(name='small', licence='none needed: made up', scheme='ibug-68', image_size=48)
HEADS = [f's{stage}.{layer}' for stage in (1, 2) for layer in ('error1.w', 'error1.b', 'error2.w', 'error2.b')]
RECURRENT = [name for name in make_golden.small_network() if name.startswith('recurrent.')]
RECURRENT_DECODER = [name for name in make_golden.small_network(True, True) if name.startswith('recurrent.') and name not in RECURRENT]


def written(arrays):
    return convert.convert(convert.Source(arrays), OPTIONS)


class Convert(unittest.TestCase):
    def setUp(self):
        self.arrays = make_golden.small_network()

    def refused(self, says):
        with self.assertRaisesRegex(convert.ConversionError, says):
            written(self.arrays)

    def test_bytes(self):
        with open(os.path.join(FOLDER, 'golden-small.dan'), 'rb') as file:
            self.assertEqual(written(self.arrays), file.read())

    def test_upright_shape(self):
        self.arrays = make_golden.small_network(upright=True)
        upright = self.arrays['upright_shape']
        with open(os.path.join(FOLDER, 'golden-upright.dan'), 'rb') as file:
            self.assertEqual(written(self.arrays), file.read())
        for names, version in (RECURRENT, 6), (HEADS, 5):
            for name in names:
                del self.arrays[name]
            self.assertEqual(written(self.arrays)[8], version)
        self.arrays['upright_shape'] = upright[1:]
        self.refused('array upright_shape has the shape')

    def test_decoders(self):
        self.arrays = make_golden.small_network(upright=True, decoders=True)
        with open(os.path.join(FOLDER, 'golden-decoder.dan'), 'rb') as file:
            self.assertEqual(written(self.arrays), file.read())
        for names, version in (RECURRENT + RECURRENT_DECODER, 14), (HEADS, 13):
            for name in names:
                del self.arrays[name]
            self.assertEqual(written(self.arrays)[8], version)
        for name, value, says in (('s2.share', np.array([2.] + 67 * [0.]), 'share has values from 0.0 to 2.0'),
                                  ('s2.heatmaps.w', np.zeros((67, 7, 3, 3)), 'array s2.heatmaps.w has the shape'),
                                  ('s2.up2.w', np.zeros((3, 5, 3, 3)), r'should be \(None, 8, 3, 3\)')):
            with self.subTest(name), self.assertRaisesRegex(convert.ConversionError, says):
                written({**self.arrays, name: value})
        del self.arrays['upright_shape']
        self.refused('stages with decoders need an upright shape')

    def test_version_tells_of_arrays(self):
        self.assertEqual(written(self.arrays)[8], 4)
        for name in RECURRENT:
            del self.arrays[name]
        once = written(self.arrays)
        self.assertEqual(once[8], 2)
        self.assertNotIn(b'recurrent', once[convert.HEADER.size:])
        for name in HEADS:
            del self.arrays[name]
        plain = written(self.arrays)
        self.assertEqual(plain[8], 1)
        self.assertNotIn(b'error', plain[convert.HEADER.size:])

    def test_heads_of_some_stages(self):
        for name in HEADS[4:]:
            del self.arrays[name]
        self.refused('array s2.error1.w is missing')

    def test_heads_of_later_stages(self):
        for name in HEADS[:4] + RECURRENT:
            del self.arrays[name]
        self.refused('arrays of no layer: s2.error1.b, s2.error1.w, s2.error2.b, s2.error2.w')

    def test_half_a_head(self):
        del self.arrays['s1.error2.b']
        self.refused('array s1.error2.b is missing')

    def test_recurrent_without_heads(self):
        for name in HEADS:
            del self.arrays[name]
        self.refused('a recurrent stage needs two others or more, and error heads')

    def test_missing_arrays_of_the_recurrent_stage(self):
        for name in RECURRENT[1:]:
            self.setUp()
            del self.arrays[name]
            self.refused(f'array {name} is missing')

    def test_shapes(self):
        for name, shape in (('s1.error1.w', (5, 7)), ('s2.error1.b', (4,)), ('s1.error2.w', (2, 5)),
                            ('s2.error2.w', (1, 4)), ('s2.error2.b', (2,)), ('recurrent.feature.w', (576, 7)), ('recurrent.fc1.w', (7, 54))):
            with self.subTest(name):
                self.setUp()
                self.arrays[name] = np.zeros(shape)
                self.refused(f'array {name} has the shape')

    def test_not_finite(self):
        self.arrays['s2.error1.w'][0, 0] = 70000  # no half is so large
        self.refused('array s2.error1.w has values that are not finite')


if __name__ == '__main__':
    unittest.main(verbosity=2)
