#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints how long dan_detect() takes for frames of several sizes on one thread, best and median, in Markdown. Frames and precisions
take turns; other processes should leave the CPUs alone."""

import argparse
import os
import pathlib
import statistics
import sys
import time

import numpy as np

import danbench
from quiet import Patience, add_patience

ROOT = pathlib.Path(__file__).resolve().parent.parent
os.environ.setdefault('DAN_LIBRARY', str(ROOT / 'build' / 'dan' / 'libdan.so'))
sys.path.insert(0, str(ROOT / 'tests' / 'training'))
import library  # noqa: E402

THRESHOLD, GRAIN = .57, 8
CALLS = 10  # in a turn
PRECISIONS = {'auto': library.PRECISION_AUTO, 'fp32': library.PRECISION_FP32}
# (width, height, min_size) and what that means.
SEARCHES = {
    (320, 240, 32): 'as it is (`min-size=32`)',
    (320, 240, 0): 'the default, enlarged twice',
    (640, 480, 32): 'as it is (`min-size=32`)',
    (640, 480, 0): 'the default, 768 x 576',
    (640, 480, 24): '`min-size=24`, 853 x 640',
    (640, 480, 16): '`min-size=16`, enlarged twice',
    (1280, 720, 0): 'the default, 768 x 432',
    (1280, 720, 32): 'as it is (`min-size=32`)',
    (1920, 1080, 0): 'the default, 768 x 432',
}


def noise(width, height):
    """A grey frame with something in it at all scales."""
    random = np.random.default_rng(1)
    coarse = random.integers(0, 192, (-(-height // GRAIN), -(-width // GRAIN)))
    fine = random.integers(0, 64, (height, width))
    return (coarse.repeat(GRAIN, 0).repeat(GRAIN, 1)[:height, :width] + fine).astype(np.uint8)


def call(detector, frame):
    """Milliseconds that it takes."""
    start = time.perf_counter()
    detector(frame)
    return 1e3 * (time.perf_counter() - start)


def measure(model, rounds, patience):
    """Milliseconds of all calls, by frame, min_size and precision."""
    frames = {search: noise(*search[:2]) for search in SEARCHES}
    detectors = {(search, name): library.Detector(model, THRESHOLD, search[2], precision)
                 for search in SEARCHES for name, precision in PRECISIONS.items()}
    taken = {case: [] for case in detectors}
    for _ in range(rounds):
        patience.wait_for_idle()
        for (search, name), detector in detectors.items():
            detector(frames[search])  # what the others left in the caches is not of interest
            taken[search, name] += [call(detector, frames[search]) for _ in range(CALLS)]
    return taken


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', default=ROOT / 'models' / 'danface.dan', metavar='MODEL.dan')
    parser.add_argument('--rounds', type=int, default=15, help='default 15')
    add_patience(parser)
    return parser.parse_args()


def main():
    options = parse_options()
    peak = danbench.bench('--width', .125, '--repeat', 5)['fma_peak_gflops']
    try:
        taken = measure(str(options.model), options.rounds, Patience(options.patience))
    except (OSError, RuntimeError) as error:
        sys.exit(f'bench: {error}')
    print('| frame | searched | ' + ' | '.join(f'{name}: best | median' for name in PRECISIONS) + ' |')
    print('| --- | --- |' + ' --- | --- |' * len(PRECISIONS))
    for search, how in SEARCHES.items():
        times = [taken[search, name] for name in PRECISIONS]
        print(f'| {search[0]} x {search[1]} | {how} | '
              + ' | '.join(f'{min(ms):.2f} ms | {statistics.median(ms):.2f} ms' for ms in times) + ' |')
    print(f'\n{options.rounds} rounds of {CALLS} calls; FMA peak {peak:.0f} GFLOP/s on one thread.')


if __name__ == '__main__':
    main()
