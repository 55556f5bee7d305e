#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What reduced precisions do to the landmarks of real faces, whose pictures are
not part of the repository: the folder ../shared beside it has
them, or this is skipped.

usage: test_precision.py DAN_EVAL MODEL ROOT
"""

import csv
import json
import os
import subprocess
import sys
import tempfile

PRECISIONS = ('bf16', 'int8')
SETS = ('lfpw_test', 'afw_crops')
# Percentage points of the inter-ocular distance.
MEAN_LIMIT = .01
FACE_LIMIT = .3


def evaluate(dan_eval, model, data, precision):
    """The kernels' name, the mean error and each face's, in per cent. None if the CPU lacks PRECISION."""
    with tempfile.TemporaryDirectory() as folder:
        per_face = os.path.join(folder, 'faces.csv')
        done = subprocess.run([dan_eval, '--data', data, '--model', model, '--json',
                               '--precision', precision, '--per-face', per_face],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if 'has no products of' in done.stderr:
            return None
        sys.stderr.write(done.stderr)
        done.check_returncode()
        with open(per_face, newline='') as file:
            faces = [100 * float(row['nme_inter_ocular']) for row in csv.DictReader(file)]
    result = json.loads(done.stdout)
    return result['kernels'], 100 * result['nme_inter_ocular'], faces


def moves_too_far(name, exact, reduced):
    """Prints how far the faces of the set NAME move; whether that is more than allowed."""
    exact_kernels, exact_mean, exact_faces = exact
    kernels, mean, faces = reduced
    moved = abs(mean - exact_mean)
    worst = max(abs(a - b) for a, b in zip(faces, exact_faces, strict=True))
    print(f'{name}, {kernels} against {exact_kernels}: {exact_mean:.4f} % moves by '
          f'{moved:.4f} points, {len(faces)} faces by at most {worst:.4f}')
    return moved > MEAN_LIMIT or worst > FACE_LIMIT


def main():
    dan_eval, model, root = sys.argv[1:]
    compared = failures = 0
    for name in SETS:
        data = os.path.join(root, '..', 'shared', 'data', name + '.csv')
        if not os.path.exists(data):
            print(f'skipped: there is no ../shared/data/{name}.csv')
            return 77
        exact = evaluate(dan_eval, model, data, 'fp32')
        for precision in PRECISIONS:
            reduced = evaluate(dan_eval, model, data, precision)
            if reduced:
                compared += 1
                failures += moves_too_far(name, exact, reduced)
    if not compared:
        print('skipped: single precision is all that this CPU has')
        return 77
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
