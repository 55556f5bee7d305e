#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""models/evaluation/video.py on the beginning of the generated video, with no other at hand: what it measures is near what
docs/video.md says of all of it, and what it does not measure it does not tell."""

import json
import os
import pathlib
import sys

import evaluation
from support import ToolTest, main

evaluation.module('video')  # what it needs has to be there


class Steadiness(ToolTest):
    def measure(self, frames, code=0):
        """What is said of so many frames, and where the document goes."""
        folder = pathlib.Path(self.folder)
        _, said = self.run_tool(sys.executable, evaluation.FOLDER / 'video.py', '--model', os.environ['DAN_MODEL'], '--limit', frames,
                                '--output', folder, '--figures', folder / 'video.json', code=code)
        return said, folder

    def test_beginning(self):
        _, folder = self.measure(60)
        modes = json.loads((folder / 'video.json').read_text())['videos']['generated']['modes']
        tracked, single = modes['tracked'], modes['each frame for itself']
        self.assertLess(tracked['error'], .05)
        self.assertLess(tracked['jitter'], single['jitter'])
        self.assertLess(abs(tracked['lag']), .5)
        self.assertEqual(tracked['switches'], 0)
        self.check_document(folder)

    def check_document(self, folder):
        text = (folder / 'video.md').read_text()
        before, after = text.split('<!-- measured: talking-face-steadiness -->')[1].split('<!-- /measured -->', 1)
        self.assertEqual(before.strip(), 'Not measured.')
        self.assertIn('| tracked |', after.split('<!-- measured: generated-steadiness -->')[1])
        self.assertTrue((folder / 'video' / 'generated-jitter.svg').exists())

    def test_too_few_frames(self):
        said, _ = self.measure(20, code=1)
        self.assertIn('video: of 20 frames of the generated video no face is followed', said)


if __name__ == '__main__':
    main()
