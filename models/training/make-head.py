#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the mean head that libdan measures poses by, out of annotated
pictures: the one that the generated faces of make-people.py are made of. It needs
what make-people.py needs: scripts/setup.sh run people."""

import argparse
import os
import sys

import numpy as np

from dantrain import sets
from people.model import SETS
from people.structure import learn_shapes

DIGITS = 5

TEMPLATE = """/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Written by models/training/make-head.py, of the landmarks of {n} faces of
 * 300-W (the training parts of LFPW and Helen, and AFW). */
#include "head.h"

const double dan_head[DAN_IBUG_POINTS][3] = {{
{points}
}};

const double dan_head_inverse[3][3] = {{
{inverse}
}};
"""


def row(numbers, text):
    return '  { ' + ', '.join(format(number, text) for number in numbers) + ' },'


def table(head, n):
    """The C source of the @head (68, 3) of @n faces."""
    head = np.round(head - head.mean(0), DIGITS) + 0.  # no minus before a zero
    inverse = np.linalg.inv(head.T @ head)
    inverse[np.abs(inverse) < 1e-9] = 0
    return TEMPLATE.format(n=n, points='\n'.join(row(point, f'.{DIGITS}f') for point in head),
                           inverse='\n'.join(row(line, '.12g') for line in inverse))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--data', metavar='DIR', required=True,
                        help=f'the annotated pictures\' landmarks: {", ".join(SETS)} (.csv)')
    parser.add_argument('--out', metavar='FILE.c', required=True, help='the table; libdan\'s is dan/head.c')
    args = parser.parse_args()
    try:
        shapes = [shape for name in SETS for _, shape in sets.read_rows(os.path.join(args.data, name + '.csv'))]
        head = learn_shapes(np.array(shapes, float))[0].mean
        with open(args.out, 'w') as file:
            file.write(table(head, len(shapes)))
    except (OSError, sets.SetError) as error:
        sys.exit(f'make-head: {error}')


if __name__ == '__main__':
    main()
