# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs dan-eval, and asks dan-bench about models."""

import csv
import dataclasses
import hashlib
import json
import pathlib
import subprocess

import numpy as np

import faces as annotated

PRECISION = ('--precision', 'fp32')


class EvaluationError(Exception):
    """A tool failed; the message holds what it said."""


@dataclasses.dataclass
class Model:
    path: pathlib.Path
    name: str
    stages: int
    sha256: str


@dataclasses.dataclass
class Result:
    summary: dict  # dan-eval's JSON object
    errors: np.ndarray  # inter-ocular, of each face
    expected: np.ndarray | None  # what the model thinks of them, if it tells


def _check(done, what):
    if done.returncode:
        raise EvaluationError(f'{what} ended with status {done.returncode}:\n{done.stderr.strip()}')


def _expected(rows):
    """The column of expected errors; None where the tool has none, or the model leaves it empty or negative."""
    told = [row.get('expected_error') or '-1' for row in rows]
    values = np.array(told, float)
    return values if (values >= 0).all() else None


class Evaluator:
    """@tools: the folder of the programs. @folder: one for files that are of no use afterwards."""

    def __init__(self, tools, folder):
        self.tools, self.folder = pathlib.Path(tools), pathlib.Path(folder)
        self.kernels = None

    def _run(self, program, *options):
        path = self.tools / program
        if not path.exists():
            raise EvaluationError(f'there is no {path}; scripts/build.sh build makes it')
        done = subprocess.run([path, *map(str, options)], capture_output=True, text=True)
        _check(done, f'{program} {" ".join(map(str, options))}')
        return done.stdout

    def model(self, path):
        path = pathlib.Path(path)
        about = json.loads(self._run('dan-bench', '--model', path, '--repeat', 1, '--json'))
        return Model(path, about['model'], about['stages'], hashlib.sha256(path.read_bytes()).hexdigest())

    def evaluate(self, model, faces, *options, boxes=None):
        """A Result for @faces, started from their tight boxes, or from @boxes (n, 4) or (n, 5), with rolls. A face that dan-eval cannot
        measure is an error."""
        data, per_face, box_file = (self.folder / name for name in ('set.csv', 'per-face.csv', 'boxes.csv'))
        annotated.write(data, faces)
        if boxes is not None:
            annotated.write_boxes(box_file, faces.images, boxes)
            options = (*options, '--box', box_file)
        summary = json.loads(self._run('dan-eval', '--json', *PRECISION, '--model', model.path, '--data', data,
                                       '--per-face', per_face, *options))
        self.kernels = summary['kernels']
        with open(per_face, newline='', encoding='utf-8') as file:
            rows = list(csv.DictReader(file))
        return Result(summary, np.array([float(row['nme_inter_ocular']) for row in rows]), _expected(rows))
