#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The cascade: as the reference computes it, as a model file has it, and grown."""

import tempfile
import types
import unittest

import numpy as np
import torch

import reference
from cascades import random_cascade
from dantrain import folded, grow, network, shapes
from dantrain.view import View


def of_images(images):
    """A View of canonical images as they are."""
    n = len(images)
    return View(images, None, (torch.eye(2).repeat(n, 1, 1), torch.zeros(n, 2)), 'zeros')


class Network(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(2)
        self.cascade = random_cascade(3)
        self.images = torch.rand(4, 1, shapes.SIZE, shapes.SIZE)
        self.view = of_images(self.images)

    def run_reference(self, arrays, image):
        arrays = {name: array.astype(np.float64) for name, array in arrays.items()}
        return reference.run(arrays, 255 * image.double().numpy())

    @torch.no_grad()
    def test_folded_weights_compute_the_same_in_numpy(self):
        results = self.cascade(self.view)
        arrays = folded.fold(self.cascade, False)
        for i, image in enumerate(self.images[:, 0]):
            expected = self.run_reference(arrays, image)
            for s, (shape, _) in enumerate(results):
                np.testing.assert_allclose(shape[i].numpy(), expected[f's{s + 1}.shape'], atol=2e-3)

    @torch.no_grad()
    def compute_again(self, arrays, width):
        again = network.Cascade(self.cascade.mean_shape, width, 3)
        folded.load(again, arrays, self.view)
        for (shape, _), (expected, _) in zip(again(self.view), self.cascade(self.view)):
            torch.testing.assert_close(shape, expected, rtol=0, atol=5e-3)
        return again

    def test_loading_undoes_folding(self):
        self.compute_again(folded.fold(self.cascade, False), 1 / 16)

    def test_widening_changes_nothing_but_the_width(self):
        wide = self.compute_again(grow.widen(folded.fold(self.cascade, False), 2), 1 / 8)
        weight = wide.stages[0].convs[3].weight
        self.assertFalse(torch.allclose(weight[:, 0::2], weight[:, 1::2]))

    @torch.no_grad()
    def test_later_stages_see_what_the_crops_show(self):
        """Twice as fine as the first stage does."""
        crops = torch.rand(4, 1, 2 * shapes.SIZE, 2 * shapes.SIZE)
        self.cascade.upright_shape.copy_(1.3 * self.cascade.mean_shape - .15 * shapes.SIZE)
        half = torch.eye(2).repeat(4, 1, 1) / 2, torch.zeros(4, 2)
        fine = self.cascade(View(crops, None, half, 'zeros'))
        coarse = self.cascade(of_images(View(crops, None, half, 'zeros').images()))
        torch.testing.assert_close(fine[0][1], coarse[0][1], rtol=0, atol=1e-5)
        self.assertGreater(float((fine[1][1] - coarse[1][1]).abs().max()), 3e-4)

    def test_frozen_stages_get_no_gradient(self):
        self.cascade(self.view, 2, 1)[-1][0].sum().backward()
        self.assertIsNone(self.cascade.stages[0].fc2.weight.grad)
        self.assertGreater(self.cascade.stages[1].fc2.weight.grad.abs().sum(), 0)

    def test_a_later_loss_reaches_earlier_stages(self):
        self.cascade(self.view, 2)[-1][0].sum().backward()
        self.assertGreater(self.cascade.stages[0].fc1.weight.grad.abs().sum(), 0)


class Decoded(unittest.TestCase):
    """A cascade whose last stage has a decoder."""

    def setUp(self):
        torch.manual_seed(17)
        self.cascade = random_cascade(2, decoders=[1])
        self.view = of_images(torch.rand(3, 1, shapes.SIZE, shapes.SIZE))

    @torch.no_grad()
    def test_folded_weights_compute_the_same_in_numpy(self):
        found = self.cascade(self.view)[-1][0]
        arrays = {name: array.astype(np.float64) for name, array in folded.fold(self.cascade, False).items()}
        without = {name: 0 * array if name == 's2.share' else array for name, array in arrays.items()}
        for i, image in enumerate(255 * self.view.crops[:, 0].double().numpy()):
            expected = reference.run(arrays, image)['s2.shape']
            np.testing.assert_allclose(found[i].numpy(), expected, atol=2e-3)
            self.assertGreater(np.abs(reference.run(without, image)['s2.shape'] - expected).max(), 5)

    @torch.no_grad()
    def test_loading_undoes_folding(self):
        again = network.Cascade(self.cascade.mean_shape, 1 / 16, 2, decoders=[1])
        folded.load(again, folded.fold(self.cascade, False), self.view)
        torch.testing.assert_close(again(self.view)[-1][0], self.cascade(self.view)[-1][0], rtol=0, atol=5e-3)

    @torch.no_grad()
    def test_what_a_shape_is_made_of(self):
        apart, share = {}, self.cascade.decoder_of(1).share[:, None]
        found = self.cascade(self.view, apart=apart)[-1][0]
        regressed, decoded, variances = apart[1]
        torch.testing.assert_close(found, (1 - share) * regressed + share * decoded, rtol=0, atol=1e-3)
        self.assertTrue((variances > 0).all())

    def test_both_learn_what_they_see(self):
        """Each part of the loss reaches its own weights, and the decoder's the convolutions, too."""
        apart = {}
        self.cascade(self.view, 2, 1, apart)
        apart[1][1].sum().backward()
        self.assertGreater(self.cascade.stages[1].convs[0].weight.grad.abs().sum(), 0)
        self.assertIsNone(self.cascade.stages[1].fc2.weight.grad)

    def test_one_stage_is_not_enough(self):
        with self.assertRaisesRegex(ValueError, 'a stage before its own'):
            network.Cascade(self.cascade.mean_shape, 1 / 16, 1, decoders=[0])


class Enlarged(unittest.TestCase):
    """A network for faces that are larger in its later stages' images by FACTOR."""

    FACTOR = 1.4

    def setUp(self):
        torch.manual_seed(9)
        self.arrays = folded.fold(random_cascade(2), False)
        self.larger = grow.enlarge(self.arrays, 1.2, self.FACTOR)

    @staticmethod
    def blob(size, x, y, sigma):
        axis = np.arange(size) - (size - 1) / 2
        return np.exp(-((axis - x) ** 2 + (axis[:, None] - y) ** 2) / (2 * sigma ** 2))

    def test_landmarks_are_further_apart(self):
        for name, factor in ('mean_shape', 1.2), ('upright_shape', self.FACTOR):
            extent, larger = (shapes.extent(torch.from_numpy(arrays[name])) for arrays in (self.arrays, self.larger))
            self.assertAlmostEqual(float(larger / extent), factor, places=5)
        np.testing.assert_allclose(self.larger['s1.fc2.w'], 1.2 * self.arrays['s1.fc2.w'], rtol=1e-6)
        np.testing.assert_allclose(self.larger['s2.fc2.w'], self.FACTOR * self.arrays['s2.fc2.w'])

    def test_fc1_sees_a_larger_pattern_as_it_saw_the_smaller(self):
        f, slopes = self.FACTOR, np.linspace(-3, 3, 7, dtype=np.float32)
        weight = np.tile(1 + .3 * slopes + .2 * slopes[:, None], (2, 1, 1)).reshape(2, -1)
        larger = grow.enlarge({'mean_shape': weight, 's1.fc1.w': weight}, f, 1)['s1.fc1.w']
        expected = weight @ self.blob(7, .5, -.4, .7).ravel()
        np.testing.assert_allclose(larger @ self.blob(7, .5 * f, -.4 * f, .7 * f).ravel(), expected, rtol=.03)

    def test_a_feature_image_is_drawn_larger(self):
        f, half = self.FACTOR, shapes.SIZE // 2
        bias = self.blob(half, 8, -5, 6).ravel().astype(np.float32)
        larger = grow.enlarge({'mean_shape': bias, 's2.feature.b': bias, 's2.feature.w': np.stack([bias, -bias], 1)}, 1, f)
        expected = self.blob(half, 8 * f, -5 * f, 6 * f).ravel()
        np.testing.assert_allclose(larger['s2.feature.b'], expected, atol=.02)
        np.testing.assert_allclose(larger['s2.feature.w'], np.stack([expected, -expected], 1), atol=.02)

    def test_convolutions_stay(self):
        for name in 's1.conv1a.w', 's2.conv4b.b', 's2.fc1.b', 's2.input.scale':
            np.testing.assert_array_equal(self.larger[name], self.arrays[name])


class Recurrent(unittest.TestCase):
    DECODERS = ()

    def setUp(self):
        torch.manual_seed(8)
        self.cascade = random_cascade(2, True, self.DECODERS)
        self.images = torch.rand(3, 1, shapes.SIZE, shapes.SIZE)
        self.start = self.cascade.mean_shape + torch.randn(3, 68, 2) * 3
        self.hidden = torch.rand(3, network.HIDDEN) * (torch.rand(3, network.HIDDEN) < .5)

    def step(self, cascade):
        return cascade.step(self.images, self.start, self.hidden)

    def step_in_numpy(self, arrays, i):
        image = (self.images[i, 0].double().numpy() - arrays['img_mean'][0]) / arrays['img_std'][0]
        start = self.start[i].double().numpy()
        feature = reference.feature_image(arrays, 'recurrent', self.hidden[i].double().numpy(), 112)
        return reference.run_later_stage(arrays, 'recurrent', np.stack([image, reference.heatmap(start, 112), feature]), start)

    @torch.no_grad()
    def test_folded_weights_compute_the_same_in_numpy(self):
        shape, hidden = self.step(self.cascade)
        arrays = {name: array.astype(np.float64) for name, array in folded.fold(self.cascade, False).items()}
        for i in range(3):
            expected = self.step_in_numpy(arrays, i)
            np.testing.assert_allclose(shape[i].numpy(), expected[0], atol=2e-3)
            np.testing.assert_allclose(hidden[i].numpy(), expected[1], atol=2e-3)

    def load(self, arrays):
        again = network.Cascade(self.cascade.mean_shape, 1 / 16, 2, True, decoders=self.DECODERS)
        folded.load(again, arrays, of_images(self.images.repeat(2, 1, 1, 1)))
        return again

    @torch.no_grad()
    def test_loading_undoes_folding(self):
        again = self.load(folded.fold(self.cascade, False))
        torch.testing.assert_close(self.step(again)[0], self.step(self.cascade)[0], rtol=0, atol=5e-3)

    def assert_same(self, module, other):
        for name, values in module.state_dict().items():
            self.assertTrue(torch.equal(values, other.state_dict()[name]), name)

    def assert_begins_as_the_last_stage(self, arrays):
        again = self.load(arrays)
        self.assert_same(again.recurrent.stage, again.stages[-1])
        self.assert_same(again.recurrent.connection, again.connections[-1])
        return again

    def test_begins_as_the_last_stage_where_a_model_has_none(self):
        self.assert_begins_as_the_last_stage(folded.fold(random_cascade(2), False))

    def test_widening_changes_nothing(self):
        arrays = folded.fold(self.cascade, False)
        wide = grow.widen(arrays, 2)
        self.assertEqual(len(wide['s2.conv1a.b']), 2 * len(arrays['s2.conv1a.b']))
        again = network.Cascade(self.cascade.mean_shape, 1 / 8, 2, True)
        folded.load(again, wide, of_images(self.images))
        with torch.no_grad():
            torch.testing.assert_close(self.step(again)[0], self.step(self.cascade)[0], rtol=0, atol=5e-3)

    def test_gradient_goes_through_what_is_carried_alone(self):
        self.hidden.requires_grad_()
        self.start.requires_grad_()
        self.step(self.cascade)[0].square().sum().backward()
        self.assertGreater(self.hidden.grad.abs().sum(), 0)
        self.assertIsNone(self.start.grad)

    def test_one_stage_is_not_enough(self):
        with self.assertRaisesRegex(ValueError, 'two others or more'):
            network.Cascade(self.cascade.mean_shape, 1 / 16, 1, True)


class RecurrentWithDecoder(Recurrent):
    DECODERS = 1, network.RECURRENT
    test_widening_changes_nothing = None  # there is no such thing

    def test_begins_as_the_last_stage_where_a_model_has_no_decoder(self):
        again = self.assert_begins_as_the_last_stage(folded.fold(random_cascade(2, True, [1]), False))
        self.assert_same(again.recurrent.decoder, again.decoder_of(1))

    @torch.no_grad()
    def test_what_a_shape_is_made_of(self):
        apart, share = {}, self.cascade.decoder_of(network.RECURRENT).share[:, None]
        found, _ = self.cascade.step(self.images, self.start, self.hidden, apart)
        regressed, decoded, _ = apart[network.RECURRENT]
        torch.testing.assert_close(found, (1 - share) * regressed + share * decoded, rtol=0, atol=1e-3)
        self.assertGreater(float((found - regressed).abs().max()), 1)


class ModelFile(unittest.TestCase):
    def convert(self, cascade, with_heads):
        options = types.SimpleNamespace(image_size=shapes.SIZE, scheme='ibug-68', name='x', licence='x')
        return folded.convert.convert(folded.convert.Source(folded.fold(cascade, with_heads)), options)

    def test_versions(self):
        for with_heads, recurrent, decoders, version in ((False, False, [], 5), (True, False, [], 6), (True, True, [], 8),
                                                         (False, False, [1], 13), (True, False, [1], 14), (True, True, [1], 16),
                                                         (True, True, [1, network.RECURRENT], 16)):
            self.assertEqual(self.convert(random_cascade(2, recurrent, decoders), with_heads)[8], version)
        with self.assertRaisesRegex(folded.convert.ConversionError, 'two others or more, and error heads'):
            self.convert(random_cascade(2, True), False)

    @torch.no_grad()
    def test_is_read_again(self):
        cascade = random_cascade(2, True, [1, network.RECURRENT])
        cascade.upright_shape += 1
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.convert(cascade, True))
            file.flush()
            arrays = folded.read_model(file.name)
        self.assertEqual(folded.decoders(arrays), [1, network.RECURRENT])
        np.testing.assert_array_equal(arrays['upright_shape'], arrays['mean_shape'] + 1)
        feature, head = cascade.recurrent.connection.feature, cascade.heads[-1]
        np.testing.assert_allclose(arrays['recurrent.feature.w'], feature.weight.detach(), atol=1e-3)
        np.testing.assert_array_equal(arrays['recurrent.feature.b'], feature.bias.detach())
        np.testing.assert_array_equal(arrays['recurrent.error2.b'], head[2].bias.detach())


if __name__ == '__main__':
    torch.set_num_threads(1)
    unittest.main()
