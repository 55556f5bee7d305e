# SPDX-License-Identifier: LGPL-2.1-or-later
"""Command-line options that every training here has."""

import argparse
import os

import torch

LICENCE = 'research use only: trained on 300-W (LFPW, Helen, AFW) and YouTube-Faces pictures'


def add_running(parser):
    """Where and on what it runs."""
    parser.add_argument('--out', required=True, metavar='DIR', help='for checkpoint, log and curves')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--threads', type=int, default=os.cpu_count(), help='on a CPU')
    parser.add_argument('--bf16', action=argparse.BooleanOptionalAction, default=True, help='bfloat16 networks')


def add_loop(parser, batch, report):
    """What the loop asks for, with these defaults."""
    parser.add_argument('--batch', type=int, default=batch, metavar='N')
    parser.add_argument('--minutes', type=float, default=0, help='stop after so long; 0: at the end')
    parser.add_argument('--report', type=float, default=report, metavar='SECONDS', help='between validations')


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
