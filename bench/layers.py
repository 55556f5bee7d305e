#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints danalign's time with each kind of kernels, and layer by layer beside what bounds it, in Markdown. The kinds
take turns in one run; other processes should leave the CPUs alone."""

import argparse
import sys
from typing import NamedTuple

import danbench
from quiet import Patience, add_patience, children_seconds

IMAGE = 112
HIDDEN = 256
FULL_WIDTH = (64, 128, 256, 512)
MIXED_CHANNELS = 128  # from which on the mixed kernels take integers


class Form(NamedTuple):
    """Of products: the side of a tile's outputs, bytes of a weight, multiplications in the place of one of floats."""
    tile: int
    size: int
    speed: int


FLOATS, BF16, INT8 = Form(4, 4, 1), Form(4, 2, 2), Form(2, 1, 4)
HALVES = Form(0, 2, 1)  # of fc1: products of floats


def has_integers(kernels):
    return kernels.endswith(('vnni', 'mixed'))


def fc1_form(kernels):
    return INT8 if has_integers(kernels) else HALVES


def form_of(kernels, channels):
    """What kernels multiply in a convolution of so many input channels."""
    if kernels.endswith('mixed'):
        return INT8 if channels >= MIXED_CHANNELS else BF16
    return INT8 if has_integers(kernels) else BF16 if kernels.endswith('bf16') else FLOATS


def products_of(size, tile):
    """Products over all tiles of an image, with halves where 2 rows or columns are left, as dan/tiles.h has it."""
    whole, rest = divmod(size, tile)
    along = (tile + 2) * whole + (0 if rest == 0 else 4 if rest <= 2 else 6)
    return along * along


def convolution(layer, width):
    """Channels before and after a convolution, and the side of its image; None for other layers."""
    channels = [int(c * width) for c in FULL_WIDTH]
    if not layer.startswith('conv'):
        return None
    if layer == 'conv1':
        return channels[0], channels[0], IMAGE
    level = int(layer[4]) - 1
    return channels[level - 1] if layer[5] == 'a' else channels[level], channels[level], IMAGE >> level


def fc1_weights(width):
    return (IMAGE >> 4) ** 2 * int(FULL_WIDTH[3] * width) * HIDDEN


def multiplications(layer, stage, width, kernels):
    """What a layer takes at least: as many multiplications of floats, in millions."""
    if layer == 'fc1':
        return fc1_weights(width) / fc1_form(kernels).speed / 1e6
    shape = convolution(layer, width)
    if shape is None:
        return 0
    before, after, size = shape
    form = form_of(kernels, before)
    # conv1a is convolved directly, in floats.
    direct = size ** 2 * 9 * (1 if stage == 1 else 3) * after if layer == 'conv1' else 0
    return (direct + products_of(size, form.tile) * before * after / form.speed) / 1e6


def weights(layer, width, kernels):
    """Megabytes that a layer reads for each face."""
    if layer == 'fc1':
        return fc1_form(kernels).size * fc1_weights(width) / 1e6
    shape = convolution(layer, width)
    if shape is None:
        return None
    form = form_of(kernels, shape[0])
    return (form.tile + 2) ** 2 * form.size * shape[0] * shape[1] / 1e6


def measure(width, threads, options, patience):
    def turn():
        return danbench.bench('--width', width, '--threads', threads, '--repeat', options.rounds, '--kernels')

    result, alone = patience.measure(turn, children_seconds)
    print(f'width {width:g}, {threads} threads: {"undisturbed" if alone else "disturbed"}', file=sys.stderr, flush=True)
    return [table for table in result['compared'] if 'not_available' not in table], alone


def print_results(cases):
    print('| width | threads | kernels | ms per face | best | faces/s | of fp32 FMA peak | times as fast as `openblas` |')
    print('| --- | --- | --- | --- | --- | --- | --- | --- |')
    for (width, threads), (tables, alone) in cases.items():
        for table in tables:
            print(f'| {width:g} | {threads} | `{table["kernels"]}` | {table["ms_per_face"]:.2f} | '
                  f'{table["ms_per_face_min"]:.2f} | {table["faces_per_second"]:.0f} | '
                  f'{table["ratio_to_fma_peak"]:.0%} | {table.get("ratio_to_openblas", 0):.2f} |'
                  + ('' if alone else ' disturbed'))


def bound(layer, stage, width, table):
    """Milliseconds of the multiplications at the peak of the products' precision."""
    return 2 * multiplications(layer, stage, width, table['kernels']) / table['fma_peak_gflops'] or None


def print_layers(width, tables):
    print(f'\nWidth {width:g}, one thread: ms, and which part of it the multiplications would take at the peak of their '
          'precision.\n')
    print('| stage | layer | weights, MB | ' + ' | '.join(f'`{table["kernels"]}`' for table in tables) + ' |')
    print('| --- | --- | --- |' + ' --- |' * len(tables))
    for i, layer in enumerate(tables[0]['layers']):
        name, stage = layer['layer'], layer['stage']
        cells = []
        for table in tables:
            ms, least = table['layers'][i]['ms'], bound(name, stage, width, table)
            cells.append(f'{ms:.3f}' + ('' if least is None else f', {least / ms:.0%}'))
        megabytes = [weights(name, width, table['kernels']) for table in tables]
        print(f'| {stage} | {name} | ' + ('' if megabytes[0] is None else ' / '.join(f'{m:.1f}' for m in megabytes))
              + ' | ' + ' | '.join(cells) + ' |')
    print('| | sum | | ' + ' | '.join(f'{table["ms_layers"]:.2f}' for table in tables) + ' |')


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--rounds', type=int, default=15, help='default 15')
    add_patience(parser)
    return parser.parse_args()


def main():
    options = parse_options()
    patience = Patience(options.patience)
    cases = {(width, threads): measure(width, threads, options, patience)
             for width in (1, .5) for threads in (1, 2)}
    print_results(cases)
    for width in (1, .5):
        tables, _ = cases[width, 1]
        print_layers(width, [table for table in tables if table['kernels'] != 'openblas'])


if __name__ == '__main__':
    main()
