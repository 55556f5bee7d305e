#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The parts of the training, each against something that it did not make."""

import os
import tempfile
import types
import unittest
import unittest.mock

import numpy as np
import torch

import drawn
import resuming
import train
from cascades import random_cascade
from dantrain import augment, folded, frames, heads, lids, losses, network, plan, scheme, sets, shapes, training


def random_similarity(n):
    return shapes.make_similarity(torch.rand(n) + .5, torch.randn(n), torch.randn(n, 2) * 9)


class Shapes(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)
        self.shapes = torch.randn(5, 68, 2) * 20 + 50

    def test_fit_recovers_what_was_applied(self):
        similarity = random_similarity(5)
        fitted = shapes.fit_similarity(self.shapes, shapes.transform(self.shapes, similarity))
        for got, expected in zip(fitted, similarity):
            torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)

    def test_inverse_undoes(self):
        similarity = random_similarity(5)
        back = shapes.transform(shapes.transform(self.shapes, similarity), shapes.invert(similarity))
        torch.testing.assert_close(back, self.shapes, rtol=1e-4, atol=1e-3)

    def test_mirror_twice_is_nothing(self):
        self.assertEqual(sorted(shapes.MIRROR), list(range(68)))
        torch.testing.assert_close(shapes.mirrored(shapes.mirrored(self.shapes, 240), 240), self.shapes)

    def test_mean_shape_is_the_shipped_one(self):
        shipped = torch.from_numpy(folded.read_model(drawn.MODEL)['mean_shape'])
        moved = shapes.transform(shipped.expand(40, -1, -1), random_similarity(40))
        mean = shapes.mean_shape(torch.cat([moved, shapes.mirrored(moved, 100)]), shapes.extent(shipped))
        torch.testing.assert_close(mean, shipped, rtol=0, atol=1e-2)

    def test_place_on_box(self):
        mean = torch.from_numpy(folded.read_model(drawn.MODEL)['mean_shape'])
        scale, offset = shapes.place_on_box(mean, *shapes.tight_box(mean * 2.5 + 7))
        torch.testing.assert_close(mean * scale + offset, mean * 2.5 + 7)

    def test_nme(self):
        truth = self.shapes.clone()
        truth[:, 36], truth[:, 45] = torch.tensor([10., 10.]), torch.tensor([40., 50.])
        torch.testing.assert_close(shapes.nme(truth + torch.tensor([3., 4.]), truth), torch.full((5,), .1))


def eyes_are_dark(images, truth):
    eyes = (truth[:, 36:42].mean(1) + .5).long()
    cheeks = (truth[:, [2, 30, 31]].mean(1) + .5).long()
    rows = torch.arange(len(images))
    return images[rows, 0, eyes[:, 1], eyes[:, 0]] < images[rows, 0, cheeks[:, 1], cheeks[:, 0]] - .2


class Augmentation(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(3)
        self.faces = drawn.faces(8)
        self.mean = torch.from_numpy(folded.read_model(drawn.MODEL)['mean_shape'])

    def test_points_follow_the_picture(self):
        sampler = augment.Sampler(self.faces, self.mean, augment.Strength(wild=0, damage=0), 'cpu')
        view = sampler.draw(100)
        images, truth = view.images(), view.truth()
        self.assertGreater(eyes_are_dark(images, truth).float().mean(), .97)
        self.assertFalse(eyes_are_dark(images, truth + 9).float().mean() > .6)

    def test_damage_leaves_faces_where_they_are(self):
        sampler = augment.Sampler(self.faces, self.mean, augment.Strength(), 'cpu')
        view = sampler.draw(8)
        shown = sampler.show(view)
        self.assertGreater(float((shown.images() - view.images()).abs().mean()), .01)
        self.assertTrue(torch.equal(shown.truth(), view.truth()))

    def test_what_is_turned_is_seen_where_truth_says(self):
        view = augment.Sampler(self.faces, self.mean, augment.Strength(damage=0), 'cpu').draw(100)
        view = view.turned(shapes.fit_similarity(view.truth(), 1.2 * self.mean.expand(100, -1, -1) - 11))
        self.assertGreater(eyes_are_dark(view.images(), view.truth()).float().mean(), .97)

    def test_options_reach_their_fields(self):
        options = train.parse(['train', '--crops', 'x', '--out', 'x', '--shift', '.01', '--scale', '.02', '--rotation', '3',
                               '--wild', '.04', '--damage', '.5', '--blinks', '.3'])
        self.assertEqual(train.strength(options),
                         augment.Strength(shift=.01, scale=.02, rotation=3., wild=.04, damage=.5, blinks=.3))

    def test_ordered_faces_fill_the_canonical_box(self):
        sampler = augment.Sampler(self.faces, self.mean, augment.Strength(), 'cpu')
        low, high = shapes.tight_box(sampler.ordered(0, 8).truth())
        mean_low, mean_high = shapes.tight_box(self.mean)
        torch.testing.assert_close((low + high) / 2, ((mean_low + mean_high) / 2).expand(8, -1), rtol=0, atol=1e-3)

    def test_damage_stays_within_black_and_white(self):
        images = augment.damage(torch.rand(64, 1, shapes.SIZE, shapes.SIZE), 9.)
        self.assertTrue(((images >= 0) & (images <= 1)).all())

    def test_spread_of_starts(self):
        sampler = augment.Sampler(self.faces, self.mean, augment.Strength(shift=.1, scale=0, rotation=20, wild=0), 'cpu')
        truth = sampler.draw(600).truth()
        matrix, _ = shapes.fit_similarity(truth, self.mean.expand_as(truth))
        angles = torch.atan2(matrix[:, 0, 1], matrix[:, 0, 0]) * 57.2958
        self.assertAlmostEqual(float(angles.std()), 23, delta=3)  # drawn faces are turned by 11.5 of their own


UPPER, LOWER = map(list, zip(*scheme.RIGHT_LIDS, *scheme.LEFT_LIDS))


def eye_openings(points):
    return (points[:, UPPER] - points[:, LOWER]).norm(dim=-1).reshape(len(points), 2, 2).mean(-1)


class Lids(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(8)
        faces = drawn.faces(6)
        self.crops, self.points = torch.from_numpy(faces.crops)[:, None].float() / 255, torch.from_numpy(faces.shapes)

    def close(self, crops, shut):
        return lids.close(crops, self.points, torch.full((len(crops), 2), shut))

    def test_open_eyes_stay_as_they_are(self):
        crops, points = self.close(self.crops, 0.)
        torch.testing.assert_close(crops, self.crops, rtol=0, atol=1e-3)
        torch.testing.assert_close(points, self.points, rtol=0, atol=1e-3)

    def test_lids_meet_and_nothing_else_moves(self):
        crops, points = self.close(self.crops, 1.)
        rest = [k for k in range(68) if k not in UPPER + LOWER]
        self.assertTrue(torch.equal(points[:, rest], self.points[:, rest]))
        self.assertLess(float((eye_openings(points) / eye_openings(self.points)).max()), .35)  # lids that are not one above the other
        away = (self.points[:, 36:48].mean(1) - self.points[:, 27]).norm(dim=1).max() + 40
        axis = torch.arange(sets.CROP)
        middle = self.points[:, 36:48].mean(1)
        far = (axis - middle[:, 1:]).abs() > away
        self.assertLess(float(((crops - self.crops)[:, 0].abs().amax(2) * far).max()), 1e-3)

    @unittest.mock.patch.multiple(lids, LASHES=(.03, 0.))
    def test_skin_goes_with_the_lids(self):
        def at_lids(crops, points):
            grid = points[:, UPPER + LOWER, None] * (2 / (sets.CROP - 1)) - 1
            return torch.nn.functional.grid_sample(crops, grid, align_corners=True)

        axis = torch.arange(sets.CROP, dtype=torch.float32)
        for ramp in axis[:, None].expand(-1, sets.CROP), axis.expand(sets.CROP, -1):
            crops = ramp.expand(6, 1, -1, -1)
            moved, points = self.close(crops, .5)
            self.assertLess(float((at_lids(moved, points) - at_lids(crops, self.points)).abs().mean()), .5)
        self.assertGreater(float((points - self.points).abs().amax()), 2)

    def test_lashes_are_a_dark_line(self):
        white = torch.ones_like(self.crops)
        moved, points = self.close(white, 1.)
        seams = (points[:, [37, 38]] + points[:, [41, 40]]).mean(1) / 2
        x, y = (seams + .5).long().unbind(-1)
        rows = torch.arange(len(white))
        self.assertLess(float(moved[rows, 0, y, x].max()), .7)
        self.assertGreater(float(moved[rows, 0, y - 20, x].min()), .99)

    def test_a_lid_goes_through_its_landmarks_and_ends_at_the_corners(self):
        lid = lids.Lid(torch.tensor([[[.3, -.3], [.7, -.05]]]))
        found = lid.at(torch.tensor([[-.5, 0, .3, .7, 1, 1.5]]))
        torch.testing.assert_close(found, torch.tensor([[0, 0, -.3, -.05, 0, 0]]), rtol=0, atol=1e-6)

    def test_eyes_that_have_shut_stay(self):
        self.points[:, LOWER] = self.points[:, UPPER] - torch.tensor([0., 1.])
        torch.testing.assert_close(self.close(self.crops, 1.)[1], self.points, rtol=0, atol=1e-3)

    def test_how_shut_an_eye_is(self):
        def eye(gap):
            width = (self.points[:, 45] - self.points[:, 42]).norm(dim=-1, keepdim=True)[:, None]
            points = self.points.clone()
            points[:, LOWER[2:]] = points[:, UPPER[2:]] + gap * width * torch.tensor([0., 1.])
            return lids.shut_lids(points)

        middle = (lids.OPEN + lids.CLOSED) / 2
        for gap, shut in (lids.CLOSED / 2, 1), (middle, .5), (lids.OPEN * 1.1, 0):
            expected = torch.full((len(self.points), 4), float(shut))
            torch.testing.assert_close(eye(gap)[:, UPPER[2:] + LOWER[2:]], expected, rtol=0, atol=1e-4)
        self.assertEqual(float(eye(0.)[:, :42].sum() + eye(0.)[:, [42, 45]].sum() + eye(0.)[:, 48:].sum()), 0)

    def test_how_many_blink_and_how(self):
        n = 400
        crops, points = torch.rand(1, 1, 32, 32).expand(n, -1, -1, -1), self.points[:1].expand(n, -1, -1) / 10
        kept = eye_openings(lids.blink(crops, points, .5)[1]) / eye_openings(points)
        blinked = kept.amin(1) < .99
        self.assertAlmostEqual(float(blinked.float().mean()), .5, delta=.1)
        winked = (kept[blinked] > .99).any(1).float().mean()
        self.assertAlmostEqual(float(winked), lids.WINKS, delta=.08)
        self.assertTrue((kept[blinked].amin(1) < .6).float().mean() > .4)

    def test_what_is_shown_says_where_lids_are(self):
        mean = torch.from_numpy(folded.read_model(drawn.MODEL)['mean_shape'])
        sampler = augment.Sampler(drawn.faces(6), mean, augment.Strength(damage=0, blinks=1), 'cpu')
        view = sampler.draw(40)
        shown = sampler.show(view)
        self.assertLess(float(eye_openings(shown.truth()).mean()), .8 * float(eye_openings(view.truth()).mean()))
        self.assertFalse(torch.equal(shown.crops, view.crops))


STILL = augment.Strength(0, 0, 0, 0, 0)
UNCHANGED = unittest.mock.patch.multiple(frames, CHANGED=0, KEPT=(1, 1))
REMEMBERED = unittest.mock.patch.object(frames, 'KEPT', (1, 1))


class Frames(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(9)
        self.mean = torch.from_numpy(folded.read_model(drawn.MODEL)['mean_shape'])
        self.sampler = augment.Sampler(drawn.faces(8), self.mean, augment.Strength(wild=0, damage=0), 'cpu')
        self.view = self.sampler.draw(200)

    def follow(self, motion):
        return motion.follow(self.view, self.view.truth())

    @UNCHANGED
    def test_nothing_moves_in_a_still_picture(self):
        view, start = self.follow(frames.Motion(self.mean, STILL))
        torch.testing.assert_close(start, view.truth(), rtol=0, atol=1e-2)
        turned, _ = shapes.fit_similarity(start, self.mean.expand_as(start))
        torch.testing.assert_close(turned, torch.eye(2).expand_as(turned), rtol=0, atol=1e-3)

    def test_it_is_the_same_face(self):
        view, _ = self.follow(frames.Motion(self.mean))
        self.assertIs(view.crops, self.view.crops)
        self.assertGreater(eyes_are_dark(view.images(), view.truth()).float().mean(), .95)

    @UNCHANGED
    def test_spread_of_motions(self):
        view, start = self.follow(frames.Motion(self.mean, augment.Strength(shift=.05, scale=0, rotation=0, wild=0)))
        moved = (view.truth() - start).mean(1)
        low, high = shapes.tight_box(self.mean)
        torch.testing.assert_close(moved.std(0), .05 * (high - low), rtol=.2, atol=0)

    @REMEMBERED
    def test_some_shapes_change(self):
        view, start = self.follow(frames.Motion(self.mean, STILL))
        changed = (view.truth() - start).norm(dim=-1).mean(1) > .02
        self.assertAlmostEqual(float(changed.float().mean()), frames.CHANGED, delta=.15)

    @unittest.mock.patch.multiple(frames, CHANGED=0)
    def test_starts_forget_a_part_of_the_shape(self):
        view, start = self.follow(frames.Motion(self.mean, STILL))
        kept = (start - self.mean).norm(dim=(1, 2)) / (view.truth() - self.mean).norm(dim=(1, 2))
        self.assertAlmostEqual(float(kept.min()), frames.KEPT[0], delta=.03)
        self.assertAlmostEqual(float(kept.max()), frames.KEPT[1], delta=.03)

    def test_misplaced_and_other_faces_are_where_truth_says(self):
        for motion in heads.Displaced(self.mean, STILL), heads.Exchanged(self.mean):
            view, start = self.follow(motion)
            truth = view.truth()
            inside = ((truth > 0) & (truth < shapes.SIZE - 1)).all(-1).all(-1)
            self.assertGreater(inside.sum(), 20)
            dark = eyes_are_dark(view.images()[inside], truth[inside])
            self.assertGreater(dark.float().mean(), .9)

    def test_misplaced_faces_are_far_from_their_start(self):
        view, start = self.follow(heads.Displaced(self.mean, STILL))
        self.assertGreater(shapes.nme(start, view.truth()).median(), .3)

    def test_other_faces_are_in_the_same_place(self):
        view, start = self.follow(heads.Exchanged(self.mean))
        self.assertFalse(torch.equal(view.crops, self.view.crops))
        self.assertLess(shapes.nme(start, view.truth()).median(), .3)

    def test_a_loaded_model_has_the_statistics_of_such_steps(self):
        """Training normalises by the batch: it begins with what the model computes only if its statistics are right."""
        again, met = random_cascade(2, True), []
        follow = frames.Motion.follow
        with unittest.mock.patch.object(frames.Motion, 'follow', lambda *of: met.append(follow(*of)) or met[0]), \
                unittest.mock.patch.object(again, 'step') as step:
            folded.load(again, folded.fold(random_cascade(2, True), True), self.view)
        (images, start, _), _ = step.call_args
        self.assertTrue(torch.equal(images, met[0][0].images()))
        self.assertIs(start, met[0][1])

    def test_every_step_learns(self):
        cascade, view = random_cascade(2, True), self.sampler.draw(2)
        result = cascade(self.sampler.show(view))[-1]
        steps = list(frames.walk(cascade, frames.Motion(self.mean), self.sampler.show, view, result, 3))
        self.assertEqual(len(steps), 3)
        for i, (_, seen, (shape, _)) in enumerate(steps):
            carried = [hidden for _, _, (_, hidden) in steps[:i]] + [result[1]]
            gradients = torch.autograd.grad(shapes.nme(shape, seen.truth()).sum(), carried + [cascade.recurrent.stage.fc1.weight],
                                            retain_graph=True)
            for gradient in gradients:
                self.assertGreater(gradient.abs().sum(), 0)

    def test_what_follows_is_the_last_step(self):
        cascade, view = random_cascade(2, True), self.sampler.draw(2)
        result = cascade(view)[-1]
        for n in 0, 2:
            torch.manual_seed(3)
            *_, (_, _, walked) = [(view, view, result),
                                  *frames.walk(cascade, frames.Motion(self.mean), self.sampler.show, view, result, n)]
            torch.manual_seed(3)
            _, followed = frames.follow(cascade, frames.Motion(self.mean), self.sampler.show, view, result, n)
            self.assertTrue(torch.equal(walked[0], followed[0]))

    def test_validation_draws_nothing(self):
        cascade, state = random_cascade(2, True), torch.get_rng_state()
        first, again = (training.validate(cascade, self.sampler, 2, 2) for _ in range(2))
        self.assertTrue(torch.equal(torch.get_rng_state(), state))
        self.assertEqual(first, again)
        self.assertEqual(first['stages'], training.validate(cascade, self.sampler, 2)['stages'])


class Sets(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        drawn.write_set(self.folder, 'some', 20, 4)
        self.path = os.path.join(self.folder, 'some.csv')

    def test_packed_faces_come_back(self):
        faces = sets.read(self.path)
        packed = os.path.join(self.folder, 'packed')
        sets.pack(packed, {'clean': faces}, faces.crops[:3], 95)
        parts, background = sets.unpack(packed)
        self.assertLess(np.abs(parts['clean'].crops.astype(int) - faces.crops).mean(), 4)
        np.testing.assert_array_equal(parts['clean'].shapes, faces.shapes)
        np.testing.assert_array_equal(parts['clean'].pictures, faces.pictures)
        self.assertEqual(background.shape, (3, sets.CROP, sets.CROP))

    def test_faces_have_their_size_in_crops(self):
        extent = np.ptp(sets.read(self.path).shapes, axis=1).max(1)
        np.testing.assert_allclose(extent, sets.FACE, rtol=1e-3)

    def test_held_out_pictures_are_apart(self):
        train, held_out = sets.hold_out(sets.read(self.path))
        self.assertEqual((len(train), len(held_out)), (18, 2))
        self.assertFalse(set(train.pictures) & set(held_out.pictures))

    def test_background_has_no_face(self):
        with open(self.path) as file:
            lines = file.readlines()
        with open(self.path, 'w') as file:
            file.writelines([lines[0], 'some/0.png' + ',200' * 136 + '\n'])
        self.assertEqual(len(sets.read_background(self.path, np.random.default_rng(5))), 1)

    def expect(self, message):
        with self.assertRaises(sets.SetError) as caught:
            sets.read(self.path)
        self.assertIn(message, str(caught.exception))

    def test_errors_name_file_and_reason(self):
        for line, message in [('some/none.png' + ',1' * 136, 'none.png: no picture'),
                              ('some/0.png,1,2', 'some.csv: line 1 has 3 fields'),
                              ('some/0.png' + ',1' * 136, 'some/0.png: the landmarks of a face are all at one point'),
                              ('some/0.png' + ',x' * 136, 'could not convert'), ('', 'line 1 has 0 fields')]:
            with open(self.path, 'w') as file:
                file.write(line + '\n')
            self.expect(message)
        self.path += '.not'
        self.expect('No such file')
        with self.assertRaisesRegex(sets.SetError, 'no file of packed crops'):
            sets.unpack(os.path.join(self.folder, 'some', '0.png'))


class Resuming(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.faces = drawn.faces(12)
        self.mean = torch.from_numpy(folded.read_model(drawn.MODEL)['mean_shape'])

    def make(self, out, minutes, phases, recurrent=False, frozen_norms=False):
        options = types.SimpleNamespace(out=out, batch=4, loss='distance', lids_weight=1., frozen_norms=frozen_norms,
                                        exchanged=0., minutes=minutes, report=4)
        torch.manual_seed(0)
        cascade = network.Cascade(self.mean, 1 / 32, 2, recurrent)
        sampler = augment.Sampler(self.faces, self.mean, augment.Strength(), 'cpu')
        return training.Training(cascade, (sampler, sampler, None, sampler), phases, options)

    def train(self, out, *of):
        out = os.path.join(self.folder, out)
        return resuming.train(lambda: self.make(out, *of), out)

    def compare(self, *training):
        whole, calls = self.train('whole', 0, *training)
        self.assertEqual(calls, 1)
        cut, calls = self.train('cut', .2, *training)
        self.assertGreater(calls, 1)
        for name in whole:
            torch.testing.assert_close(cut[name], whole[name], rtol=0, atol=0, msg=name)

    def test_cut_and_resumed_is_the_same_training(self):
        self.compare([plan.Phase('stage 1', 1, 0, 20, 1e-3, .25), plan.Phase('together', 2, 0, 24, 1e-3, 0)])

    def test_norms_can_keep_their_statistics(self):
        for frozen in False, True:
            run = self.make(self.folder, 0, [plan.Phase('together', 2, 0, 24, 1e-3, 0)], False, frozen)
            norm = run.network.stages[1].norm
            before = norm.running_mean.clone(), norm.weight.clone()
            run._step(run.phases[0], 6)
            self.assertEqual([torch.equal(*pair) for pair in zip(before, (norm.running_mean, norm.weight))], [frozen, False])

    def test_so_with_recurrent_steps(self):
        self.compare([plan.Phase('stage 2', 2, 1, 20, 1e-3, 0), plan.Phase('recurrent', 2, 2, 24, 1e-3, 0, 2)], True)


class Measures(unittest.TestCase):
    def test_heads_learn_to_rank(self):
        torch.manual_seed(6)
        hidden = torch.rand(1500, 256)
        errors = torch.exp(hidden[:, :8].sum(1) - 6)
        head = heads.fit(hidden[:1200], errors[:1200])
        with torch.no_grad():
            self.assertGreater(heads.spearman(head(hidden[1200:])[:, 0], errors[1200:]), .7)

    def test_each_head_has_its_examples(self):
        hidden, errors, steps = torch.rand(6, 2, 256), torch.rand(6, 2), (torch.rand(3, 256), torch.rand(3))
        parts = heads.by_part((hidden, errors), steps)
        self.assertEqual([part for part, _, _ in parts], ['stage 1', 'stage 2', 'recurrent'])
        self.assertTrue(torch.equal(parts[1][1], hidden[:, 1]) and torch.equal(parts[1][2], errors[:, 1]))
        self.assertIs(parts[2][1], steps[0])
        self.assertEqual([part for part, _, _ in heads.by_part(None, steps)], ['recurrent'])

    def test_losses_are_nothing_at_the_truth_and_grow(self):
        truth = drawn.shapes(3, np.random.default_rng(7))
        truth = torch.from_numpy(truth)
        for loss in map(losses.Loss, losses.LOSSES):
            self.assertEqual(float(loss(truth, truth)), 0)
            self.assertLess(float(loss(truth + 1, truth)), float(loss(truth + 2, truth)))

    def test_lids_of_shut_eyes_count_more(self):
        truth = torch.from_numpy(drawn.shapes(1, np.random.default_rng(7)))
        truth[:, LOWER[:2]] = truth[:, UPPER[:2]] + torch.tensor([0., .5])  # the right eye is shut
        plain, weighted = losses.Loss('distance'), losses.Loss('distance', 5.)
        for k, factor in (37, 5), (40, 5), (36, 1), (39, 1), (43, 1), (46, 1), (0, 1):
            moved = truth.clone()
            moved[:, k] += 1
            self.assertAlmostEqual(float(weighted(moved, truth) / plain(moved, truth)), factor, places=5)

    def test_wing_is_continuous(self):
        below, above = (float(losses.wing(torch.tensor(d))) for d in (.0999, .1001))
        self.assertAlmostEqual(below, above, places=3)

    def test_rate(self):
        phase = plan.Phase('x', 1, 0, 1000 * 64, 1e-3, 0)
        rates = [plan.rate_at(phase, i, 1000) for i in range(1000)]
        self.assertLess(rates[0], 2e-5)
        self.assertAlmostEqual(max(rates), 1e-3, delta=5e-5)
        self.assertAlmostEqual(rates[-1], 1e-5, delta=1e-7)


if __name__ == '__main__':
    torch.set_num_threads(1)
    unittest.main()
