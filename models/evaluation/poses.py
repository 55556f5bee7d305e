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
import steadiness
import videos

PEOPLE = pathlib.Path(__file__).resolve().parents[2] / 'tests' / 'people'
ROWS = {'yaw': [0], 'pitch': [1], 'roll': [2], 'opening of an eye': [3, 4], 'mouth': [5]}  # of the table: videos.HEAD
ERRORS = (element.ElementError, faces.DataError, OSError)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('model', type=pathlib.Path, metavar='MODEL.dan')
    return parser.parse_args()


def stills():
    """(grey picture, its Truths) of each still."""
    pictures = {}
    for row, head in zip(*(videos.read_rows(PEOPLE / name) for name in ('stills.csv', 'stills-pose.csv')), strict=True):
        pictures.setdefault(row['image'], []).append(videos.Truth(0, 1, videos.read_shape(row), videos.read_head(head)))
    for name, truth in pictures.items():
        yield cv2.cvtColor(videos.read_picture(PEOPLE / name), cv2.COLOR_BGR2GRAY), truth


def frames():
    """The same of each frame of the video, with the faces in full view."""
    video = videos.generated(PEOPLE, 0)
    for frame, truth in zip(video.frames, video.truth, strict=True):
        yield frame, [one for one in truth if one.visible > videos.WHOLE]


def own_face(seen, truth):
    """The face of those that danalign has @seen, in an order of its own, that is @truth's."""
    face = steadiness.nearest(seen, truth.shape, np.linalg.norm(np.subtract(*truth.shape[list(videos.EYES)])))
    if not face:
        raise faces.DataError('a face was not found in its own box')
    return face


def measure(pictures, model):
    """Heads (n, 6), true ones and those that danalign finds."""
    aligners, heads = {}, []
    for picture, truth in pictures:
        if picture.shape not in aligners:
            aligners[picture.shape] = element.Element(picture, videos.FPS,
                                                      f'model={model} precision=fp32 tracking=false box=landmarks')
        seen, _ = aligners[picture.shape].process(picture, [one.box() for one in truth])
        heads += [(one.head, own_face(seen, one).head) for one in truth]
    for aligner in aligners.values():
        aligner.close()
    return np.moveaxis(np.array(heads), 1, 0)


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
