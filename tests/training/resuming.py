# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trainings that are cut off and go on."""

import contextlib
import io
import json
import os
import unittest.mock

from dantrain import loop


class Clock:
    """A second later at every look."""

    def __init__(self):
        self.now = 0

    def monotonic(self):
        self.now += 1
        return self.now


def train(make, out):
    """Runs trainings, made anew by make(), until one is through: the weights of
    its average, and how many it took. Their reports must not repeat."""
    os.mkdir(out)
    done, calls = False, 0
    while not done:
        run = make()
        with unittest.mock.patch.object(loop, 'time', Clock()), contextlib.redirect_stdout(io.StringIO()):
            done = run.run()
        calls += 1
    with open(os.path.join(out, 'log.jsonl')) as file:
        seen = [json.loads(line)['seen'] for line in file]
    assert seen == sorted(set(seen)), seen
    return run.average.module.state_dict(), calls
