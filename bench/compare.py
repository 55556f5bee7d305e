#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures danalign beside other engines, which take turns, and prints a table in Markdown."""

import argparse
import contextlib
import json
import pathlib
import statistics
import sys

import numpy as np

import export
from engines import BASE, ENGINES, DanAlign, EngineError
from network import STAGE_PLANES
from quiet import Patience, add_patience
from tables import print_notes, print_table

# The largest difference from the reference, over the largest output.
TOLERANCE = {'fp32': 1e-3, 'bf16': .05, 'int8': .15}


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Subject:
    """An engine with a number of threads, and what was measured of it."""

    def __init__(self, key, threads):
        self.key, self.threads = key, threads
        self.name, make = ENGINES[key]
        self.engine = make()
        self.error = None
        self.turns = []  # results, and whether other processes left them alone

    def check(self, reference):
        """Whether both stages' outputs are what they should be: nobody is to measure a broken graph."""
        # danalign has weights of its own, and tests.
        if isinstance(self.engine, DanAlign):
            return True
        found = self.engine.outputs
        if found.shape != reference.shape or not np.isfinite(found).all():
            say(f'  {self.key}, {self.threads} thread(s): WRONG, not {len(reference)} finite numbers')
            return False
        errors = [np.abs(a - b).max() / np.abs(b).max()
                  for a, b in zip(*(np.split(outputs, len(STAGE_PLANES)) for outputs in (found, reference)))]
        self.error = float(max(errors))
        good = self.error <= TOLERANCE[self.engine.precision]
        say(f'  {self.key}, {self.threads} thread(s): '
            + ', '.join(f'stage {i + 1} {error:.1e}' for i, error in enumerate(errors)) + ('' if good else ': WRONG'))
        return good

    def take_turn(self, patience):
        self.turns.append(patience.measure(self.engine.turn, self.engine.own_seconds))

    def n_alone(self):
        return sum(alone for _, alone in self.turns)

    def results(self):
        """Of the turns that other processes left alone, or if there are none, of all."""
        return [result for result, alone in self.turns if alone or not self.n_alone()]

    def median(self, key):
        return statistics.median(result[key] for result in self.results())

    def figures(self, base):
        ms = self.median('ms_per_face')
        return {'engine': self.key, 'name': self.name, 'version': self.engine.version,
                'precision': self.engine.precision, 'error': self.error, 'turns_alone': self.n_alone(),
                'ms_per_face': ms, 'ms_per_face_min': min(result['ms_per_face_min'] for result in self.results()),
                'ratio_to_fma_peak': 2e-6 * base.median('macs') / ms / base.median('fma_peak_gflops'),
                'time_by_danalign': ms / base.median('ms_per_face')}


def start(options, folder, stack):
    subjects = [Subject(key, threads) for threads in options.threads for key in options.engines]
    for subject in subjects:
        subject.engine.start(folder, options.build, options.width, subject.threads)
        stack.callback(subject.engine.stop)
    return subjects


def check(subjects, reference):
    say('Largest differences from the outputs computed with NumPy, over the largest output:')
    if not all([subject.check(reference) for subject in subjects]):
        raise EngineError('not all engines compute the same; nothing was measured')


def measure(subjects, rounds, patience):
    """Every other round goes backwards, so that no engine always follows the same other one."""
    for i in range(rounds):
        say(f'round {i + 1} of {rounds}')
        for subject in subjects[::-1 if i % 2 else 1]:
            subject.take_turn(patience)


def network_ms(result):
    """danalign's time in those layers that the other engines have too."""
    return sum(layer['ms'] for layer in result['layers'] if layer['layer'].startswith(('conv', 'fc')))


def group(subjects, threads):
    same = [subject for subject in subjects if subject.threads == threads]
    base = next(subject for subject in same if subject.key == BASE)
    return {'threads': threads, 'macs': base.median('macs'), 'fma_peak_gflops': base.median('fma_peak_gflops'),
            'kernels': base.results()[0]['kernels'],
            'network_ms': statistics.median(map(network_ms, base.results())),
            'engines': [subject.figures(base) for subject in same]}


def compare(options):
    patience = Patience(options.patience)
    folder = options.build / f'width-{options.width:g}'
    reference = export.save(folder, options.width)
    with contextlib.ExitStack() as stack:
        subjects = start(options, folder, stack)
        check(subjects, reference)
        measure(subjects, options.rounds, patience)
    return {'width': options.width, 'rounds': options.rounds,
            'groups': [group(subjects, n) for n in options.threads]}


def counts(text):
    numbers = [int(word) for word in text.split(',')]
    if min(numbers) < 1:
        raise argparse.ArgumentTypeError('numbers of 1 or more expected')
    return numbers


def engine_keys(text):
    keys = text.split(',')
    unknown = set(keys) - set(ENGINES)
    if unknown:
        raise argparse.ArgumentTypeError(f'no such engines: {", ".join(sorted(unknown))}')
    return [BASE] + [key for key in keys if key != BASE]


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', type=pathlib.Path, required=True, help='the folder with the engines')
    parser.add_argument('--width', type=float, default=1)
    parser.add_argument('--threads', type=counts, default=[1, 2], metavar='N[,N...]')
    parser.add_argument('--rounds', type=int, default=7, metavar='N')
    parser.add_argument('--engines', type=engine_keys, default=list(ENGINES), metavar='LIST')
    add_patience(parser)
    parser.add_argument('--json', type=pathlib.Path, metavar='FILE')
    options = parser.parse_args()
    if options.rounds < 1 or not 0 < options.width <= 8:
        parser.error('--rounds must be 1 or more, --width above 0 and at most 8')
    return options


def main():
    options = parse_options()
    try:
        result = compare(options)
    except EngineError as error:
        sys.exit(f'compare: {error}')
    print_table(result['groups'])
    print_notes(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
