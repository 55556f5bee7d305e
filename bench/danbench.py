# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs dan-bench."""

import json
import os
import pathlib
import subprocess
import sys

PROGRAM = pathlib.Path(__file__).resolve().parent.parent / 'build' / 'tools' / 'dan-bench'


def run(options, environment):
    """What it prints. It says itself why it fails."""
    if not PROGRAM.exists():
        sys.exit(f'bench: there is no {PROGRAM}; scripts/build.sh build makes it')
    done = subprocess.run([PROGRAM, *map(str, options)], env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f'bench: dan-bench {" ".join(map(str, options))} ended with status {done.returncode}')
    return done.stdout


def bench(*options, kernels=None):
    """dan-bench's JSON object. @kernels: the ceiling DAN_CPU."""
    environment = {name: value for name, value in os.environ.items() if name != 'DAN_CPU'}
    if kernels:
        environment['DAN_CPU'] = kernels
    return json.loads(run(['--json', *options], environment))


def version():
    return run(['--version'], None).split()[-1]
