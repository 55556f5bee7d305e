#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The network in plain numpy and float64: what the C code has to compute.

reference.py check WEIGHTS.npz REFERENCE.npz
    compares this file with outputs of the training framework
reference.py export-shared REFERENCE.npz OUT.bin
    writes those outputs in the layout of golden vectors (see write_golden);
    they hold photographs of people, so OUT.bin is not to be committed

Nothing here is shared with the C code, so that both cannot be wrong in the
same way.
"""

import argparse
import struct
import sys

import numpy as np

CONVS = ['conv1a', 'conv1b', 'conv2a', 'conv2b', 'conv3a', 'conv3b', 'conv4a', 'conv4b']
HEATMAP_RADIUS = 16
MAX_HEAT = 60
TOLERANCE = 1e-3  # pixels


def convolve(x, weights, bias):
    """Cross-correlation of planes (c, h, w) with zero padding 1."""
    height, width = x.shape[1:]
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    taps = [padded[:, dy:dy + height, dx:dx + width] for dy in range(3) for dx in range(3)]
    columns = np.stack(taps, 1).reshape(-1, height * width)
    return (weights.reshape(len(weights), -1) @ columns).reshape(-1, height, width) + bias[:, None, None]


def max_pool(x):
    channels, height, width = x.shape
    return x.reshape(channels, height // 2, 2, width // 2, 2).max((2, 4))


def rectified(arrays, layer, x):
    return np.maximum(convolve(x, arrays[f'{layer}.w'], arrays[f'{layer}.b']), 0)


def decode(arrays, part, pooled):
    """Where the decoder of @part finds the landmarks, in pixels of the image. @pooled: what each pair of convolutions
    makes, pooled."""
    def beside(x, pair):
        return np.concatenate([x.repeat(2, 1).repeat(2, 2), pooled[pair]])

    x = rectified(arrays, f'{part}.up1', beside(pooled[3], 2))
    x = rectified(arrays, f'{part}.up2', beside(x, 1))
    x = rectified(arrays, f'{part}.up3', x)
    x = rectified(arrays, f'{part}.up4', beside(x, 0))
    shares = np.exp(np.minimum(rectified(arrays, f'{part}.heatmaps', x), MAX_HEAT))
    shares /= shares.sum((1, 2), keepdims=True)
    return np.einsum('nyx,yxp->np', shares, 2 * grid(shares.shape[1]) + .5)


def run_stage(arrays, part, planes):
    """The update (n, 2), the activations of fc1, and what each pair of convolutions makes, pooled."""
    x, pooled = planes, []
    for i, conv in enumerate(CONVS):
        x = rectified(arrays, f'{part}.{conv}', x)
        if i % 2:
            x = max_pool(x)
            pooled.append(x)
    hidden = np.maximum(arrays[f'{part}.fc1.w'] @ x.ravel() + arrays[f'{part}.fc1.b'], 0)
    update = arrays[f'{part}.fc2.w'] @ hidden + arrays[f'{part}.fc2.b']
    return update.reshape(-1, 2), hidden, pooled


def log_error(arrays, part, hidden, name):
    """What the error head of @part makes of the activations of fc1, by its @name
    in golden files; nothing if the network has none."""
    if f'{part}.error1.w' not in arrays:
        return {}
    x = np.maximum(arrays[f'{part}.error1.w'] @ hidden + arrays[f'{part}.error1.b'], 0)
    return {f'{name}.log_error': arrays[f'{part}.error2.w'] @ x + arrays[f'{part}.error2.b']}


def estimate_similarity(source, target):
    """A (2, 2) and t of the best p A + t, for row vectors p."""
    source_mean, target_mean = source.mean(0), target.mean(0)
    s, d = source - source_mean, target - target_mean
    norm = (s ** 2).sum()
    a = (s * d).sum() / norm
    b = (s[:, 0] * d[:, 1] - s[:, 1] * d[:, 0]).sum() / norm
    matrix = np.array([[a, b], [-b, a]])
    return matrix, target_mean - source_mean @ matrix


def grid(size):
    y, x = np.mgrid[:size, :size]
    return np.stack([x, y], -1).astype(float)


def warp(image, matrix, offset):
    """Bilinear, the border continued; output pixel q shows (q - t) A^-1."""
    last = len(image) - 1
    at = np.clip((grid(len(image)) - offset) @ np.linalg.inv(matrix), 0, last)
    low = np.minimum(np.floor(at).astype(int), last - 1)
    (x, y), (fx, fy) = np.moveaxis(low, -1, 0), np.moveaxis(at - low, -1, 0)
    top = image[y, x] * (1 - fx) + image[y, x + 1] * fx
    bottom = image[y + 1, x] * (1 - fx) + image[y + 1, x + 1] * fx
    return top * (1 - fy) + bottom * fy


def look(picture, matrix, offset):
    """The same of a picture that is black outside."""
    return warp(np.pad(picture, 1), matrix, offset + 1 - matrix.sum(0))[1:-1, 1:-1]


def heatmap(points, size):
    distance = np.sqrt(((grid(size)[:, :, None] - points) ** 2).sum(-1)).min(-1)
    return np.where(distance <= HEATMAP_RADIUS, 1 / (1 + distance), 0)


def feature_image(arrays, part, hidden, size):
    """What @part makes of the activations of fc1 before it."""
    feature = np.maximum(arrays[f'{part}.feature.w'] @ hidden + arrays[f'{part}.feature.b'], 0)
    return feature.reshape(size // 2, size // 2).repeat(2, 0).repeat(2, 1)


def run_later_stage(arrays, part, planes, start):
    """The landmarks in @planes, which are to be scaled and shifted first, and the activations of fc1."""
    scale, shift = (arrays[f'{part}.input.{name}'][:, None, None] for name in ('scale', 'shift'))
    update, hidden, pooled = run_stage(arrays, part, planes * scale + shift)
    shape = start + update
    if f'{part}.up1.w' in arrays:
        shape += arrays[f'{part}.share'][:, None] * (decode(arrays, part, pooled) - shape)
    return shape, hidden


def turn(arrays, picture, matrix, offset):
    """The upright image, normalised."""
    if 'upright_shape' in arrays:
        return normalise(arrays, look(picture.astype(float), matrix, offset))
    return warp(normalise(arrays, picture), matrix, offset)


def connect(arrays, part, picture, shape, hidden):
    """The three planes of a stage, before scale and shift, the landmarks in
    them and the similarity that led there."""
    matrix, offset = estimate_similarity(shape, arrays.get('upright_shape', arrays['mean_shape']))
    start, size = shape @ matrix + offset, len(picture)
    planes = [turn(arrays, picture, matrix, offset), heatmap(start, size), feature_image(arrays, part, hidden, size)]
    return np.stack(planes), start, matrix, offset


def normalise(arrays, picture):
    return (picture / 255 - float(arrays['img_mean'][0])) / float(arrays['img_std'][0])


def step(arrays, picture, start, hidden):
    """The recurrent stage on the next frame's 8-bit canonical image, in which the landmarks are expected at @start,
    with its activations of the frame before: landmarks and activations."""
    image = normalise(arrays, picture)
    planes = np.stack([image, heatmap(start, len(image)), feature_image(arrays, 'recurrent', hidden, len(image))])
    return run_later_stage(arrays, 'recurrent', planes, start)


def run(arrays, picture):
    """All stages on an 8-bit canonical image: a dict named as in golden files."""
    update, hidden, _ = run_stage(arrays, 's1', normalise(arrays, picture)[None])
    shape = arrays['mean_shape'] + update
    result = {'image': picture, 's1.shape': shape, 's1.fc1': hidden, **log_error(arrays, 's1', hidden, 's1')}
    for part in [f's{stage}' for stage in range(2, 9) if f's{stage}.conv1a.w' in arrays]:
        planes, start, matrix, offset = connect(arrays, part, picture, shape, hidden)
        shape, hidden = run_later_stage(arrays, part, planes, start)
        shape = (shape - offset) @ np.linalg.inv(matrix)
        result.update({f'{part}.similarity': np.append(matrix, offset), f'{part}.start': start,
                       f'{part}.shape': shape, f'{part}.fc1': hidden, **log_error(arrays, part, hidden, part)})
    return result


def last_part(result):
    """The name of the last stage in what run() gave."""
    return max(name.split('.')[0] for name in result if name.endswith('.similarity'))


def run_steps(arrays, result):
    """Two steps after run(): what else a golden file has if there is a recurrent stage. The face looks the same in both,
    but is elsewhere."""
    if 'recurrent.conv1a.w' not in arrays:
        return {}
    last, steps = last_part(result), {}
    shape, hidden = result[f'{last}.shape'], result[f'{last}.fc1']
    for name, move in (('r1', (1.5, -1)), ('r2', (-.5, .75))):
        start = shape + move
        shape, hidden = step(arrays, result['image'], start, hidden)
        steps.update({f'{name}.start': start, f'{name}.shape': shape, f'{name}.fc1': hidden,
                      **log_error(arrays, 'recurrent', hidden, name)})
    return steps


def load_arrays(path):
    with np.load(path) as arrays:
        return {name: arrays[name].astype(np.float64) for name in arrays.files}


def write_golden(path, results):
    """Writes outputs of a network of two or more stages, all little endian, all
    floats 32 bits:

    char[8] "DANGOLD1", "DANGOLD2" or "DANGOLD3"; uint32 cases, points, image size, hidden (fc1's width);
    then for each case
      uint8 image[size][size]   the canonical image, grey
      float s1_shape[points][2]
      float s1_fc1[hidden]
      float similarity[6]       of the last stage: a b -b a tx ty: p' = (a x - b y + tx, b x + a y + ty)
      float start[points][2]    the landmarks before the last stage in its image
      float shape[points][2]    the result, in the canonical image
      float fc1[hidden]         the last stage's
      float log_errors[2]       not in DANGOLD1: what the error heads say after the first and the last stage
      and, only in DANGOLD3, for each of two recurrent steps on the same image
        float start[points][2]  where the landmarks are expected
        float shape[points][2]
        float fc1[hidden]
        float log_error
    """
    first, last = results[0], last_part(results[0])
    names = ['s1.shape', 's1.fc1', *(f'{last}.{name}' for name in ('similarity', 'start', 'shape', 'fc1'))]
    names += [name for name in ('s1.log_error', f'{last}.log_error') if name in first]
    version = 2 if f'{last}.log_error' in first else 1
    if 'r1.start' in first:
        names += [f'{step}.{name}' for step in ('r1', 'r2') for name in ('start', 'shape', 'fc1', 'log_error')]
        version = 3
    with open(path, 'wb') as file:
        file.write(struct.pack('<8s4I', b'DANGOLD%d' % version, len(results), len(first['s1.shape']),
                               len(first['image']), first['s1.fc1'].size))
        for result in results:
            file.write(np.ascontiguousarray(result['image'], np.uint8).tobytes())
            for name in names:
                file.write(np.ascontiguousarray(result[name], '<f4').tobytes())


def check(weights, reference):
    arrays = load_arrays(weights)
    worst = {}
    with np.load(reference) as expected:
        expected = dict(expected)
    for i, picture in enumerate(expected['image']):
        for name, value in run(arrays, picture).items():
            if name in expected:
                worst[name] = max(worst.get(name, 0), np.abs(value - expected[name][i]).max())
    for name, error in worst.items():
        print(f'{name:14} largest difference {error:.2e}')
    if max(worst['s1.shape'], worst['s2.shape']) >= TOLERANCE:
        sys.exit(f'shapes differ by more than {TOLERANCE} pixels')


def export_shared(reference, out):
    with np.load(reference) as arrays:
        arrays = dict(arrays)
    write_golden(out, [{name: value[i] for name, value in arrays.items()} for i in range(len(arrays['image']))])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    command = commands.add_parser('check', help='compare with the training framework\'s outputs')
    command.add_argument('weights', metavar='WEIGHTS.npz')
    command.add_argument('reference', metavar='REFERENCE.npz')
    command.set_defaults(run=lambda options: check(options.weights, options.reference))
    command = commands.add_parser('export-shared', help='write those outputs as golden vectors')
    command.add_argument('reference', metavar='REFERENCE.npz')
    command.add_argument('out', metavar='OUT.bin')
    command.set_defaults(run=lambda options: export_shared(options.reference, options.out))
    options = parser.parse_args()
    options.run(options)


if __name__ == '__main__':
    main()
