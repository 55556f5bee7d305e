#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The parts of the detector's training, each against something that it did
not make."""

import contextlib
import io
import os
import tempfile
import types
import unittest
import unittest.mock

import cv2
import numpy as np
import torch

import detector_reference
import drawn
import resuming
from dantrain import plan
from facetrain import batches, boxes, coding, detect, evaluation, five, folded, lettering, losses, measures
from facetrain import mining, mosaic, network, scenes, teacher, training


def drawn_scenes(n, seed=1):
    """Pictures of a drawn face each."""
    rng = np.random.default_rng(seed)
    shapes = drawn.shapes(n, rng)
    images = [drawn.draw(shape, rng) for shape in shapes]
    return scenes.Scenes(images, [str(i) for i in range(n)], list(shapes[:, None].astype(np.float32)),
                         [np.zeros(1, np.uint8)] * n)


def tensors(arrays):
    return [torch.from_numpy(array) for array in arrays]


def random_faces(n, rng):
    shapes = rng.uniform(40, 90, (n, 1, 1)) * rng.uniform(0, 1, (n, 68, 2)) + rng.uniform(0, 200, (n, 1, 2))
    return tensors(batches.stack_faces([shapes], [np.zeros(n, np.uint8)]))


class Boxes(unittest.TestCase):
    def test_iou(self):
        a = np.array([[0, 0, 10, 10], [0, 0, 4, 4]])
        b = np.array([[5, 0, 15, 10], [0, 0, 10, 10], [20, 20, 30, 30]])
        np.testing.assert_allclose(boxes.iou(a, b), [[50 / 150, 1, 0], [0, .16, 0]])
        np.testing.assert_allclose(boxes.covered(a, b), [[.5, 1, 0], [0, 1, 0]])

    def test_of_two_that_overlap_the_better_stays(self):
        some = np.array([[0., 0, 10, 10], [1, 0, 11, 10], [30, 30, 40, 40], [2, 0, 12, 10], [0, 0, 3, 3]])
        kept = boxes.suppress(some, np.array([.8, .9, .5, .7, .95]), .4)
        self.assertEqual(kept.tolist(), [4, 1, 2])
        self.assertEqual(len(boxes.suppress(some[:0], np.zeros(0), .4)), 0)

    def test_suppression_is_the_reference_s(self):
        rng = np.random.default_rng(2)
        corner, scores = rng.uniform(0, 60, (200, 2)), rng.uniform(0, 1, 200)
        some = np.concatenate([corner, corner + rng.uniform(10, 40, (200, 2))], 1)
        expected = detector_reference.suppress(np.column_stack([scores, some]))
        np.testing.assert_array_equal(some[boxes.suppress(some, scores, detect.MAX_IOU)], expected[:, 1:])


class Five(unittest.TestCase):
    def setUp(self):
        self.shapes = drawn.shapes(6, np.random.default_rng(3))

    def test_points_are_where_the_parts_are(self):
        points = five.five_points(self.shapes)
        np.testing.assert_allclose(points[:, 0], self.shapes[:, 36:42].mean(1))
        np.testing.assert_array_equal(points[:, 2:], self.shapes[:, [30, 48, 54]])

    def test_a_shape_is_put_on_its_points(self):
        mean = self.shapes[0]
        moved = mean @ np.array([[1.2, .3], [-.4, .9]]) + [5, 7]
        np.testing.assert_allclose(five.shape_on(five.five_points(moved), mean), moved, atol=1e-6)


class Seen:
    """A teacher that sees @shapes' faces, sure to the degrees @scores."""

    def __init__(self, shapes, scores):
        self.points, self.scores = five.five_points(shapes), np.array(scores)

    def find(self, _picture):
        return self.scores, None, self.points


class Scenes(unittest.TestCase):
    def setUp(self):
        self.shapes = drawn.shapes(4, np.random.default_rng(10)) + 200 * np.arange(4)[:, None, None]

    def test_what_the_teacher_adds(self):
        seen = Seen(self.shapes, [.9, .95, .5, .8])
        shapes, kinds = scenes.label(None, self.shapes[:1] + 3, seen, self.shapes[1])
        self.assertEqual(kinds.tolist(), [scenes.ANNOTATED, scenes.TAUGHT, scenes.IGNORED, scenes.TAUGHT])
        np.testing.assert_allclose(shapes[1], self.shapes[1], atol=1e-3)
        iou = boxes.iou(boxes.tight(shapes[2:]), boxes.tight(self.shapes[2:]))
        self.assertGreater(np.diag(iou).min(), .6)

    def test_without_a_teacher_there_are_the_annotated_faces(self):
        shapes, kinds = scenes.label(None, self.shapes, None, None)
        self.assertEqual((shapes.shape, kinds.tolist()), ((4, 68, 2), [scenes.ANNOTATED] * 4))

    def test_packed_scenes_come_back(self):
        some = drawn_scenes(5)
        some.shapes[1], some.kinds[1] = np.zeros((0, 68, 2), np.float32), np.zeros(0, np.uint8)
        with tempfile.TemporaryDirectory() as folder:
            scenes.pack(os.path.join(folder, 'packed'), {'clean': some, 'noisy': some.take([3])}, 95)
            parts = scenes.unpack(os.path.join(folder, 'packed'))
        self.assertEqual((len(parts['clean']), parts['noisy'].pictures.tolist()), (5, ['3']))
        for a, b in zip(parts['clean'].shapes + parts['clean'].kinds, some.shapes + some.kinds):
            np.testing.assert_array_equal(a, b)
        for a, b in zip(parts['clean'].images, some.images):
            self.assertLess(np.abs(a.astype(int) - b).mean(), 4)

    def test_the_teacher_s_cells(self):
        net = teacher.Teacher.__new__(teacher.Teacher)
        net.min_score = .3
        likely, offsets = np.zeros((1, 12, 1)), np.zeros((1, 12, 4))
        likely[0, 7], offsets[0, 7] = .81, (.5, .25, np.log(4), np.log(2))
        box, scores, points = net._level(8, 4, [likely, likely, offsets], np.full((1, 12, 10), .5))
        np.testing.assert_allclose(scores, [.81])
        np.testing.assert_allclose(box, [[28 - 16, 10 - 8, 28 + 16, 10 + 8]])  # cell 7: column 3, row 1
        np.testing.assert_allclose(points, [[[28, 12]] * 5])


class Coding(unittest.TestCase):
    def setUp(self):
        self.centres, self.strides = network.cells(320, 320)
        self.rng = np.random.default_rng(4)

    def test_cells_are_in_the_middle_of_their_pixels(self):
        centres, strides = network.cells(64, 128)
        self.assertEqual([int((strides == s).sum()) for s in network.STRIDES], [128, 32, 8, 2])
        self.assertEqual(centres[0].tolist(), [3.5, 3.5])
        self.assertEqual(centres[17].tolist(), [11.5, 11.5])
        self.assertEqual(centres[-1].tolist(), [95.5, 31.5])

    def test_round_trip(self):
        rectangles, points, _ = random_faces(9, self.rng)
        chosen = torch.arange(9) * 200
        values = coding.encode(rectangles[0], points[0], self.centres[chosen], self.strides[chosen])
        values = torch.cat([torch.zeros(9, 1), values], 1)
        _, found, found_points = coding.decode(values, self.centres[chosen], self.strides[chosen])
        torch.testing.assert_close(found, rectangles[0], rtol=0, atol=1e-3)
        torch.testing.assert_close(found_points, points[0], rtol=0, atol=1e-3)

    def assign(self, rectangles, kinds):
        says, index = coding.assign(torch.tensor([rectangles], dtype=torch.float32), torch.tensor([kinds]),
                                    self.centres, self.strides)
        return says[0], index[0]

    def test_every_face_has_a_cell_within_it(self):
        for size in (12, 24, 47, 90, 180, 320, 700):
            for corner in self.rng.uniform(-size / 2 + 1, 318 - size / 2, (20, 2)):
                says, _ = self.assign([[*corner, *(corner + size)]], [scenes.ANNOTATED])
                cells = says == coding.FACE
                self.assertTrue(cells.any(), (size, corner))
                self.assertLessEqual(float((self.centres[cells] - torch.tensor(corner + size / 2)).abs().max()),
                                     max(.17 * size, float(self.strides[cells].max()) / 2) + 1e-3)

    def test_levels_by_size(self):
        for size, strides in (16, {8}), (42, {8, 16}), (60, {16}), (120, {32}), (170, {32, 64}), (300, {64}):
            says, _ = self.assign([[100, 100, 100 + size, 100 + size]], [scenes.TAUGHT])
            self.assertEqual(set(self.strides[says == coding.FACE].tolist()), strides, size)

    def test_two_faces_have_cells_of_their_own(self):
        says, index = self.assign([[0, 0, 60, 60], [200, 200, 260, 260]], [scenes.ANNOTATED] * 2)
        owner = (self.centres[:, 0] > 130).long()
        self.assertTrue((index == owner)[says == coding.FACE].all())
        self.assertEqual(set(index[says == coding.FACE].tolist()), {0, 1})

    def test_what_is_to_be_ignored_is_neither(self):
        says, _ = self.assign([[100, 100, 160, 160], [0, 0, 0, 0]], [scenes.IGNORED, -1])
        self.assertFalse((says == coding.FACE).any())
        inside = ((self.centres - 130).abs() < 30).all(1)
        self.assertTrue((says[inside] == coding.NEITHER).all())
        self.assertTrue((says[((self.centres - 130).abs() > 60).any(1)] == coding.BACKGROUND).all())


class Losses(unittest.TestCase):
    def setUp(self):
        self.centres, self.strides = network.cells(320, 320)
        self.faces = random_faces(3, np.random.default_rng(5))
        says, index = coding.assign(self.faces[0], self.faces[2], self.centres, self.strides)
        chosen = index[0]
        self.values = torch.cat([torch.where(says[0] == coding.FACE, 12., -12.)[:, None], coding.encode(
            self.faces[0][0, chosen], self.faces[1][0, chosen], self.centres, self.strides)], 1)[None]
        self.cell = int((says[0] == coding.FACE).nonzero()[0])
        self.background = int((says[0] == coding.BACKGROUND).nonzero()[0])

    def loss(self, values):
        return float(losses.detector_loss(values, self.faces, self.centres, self.strides))

    def test_the_truth_costs_nothing(self):
        self.assertLess(self.loss(self.values), 1e-3)

    def test_every_error_costs(self):
        for cell, value, change in [(self.background, 0, 14), (self.cell, 0, -14), (self.cell, 1, .5),
                                    (self.cell, 4, .5), (self.cell, 12, .5)]:
            wrong = self.values.clone()
            wrong[0, cell, value] += change
            self.assertGreater(self.loss(wrong), self.loss(self.values) + .01)

    def test_generalised_iou(self):
        a = torch.tensor([[0., 0, 10, 10]]).expand(3, 4)
        b = torch.tensor([[0., 0, 10, 10], [5, 0, 15, 10], [20, 0, 30, 10]])
        torch.testing.assert_close(losses.generalised_iou(a, b), torch.tensor([1, 1 / 3, -1 / 3]))

    def test_without_faces_there_is_a_loss_too(self):
        none = tensors(batches.stack_faces([np.zeros((0, 68, 2))], [np.zeros(0, np.uint8)]))
        self.assertGreater(float(losses.detector_loss(self.values, none, self.centres, self.strides)), 0)


def grey(image, point):
    x, y = np.round(point).astype(int)
    return float(image[y, x])


class Mosaic(unittest.TestCase):
    def test_points_follow_the_picture(self):
        mosaics = mosaic.Mosaics(drawn_scenes(8), None, mosaic.Strength())
        dark, moved = [], []
        for i in range(60):
            image, shapes, kinds = mosaics.make(320, np.random.default_rng([6, i]))
            for shape in shapes[kinds == scenes.ANNOTATED]:
                if boxes.area(boxes.tight(shape)) > 40 ** 2 and shape.min() > 1 and shape.max() < 300:
                    cheek = grey(image, shape[[2, 30, 31]].mean(0))
                    eye = five.five_points(shape)[0]
                    dark.append(grey(image, eye) < cheek - 50)
                    moved.append(grey(image, eye + 15) < cheek - 50)
        self.assertGreater(len(dark), 20)
        self.assertGreater(np.mean(dark), .95)
        self.assertLess(np.mean(moved), .6)

    def test_mirror_images_keep_right_and_left(self):
        mosaics = mosaic.Mosaics(drawn_scenes(8), None, mosaic.Strength(turned=0, rotation=5))
        for i in range(30):
            _, shapes, _ = mosaics.make(320, np.random.default_rng([7, i]))
            eyes = five.five_points(shapes)[:, :2, 0]
            self.assertTrue((eyes[:, 0] < eyes[:, 1]).all())

    def test_the_same_seed_is_the_same_image(self):
        mosaics = mosaic.Mosaics(drawn_scenes(8), drawn_scenes(4, 2), mosaic.Strength())
        first, second = (mosaics.make(320, np.random.default_rng([8, 1])) for _ in 'ab')
        for a, b in zip(first, second):
            np.testing.assert_array_equal(a, b)

    def test_other_processes_make_the_same_batches(self):
        maker = batches.Maker(mosaic.Mosaics(drawn_scenes(4), None, mosaic.Strength()), 4, 64, 11)
        coming = batches.Batches(maker, 2)
        self.addCleanup(coming.close)
        for iteration in (5, 6, 7, 30):
            (images, faces), (expected, expected_faces) = coming.get(iteration), maker.make(iteration)
            self.assertEqual(images.shape, (1, 128, 128) if iteration % 4 == 3 else (4, 64, 64))
            for got, part in zip((images, *faces), (expected, *expected_faces)):
                np.testing.assert_array_equal(got, part)

    def test_small_faces_are_small_in_large_images(self):
        mosaics = mosaic.Mosaics(drawn_scenes(8), None, mosaic.Strength(small=1, whole=1, stretch=0, background=0))
        for i in range(20):
            _, shapes, _ = mosaics.make(320, np.random.default_rng([9, i]))
            self.assertLess(boxes.area(boxes.tight(shapes)).max(), (1.3 * mosaic.SMALL) ** 2)

    def test_a_crowd_is_many_parts_that_cover_the_image(self):
        mosaics = mosaic.Mosaics(drawn_scenes(8), None, mosaic.Strength(whole=0, crowd=1, small=1, background=0))
        for side in 64, 320:
            rng = np.random.default_rng([10, side])
            parts = np.array(mosaics._layout(side, rng))
            self.assertEqual(boxes.area(parts).sum(), side ** 2)
            self.assertLess((parts[:, 2:] - parts[:, :2]).max(), 1.5 * mosaic.CROWDED[1])
        _, shapes, kinds = mosaics.make(320, rng)
        self.assertGreaterEqual((kinds == scenes.ANNOTATED).sum(), len(parts) / 2)

    def test_cut_and_tiny_faces_are_ignored(self):
        square = np.array([[[0., 0], [40, 40]], [[-35, 0], [5, 40]], [[30, 30], [40, 40]], [[-90, 0], [-50, 40]]])
        shapes, kinds = mosaic.kept(square, np.zeros(4, np.uint8), np.array([50, 50]), np.array([100, 0]))
        self.assertEqual(kinds.tolist(), [scenes.ANNOTATED, scenes.IGNORED, scenes.IGNORED])
        np.testing.assert_array_equal(shapes[0], [[100, 0], [140, 40]])

    def test_shrinking_keeps_places(self):
        picture = np.zeros((400, 400), np.uint8)
        picture[180:221, 260:301] = 255
        shrunk = mosaic.warp(picture, np.array([[.11, 0, 3], [0, .11, 5]]), np.zeros((60, 60), np.uint8))
        y, x = np.mgrid[:60, :60]
        weight = shrunk / shrunk.sum()
        np.testing.assert_allclose([(x * weight).sum(), (y * weight).sum()], [.11 * 280 + 3, .11 * 200 + 5], atol=.06)


class Lettering(unittest.TestCase):
    FACES = np.array([[40.5, 30, 120.2, 140], [200, 180, 230, 215.7], [-20, 250, 30, 330]])

    def written(self, seed, faces=FACES, side=320):
        """Where a word changes an image of one grey."""
        image = np.full((side, side), 128, np.uint8)
        lettering.write(image, faces, np.random.default_rng([12, seed]))
        return image != 128

    def test_words_are_beside_faces(self):
        inside = np.zeros((320, 320), bool)
        for left, top, right, bottom in self.FACES:
            inside[max(0, int(np.ceil(top))):int(bottom) + 1, max(0, int(np.ceil(left))):int(right) + 1] = True
        written = [self.written(seed) for seed in range(300)]
        self.assertFalse(any(changed[inside].any() for changed in written))
        self.assertGreater(np.mean([changed.any() for changed in written]), .4)
        self.assertGreater(np.any(written, 0).mean(), .6)

    def test_words_are_small_and_large(self):
        none = np.zeros((0, 4))
        heights = np.sort([np.ptp(np.nonzero(self.written(seed, none).any(1))[0]) for seed in range(200)])
        self.assertTrue(heights[10] < 30 and 40 < heights[100] < 120 and heights[-10] > 140, heights)
        self.assertTrue(self.written(0, none, 64).any())

    def test_the_same_seed_is_the_same_word(self):
        first, second, other = (np.full((320, 320), 128, np.uint8) for _ in 'abc')
        for image, seed in (first, 1), (second, 1), (other, 2):
            lettering.write(image, self.FACES[:0], np.random.default_rng([18, seed]))
        np.testing.assert_array_equal(first, second)
        self.assertTrue((first != other).any())

    def test_without_room_there_is_no_word(self):
        for seed in range(20):
            self.assertFalse(self.written(seed, np.array([[0, 0, 319, 319]])).any())

    def test_the_share_of_images(self):
        some, changed, n = drawn_scenes(4), 0, 60
        plain, some_words = (mosaic.Mosaics(some, None, mosaic.Strength(letters=share)) for share in (0, .5))
        for i in range(n):
            (without, *faces), (image, *same_faces) = (m.make(320, np.random.default_rng([13, i]))
                                                       for m in (plain, some_words))
            for face, same in zip(faces, same_faces):
                np.testing.assert_array_equal(face, same)
            changed += (image != without).any()
        self.assertTrue(.15 * n < changed < .55 * n, changed)

    def test_letters_0_leaves_images_alone(self):
        mosaics = mosaic.Mosaics(drawn_scenes(4), None, mosaic.Strength(letters=0))
        with unittest.mock.patch.object(lettering, 'write', side_effect=AssertionError):
            for i in range(20):
                mosaics.make(64, np.random.default_rng([14, i]))


class Mining(unittest.TestCase):
    RADIUS, SIZE = 5, 40    # of a disc, and of the box around it that was taken for a face

    def test_what_is_wrong_and_sure_enough_is_mined(self):
        some = drawn_scenes(3)
        face, away = boxes.tight(some.shapes[1])[0], np.array([0., 0, 20, 20])
        found = {id(some.images[1]): [face, away], id(some.images[2]): [away + 5]}

        def find(image, min_score):
            self.assertEqual(min_score, mining.MINED)
            rectangles = np.array(found.get(id(image), [])).reshape(-1, 4)
            return np.linspace(.9, .2, len(rectangles)), rectangles, None
        with contextlib.redirect_stdout(io.StringIO()) as said:
            mined = mining.mine(find, some)
        self.assertEqual([(i, box.tolist()) for i, box in mined], [(1, away.tolist()), (2, (away + 5).tolist())])
        self.assertIn('mining: 0 of 3 pictures', said.getvalue())
        self.assertIn('2 places in 3 pictures', said.getvalue())

    def mosaics(self, share):
        """Two dark pictures; in the second a disc is mined, and 80 pixels to the
        right of it a face is known."""
        middle, dark = np.array([150, 210]), np.full((400, 400), 20, np.uint8)
        marked = cv2.circle(dark.copy(), middle.tolist(), self.RADIUS, 255, -1)
        face = np.random.default_rng(15).uniform(-15, 15, (1, 68, 2)) + middle + [80, 0]
        faces = [face[:0], face]
        some = scenes.Scenes([dark, marked], ['a', 'b'], faces, [np.zeros(len(shapes), np.uint8) for shapes in faces])
        box = np.concatenate([middle - self.SIZE / 2, middle + self.SIZE / 2])
        strength = mosaic.Strength(whole=1, plain=1, letters=0, stretch=0, mined=share, background=1)
        return mosaic.Mosaics(some, some.take([0]), strength, [(1, box)])

    def discs(self, share):
        """The size, with the box, and the middle of the disc, and the faces, of
        images that show it."""
        mosaics = self.mosaics(share)
        mosaics._backdrop = lambda size, rng: np.full(size[::-1], 20, np.uint8)
        for i in range(40):
            image, shapes, _ = mosaics.make(320, np.random.default_rng([16, i]))
            weight = (image.astype(float) - 20) / 235
            if weight.sum() > 1:
                y, x = np.mgrid[:320, :320]
                scale = np.sqrt(weight.sum() / np.pi) / self.RADIUS
                yield self.SIZE * scale, np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum(), shapes

    def test_mined_places_are_seen_like_faces(self):
        discs = list(self.discs(1))
        self.assertEqual(len(discs), 40)
        with_face = 0
        for size, middle, shapes in discs:
            self.assertTrue(.9 * mosaic.MIN_FACE < size < 1.1 * self.SIZE * mosaic.MAX_GROWTH, size)
            self.assertTrue((middle > .25 * size - 1).all() and (middle < 320 - .25 * size).all(), (middle, size))
            for shape in shapes:
                self.assertAlmostEqual(np.linalg.norm(shape.mean(0) - middle) / (80 / self.SIZE * size), 1, delta=.1)
                with_face += 1
        self.assertTrue(5 < with_face < 40, with_face)

    def test_share_0_shows_none_of_them_on_purpose(self):
        self.assertLess(len(list(self.discs(0))), 25)

    def test_without_mined_places_nothing_changes(self):
        some = drawn_scenes(4)
        first, second = (mosaic.Mosaics(some, None, mosaic.Strength(mined=share)).make(320, np.random.default_rng(17))
                         for share in (0, 1))
        for a, b in zip(first, second):
            np.testing.assert_array_equal(a, b)


class Network(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(9)
        self.detector = network.Detector(.25).eval()
        for module in self.detector.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                torch.nn.init.uniform_(module.running_mean, -.2, .2)
                torch.nn.init.uniform_(module.running_var, .5, 2)
                torch.nn.init.uniform_(module.weight, 1, 2)
                torch.nn.init.uniform_(module.bias, -.2, .4)
        for head in self.detector.heads:
            torch.nn.init.normal_(head.weight, 0, .5)
            torch.nn.init.zeros_(head.bias)
        self.picture = drawn_scenes(1).images[0][:150, :140]

    def reference(self, min_score):
        arrays = {name: array.astype(np.float64) for name, array in folded.fold(self.detector).items()}
        return arrays, detector_reference.run(arrays, self.picture, min_score)

    def test_folded_weights_compute_the_same_in_numpy(self):
        arrays, _ = self.reference(.5)
        values = detector_reference.forward(arrays, self.picture)
        expected = np.concatenate([v.reshape(len(v), -1).T for v in values.values()])
        with torch.no_grad():
            got = self.detector(detect.to_images(self.picture, 'cpu'))[0].numpy()
        self.assertGreater(np.ptp(got[:, 0]), 1)
        np.testing.assert_allclose(got, expected, atol=1e-3)

    def test_detections_are_the_reference_s(self):
        for min_score in (.3, .5):
            _, rows = self.reference(min_score)
            scores, rectangles, points = detect.detect(self.detector, self.picture, min_score)
            self.assertGreater(len(rows), 1)
            np.testing.assert_allclose(np.column_stack([scores, rectangles, points.reshape(-1, 10)]), rows, atol=.02)

    def test_planes_are_those_of_the_model_format(self):
        shapes = {name: conv.weight.shape for name, conv, _ in network.Detector().convolutions()}
        self.assertEqual(shapes['stem'], (32, 4 * 4, 3, 3))
        self.assertEqual(shapes['conv1a'], (64, 32, 3, 3))
        self.assertEqual(shapes['head4'], (15, 64, 3, 3))
        self.assertEqual(len(shapes), 1 + 4 * 3)


class Resuming(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def train(self, out, minutes):
        options = types.SimpleNamespace(out=os.path.join(self.folder, out), batch=4, device='cpu', damage=1.,
                                        minutes=minutes, report=4)

        def make():
            torch.manual_seed(0)
            mosaics = mosaic.Mosaics(drawn_scenes(8), None, mosaic.Strength())
            coming = batches.Batches(batches.Maker(mosaics, 4, 64, 0), 0)
            return training.Training(network.Detector(.125), coming, drawn_scenes(2, 5),
                                     [plan.Phase('detector', 1, 0, 48, 1e-3, 0)], options)
        return resuming.train(make, options.out)

    def test_cut_and_resumed_is_the_same_training(self):
        whole, calls = self.train('whole', 0)
        self.assertEqual(calls, 1)
        cut, calls = self.train('cut', .1)
        self.assertGreater(calls, 1)
        for name in whole:
            torch.testing.assert_close(cut[name], whole[name], rtol=0, atol=0, msg=name)


class Measures(unittest.TestCase):
    def outcome(self, factor=1., kind=float):
        """Two faces in each of two pictures, one of them not annotated. Scores
        are multiplied by @factor, and of @kind."""
        shape = np.array([[0., 0], [40, 0], [0, 40], [40, 40]])[np.arange(68) % 4]
        shape[36:42] = 10, 10
        shapes = np.stack([shape, shape + 100])
        some = scenes.Scenes([0, 1], ['a', 'b'], [shapes] * 2, [np.array([scenes.ANNOTATED, scenes.IGNORED])] * 2)
        box, away = [0., 0, 40, 40], [200., 200, 240, 240]
        found = [([.9, .8, .7], np.array([box, [101., 100, 140, 140], away])),
                 ([.6, .5], np.array([away, [0., 0, 30, 40]]))]
        points = five.five_points(shape)
        return measures.measure(lambda i: (factor * np.array(found[i][0], kind), found[i][1],
                                           np.stack([points + 4] * len(found[i][1]))), some)

    def test_what_is_found_and_what_is_wrong(self):
        outcome = self.outcome()
        self.assertEqual(outcome.found.tolist(), [.9, .5])
        self.assertEqual(sorted(outcome.alarms.tolist()), [.6, .7])
        np.testing.assert_allclose(outcome.overlaps, [1, .75])
        self.assertEqual((outcome.recall(.55), outcome.alarms_a_picture(.65)), (.5, .5))

    def test_threshold_allows_so_many_alarms(self):
        for factor, kind in (1., float), (1., np.float32), (20, np.float32):
            outcome = self.outcome(factor, kind)
            for allowed, alarms, recall in (0, 0, .5), (.5, .5, .5), (1, 1, 1):
                threshold = outcome.threshold(allowed)
                self.assertEqual((outcome.alarms_a_picture(threshold), outcome.recall(threshold)), (alarms, recall))

    def test_framed_faces_have_their_size_and_angle(self):
        framed = evaluation.framed(drawn_scenes(3), 100, 30)
        self.assertEqual(framed.images[0].shape, evaluation.FRAME[::-1])
        for new, old in zip(framed.shapes, drawn_scenes(3).shapes):
            across = [five.five_points(shape[0])[1] - five.five_points(shape[0])[0] for shape in (new, old)]
            angles = [np.degrees(np.arctan2(y, x)) for x, y in across]
            self.assertAlmostEqual(angles[0] - angles[1], 30, places=3)
            self.assertAlmostEqual(np.hypot(*across[0]) / np.hypot(*across[1]),
                                   100 / np.sqrt(boxes.area(boxes.tight(old[0]))), places=3)


if __name__ == '__main__':
    torch.set_num_threads(1)
    unittest.main()
