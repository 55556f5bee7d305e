#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures poses and openings on the people of tests/people, whose truth is known, each frame for itself from the tight box,
and prints a table for docs/meta.md: mean errors, in degrees or of the distance of the eyes' outer corners, and the
correlation on the video. With --data also the openings of a real face, FG-NET's Talking Face, by the annotation of its lids
and lips. GStreamer has to find danalign (GST_PLUGIN_PATH), and danfacedetect its model (DAN_FACE_MODEL)."""

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
    parser.add_argument('--data', type=pathlib.Path, metavar='DIR', help='the folder that talking_face is in')
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


def follow(video, model, tracking, every):
    """Heads (n, 6), true ones and those that danalign finds from detections in one of @every frames."""
    aligner = element.Element(video.frames[0], videos.FPS, f'model={model} precision=fp32 box=landmarks tracking={tracking}')
    pairs = []
    for number, (frame, (truth,)) in enumerate(zip(video.frames, video.truth, strict=True)):
        seen, _ = aligner.process(frame, video.boxes(number, every))
        face = video.own_face(seen, truth)
        pairs += [(truth.head, face.head)] if face else []
    aligner.close()
    return np.moveaxis(np.array(pairs), 1, 0)


def real_rows(model, video):
    """Of each kind of opening, frame by frame and tracked: how it goes with the annotation's, and how small it gets, of what it
    usually is, by the annotation and as found."""
    found = [follow(video, model, *how) for how in (('false', 1), ('true', videos.EVERY))]
    for name, columns in list(ROWS.items())[-2:]:
        for how, heads in zip(('frame by frame', 'tracked'), found, strict=True):
            correlation = np.mean([np.corrcoef(*heads[:, :, c])[0, 1] for c in columns])
            openings = heads[:, :, columns].mean(2)
            least = openings.min(1) / np.median(openings, 1)
            yield [name, how, str(len(openings[0])), f'{correlation:.2f}', *(f'{share:.2f}' for share in least)]


def main():
    options = parse()
    try:
        print(document.table(['', 'stills', 'video', 'correlation'], rows(options.model)))
        if options.data:
            video = videos.talking(options.data / 'talking_face', 0)
            print(document.table(['', '', 'frames', 'correlation', 'least, annotated', 'found'], real_rows(options.model, video)))
    except ERRORS as error:
        sys.exit(f'poses: {error}')


if __name__ == '__main__':
    main()
