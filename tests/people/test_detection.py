#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The shipped detector on generated pictures: who is found, where, and what danalign makes of it."""

import math
import statistics
import unittest

from support import ToolTest, bounds, has_elements, main
from test_stills import annotated, nme

LEANINGS = (-40, 40)


def overlap(a, b):
    """Intersection over union of boxes x, y, width, height."""
    width, height = (min(a[i] + a[i + 2], b[i] + b[i + 2]) - max(a[i], b[i]) for i in (0, 1))
    common = max(0, width) * max(0, height)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def turned(shape, degrees, frame):
    """@shape in the @frame turned clockwise about its middle, as the element `rotate` does for minus that angle."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    left, top = frame['width'] / 2, frame['height'] / 2
    return [(left + c * (x - left) - s * (y - top), top + s * (x - left) + c * (y - top)) for x, y in shape]


def inside(shape, frame):
    return all(0 <= x < frame['width'] and 0 <= y < frame['height'] for x, y in shape)


class Detection(ToolTest):
    def frames(self, detector, paths):
        """For each path what dan-align tells."""
        return {frame['file']: frame for frame in self.align_json('--detector', detector, *paths)}

    def test_faces_are_found_where_they_are(self):
        truth = annotated()
        found = self.frames('danfacedetect', truth)
        boxes = {path: [tuple(face['box'][k] for k in ('x', 'y', 'width', 'height')) for face in frame['faces']]
                 for path, frame in found.items()}
        overlaps = [max((overlap(bounds(shape), box) for box in boxes[path]), default=0)
                    for path, shapes in truth.items() for shape in shapes]
        self.assertGreater(min(overlaps), .5)
        self.assertGreater(statistics.fmean(overlaps), .8)
        self.assertEqual(sum(map(len, boxes.values())), len(overlaps), 'somebody else was found')

    def test_landmarks_need_no_tuning(self):
        truth = annotated()
        found = self.frames('danfacedetect', truth)
        errors = [min((nme(shape, face['landmarks']) for face in found[path]['faces']), default=1)
                  for path, shapes in truth.items() for shape in shapes]
        self.assertLess(statistics.median(errors), .0385)
        self.assertLess(max(errors), .15)

    @unittest.skipUnless(has_elements('rotate'), "needs GStreamer's rotate")
    def test_heads_may_lean(self):
        truth = {path: shapes for path, shapes in annotated().items() if len(shapes) == 1}
        for degrees in LEANINGS:
            radians = math.radians(-degrees) % (2 * math.pi)
            found = self.frames(f'rotate angle={radians} ! videoconvert ! danfacedetect', truth)
            wanted = {path: turned(shape, degrees, found[path]) for path, (shape,) in truth.items()}
            errors = [min((nme(shape, face['landmarks']) for face in found[path]['faces']), default=1)
                      for path, shape in wanted.items() if inside(shape, found[path])]
            self.assertGreater(len(errors), 10)
            self.assertLess(statistics.median(errors), .045, degrees)
            self.assertLess(sum(error > .1 for error in errors) / len(errors), .1, degrees)


if __name__ == '__main__':
    main()
