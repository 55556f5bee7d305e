# SPDX-License-Identifier: LGPL-2.1-or-later
"""Between trained cascades and a model file's arrays, in which batch norms are
folded into weights and biases (docs/model-format.md)."""

import os
import struct
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
import convert  # noqa: E402  models/convert.py

NUMPY_TYPES = {1: np.dtype('<f4'), 2: np.dtype('<f2')}


def _norm(norm):
    """(factor, shift) of a batch norm in use."""
    factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return factor, norm.bias - norm.running_mean * factor


def fold_layer(weight, norm):
    """(weight, bias) of a layer without bias and the batch norm behind it."""
    factor, shift = _norm(norm)
    return weight * factor.reshape(-1, *[1] * (weight.dim() - 1)), shift


def _stage_layers(stage):
    layers = {name: fold_layer(conv.weight, norm) for name, conv, norm in stage.conv_layers()}
    layers['fc1'] = fold_layer(stage.fc1.weight, stage.norm)
    layers['fc2'] = stage.fc2.weight, stage.fc2.bias
    return layers


@torch.no_grad()
def fold(cascade, with_heads):
    """The arrays of models/convert.py, in float32."""
    arrays = {'mean_shape': cascade.mean_shape, 'img_mean': cascade.image_mean, 'img_std': cascade.image_std}
    for s, stage in enumerate(cascade.stages):
        layers = _stage_layers(stage)
        if s:
            connection = cascade.connections[s - 1]
            layers['feature'] = connection.feature.weight, connection.feature.bias
            arrays[f's{s + 1}.input.scale'], arrays[f's{s + 1}.input.shift'] = _norm(connection.norm)
        if with_heads:
            first, _, second = cascade.heads[s]
            layers['error1'], layers['error2'] = (first.weight, first.bias), (second.weight, second.bias)
        for name, (weight, bias) in layers.items():
            arrays[f's{s + 1}.{name}.w'], arrays[f's{s + 1}.{name}.b'] = weight, bias
    if cascade.recurrent:
        arrays[f'{convert.RECURRENT}.w'], arrays[f'{convert.RECURRENT}.b'] = cascade.recurrent.weight, cascade.recurrent.bias
    return {name: np.ascontiguousarray(array.detach().cpu().float().numpy()) for name, array in arrays.items()}


def read_model(path):
    """The arrays of the model file at @path, by the names that fold() gives."""
    with open(path, 'rb') as file:
        data = file.read()
    try:
        header = convert.HEADER.unpack_from(data)
        if header[0] != convert.MAGIC:
            raise ValueError('no model file')
        n_arrays, mean, std = header[8], header[9], header[10]
        arrays = {'img_mean': np.array([mean], np.float32), 'img_std': np.array([std], np.float32)}
        for i in range(n_arrays):
            entry = convert.ENTRY.unpack_from(data, convert.HEADER.size + i * convert.ENTRY.size)
            name, kind, rank, dims, (offset, size) = entry[0], entry[1], entry[2], entry[3:7], entry[7:9]
            array = np.frombuffer(data, NUMPY_TYPES[kind], size // NUMPY_TYPES[kind].itemsize, offset)
            arrays[name.rstrip(b'\0').decode()] = array.reshape(dims[:rank]).astype(np.float32)
        return arrays
    except (ValueError, KeyError, struct.error) as error:
        raise ValueError(f'{path}: {error}') from error


def has_recurrent(arrays):
    return f'{convert.RECURRENT}.w' in arrays


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
        weight = weight.reshape(len(weight), -1, (112 // 16) ** 2)
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


def _unfold_at(norm, factor, shift):
    """A hook that makes @norm compute factor x + shift of the first x that it
    meets, while it leaves it normalising x."""
    def hook(norm, inputs):
        dims = [d for d in range(inputs[0].dim()) if d != 1]
        norm.running_mean.copy_(inputs[0].mean(dims))
        norm.running_var.copy_(inputs[0].var(dims, unbiased=False))
        norm.weight.copy_(factor * torch.sqrt(norm.running_var + norm.eps))
        norm.bias.copy_(shift + factor * norm.running_mean)
    return norm.register_forward_pre_hook(hook)


def _load_stage(cascade, s, tensors):
    """Copies the weights of stage @s; (norm, factor, shift) of its norms."""
    stage, prefix = cascade.stages[s], f's{s + 1}.'
    norms = []
    for name, layer, norm in [*stage.conv_layers(), ('fc1', stage.fc1, stage.norm)]:
        layer.weight.copy_(tensors[f'{prefix}{name}.w'])
        norms.append((norm, 1., tensors[f'{prefix}{name}.b']))
    linear = [(stage.fc2, 'fc2')]
    if s:
        connection = cascade.connections[s - 1]
        linear.append((connection.feature, 'feature'))
        norms.append((connection.norm, tensors[prefix + 'input.scale'], tensors[prefix + 'input.shift']))
    for layer, name in linear:
        layer.weight.copy_(tensors[f'{prefix}{name}.w'])
        layer.bias.copy_(tensors[f'{prefix}{name}.b'])
    return norms


def _load_recurrent(cascade, tensors):
    """Copies the recurrent connection's weights; without any it begins."""
    if has_recurrent(tensors):
        cascade.recurrent.weight.copy_(tensors[f'{convert.RECURRENT}.w'])
        cascade.recurrent.bias.copy_(tensors[f'{convert.RECURRENT}.b'])
    else:
        cascade.begin_recurrent()


@torch.no_grad()
def load(cascade, arrays, images):
    """Fills @cascade (of the same sizes, on the CPU) with a model's arrays. Its
    batch norms take their statistics from @images, some canonical images like
    those of training; the network computes what the model does."""
    tensors = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
    cascade.eval()
    cascade.mean_shape.copy_(tensors['mean_shape'])
    cascade.image_mean.copy_(tensors['img_mean'])
    cascade.image_std.copy_(tensors['img_std'])
    norms = [norm for s in range(len(cascade.stages)) for norm in _load_stage(cascade, s, tensors)]
    if cascade.recurrent:
        _load_recurrent(cascade, tensors)
    hooks = [_unfold_at(*norm) for norm in norms]
    cascade(images)
    for hook in hooks:
        hook.remove()
