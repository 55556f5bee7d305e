#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""dan-bench: its numbers agree with each other, and wrong usage is refused. How fast it is, is not tested: that would
fail on a busy machine."""

import json
import os
import subprocess

from support import ToolTest, main

BENCH = os.environ.get('DAN_BENCH', 'dan-bench')
QUICK = ['--width', 0.25, '--repeat', 1]
FAILED, USAGE = 1, 2
# The first two run as one.
CONVOLUTIONS = ['conv1', *(f'conv{i}{k}' for i in range(2, 5) for k in 'ab')]


class Bench(ToolTest):
    def bench(self, *args, **kwargs):
        return self.run_tool(BENCH, *args, **kwargs)

    def bench_json(self, *args, **kwargs):
        out, err = self.bench('--json', *args, **kwargs)
        self.assertEqual(err, '')
        return json.loads(out)

    def check(self, result):
        """One table of kernels."""
        for key in ('ms_per_face', 'faces_per_second', 'effective_gflops', 'fma_peak_gflops',
                    'ratio_to_fma_peak', 'calls_per_round', 'pack_ms'):
            self.assertGreater(result[key], 0, key)
        self.assertAlmostEqual(
            result['ratio_to_fma_peak'] * result['fma_peak_gflops'] / result['effective_gflops'], 1, 6)
        self.assertAlmostEqual(result['ms_per_face'] * result['faces_per_second'], 1000, 3)
        self.assertLessEqual(result['ms_per_face_min'], result['ms_per_face'])
        self.assertGreaterEqual(result['fma_peak_gflops_max'], result['fma_peak_gflops'])
        self.assertAlmostEqual(result['ms_layers'], sum(x['ms'] for x in result['layers']), 6)
        for layer in result['layers']:
            self.assertGreater(layer['ms'], 0, layer)
            self.assertAlmostEqual(layer['gflops'], 2e-6 * layer['macs'] / layer['ms'], 6, layer)

    def check_sum(self, result):
        """Of one round only: medians of several do not add up. The rest is what happens between the layers."""
        self.assertLessEqual(result['ms_layers'], result['ms_per_face'] * 1.01)

    def layers(self, result, stage):
        return [layer['layer'] for layer in result['layers'] if layer['stage'] == stage]

    def test_random(self):
        result = self.bench_json(*QUICK)
        self.check(result)
        self.check_sum(result)
        self.assertAlmostEqual(
            result['effective_gflops'], 2e-6 * result['macs'] / result['ms_per_face'], 6)
        self.assertGreater(result['open_ms'], 0)
        self.assertGreater(result['resident_mb'], 1)
        self.assertEqual({k: result[k] for k in ('width', 'stages', 'threads', 'faces', 'rounds')},
                         {'width': 0.25, 'stages': 2, 'threads': 1, 'faces': 1, 'rounds': 1})
        self.assertEqual(self.layers(result, 1), ['crop', *CONVOLUTIONS, 'fc1', 'fc2'])
        self.assertEqual(self.layers(result, 2),
                         ['warp', 'heatmap', 'feature', *CONVOLUTIONS, 'fc1', 'fc2'])

    def test_stages_faces_and_threads(self):
        two = self.bench_json(*QUICK)
        one = self.bench_json(*QUICK, '--stages', 1, '--faces', 3, '--threads', 2)
        self.check(one)
        self.check_sum(one)
        self.assertEqual((one['stages'], one['faces'], one['threads']), (1, 3, 2))
        self.assertEqual(self.layers(one, 2), [])
        self.assertLess(one['macs'], two['macs'] / 1.9)
        self.assertGreaterEqual(self.bench_json(*QUICK, '--threads', 0)['threads'], 1)

    def test_model(self):
        model = os.environ['DAN_MODEL']
        result = self.bench_json('--model', model, '--repeat', 1)
        self.check(result)
        self.assertNotIn('width', result)
        # Fewer stages of a model cost less.
        first = self.bench_json('--model', model, '--repeat', 1, '--stages', 1)
        if result['stages'] > 1:
            self.assertLess(first['macs'], result['macs'])

    def test_rounds(self):
        result = self.bench_json('--width', 0.25, '--repeat', 4)
        self.check(result)
        self.assertEqual(result['rounds'], 4)

    def test_compare(self):
        result = self.bench_json(*QUICK, '--kernels')
        self.assertEqual([table['kernels'] for table in result['compared']],
                         ['openblas', 'neon', 'avx2', 'avx2-vnni', 'avx512', 'avx512-vnni', 'avx512-bf16',
                          'avx512-mixed'])
        measured = [table for table in result['compared'] if 'not_available' not in table]
        for table in measured:
            self.check(table)
        self.check(result)
        self.assertEqual(result['kernels'], measured[-1]['kernels'])
        if measured[0]['kernels'] == 'openblas':
            for table in measured:
                self.assertAlmostEqual(table['ratio_to_openblas'],
                                       measured[0]['ms_per_face'] / table['ms_per_face'], 6)

    def test_compare_named(self):
        # The reference is there on every machine, and alone no other is measured.
        result = self.bench_json('--width', 0.02, '--repeat', 1, '--stages', 1, '--kernels=c')
        self.assertEqual([table['kernels'] for table in result['compared']], ['c'])
        self.assertEqual(result['kernels'], 'c')

    def test_ceiling(self):
        result = self.bench_json('--width', 0.02, '--repeat', 1, '--stages', 1, env={'DAN_CPU': 'c'})
        self.assertEqual(result['kernels'], 'c')

    def test_text(self):
        for args, says in (([], ('conv4b', 'ms per face', 'FMA peak GFLOP/s', '1 thread,')),
                           (['--kernels'], ('conv4b', 'openblas', 'avx512', 'FMA peak'))):
            out, err = self.bench(*QUICK, *args)
            self.assertEqual(err, '')
            for text in says:
                self.assertIn(text, out)

    def test_starts_again(self):
        # Without the variable it sets it for a second start of itself, with the same arguments.
        env = {k: v for k, v in os.environ.items() if k != 'OPENBLAS_NUM_THREADS'}
        done = subprocess.run([BENCH, *map(str, QUICK), '--json'], env=env, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b''))
        self.check(json.loads(done.stdout))

    def test_version_and_help(self):
        self.assertRegex(self.bench('--version')[0], r'^dan-bench \d')
        self.assertIn('--kernels', self.bench('--help')[0])

    def test_wrong_usage(self):
        for args, says in ((['--width', 0], '--width'), (['--width', -1], '--width'),
                           (['--width', 'nan'], '--width'), (['--width', 'wide'], 'wide'),
                           (['--threads', -1], '-1 threads'), (['--threads', 1000], '1000 threads'),
                           (['--stages', -1], '--stages'), (['--stages', 9], '--stages'),
                           (['--faces', 0], '--faces'), (['--repeat', 0], '--repeat'),
                           (['--precision', 'int3'], 'int3'), (['--kernels=mmx'], 'mmx'),
                           (['--model', os.environ['DAN_MODEL'], '--width', 1], '--width'),
                           (['--model', os.environ['DAN_MODEL'], '--stages', 8], '8 stages'),
                           (['--nothing'], '--nothing'), (['extra'], 'arguments')):
            with self.subTest(args):
                out, err = self.bench(*args, code=USAGE)
                self.assertEqual(out, '')
                self.assertTrue(err.startswith('dan-bench: '), err)
                self.assertIn(says, err)
        err = self.bench(*QUICK, code=USAGE, env={'DAN_CPU': 'mmx'})[1]
        self.assertIn('mmx', err)

    def test_bad_models(self):
        with open(self.path('text.dan'), 'w') as file:
            file.write('no model\n' * 100)
        for name in ('missing.dan', 'text.dan'):
            out, err = self.bench('--model', name, code=FAILED)
            self.assertEqual(out, '')
            self.assertIn(name, err)


if __name__ == '__main__':
    main()
