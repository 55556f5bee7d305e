#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""New people: faces in the places of others."""

import unittest

import cv2
import numpy as np
import torch

import drawn
from dantrain import exchange, sets, shapes


class Exchanges(unittest.TestCase):
    def setUp(self):
        self.faces = drawn.faces(5)

    def test_points_come_to_lie_where_they_should(self):
        crop = np.zeros((sets.CROP, sets.CROP), np.uint8)
        source, target = self.faces.shapes[:2].astype(float)
        for x, y in np.rint(source[[30, 8]]).astype(int):
            crop[y - 2:y + 3, x - 2:x + 3] = 255
        bent = exchange.bend(crop, source, target)
        for k, near in (30, 12), (8, 12):
            low = np.rint(target[k]).astype(int) - near
            y, x = np.nonzero(bent[low[1]:low[1] + 2 * near, low[0]:low[0] + 2 * near] > 100)
            self.assertLess(np.hypot(*(np.array([x.mean(), y.mean()]) + low - target[k])), 1.5)

    def test_alike_are_near_whatever_their_size_and_angle(self):
        points = self.faces.shapes.astype(np.float32)
        turned = points[:1] @ np.array([[.6, .8], [-.8, .6]], np.float32) * .7 + 40
        near = exchange.alike(np.concatenate([points, turned]))
        self.assertEqual((near[0, 0], near[5, 0]), (5, 0))
        other = shapes.mirrored(torch.from_numpy(turned), sets.CROP).numpy()
        self.assertEqual(exchange.alike(np.concatenate([points, other]))[0, 0], 6 + 5)
        for i, row in enumerate(near):
            self.assertFalse({i, i + 6} & set(row))

    def test_another_face_in_the_same_place(self):
        made = exchange.exchanged(self.faces, 10, np.random.default_rng(2))
        for crop, shape, picture in zip(made.crops, made.shapes, made.pictures):
            i = list(self.faces.pictures).index(picture)
            np.testing.assert_array_equal(shape, self.faces.shapes[i])
            changed = np.abs(crop.astype(int) - self.faces.crops[i]) > 3
            inside = cv2.fillConvexPoly(np.zeros_like(crop), cv2.convexHull(np.rint(shape).astype(np.int32)), 1) > 0
            far = cv2.dilate(inside.astype(np.uint8), np.ones((61, 61))) == 0
            self.assertGreater(changed[inside].mean(), .05)
            self.assertFalse(changed[far].any())
        self.assertEqual(sorted(made.pictures), sorted(2 * list(self.faces.pictures)))


if __name__ == '__main__':
    unittest.main()
