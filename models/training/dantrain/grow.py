# SPDX-License-Identifier: LGPL-2.1-or-later
"""Other networks that compute nearly what a trained one does, to start from: on
the arrays of folded.read_model()."""

import numpy as np
import torch
import torch.nn.functional as F

from . import shapes
from .network import FEATURE

CELLS = shapes.SIZE // 16  # of a side, in front of fc1


def _widened(arrays, name, factor, rng):
    """The weights @name for planes that are each there @factor times: its
    outputs repeat, and every input's weight is shared out among its copies,
    unevenly, so that the copies do not learn alike."""
    weight = arrays[name + '.w']
    layer = name.split('.')[1]
    if layer.startswith('conv'):
        weight, bias = np.repeat(weight, factor, 0), np.repeat(arrays[name + '.b'], factor)
        copies = 1 if layer == 'conv1a' else factor
    else:
        bias, copies = arrays[name + '.b'], factor
    if layer == 'fc1':
        weight = weight.reshape(len(weight), -1, CELLS ** 2)
    shares = rng.dirichlet([4.] * copies, weight.shape[:2]).astype(np.float32)
    shares = shares.reshape(weight.shape[0], weight.shape[1] * copies, *[1] * (weight.ndim - 2))
    weight = np.repeat(weight, copies, 1) * shares
    return (weight.reshape(len(weight), -1) if layer == 'fc1' else weight), bias


def widen(arrays, factor, seed=0):
    """The same network with @factor times the planes in every convolution
    (Chen, Goodfellow and Shlens, "Net2Net", ICLR 2016)."""
    rng, wide = np.random.default_rng(seed), dict(arrays)
    for name in [n[:-2] for n in arrays if n.endswith('.w') and n.split('.')[1].startswith(('conv', 'fc1'))]:
        wide[name + '.w'], wide[name + '.b'] = _widened(arrays, name, factor, rng)
    return wide


def _zoomed(maps, factor):
    """@maps (n, size, size) enlarged about their middle; what leaves them is lost."""
    theta = torch.tensor([[[1 / factor, 0, 0], [0, 1 / factor, 0]]])
    maps = torch.from_numpy(maps)[None]
    grid = F.affine_grid(theta, maps.shape, align_corners=False)
    return F.grid_sample(maps, grid, padding_mode='border', align_corners=False)[0].numpy()


def _enlarged(name, array, factor):
    """What places have to do with: they are further apart by @factor."""
    if factor == 1:
        return array
    if name in ('mean_shape', 'upright_shape'):
        return shapes.enlarged(array, factor)
    layer = name.split('.', 1)[-1]
    if layer.startswith('fc2.'):
        return array * factor
    if layer == 'fc1.w':
        return _zoomed(array.reshape(-1, CELLS, CELLS), factor).reshape(array.shape) / factor ** 2
    if layer.startswith('feature.'):
        maps = array.T.reshape(-1, FEATURE, FEATURE)
        return np.ascontiguousarray(_zoomed(maps, factor).reshape(*array.T.shape).T)
    return array


def enlarge(arrays, factor, upright_factor):
    """About the same network for faces that are larger in the canonical image, by
    @factor in the first stage's and by @upright_factor in those of the others: fc1
    expects features, and draws feature images, further from the middle.
    Convolutions stay as they are."""
    arrays = {'upright_shape': arrays['mean_shape'], **arrays}
    first = 'mean_shape', 's1'
    return {name: _enlarged(name, array, factor if name.split('.')[0] in first else upright_factor)
            for name, array in arrays.items()}
