#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Both tools: what goes wrong is said, with the name of what it is about, and in the exit code."""

import json
import os
import shutil
import subprocess
import unittest

from support import ALIGN, EVAL, SMALL_MODEL, ToolTest, annotation_header, has_elements, main, write_png

FAILED, USAGE = 1, 2
GOOD_ROW = [str(k * 7 % 60) for k in range(136)]


class AlignErrors(ToolTest):
    def setUp(self):
        super().setUp()
        write_png(self.path('good.png'), 80, 80)

    def refused(self, *args, code, says):
        out, err = self.align(*args, code=code)
        for text in says:
            self.assertIn(text, err)
        self.assertTrue(err.startswith('dan-align: '), err)
        return out

    def test_inputs(self):
        with open(self.path('text.txt'), 'w') as file:
            file.write('no picture\n' * 20)
        with open(self.path('broken.png'), 'wb') as file:
            file.write(b'\x89PNG\r\n\x1a\n' + bytes(100))
        open(self.path('empty.jpg'), 'w').close()
        for name in ('missing.png', 'text.txt', 'broken.png', 'empty.jpg', '.'):
            with self.subTest(name):
                out = self.refused('--box', '10,10,40,40', name, code=FAILED, says=[name + ':'])
                self.assertEqual(out, '')

    def test_goes_on_after_an_error(self):
        out = self.refused('--box', '10,10,40,40', 'missing.png', 'good.png', 'also-missing.png',
                           code=FAILED, says=['dan-align: missing.png: no such file',
                                              'dan-align: also-missing.png: no such file'])
        self.assertEqual(json.loads(out)['file'], 'good.png')

    def test_usage(self):
        for args in ([], ['--box', '1,2,3', 'good.png'], ['--box', '1,2,3,nan', 'good.png'],
                     ['--box', '1,2,0,5', 'good.png'], ['--box', '1,2,3,4,5', 'good.png'],
                     ['--box', '1,2,3,4', '--detector', 'facedetect', 'good.png'],
                     ['--box-map', 'round', 'good.png'], ['--format', 'xml', 'good.png'],
                     ['--draw', 'out.mp4', 'good.png'], ['--max-faces', '-1', 'good.png'],
                     ['--stages', '1000', 'good.png'], ['--passes', '5', 'good.png'],
                     ['--precision', 'fp16', 'good.png'], ['--nonsense']):
            with self.subTest(args):
                self.refused(*args, code=USAGE, says=['--help'])

    def test_model(self):
        with open(self.path('bad.dan'), 'wb') as file:
            file.write(b'certainly not a model' * 100)
        for name in ('bad.dan', 'missing.dan'):
            with self.subTest(name):
                self.refused('--model', name, '--box', '1,2,30,30', 'good.png', code=FAILED,
                             says=[name])

    def test_detector(self):
        self.refused('--detector', 'nosuchelement', 'good.png', code=FAILED,
                     says=['good.png', '"nosuchelement" is not installed'])

    @unittest.skipUnless(has_elements('audiotestsrc'), 'audiotestsrc is not installed')
    def test_detector_that_takes_no_video(self):
        self.refused('--detector', 'audiotestsrc', 'good.png', code=FAILED, says=['good.png'])

    def test_outputs(self):
        box = ('--box', '10,10,40,40')
        self.refused(*box, '-o', 'no/such/file', 'good.png', code=FAILED, says=['no/such/file'])
        self.refused(*box, '--draw', 'no/such.png', 'good.png', code=FAILED,
                     says=['no/such.png', 'No such file or directory'])
        os.mkdir(self.path('sub'))
        write_png(self.path('sub/good.png'), 80, 80)
        self.refused(*box, '--format', 'pts', '-o', 'pts', 'good.png', 'sub/good.png', code=FAILED,
                     says=['sub/good.png', 'good.pts was already written'])


    def test_inputs_are_not_overwritten(self):
        """Whatever name they go by."""
        box = ('--box', '10,10,40,40')
        os.symlink('good.png', self.path('other.png'))
        shutil.copy(SMALL_MODEL, self.path('model.dan'))
        before = self.bytes('good.png'), self.bytes('model.dan')
        for args in (['-o', 'good.png', 'good.png'], ['-o', 'other.png', 'good.png'], ['-o', 'good.png', 'x.png', 'other.png'],
                     ['--draw', './good.png', 'good.png'], ['-o', 'good.png', 'file://' + self.path('good.png')],
                     ['-m', 'model.dan', '-o', 'model.dan', 'good.png']):
            with self.subTest(args):
                self.refused(*box, *args, code=FAILED, says=['is an input, and is not overwritten'])
                self.assertEqual((self.bytes('good.png'), self.bytes('model.dan')), before)

    def test_full_disk(self):
        box = ('--box', '10,10,40,40')
        with open('/dev/full', 'w') as full:
            done = subprocess.run([ALIGN, *box, self.path('good.png')], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn('standard output cannot be written: No space left', done.stderr)
        for args in ['-o', '/dev/full'], ['--draw', 'full.png']:
            with self.subTest(args):
                if args[0] == '--draw':
                    os.symlink('/dev/full', self.path('full.png'))
                _, err = self.align(*box, *args, 'good.png', code=FAILED)
                self.assertEqual(err.count('No space left'), 1, err)


class EvalErrors(ToolTest):
    def setUp(self):
        super().setUp()
        write_png(self.path('good.png'), 80, 80)

    def refused(self, text, *args, says, code=FAILED):
        with open(self.path('set.csv'), 'w') as file:
            file.write(text)
        _, err = self.evaluate('--data', 'set.csv', *args, code=code)
        for expected in says:
            self.assertIn(expected, err)

    def table(self, *rows, header=None):
        return '\n'.join(','.join(row) for row in [header or annotation_header(), *rows]) + '\n'

    def test_usage(self):
        self.evaluate(code=USAGE)
        self.evaluate('--data', 'x.csv', 'extra', code=USAGE)
        self.evaluate('--data', 'x.csv', '--limit', '-2', code=USAGE)
        self.evaluate('--data', 'x.csv', '--repeat', '0', code=USAGE)
        self.evaluate('--data', 'x.csv', '--ced', 'x.png', code=USAGE)

    def test_inputs_are_not_overwritten(self):
        good = self.table(['good.png', *GOOD_ROW])
        self.refused(good, '--per-face', './set.csv', says=['set.csv is an input'])
        self.assertEqual(self.bytes('set.csv').decode(), good)

    def test_full_disk(self):
        with open(self.path('set.csv'), 'w') as file:
            file.write(self.table(['good.png', *GOOD_ROW]))
        for args in [], ['--json']:
            with self.subTest(args), open('/dev/full', 'w') as full:
                done = subprocess.run([EVAL, '--data', self.path('set.csv'), *args], stdout=full,
                                      stderr=subprocess.PIPE, text=True)
                self.assertEqual(done.returncode, FAILED)
                self.assertIn('standard output cannot be written: No space left', done.stderr)

    def test_start_noise(self):
        good = self.table(['good.png', *GOOD_ROW])
        for value in ('', '0.1', '0.1,0.1', '0.1,0.1,10,1', '0.1,0.1,x', '-0.1,0,0', '0,2,0', '0,0,181',
                      '0,0,nan'):
            with self.subTest(value):
                self.refused(good, '--start-noise', value, code=USAGE,
                             says=[f'"{value}"', 'SHIFT,SCALE,DEGREES'])
        self.refused(good, '--repeat', '2', code=USAGE, says=['--repeat needs --start-noise'])

    def test_missing_file(self):
        _, err = self.evaluate('--data', 'missing.csv', code=FAILED)
        self.assertIn('missing.csv', err)

    def test_tables(self):
        good = ['good.png', *GOOD_ROW]
        self.refused('', says=['set.csv', 'empty'])
        self.refused(self.table(), says=['set.csv', 'no faces'])
        self.refused(self.table(header=['file', 'x0', 'y0']), says=['line 1', '"image"'])
        self.refused(self.table(header=annotation_header()[:-1]), says=['line 1', '136'])
        self.refused(self.table(good, good[:-1]), says=['line 3', '136 columns instead of 137'])
        self.refused(self.table(good, [*good[:-1], 'abc']), says=['line 3', '"abc"', 'column 137'])
        self.refused(self.table([*good[:-1], 'inf']), says=['line 2', '"inf"'])
        self.refused(self.table([*good[:-1], '']), says=['line 2', 'column 137'])
        self.refused(self.table(['"good.png', *GOOD_ROW]), says=['line 2', 'quote'])
        self.refused(self.table(good) + '\0', says=['zero byte'])

    def test_faces(self):
        self.refused(self.table(['missing.png', *GOOD_ROW], ['missing.png', *GOOD_ROW]),
                     says=['line 2', 'line 3', 'missing.png', 'no face could be measured'])
        self.refused(self.table(['good.png', *['20'] * 136]), says=['set.csv, line 2'])

    def test_skipped_faces_are_counted(self):
        with open(self.path('set.csv'), 'w') as file:
            file.write(self.table(['missing.png', *GOOD_ROW], ['good.png', *GOOD_ROW]))
        result = self.evaluate_json('--data', 'set.csv', code=FAILED)
        self.assertEqual((result['faces'], result['skipped']), (1, 1))

    def test_boxes(self):
        good = ['good.png', *GOOD_ROW]
        for text, says in (('image,x,y,width,height\n', 'ends before'),
                           ('image,x,y,width,height\nother.png,1,2,30,30\n', 'good.png is due'),
                           ('image,x,y,width,height\ngood.png,1,2,30\n', 'line 2'),
                           ('image,x,y,w,h\ngood.png,1,2,30,30\n', '"width"')):
            with self.subTest(text), open(self.path('boxes.csv'), 'w') as file:
                file.write(text)
                file.flush()
                self.refused(self.table(good), '--box', 'boxes.csv', says=['boxes.csv', says])

    def test_outputs(self):
        for option, name in ('--ced', 'no/such.svg'), ('--per-face', 'no/such'):
            self.refused(self.table(['good.png', *GOOD_ROW]), option, name, says=[name])


if __name__ == '__main__':
    main()
