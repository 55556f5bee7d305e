# SPDX-License-Identifier: LGPL-2.1-or-later
"""Command-line options that every training here has."""

import argparse
import math
import os

import torch

LICENCE = 'research use only: trained on 300-W (LFPW, Helen, AFW) and YouTube-Faces pictures'


def positive(text):
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f'{text} is not 1 or more')
    return int(text)


def amount(text):
    if not 0 <= float(text) < math.inf:
        raise argparse.ArgumentTypeError(f'{text} is not 0 or more')
    return float(text)


def share(text):
    if not 0 <= float(text) <= 1:
        raise argparse.ArgumentTypeError(f'{text} is not from 0 to 1')
    return float(text)


def device(text):
    try:
        torch.empty(0, device=text)
    except (RuntimeError, AssertionError) as error:
        raise argparse.ArgumentTypeError(f'"{text}": {str(error).splitlines()[0]}') from error
    return text


def add_running(parser):
    """Where and on what it runs."""
    parser.add_argument('--out', required=True, metavar='DIR', help='for checkpoint, log and curves')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--device', type=device, default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--threads', type=positive, default=os.cpu_count(), help='on a CPU')
    parser.add_argument('--bf16', action=argparse.BooleanOptionalAction, default=True, help='bfloat16 networks')


def add_loop(parser, batch, report):
    """What the loop asks for, with these defaults."""
    parser.add_argument('--batch', type=positive, default=batch, metavar='N')
    parser.add_argument('--minutes', type=amount, default=0, help='stop after so long; 0: at the end')
    parser.add_argument('--report', type=amount, default=report, metavar='SECONDS', help='between validations')


def add_model(parser, run):
    """The model file that @run writes."""
    parser.add_argument('--name', required=True, help='the model\'s own name')
    parser.add_argument('--licence', default=LICENCE, help='the licence terms of the weights, one line')
    parser.add_argument('model', metavar='MODEL.dan')
    parser.set_defaults(run=run)


def add_export(commands, export):
    """The command that writes the model of a training."""
    parser = commands.add_parser('export', help='write the model file')
    parser.add_argument('--out', required=True, metavar='DIR', help='of train')
    add_model(parser, export)
