#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Learns an appearance model from annotated pictures, and makes pictures and a
video of people who do not exist, with their landmarks and poses. It needs numpy,
scipy, OpenCV and GStreamer: scripts/setup.sh run people."""

import argparse
import os
import sys

from dantrain import sets
from people import model, stills, video


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--data', metavar='DIR', help=f'the annotated pictures, with {", ".join(model.SETS)} (.csv)')
    parser.add_argument('--model', metavar='FILE.npz',
                        help='the appearance model: read if it is there, else learnt from DIR and written;'
                             ' default: learnt, not kept')
    parser.add_argument('--out', metavar='DIR', required=True, help='where the pictures, the video and the truth go')
    parser.add_argument('--seed', type=int, default=4, help='another seed, other people; default: %(default)s')
    parser.add_argument('--stills', type=int, default=44, metavar='N',
                        help='how many still pictures; default: %(default)s')
    parser.add_argument('--no-video', action='store_true', help='makes the still pictures alone')
    args = parser.parse_args()
    if not args.data and not (args.model and os.path.exists(args.model)):
        parser.error('without a --model that is there, --data is needed')
    if args.seed < 0 or args.stills < 0:
        parser.error('--seed and --stills count from 0')
    return args


def progress(text):
    """A line that is written over on a terminal; elsewhere nothing."""
    if sys.stderr.isatty():
        print(f'\033[K{text}', end='\r', file=sys.stderr, flush=True)


def appearance(args):
    if args.model and os.path.exists(args.model):
        return model.load(args.model)
    learnt = model.learn(args.data, progress)
    if args.model:
        learnt.save(args.model)
    return learnt


def main():
    args = parse()
    try:
        learnt = appearance(args)
        if args.stills:
            stills.make(learnt, args.out, args.stills, args.seed, progress)
        if not args.no_video:
            video.make(learnt, args.out, args.seed, progress)
    except (OSError, ValueError, KeyError, sets.SetError) as error:
        sys.exit(f'make-people: {error}')


if __name__ == '__main__':
    main()
