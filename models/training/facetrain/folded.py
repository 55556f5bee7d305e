# SPDX-License-Identifier: LGPL-2.1-or-later
"""A trained detector's arrays, batch norms folded into weights and biases, and
the model file that holds them (docs/model-format.md)."""

import numpy as np
import torch

from dantrain import folded, loop
from dantrain.folded import convert
from .five import N_FIVE
from .network import IMAGE_MEAN, IMAGE_STD, STEM, STRIDES, Detector

SCHEME = 'five'


@torch.no_grad()
def fold(detector):
    """NAME.w (planes, planes before, 3, 3) and NAME.b of each layer in float32,
    with img_mean and img_std."""
    arrays = {'img_mean': np.array([IMAGE_MEAN], np.float32), 'img_std': np.array([IMAGE_STD], np.float32)}
    for name, conv, norm in detector.convolutions():
        layer = folded.fold_layer(conv.weight, norm) if norm else (conv.weight, conv.bias)
        for suffix, values in zip('wb', layer):
            arrays[f'{name}.{suffix}'] = np.ascontiguousarray(values.cpu().float().numpy())
    return arrays


def read(path):
    """The arrays of the model file at @path, by the names that fold() gives."""
    arrays = folded.read_model(path)
    if 'stem.b' not in arrays:
        raise ValueError(f'{path}: no face detector')
    return arrays


@torch.no_grad()
def load(path, images):
    """The Detector of the model file at @path. Its batch norms take their statistics from @images, like those
    of training; it computes what the model does."""
    arrays = {name: torch.from_numpy(array) for name, array in read(path).items()}
    detector, hooks = Detector(len(arrays['stem.b']) / STEM).eval(), []
    for name, conv, norm in detector.convolutions():
        conv.weight.copy_(arrays[f'{name}.w'])
        if norm:
            hooks.append(folded.unfold_at(norm, 1., arrays[f'{name}.b']))
        else:
            conv.bias.copy_(arrays[f'{name}.b'])
    detector(images)
    for hook in hooks:
        hook.remove()
    return detector


def average(models):
    """The mean of the arrays of @models, as loop.mean_weights() has it."""
    mean = loop.mean_weights([{name: torch.from_numpy(array) for name, array in each.items()} for each in models])
    return {name: values.numpy() for name, values in mean.items()}


def model(arrays, name, licence):
    """The bytes of the model file with what fold() gives."""
    source = convert.Source(arrays)
    mean, std = source.scalar('img_mean'), source.scalar('img_std')
    layers = {}
    for layer in dict.fromkeys(array.split('.')[0] for array in source.arrays):
        layers.update(source.layer(layer, (None, None, 3, 3)))
    return convert.model_file(layers, convert.Description(convert.VERSION_DETECTOR, N_FIVE, 0, STRIDES[-1], mean, std,
                                                          SCHEME, name, licence))
