#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""models/evaluation/video.py on the beginning of the generated video, with no other at hand: what it measures is near what
docs/video.md says of all of it, and what it does not measure it does not tell."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'models' / 'evaluation'))
try:
    import video  # noqa: F401, what it needs has to be there
except (ImportError, ValueError) as error:
    print(f'skipped: {error}')
    sys.exit(77)


def measure(folder, frames):
    return subprocess.run(
        [sys.executable, ROOT / 'models' / 'evaluation' / 'video.py', '--model', os.environ['DAN_MODEL'], '--limit', str(frames),
         '--output', folder, '--figures', folder / 'video.json'], capture_output=True, text=True)


class Steadiness(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def test_beginning(self):
        ended = measure(self.folder, 60)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        modes = json.loads((self.folder / 'video.json').read_text())['videos']['generated']['modes']
        tracked, single = modes['tracked'], modes['each frame for itself']
        self.assertLess(tracked['error'], .05)
        self.assertLess(tracked['jitter'], single['jitter'])
        self.assertLess(abs(tracked['lag']), .5)
        self.assertEqual(tracked['switches'], 0)
        self.check_document()

    def check_document(self):
        text = (self.folder / 'video.md').read_text()
        before, after = text.split('<!-- measured: talking-face-steadiness -->')[1].split('<!-- /measured -->', 1)
        self.assertEqual(before.strip(), 'Not measured.')
        self.assertIn('| tracked |', after.split('<!-- measured: generated-steadiness -->')[1])
        self.assertTrue((self.folder / 'video' / 'generated-jitter.svg').exists())

    def test_too_few_frames(self):
        ended = measure(self.folder, 20)
        self.assertNotEqual(ended.returncode, 0)
        self.assertIn('video: of 20 frames of the generated video no face is followed', ended.stderr)


if __name__ == '__main__':
    unittest.main()
