# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs dan-bench."""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def bench(*options, kernels=None, build=ROOT / 'build'):
    """dan-bench's JSON object. @kernels: the ceiling DAN_CPU."""
    environment = {name: value for name, value in os.environ.items() if name != 'DAN_CPU'}
    if kernels:
        environment['DAN_CPU'] = kernels
    command = [build / 'tools' / 'dan-bench', '--json', *map(str, options)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def version(build=ROOT / 'build'):
    command = [build / 'tools' / 'dan-bench', '--version']
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.split()[-1]
