#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures poses and openings on the people of tests/people, whose truth is known, each frame for itself from the tight box,
and prints a table for docs/meta.md: mean errors, in degrees or of the distance of the eyes' outer corners, and the
correlation on the video. GStreamer has to find danalign (GST_PLUGIN_PATH)."""

import argparse
import pathlib
import sys

import cv2
import numpy as np

import document
import element
import faces
import videos

PEOPLE = pathlib.Path(__file__).resolve().parents[2] / 'tests' / 'people'
TRUTH = 'yaw', 'pitch', 'roll', 'right_eye', 'left_eye', 'mouth'  # columns, in the order of element.HEAD
ROWS = {'yaw': [0], 'pitch': [1], 'roll': [2], 'opening of an eye': [3, 4], 'mouth': [5]}  # of the table
IN_VIEW = .98
ERRORS = (element.ElementError, faces.DataError, OSError)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('model', type=pathlib.Path, metavar='MODEL.dan')
    return parser.parse_args()


def grouped(rows, column, shapes, heads):
    """By what stands in @column: [(tight box, head)] of the faces there."""
    groups = {}
    for row, shape, head in zip(rows, shapes, heads, strict=True):
        box = videos.Truth(0, 1, videos.read_shape(shape)).box()
        groups.setdefault(row[column], []).append((box, np.array([float(head[name]) for name in TRUTH])))
    return groups


def stills():
    """(grey picture, [(tight box, head)]) of each still."""
    shapes = videos.read_rows(PEOPLE / 'stills.csv')
    heads = videos.read_rows(PEOPLE / 'stills-pose.csv')
    for name, truth in grouped(shapes, 'image', shapes, heads).items():
        yield cv2.imread(str(PEOPLE / name), cv2.IMREAD_GRAYSCALE), truth


def frames():
    """The same of each frame of the video, with the faces in full view."""
    rows = [row for row in videos.read_rows(PEOPLE / 'video.csv') if float(row['visible']) > IN_VIEW]
    truth = grouped(rows, 'frame', rows, rows)
    for number, frame in enumerate(videos.generated(PEOPLE, 0).frames):
        if str(number) in truth:
            yield frame, truth[str(number)]


def nearest(seen, box):
    """The face whose landmarks are nearest to the middle of @box: danalign's order is its own."""
    middle = np.array([box[0] + box[2] / 2, box[1] + box[3] / 2])
    return min(seen, key=lambda face: np.linalg.norm(face.shape.mean(0) - middle))


def measure(pictures, model):
    """Heads (n, 6), true ones and those that danalign finds."""
    aligners, true, found = {}, [], []
    for picture, truth in pictures:
        if picture.shape not in aligners:
            aligners[picture.shape] = element.Element(picture, videos.FPS,
                                                      f'model={model} precision=fp32 tracking=false box=landmarks')
        seen, _ = aligners[picture.shape].process(picture, [box for box, _ in truth])
        if len(seen) != len(truth):
            raise faces.DataError(f'{len(seen)} faces in {len(truth)} boxes')
        true += [head for _, head in truth]
        found += [nearest(seen, box).head for box, _ in truth]
    for aligner in aligners.values():
        aligner.close()
    return np.array(true), np.array(found)


def rows(model):
    (still, still_found), (moving, moving_found) = (measure(pictures, model) for pictures in (stills(), frames()))
    for name, columns in ROWS.items():
        digits = 3 if 3 in columns or 5 in columns else 1
        errors = [np.abs(true - found)[:, columns].mean() for true, found in ((still, still_found), (moving, moving_found))]
        correlation = np.mean([np.corrcoef(moving[:, c], moving_found[:, c])[0, 1] for c in columns])
        yield [name, *(f'{error:.{digits}f}' for error in errors), f'{correlation:.2f}']


def main():
    options = parse()
    try:
        print(document.table(['', 'stills', 'video', 'correlation'], rows(options.model)))
    except ERRORS as error:
        sys.exit(f'poses: {error}')


if __name__ == '__main__':
    main()
