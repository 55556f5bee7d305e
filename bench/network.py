# SPDX-License-Identifier: LGPL-2.1-or-later
"""The two-stage network that all engines get: He-random weights, and a reference in NumPy for what comes out."""

from typing import NamedTuple, Optional

import numpy as np

SIZE = 112
CHANNELS = (64, 128, 256, 512)
HIDDEN = 256
OUTPUTS = 136
STAGE_PLANES = (1, 3)
KERNEL = 3
SEED = 1
N_CALIBRATION = 4


class Layer(NamedTuple):
    kind: str  # conv (3x3, ReLU), pool (2x2 maximum), fc (ReLU), linear
    weights: Optional[np.ndarray] = None  # out x in (x 3 x 3)
    bias: Optional[np.ndarray] = None


class Stage(NamedTuple):
    planes: int
    layers: list


def normal(random, shape, deviation):
    return (random.standard_normal(shape) * deviation).astype(np.float32)


def random_layer(random, kind, n_out, n_in):
    shape = (n_out, n_in, KERNEL, KERNEL) if kind == 'conv' else (n_out, n_in)
    deviation = np.sqrt(2 / np.prod(shape[1:]))
    return Layer(kind, normal(random, shape, deviation), normal(random, n_out, .1))


def random_stage(random, planes, width):
    layers, n_in, side = [], planes, SIZE
    for channels in CHANNELS:
        n_out = max(1, int(channels * width + .5))
        layers += [random_layer(random, 'conv', n_out, n_in), random_layer(random, 'conv', n_out, n_out),
                   Layer('pool')]
        n_in, side = n_out, side // 2
    return Stage(planes, layers + [random_layer(random, 'fc', HIDDEN, n_in * side * side),
                                   random_layer(random, 'linear', OUTPUTS, HIDDEN)])


def random_network(width):
    random = np.random.default_rng(SEED)
    return [random_stage(random, planes, width) for planes in STAGE_PLANES]


def random_inputs(seed):
    """Planes for each stage: an image of coarse noise below fine noise, with mean 0 and deviation 1, and where there
    are more planes, positive noise, as heatmaps and feature images are."""
    random = np.random.default_rng(SEED + 1 + seed)
    inputs = []
    for planes in STAGE_PLANES:
        coarse = random.uniform(0, 192, (SIZE // 8, SIZE // 8))
        image = np.kron(coarse, np.ones((8, 8))) + random.uniform(0, 64, (SIZE, SIZE))
        others = np.abs(random.standard_normal((planes - 1, SIZE, SIZE)))
        inputs.append(np.concatenate([[(image - image.mean()) / image.std()], others]).astype(np.float32))
    return inputs


def convolve(x, layer):
    """A sum of nine products, one for each place of the kernel."""
    _, height, width = x.shape
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    # NumPy gives only products of contiguous matrices to BLAS.
    kernels = np.ascontiguousarray(layer.weights.transpose(2, 3, 0, 1))
    total = layer.bias[:, None]
    for dy in range(KERNEL):
        for dx in range(KERNEL):
            moved = padded[:, dy:dy + height, dx:dx + width].reshape(len(x), -1)
            total = total + kernels[dy, dx] @ moved
    return total.reshape(-1, height, width)


def halve(x):
    return x.reshape(len(x), x.shape[1] // 2, 2, x.shape[2] // 2, 2).max((2, 4))


def apply(layer, x):
    if layer.kind == 'pool':
        return halve(x)
    y = convolve(x, layer) if layer.kind == 'conv' else layer.weights @ x.ravel() + layer.bias
    return y if layer.kind == 'linear' else np.maximum(y, 0)


def activations(stage, x):
    """The input and every layer's output."""
    found = [x]
    for layer in stage.layers:
        found.append(apply(layer, found[-1]))
    return found


def reference(network, inputs):
    """The outputs of all stages, one after the other."""
    return np.concatenate([activations(stage, x)[-1] for stage, x in zip(network, inputs)])


def calibrate(network):
    """For each stage, the largest magnitudes of the input and of every layer's output on random images."""
    images = [random_inputs(1 + i) for i in range(N_CALIBRATION)]
    return [np.max([[np.abs(a).max() for a in activations(stage, inputs[k])] for inputs in images], 0)
            for k, stage in enumerate(network)]
