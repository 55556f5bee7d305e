#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the reduced precision does to the landmarks of real faces, whose
pictures are not part of the repository: the folder ../shared beside it has
them, or this is skipped.

usage: test_precision.py DAN_EVAL MODEL ROOT
"""

import csv
import json
import os
import subprocess
import sys
import tempfile

SETS = ('lfpw_test', 'afw_crops')
# Percentage points of the inter-ocular distance.
MEAN_LIMIT = .01
FACE_LIMIT = .3


def evaluate(dan_eval, model, data, precision):
    """The kernels' name, the mean error and each face's, in per cent."""
    with tempfile.TemporaryDirectory() as folder:
        per_face = os.path.join(folder, 'faces.csv')
        output = subprocess.run([dan_eval, '--data', data, '--model', model, '--json',
                                 '--precision', precision, '--per-face', per_face],
                                check=True, stdout=subprocess.PIPE).stdout
        with open(per_face, newline='') as file:
            faces = [100 * float(row['nme_inter_ocular']) for row in csv.DictReader(file)]
    result = json.loads(output)
    return result['kernels'], 100 * result['nme_inter_ocular'], faces


def main():
    dan_eval, model, root = sys.argv[1:]
    failures = 0
    for name in SETS:
        data = os.path.join(root, '..', 'shared', 'data', name + '.csv')
        if not os.path.exists(data):
            print(f'skipped: there is no ../shared/data/{name}.csv')
            return 77
        exact_kernels, exact_mean, exact = evaluate(dan_eval, model, data, 'fp32')
        kernels, mean, faces = evaluate(dan_eval, model, data, 'auto')
        if kernels == exact_kernels:
            print(f'skipped: {kernels} are all there are')
            return 77
        moved = abs(mean - exact_mean)
        worst = max(abs(a - b) for a, b in zip(faces, exact, strict=True))
        print(f'{name}, {kernels} against {exact_kernels}: {exact_mean:.4f} % moves by '
              f'{moved:.4f} points, {len(faces)} faces by at most {worst:.4f}')
        failures += moved > MEAN_LIMIT or worst > FACE_LIMIT
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
