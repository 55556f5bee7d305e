#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Write a .dan model file from a trained network's numpy arrays.

INPUT.npz holds mean_shape (n, 2), img_mean, img_std, and for each stage N,
with batch norms folded: sN.conv1a.w and .b ... sN.conv4b, sN.fc1, sN.fc2,
and from the second stage on sN.input.scale, sN.input.shift and sN.feature.
Faces are turned upright onto upright_shape (n, 2), if it is there, and these stages
look at the frame again. Error heads, sN.error1 and sN.error2, are there for all stages or for none.
A recurrent stage, recurrent.conv1a and so on as from the second stage on, needs
two others and error heads. Stages from the second on may have a decoder, sN.up1 to
sN.up4, sN.heatmaps and sN.share (n,), if there is an upright shape.
docs/model-format.md describes the arrays and the output.
"""

import argparse
import dataclasses
import re
import struct
import sys

import numpy as np

MAGIC, ENDIANNESS = b'DANMODEL', 0x01020304
VERSION, VERSION_ERRORS, VERSION_DETECTOR = 1, 2, 3  # without and with error heads; of a face detector
VERSION_RECURRENT = 4  # with error heads and a recurrent stage
VERSION_UPRIGHT = 4  # added to the others: with an upright shape
VERSION_DECODERS = 8  # added to those: with decoders
ALIGNMENT = 64
HEADER = struct.Struct('<8sIIQQ4I2f32s32s64s192s8x')
ENTRY = struct.Struct('<32sII4IQQ')
CHECKED_FROM = 32
CONVS = ['conv1a', 'conv1b', 'conv2a', 'conv2b', 'conv3a', 'conv3b', 'conv4a', 'conv4b']
JOINED = dict(up1='conv3b', up2='conv2b', up3=None, up4='conv1b')  # whose pooled planes come to a decoder's
RECURRENT = 'recurrent'
DTYPES = {np.dtype('<f4'): 1, np.dtype('<f2'): 2}


class ConversionError(Exception):
    """The input cannot become a model; the message says why."""


def checksum(data):
    """64-bit FNV-1a over 8-byte words, then over the last bytes singly."""
    whole = len(data) // 8 * 8
    value = 0xcbf29ce484222325
    for word in np.frombuffer(data[:whole], '<u8').tolist() + list(data[whole:]):
        value = ((value ^ word) * 0x100000001b3) & 0xffffffffffffffff
    return value


def aligned(offset):
    return (offset + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT


def text(value, size, what):
    encoded = value.encode()
    if not re.fullmatch(rb'[ -~]+', encoded):
        raise ConversionError(f'the {what} must be printable ASCII and not empty')
    if len(encoded) >= size:
        raise ConversionError(f'the {what} is too long: {len(encoded)} of {size - 1} characters')
    return encoded


class Source:
    """The input's arrays, each checked as it is taken."""

    def __init__(self, arrays):
        self.arrays = dict(arrays)

    def take(self, name, shape, dtype='<f4'):
        """The array of @shape, in which None stands for any size."""
        if name not in self.arrays:
            raise ConversionError(f'array {name} is missing')
        array = self.arrays.pop(name)
        if array.ndim != len(shape) or any(w not in (None, s) for s, w in zip(array.shape, shape)):
            raise ConversionError(f'array {name} has the shape {array.shape}, should be {shape}')
        if array.dtype.kind != 'f':
            raise ConversionError(f'array {name} is {array.dtype}, should be floats')
        with np.errstate(over='ignore'):
            array = np.ascontiguousarray(array, dtype)
        if not np.isfinite(array).all():
            raise ConversionError(f'array {name} has values that are not finite as {array.dtype}')
        return array

    def scalar(self, name):
        if name in self.arrays and self.arrays[name].shape == ():
            self.arrays[name] = self.arrays[name].reshape(1)
        return float(self.take(name, (1,))[0])

    def layer(self, name, shape):
        """Weights and bias by their names in the file."""
        weights = self.take(f'{name}.w', shape, '<f2')
        return {f'{name}.w': weights, f'{name}.b': self.take(f'{name}.b', weights.shape[:1])}

    def decoder(self, part, n_points, widths):
        """The arrays of a stage's decoder, if it has one. @widths: of its convolutions by their names."""
        if f'{part}.up1.w' not in self.arrays:
            return {}
        arrays, width = {}, widths['conv4b']
        for up, joined in JOINED.items():
            arrays.update(self.layer(f'{part}.{up}', (None, width + widths.get(joined, 0), 3, 3)))
            width = arrays[f'{part}.{up}.w'].shape[0]
        arrays.update(self.layer(f'{part}.heatmaps', (n_points, width, 3, 3)))
        share = arrays[f'{part}.share'] = self.take(f'{part}.share', (n_points,))
        if share.min() < 0 or share.max() > 1:
            raise ConversionError(f'array {part}.share has values from {share.min()} to {share.max()}, should be 0 to 1')
        return arrays

    def stage(self, part, mean_shape, image_size, error_head, before, hidden=None):
        """All arrays of a stage, and the width of its fc1, which may be anything if @hidden is None. @before: the width
        of the fc1 before it; None: it is the first."""
        arrays, width = {}, 1 if before is None else 3
        for conv in CONVS:
            layer = self.layer(f'{part}.{conv}', (None, width, 3, 3))
            width = layer[f'{part}.{conv}.w'].shape[0]
            arrays.update(layer)
        arrays.update(self.layer(f'{part}.fc1', (hidden, width * (image_size // 16) ** 2)))
        hidden = arrays[f'{part}.fc1.w'].shape[0]
        arrays.update(self.layer(f'{part}.fc2', (mean_shape.size, hidden)))
        if error_head:
            arrays.update(self.layer(f'{part}.error1', (None, hidden)))
            arrays.update(self.layer(f'{part}.error2', (1, arrays[f'{part}.error1.w'].shape[0])))
        if before is not None:
            for name in f'{part}.input.scale', f'{part}.input.shift':
                arrays[name] = self.take(name, (3,))
            arrays.update(self.layer(f'{part}.feature', ((image_size // 2) ** 2, before)))
            widths = {conv: arrays[f'{part}.{conv}.w'].shape[0] for conv in CONVS}
            arrays.update(self.decoder(part, len(mean_shape), widths))
        return arrays, hidden


def version_of(arrays):
    """Of a landmark model with @arrays by name."""
    added = VERSION_UPRIGHT if 'upright_shape' in arrays else 0
    if any(name.endswith('.up1.w') for name in arrays):
        if not added:
            raise ConversionError('stages with decoders need an upright shape')
        added += VERSION_DECODERS
    if f'{RECURRENT}.conv1a.w' in arrays:
        return VERSION_RECURRENT + added
    return (VERSION_ERRORS if 's1.error1.w' in arrays else VERSION) + added


def collect(source, image_size, error_heads):
    """All arrays in the file's order, and the number of stages without the recurrent one."""
    mean_shape = source.take('mean_shape', (None, 2))
    arrays, hidden, n_stages = {'mean_shape': mean_shape}, None, 0
    if 'upright_shape' in source.arrays:
        arrays['upright_shape'] = source.take('upright_shape', mean_shape.shape)
    while n_stages == 0 or f's{n_stages + 1}.conv1a.w' in source.arrays:
        n_stages += 1
        stage, hidden = source.stage(f's{n_stages}', mean_shape, image_size, error_heads, hidden)
        arrays.update(stage)
    if f'{RECURRENT}.conv1a.w' in source.arrays:
        if n_stages < 2 or not error_heads:
            raise ConversionError('a recurrent stage needs two others or more, and error heads')
        arrays.update(source.stage(RECURRENT, mean_shape, image_size, True, hidden, hidden)[0])
    return arrays, n_stages


@dataclasses.dataclass
class Description:
    """What the header says beside the arrays."""
    version: int
    n_points: int
    n_stages: int
    image_size: int
    image_mean: float
    image_std: float
    scheme: str
    name: str
    licence: str


def model_file(arrays, description):
    """The whole file as bytes: float16 and float32 @arrays by name, in their order."""
    body, table = bytearray(HEADER.size + ENTRY.size * len(arrays)), b''
    for name, array in arrays.items():
        body += bytes(aligned(len(body)) - len(body))
        dims = array.shape + (0,) * (4 - array.ndim)
        table += ENTRY.pack(name.encode(), DTYPES[array.dtype], array.ndim, *dims, len(body), array.nbytes)
        body += array.tobytes()
    body[HEADER.size:HEADER.size + len(table)] = table

    def header(check):
        d = description
        return HEADER.pack(MAGIC, d.version, ENDIANNESS, len(body), check, d.n_points, d.n_stages, d.image_size,
                           len(arrays), d.image_mean, d.image_std, text(d.scheme, 32, 'scheme'), b'landmarks',
                           text(d.name, 64, 'name'), text(d.licence, 192, 'licence'))

    body[:HEADER.size] = header(0)
    body[:HEADER.size] = header(checksum(bytes(body[CHECKED_FROM:])))
    return bytes(body)


def convert(source, options):
    """The file of a landmark model as bytes."""
    image_mean, image_std = source.scalar('img_mean'), source.scalar('img_std')
    error_heads = 's1.error1.w' in source.arrays
    arrays, n_stages = collect(source, options.image_size, error_heads)
    if source.arrays:
        raise ConversionError(f'arrays of no layer: {", ".join(sorted(source.arrays))}')
    return model_file(arrays, Description(version_of(arrays), len(arrays['mean_shape']), n_stages, options.image_size,
                                          image_mean, image_std, options.scheme, options.name, options.licence))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('input', metavar='INPUT.npz')
    parser.add_argument('output', metavar='OUTPUT.dan')
    parser.add_argument('--name', required=True, help='the model\'s own name')
    parser.add_argument('--licence', required=True, help='the licence terms of the weights, one line')
    parser.add_argument('--scheme', default='ibug-68', help='order and meaning of the landmarks (%(default)s)')
    parser.add_argument('--image-size', type=int, default=112, metavar='PIXELS',
                        help='side of the canonical image (%(default)s)')
    options = parser.parse_args()
    try:
        with np.load(options.input) as arrays:
            data = convert(Source(arrays), options)
        with open(options.output, 'wb') as file:
            file.write(data)
    except (ConversionError, OSError, ValueError) as error:
        sys.exit(f'{parser.prog}: {options.input}: {error}')


if __name__ == '__main__':
    main()
