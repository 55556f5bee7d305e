#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Accuracy on the test part of LFPW, whose pictures are not part of the
repository: the folder ../shared beside it has them, or this is skipped.

usage: test_lfpw.py DAN_EVAL MODEL ROOT
"""

import json
import os
import subprocess
import sys

# What the model card says, with room for the rounding of decoded JPEGs.
LIMITS = {'dan68-lite.dan': {'nme_inter_ocular': .0340, 'nme_inter_pupil': .0470, 'failure_008': .005},
          'dan68.dan': {'nme_inter_ocular': .0328, 'nme_inter_pupil': .0453, 'failure_008': .005}}


def main():
    dan_eval, model, root = sys.argv[1:]
    data = os.path.join(root, '..', 'shared', 'data', 'lfpw_test.csv')
    if not os.path.exists(data):
        print('skipped: there is no ../shared/data/lfpw_test.csv')
        return 77
    output = subprocess.run([dan_eval, '--data', data, '--model', model, '--json'],
                            check=True, stdout=subprocess.PIPE).stdout
    result = json.loads(output)
    failures = [f'{key} is {result[key]:.4f}, allowed is {limit}'
                for key, limit in LIMITS[os.path.basename(model)].items() if not result[key] <= limit]
    if result['faces'] != 224:
        failures.append(f'{result["faces"]} faces instead of 224')
    print('\n'.join(failures) or f'inter-ocular {100 * result["nme_inter_ocular"]:.2f} %')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
