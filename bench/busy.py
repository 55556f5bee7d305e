#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints how much longer danalign takes when each CPU also runs a busy loop, in Markdown. With fair scheduling that is
twice as long; what is above it, its threads lose by waiting for each other. Takes turns with and without the loops,
and waits for other processes to leave the CPUs alone."""

import argparse
import contextlib
import itertools
import multiprocessing
import os
import signal
import statistics
import sys

import danbench
from growth import numbers
from quiet import Patience, add_patience, children_seconds

CPUS = sorted(os.sched_getaffinity(0))


def spin(cpu, parent):
    """Ends with the parent, even if that is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.sched_setaffinity(0, {cpu})
    while os.getppid() == parent:
        for _ in range(100000):
            pass


@contextlib.contextmanager
def busy_loops():
    """One on each CPU, at the priority of this process."""
    loops = [multiprocessing.Process(target=spin, args=(cpu, os.getpid()), daemon=True) for cpu in CPUS]
    try:
        for loop in loops:
            loop.start()
        yield
    finally:
        for loop in loops:
            if loop.pid:
                loop.kill()
                loop.join()


def measure(case, options, patience):
    """Milliseconds per face, the median of the rounds, and whether other processes left it alone."""
    (width, threads), busy = case

    def turn():
        with busy_loops() if busy else contextlib.nullcontext():
            return danbench.bench('--width', width, '--threads', threads, '--faces', options.faces,
                                  '--repeat', options.rounds)

    result, alone = patience.measure(turn, children_seconds)
    return result['ms_per_face'], alone


def print_table(turns, cases):
    print('\n| width | threads | quiet: ms per face | slowest turn | busy: ms per face | slowest turn | busy / quiet |')
    print('| --- |' + ' --- |' * 6)
    for width, threads in cases:
        quiet, busy = ([ms for ms, _ in turns[(width, threads), busy]] for busy in (False, True))
        medians = statistics.median(quiet), statistics.median(busy)
        print(f'| {width:g} | {threads} | {medians[0]:.2f} | {max(quiet):.2f} | {medians[1]:.2f} | {max(busy):.2f} '
              f'| {medians[1] / medians[0]:.2f} |')


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--widths', type=numbers(float), default=[.5, 1], help='default .5,1')
    parser.add_argument('--threads', type=numbers(int), default=sorted({1, 2, len(CPUS)}),
                        help='default 1,2 and as many as CPUs')
    parser.add_argument('--faces', type=int, default=16,
                        help='of a call, which has to be long beside a time slice; default 16')
    parser.add_argument('--turns', type=int, default=5, help='default 5')
    parser.add_argument('--rounds', type=int, default=5, help='of dan-bench in a turn; default 5')
    add_patience(parser)
    return parser.parse_args()


def main():
    options = parse_options()
    patience = Patience(options.patience)
    cases = list(itertools.product(options.widths, options.threads))
    turns = {case: [] for case in itertools.product(cases, (False, True))}
    for i in range(options.turns):
        print(f'turn {i + 1} of {options.turns}', file=sys.stderr, flush=True)
        for case, found in turns.items():
            found.append(measure(case, options, patience))
    print_table(turns, cases)
    every = [alone for found in turns.values() for _, alone in found]
    print(f'\n{options.faces} faces a call, medians of {options.turns} turns. Other processes disturbed {every.count(False)} of {len(every)}.')


if __name__ == '__main__':
    main()
