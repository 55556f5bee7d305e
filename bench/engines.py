# SPDX-License-Identifier: LGPL-2.1-or-later
"""The engines that are compared: what starts one, and what measures it for a turn."""

import os
import pathlib
import subprocess

import numpy as np

import danbench
from quiet import children_seconds, process_seconds

TURNS = 7  # at a time, after warming up: the median is to survive what is too short to be noticed
HERE = pathlib.Path(__file__).resolve().parent / 'engines'


class EngineError(Exception):
    """An engine could not be started, or ended."""


class DanAlign:
    """danalign as dan-bench measures it: in a new process each time, with the FMA peak."""

    def __init__(self, precision, kernels=None):
        self.precision, self.kernels = precision, kernels

    def start(self, folder, build, width, threads):
        self.options = ['--width', width, '--threads', threads, '--precision', self.precision, '--repeat', TURNS]
        self.version = 'danalign ' + danbench.version()

    def turn(self):
        """What dan-bench --json prints, ms_per_face and ms_per_face_min for one."""
        return danbench.bench(*self.options, kernels=self.kernels)

    def own_seconds(self):
        """CPU time that it has used."""
        return children_seconds()

    def stop(self):
        pass


class Runner:
    """Another engine: a process that lasts as long as the comparison. engines/turns.hpp has the protocol."""

    def __init__(self, precision, *command):
        self.precision, self.command = precision, command

    def start(self, folder, build, width, threads):
        command = [word.format(here=HERE, folder=folder, build=build, threads=threads) for word in self.command]
        environment = {**os.environ, 'OMP_NUM_THREADS': str(threads), 'NODE_PATH': str(build / 'node_modules')}
        self.process = subprocess.Popen(command, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.version = self.read()
        self.outputs = self.numbers()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise EngineError(f'{" ".join(self.process.args)} ended with status {self.process.wait()}')
        return line.strip()

    def numbers(self):
        return np.array([float(word) for word in self.read().split()])

    def turn(self):
        print(TURNS, file=self.process.stdin, flush=True)
        turns = self.numbers()
        return {'ms_per_face': float(np.median(turns)), 'ms_per_face_min': float(turns.min())}

    def own_seconds(self):
        return process_seconds(self.process.pid)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def onnxruntime(precision):
    return Runner(precision, 'node', '{here}/ort.js', '{folder}', precision, '{threads}')


def onednn(precision, mode):
    return Runner(precision, '{build}/onednn', '{folder}', mode)


def opencv():
    return Runner('fp32', '{build}/opencv', '{folder}', '{threads}')


BASE = 'danalign'
# The name in tables, and what makes one.
ENGINES = {
    BASE: ('danalign, as it chooses', lambda: DanAlign('auto')),
    'danalign-fp32': ('danalign', lambda: DanAlign('fp32')),
    'danalign-openblas': ('danalign on OpenBLAS', lambda: DanAlign('fp32', 'openblas')),
    'ort-fp32': ('ONNX Runtime', lambda: onnxruntime('fp32')),
    'ort-int8': ('ONNX Runtime, QDQ', lambda: onnxruntime('int8')),
    'onednn-direct': ('oneDNN, direct', lambda: onednn('fp32', 'direct')),
    'onednn-winograd': ('oneDNN, Winograd', lambda: onednn('fp32', 'winograd')),
    'onednn-bf16': ('oneDNN, direct', lambda: onednn('bf16', 'bf16')),
    'onednn-int8': ('oneDNN, direct', lambda: onednn('int8', 'int8')),
    'onednn-int8-winograd': ('oneDNN, Winograd', lambda: onednn('int8', 'int8-winograd')),
    'opencv': ('OpenCV DNN', opencv),
}
