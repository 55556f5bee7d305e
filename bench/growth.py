#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints how danalign's time grows with the faces of a call, the threads and the network's width, in Markdown.
It takes turns among all of them, and waits for other processes to leave the CPUs alone."""

import argparse
import itertools
import statistics
import sys

import danbench
from quiet import Patience, add_patience, children_seconds


def numbers(kind):
    return lambda text: [kind(word) for word in text.split(',')]


def measure(case, patience):
    """Milliseconds per face, and whether other processes left it alone."""
    width, threads, faces = case
    options = ['--width', width, '--threads', threads, '--faces', faces, '--repeat', 1]
    result, alone = patience.measure(lambda: danbench.bench(*options), children_seconds)
    return result['ms_per_face'], alone


def median(turns):
    return statistics.median(ms for ms, _ in turns)


def print_table(threads, options, turns):
    print(f'\n{threads} thread' + ('' if threads == 1 else 's') + ', ms per face:\n')
    print('| width | ' + ' | '.join(f'{faces} face' + ('' if faces == 1 else 's') for faces in options.faces) + ' |')
    print('| --- |' + ' --- |' * len(options.faces))
    for width in options.widths:
        print(f'| {width:g} | '
              + ' | '.join(f'{median(turns[width, threads, faces]):.2f}' for faces in options.faces) + ' |')


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--widths', type=numbers(float), default=[.25, .5, .75, 1], help='default .25,.5,.75,1')
    parser.add_argument('--threads', type=numbers(int), default=[1, 2], help='default 1,2')
    parser.add_argument('--faces', type=numbers(int), default=[1, 2, 4, 8, 16], help='default 1,2,4,8,16')
    parser.add_argument('--rounds', type=int, default=5, help='default 5')
    add_patience(parser)
    return parser.parse_args()


def main():
    options = parse_options()
    patience = Patience(options.patience)
    turns = {case: [] for case in itertools.product(options.widths, options.threads, options.faces)}
    for i in range(options.rounds):
        print(f'round {i + 1} of {options.rounds}', file=sys.stderr, flush=True)
        for case, found in turns.items():
            found.append(measure(case, patience))
    for threads in options.threads:
        print_table(threads, options, turns)
    every = [alone for found in turns.values() for _, alone in found]
    print(f'\nOther processes disturbed {every.count(False)} of {len(every)} turns.')


if __name__ == '__main__':
    main()
