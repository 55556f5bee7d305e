# SPDX-License-Identifier: LGPL-2.1-or-later
"""Between trained cascades and a model file's arrays, in which batch norms are
folded into weights and biases (docs/model-format.md)."""

import dataclasses
import os
import struct
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
import convert  # noqa: E402  models/convert.py

from . import frames  # noqa: E402
from .network import RECURRENT  # noqa: E402

NUMPY_TYPES = {1: np.dtype('<f4'), 2: np.dtype('<f2')}


def _norm(norm):
    """(factor, shift) of a batch norm in use."""
    factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return factor, norm.bias - norm.running_mean * factor


def fold_layer(weight, norm):
    """(weight, bias) of a layer without bias and the batch norm behind it."""
    factor, shift = _norm(norm)
    return weight * factor.reshape(-1, *[1] * (weight.dim() - 1)), shift


def _parts(cascade):
    """(name, stage, connection before it or None, decoder or None, error head) of
    each stage, the recurrent one last."""
    connections = [None, *cascade.connections]
    parts = [(f's{s + 1}', stage, connections[s], cascade.decoder_of(s)) for s, stage in enumerate(cascade.stages)]
    if cascade.recurrent:
        parts.append((convert.RECURRENT, cascade.recurrent.stage, cascade.recurrent.connection,
                      cascade.recurrent.decoder))
    return [(*part, head) for part, head in zip(parts, cascade.heads)]


def _conv_layers(stage, decoder):
    return stage.conv_layers() + (decoder.conv_layers() if decoder else [])


def _layers(stage, connection, decoder, head):
    layers = {name: fold_layer(conv.weight, norm) for name, conv, norm in _conv_layers(stage, decoder)}
    layers['fc1'] = fold_layer(stage.fc1.weight, stage.norm)
    layers['fc2'] = stage.fc2.weight, stage.fc2.bias
    if head:
        layers['error1'], layers['error2'] = ((layer.weight, layer.bias) for layer in (head[0], head[2]))
    if connection:
        layers['feature'] = connection.feature.weight, connection.feature.bias
    if decoder:
        layers['heatmaps'] = decoder.heatmaps.weight, decoder.heatmaps.bias
    return layers


@torch.no_grad()
def fold(cascade, with_heads):
    """The arrays of models/convert.py, in float32."""
    arrays = {'mean_shape': cascade.mean_shape, 'upright_shape': cascade.upright_shape,
              'img_mean': cascade.image_mean, 'img_std': cascade.image_std}
    for part, stage, connection, decoder, head in _parts(cascade):
        for name, (weight, bias) in _layers(stage, connection, decoder, head if with_heads else None).items():
            arrays[f'{part}.{name}.w'], arrays[f'{part}.{name}.b'] = weight, bias
        if connection:
            arrays[f'{part}.input.scale'], arrays[f'{part}.input.shift'] = _norm(connection.norm)
        if decoder:
            arrays[f'{part}.share'] = decoder.share
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
    except (KeyError, struct.error) as error:
        raise ValueError(f'{path}: no model file, or a damaged one') from error
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from error


def decoders(arrays):
    """The stages that have one, counted from 0, and RECURRENT."""
    parts = [name[:-len('.share')] for name in arrays if name.endswith('.share')]
    return [RECURRENT if part == convert.RECURRENT else int(part[1:]) - 1 for part in parts]


def has_recurrent(arrays):
    return f'{convert.RECURRENT}.conv1a.w' in arrays


def _can_step(cascade, arrays):
    """Whether the model has all of the recurrent stage that @cascade has."""
    return has_recurrent(arrays) and (RECURRENT in decoders(arrays) or not cascade.recurrent.decoder)


def unfold_at(norm, factor, shift):
    """A hook that makes @norm compute factor x + shift of the first x that it
    meets, while it leaves it normalising x."""
    def hook(norm, inputs):
        dims = [d for d in range(inputs[0].dim()) if d != 1]
        norm.running_mean.copy_(inputs[0].mean(dims))
        norm.running_var.copy_(inputs[0].var(dims, unbiased=False))
        norm.weight.copy_(factor * torch.sqrt(norm.running_var + norm.eps))
        norm.bias.copy_(shift + factor * norm.running_mean)
    return norm.register_forward_pre_hook(hook)


def _load_linear(layer, tensors, name):
    layer.weight.copy_(tensors[name + '.w'])
    layer.bias.copy_(tensors[name + '.b'])


def _load_part(tensors, part, stage, connection, decoder, head):
    """Copies the weights of a stage; (norm, factor, shift) of its norms."""
    norms, known = [], decoder if f'{part}.share' in tensors else None
    for name, layer, norm in [*_conv_layers(stage, known), ('fc1', stage.fc1, stage.norm)]:
        layer.weight.copy_(tensors[f'{part}.{name}.w'])
        norms.append((norm, 1., tensors[f'{part}.{name}.b']))
    _load_linear(stage.fc2, tensors, f'{part}.fc2')
    if connection:
        _load_linear(connection.feature, tensors, f'{part}.feature')
        norms.append((connection.norm, tensors[f'{part}.input.scale'], tensors[f'{part}.input.shift']))
    if f'{part}.error1.w' in tensors:
        _load_linear(head[0], tensors, f'{part}.error1')
        _load_linear(head[2], tensors, f'{part}.error2')
    if known:
        _load_linear(known.heatmaps, tensors, f'{part}.heatmaps')
        known.share.copy_(tensors[f'{part}.share'])
    return norms


def _step_again(cascade, view, shape, hidden):
    """A recurrent step from @view, in which @shape was found, into a next frame,
    with a start like those of training: the statistics of fc1 depend on it."""
    motion = frames.Motion(cascade.upright_shape)
    view, start = motion.follow(dataclasses.replace(view, points=shape), shape)
    cascade.step(view.images(), start, hidden)


@torch.no_grad()
def load(cascade, arrays, view):
    """Fills @cascade (of the same sizes, on the CPU) with a model's arrays. Its
    batch norms take their statistics from @view, of some faces like those of
    training; the network computes what the model does. A recurrent
    stage that the model has not got, or not with its decoder, starts as its last
    one, a decoder of another stage as a new one."""
    tensors = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
    cascade.eval()
    cascade.mean_shape.copy_(tensors['mean_shape'])
    cascade.upright_shape.copy_(tensors.get('upright_shape', tensors['mean_shape']))
    cascade.image_mean.copy_(tensors['img_mean'])
    cascade.image_std.copy_(tensors['img_std'])
    norms = [norm for part in _parts(cascade) if f'{part[0]}.fc1.w' in tensors for norm in _load_part(tensors, *part)]
    hooks = [unfold_at(*norm) for norm in norms]
    result = cascade(view)[-1]
    if cascade.recurrent and has_recurrent(arrays):
        _step_again(cascade, view, *result)
    for hook in hooks:
        hook.remove()
    if cascade.recurrent and not _can_step(cascade, arrays):
        cascade.begin_recurrent()
