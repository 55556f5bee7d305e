#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""dan-align: formats, boxes, drawings, videos."""

import csv
import io
import json
import os
import subprocess
import unittest

from support import (N_POINTS, SMALL_MODEL, ToolTest, box_text, has_elements, main,
                     max_distance, png_size, row_points, write_png, write_video)

BOX = (40.0, 30.0, 90.0, 100.0)
HEAD = ['yaw', 'pitch', 'roll', 'right_eye', 'left_eye', 'mouth']
OTHER_BOX = (100.5, 60.25, 50.0, 48.0)
HAS_VIDEO = has_elements('videotestsrc', 'jpegenc', 'avimux', 'avidemux', 'jpegdec')


def moved(points, dx, dy):
    return [(x + dx, y + dy) for x, y in points]


class Formats(ToolTest):
    def setUp(self):
        super().setUp()
        write_png(self.path('a.png'), 200, 170)

    def test_json(self):
        (frame,) = self.align_json('--box', box_text(BOX), '--box', box_text(OTHER_BOX), 'a.png')
        self.assertEqual({k: frame[k] for k in ('file', 'frame', 'time', 'width', 'height')},
                         {'file': 'a.png', 'frame': 0, 'time': None, 'width': 200, 'height': 170})
        self.assertEqual([face['id'] for face in frame['faces']], [0, 1])
        for face, box in zip(frame['faces'], (BOX, OTHER_BOX), strict=True):
            self.assertEqual([face['box'][k] for k in ('x', 'y', 'width', 'height')], list(box))
            self.assertEqual(len(face['landmarks']), N_POINTS)

    def test_formats_agree(self):
        box = ('--box', box_text(BOX))
        points = self.align_json(*box, 'a.png')[0]['faces'][0]['landmarks']
        (row,) = csv.DictReader(io.StringIO(self.align(*box, '--format', 'csv', 'a.png')[0]))
        self.assertEqual((row['file'], row['frame'], row['time'], row['face']),
                         ('a.png', '0', '', '0'))
        self.assertEqual(row_points(row), [tuple(p) for p in points])

        lines = self.align(*box, '--format', 'pts', 'a.png')[0].splitlines()
        self.assertEqual(lines[:3] + lines[-1:], ['version: 1', f'n_points: {N_POINTS}', '{', '}'])
        pts = [tuple(map(float, line.split())) for line in lines[3:-1]]
        self.assertLess(max_distance(moved(pts, -1, -1), points), 1e-6)

    def test_head(self):
        args = ('--box', box_text(BOX), 'a.png')
        face = self.align_json(*args)[0]['faces'][0]
        self.assertEqual([*face['pose'], *face['openings']], HEAD)
        (row,) = csv.DictReader(io.StringIO(self.align('--format', 'csv', *args)[0]))
        self.assertEqual([float(row[name]) for name in HEAD],
                         [*face['pose'].values(), *face['openings'].values()])

    def test_confidence(self):
        args = ('--model', SMALL_MODEL, '--box', box_text(BOX), '--box', box_text(OTHER_BOX))
        told = [face['confidence'] for face in self.align_json(*args, 'a.png')[0]['faces']]
        self.assertTrue(all(.01 < c < .99 for c in told), told)
        self.assertNotEqual(*told)
        rows = csv.DictReader(io.StringIO(self.align(*args, '--format', 'csv', 'a.png')[0]))
        self.assertEqual([float(row['confidence']) for row in rows], told)

    def test_confidence_of_the_shipped_model(self):
        box = ('--box', box_text(BOX))
        self.assertIn('confidence', self.align_json(*box, 'a.png')[0]['faces'][0])
        (row,) = csv.DictReader(io.StringIO(self.align(*box, '--format', 'csv', 'a.png')[0]))
        self.assertNotEqual(row['confidence'], '')

    def test_columns(self):
        """New ones come last."""
        header = self.align('--box', box_text(BOX), '--format', 'csv', 'a.png')[0].splitlines()[0].split(',')
        first = ['file', 'frame', 'time', 'face', 'confidence', *HEAD]
        points = [f'{axis}{k}' for k in range(N_POINTS) for axis in 'xy']
        self.assertEqual(header[:len(first) + len(points)], first + points)
        self.assertEqual(header[len(first) + len(points):],
                         ['status', 'age', 'source-id', 'detection-confidence', 'x', 'y', 'width', 'height'])

    def test_output_files(self):
        self.align('--box', box_text(BOX), '-o', 'out.jsonl', 'a.png')
        with open(self.path('out.jsonl')) as file:
            self.assertEqual(len(json.load(file)['faces']), 1)
        write_png(self.path('b.c.png'), 100, 100)
        self.align('--box', '10,10,50,50', '--box', '20,20,50,50', '--format', 'pts', '-o',
                   'new/folder', 'a.png', 'b.c.png')
        self.assertEqual(sorted(os.listdir(self.path('new/folder'))),
                         ['a-2.pts', 'a.pts', 'b.c-2.pts', 'b.c.pts'])

    def test_odd_names(self):
        name = 'ein "schönes, altes" Bild.png'
        write_png(self.path(name), 64, 64)
        box = ('--box', '10,10,40,40')
        self.assertEqual(self.align_json(*box, name)[0]['file'], name)
        (row,) = csv.DictReader(io.StringIO(self.align(*box, '--format', 'csv', name)[0]))
        self.assertEqual(row['file'], name)
        uri = 'file://' + self.path('a.png')
        self.assertEqual(self.align_json(*box, uri)[0]['width'], 200)

    def test_draw(self):
        self.align('--box', box_text(BOX), '--draw', 'drawn.png', '-o', 'out', 'a.png')
        self.assertEqual(png_size(self.path('drawn.png')), (200, 170))
        write_png(self.path('b.png'), 60, 50)
        self.align('--box', '10,10,30,30', '--draw', 'n.png', '-o', 'out', 'a.png', 'b.png')
        self.assertEqual(png_size(self.path('n-000002.png')), (60, 50))
        self.assertFalse(os.path.exists(self.path('n.png')))


class Boxes(ToolTest):
    def points(self, name, box, *args):
        frame = self.align_json('--box', box_text(box), *args, name)[0]
        return frame['faces'][0]['landmarks']

    def setUp(self):
        super().setUp()
        write_png(self.path('a.png'), 260, 240)

    def test_moved_picture_moves_landmarks(self):
        write_png(self.path('moved.png'), 260, 240, offset=24)
        box = (70.0, 60.0, 90.0, 90.0)
        first = self.points('a.png', box)
        second = self.points('moved.png', (94.0, 84.0, 90.0, 90.0))
        self.assertLess(max_distance(moved(first, 24, 24), second), .05)

    def test_box_matters(self):
        self.assertGreater(max_distance(self.points('a.png', BOX),
                                        self.points('a.png', OTHER_BOX)), 5)

    def test_box_map(self):
        x, y, w, h = box = (60.0, 50.0, 100.0, 100.0)
        haar = (x + w / 2 + .009 * w - .849 * w / 2, y + h / 2 + .153 * h - .837 * h / 2,
                .849 * w, .837 * h)
        # What is no face answers roundings of the box with more than rounding.
        exact = ('--precision', 'fp32')
        expected = self.points('a.png', haar, *exact)
        for box_map in ('haar', '.849,.837,.009,.153'):
            self.assertLess(max_distance(
                self.points('a.png', box, '--box-map', box_map, *exact), expected), .02)
        self.assertEqual(self.points('a.png', box, '--box-map', 'landmarks'),
                         self.points('a.png', box))

    def detected(self, tight, *args):
        """What comes of a box that the detector says is @tight, in a picture that has to be converted."""
        subprocess.run(['gst-launch-1.0', '-q', 'videotestsrc', 'num-buffers=1', 'pattern=zone-plate', 'kx2=20', 'ky2=20',
                        '!', 'video/x-raw,format=RGBA,width=260,height=240', '!', 'pngenc', '!', 'filesink',
                        f'location={self.path("rgba.png")}'], check=True)
        (face,) = self.align_json(*self.detector(['= 60,50,100,100'], tight), *args, 'rgba.png')[0]['faces']
        return face['landmarks']

    @unittest.skipUnless(has_elements('videotestsrc', 'pngenc'), 'no elements to write a picture')
    def test_box_map_by_region(self):
        tight, haar = (self.detected(True, '--box-map', name) for name in ('landmarks', 'haar'))
        self.assertGreater(max_distance(tight, haar), 1)
        for args in ((), ('--box-map', 'auto')):
            self.assertEqual(self.detected(True, *args), tight)
            self.assertEqual(self.detected(False, *args), haar)
        self.assertEqual(self.detected(False, '--box-map', 'landmarks'), tight)

    def test_faces_found_twice(self):
        args = self.detector(['= 60,50,100,100 65,50,100,100 150,100,80,80'])
        (frame,) = self.align_json(*args, 'a.png')
        self.assertEqual([(face['id'], face['box']['x']) for face in frame['faces']], [(0, 60), (1, 150)])

    def test_max_faces(self):
        frame = self.align_json('--box', box_text(BOX), '--box', box_text(OTHER_BOX),
                                '--max-faces', 1, 'a.png')[0]
        self.assertEqual(len(frame['faces']), 1)

    def test_threads_and_stages(self):
        self.assertLess(max_distance(self.points('a.png', BOX, '--threads', 2),
                                     self.points('a.png', BOX)), .01)
        self.assertGreater(max_distance(self.points('a.png', BOX, '--stages', 1),
                                        self.points('a.png', BOX)), .01)

    def test_passes(self):
        one = self.points('a.png', BOX)
        self.assertEqual(self.points('a.png', BOX, '--passes', 1), one)
        self.assertGreater(max_distance(self.points('a.png', BOX, '--passes', 2), one), .01)

    def test_precision(self):
        exact = self.points('a.png', BOX, '--precision', 'fp32')
        self.assertLess(max_distance(self.points('a.png', BOX), exact), 2)

    def test_detector_without_a_face(self):
        out, err = self.align('a.png')
        self.assertEqual(json.loads(out)['faces'], [])
        self.assertIn('a.png: no face was found', err)


@unittest.skipUnless(HAS_VIDEO, 'no elements to write a video')
class Videos(ToolTest):
    def setUp(self):
        super().setUp()
        write_video(self.path('v.avi'), 5)

    def test_frames(self):
        frames = self.align_json('--box', '30,20,60,60', 'v.avi')
        self.assertEqual([f['frame'] for f in frames], list(range(5)))
        self.assertEqual([f['time'] for f in frames], [0, .1, .2, .3, .4])
        self.assertTrue(all(len(f['faces']) == 1 for f in frames))

    def test_files_per_frame(self):
        self.align('--box', '30,20,60,60', '--draw', 'd.png', '--format', 'pts', '-o', 'pts',
                   'v.avi')
        self.assertEqual(png_size(self.path('d-000005.png')), (160, 120))
        self.assertEqual(sorted(os.listdir(self.path('pts'))),
                         [f'v-{n:06}.pts' for n in range(1, 6)])

    def test_refused_box_is_told_once(self):
        for args, lines in ((), 1), (('--no-tracking',), 2):
            out, err = self.align('--box', '30,20,2,2', *args, 'v.avi', code=1)
            self.assertEqual(len(out.splitlines()), 5)
            self.assertIn('v.avi: frame 0:', err)
            self.assertEqual(len(err.splitlines()), lines, err)

    def test_refused_box_keeps_no_other_from_its_face(self):
        out, _ = self.align('--box', '30,20,60,60', '--box', '30,20,2,2', 'v.avi', code=1)
        self.assertEqual(len(json.loads(out.splitlines()[0])['faces']), 1)


if __name__ == '__main__':
    main()
