#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures what finding and following faces costs in a 1080p video, and prints a table. Its faces are those of
tests/people/video.webm, side by side. GStreamer has to find the elements (GST_PLUGIN_PATH). Seconds are of the CPU, of
all threads together, so that a busy machine counts for less; the models take turns, frame by frame."""

import argparse
import pathlib
import sys
import time

import numpy as np

import document
import element
import faces
import videos

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, FPS = 1920, 1080, 30
SIDE = 480   # of the part of a frame that shows one face
COLUMNS, ROWS = WIDTH // SIDE, HEIGHT // SIDE
WAYS = {'': '', ', all stages': 'recurrent=false'}  # properties of danalign, by what is added to the model's name
FIRST, STEP = 5, 7  # the frame that the first face starts from; frames from one face to the next, so that they differ
ERRORS = (element.ElementError, faces.DataError, OSError)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('models', type=pathlib.Path, nargs='+', metavar='MODEL.dan')
    parser.add_argument('--faces', type=int, nargs='+', default=[0, 1, 3, 8], metavar='N', help=f'up to {COLUMNS * ROWS}')
    parser.add_argument('--frames', type=int, default=60, metavar='N')
    parser.add_argument('--interval', type=int, default=5, metavar='N', help='frames from one search to the next')
    parser.add_argument('--options', default='', metavar='PROPERTIES', help='of danalign, such as precision=fp32')
    options = parser.parse_args()
    if not 0 <= min(options.faces) <= max(options.faces) <= COLUMNS * ROWS or options.frames < 1:
        parser.error('so many faces, or so few frames, cannot be')
    return options


def to_and_fro(video):
    """The part of each frame (SIDE, SIDE) that shows the video's first person, while nobody else does, and the same again
    backwards."""
    shown = [frame for frame, truth in zip(video.frames, video.truth, strict=True)
             if len(truth) == 1 and truth[0].person == 0 and truth[0].visible > videos.WHOLE][FIRST:]
    left = (shown[0].shape[1] - SIDE) // 2
    return [frame[:SIDE, left:left + SIDE] for frame in shown + shown[::-1]]


def compose(parts, n_faces, n_frames):
    """Frames (HEIGHT, WIDTH) with @n_faces of @parts side by side, that go on from frame to frame."""
    for number in range(n_frames):
        frame = np.full((HEIGHT, WIDTH), 90, np.uint8)
        for i in range(n_faces):
            x, y = i % COLUMNS * SIDE, i // COLUMNS * SIDE
            frame[y:y + SIDE, x:x + SIDE] = parts[(number + i * STEP) % len(parts)]
        yield frame


def measure(options, parts, n_faces):
    """By model and way: the CPU's seconds of each frame after the first, and the faces found in it."""
    blank = np.zeros((HEIGHT, WIDTH), np.uint8)
    pipelines = {model.stem + way: element.Element(blank, FPS, f'model={model} {properties} {options.options}',
                                                   before=f'danfacedetect interval={options.interval} !')
                 for model in options.models for way, properties in WAYS.items()}
    costs = {name: [] for name in pipelines}
    for number, frame in enumerate(compose(parts, n_faces, options.frames + 1)):
        for name, pipeline in pipelines.items():
            begin = time.process_time()
            found, _ = pipeline.process(frame, [])
            if number:
                costs[name].append((time.process_time() - begin, len(found)))
    for pipeline in pipelines.values():
        pipeline.close()
    return costs


def rows(options):
    parts = to_and_fro(videos.generated(ROOT / 'tests' / 'people', 0))
    for n_faces in options.faces:
        for name, costs in measure(options, parts, n_faces).items():
            seconds, found = map(np.array, zip(*costs, strict=True))
            yield [name, n_faces, f'{found.mean():.2f}', f'{1e3 * seconds.mean():.1f} ms',
                   f'{1e3 * np.median(seconds):.1f} ms', f'{seconds.mean() * FPS:.0%}']
            print(f'stream: {name}, {n_faces} faces', file=sys.stderr, flush=True)


def main():
    options = parse()
    try:
        print(document.table(['model', 'faces', 'found a frame', 'mean of a frame', 'median', f'of a core, at {FPS} frames a second'],
                             rows(options)))
    except ERRORS as error:
        sys.exit(f'stream: {error}')


if __name__ == '__main__':
    main()
