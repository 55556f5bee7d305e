#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays a video in real time through danalign, more than the machine can carry if --options make it slow enough, and
prints what becomes of late frames. GStreamer has to find the element (GST_PLUGIN_PATH)."""

import argparse
import pathlib
import sys

import numpy as np

import document
import element
import faces
import steadiness
import videos

ROOT = pathlib.Path(__file__).resolve().parents[2]
WAYS = 'qos=true', 'qos=false'
ERRORS = (element.ElementError, faces.DataError, OSError)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('model', type=pathlib.Path, metavar='MODEL.dan')
    parser.add_argument('--data', type=pathlib.Path, metavar='FOLDER',
                        help='it has talking_face/ with points.csv and pictures; without it, the generated video')
    parser.add_argument('--frames', type=int, default=200, metavar='N', help='from the first one on')
    parser.add_argument('--fps', type=int, default=videos.FPS, metavar='N')
    parser.add_argument('--options', default='', metavar='PROPERTIES', help='of danalign, such as passes=4')
    options = parser.parse_args()
    if options.frames < 2 or options.fps < 1:
        parser.error('so few frames cannot be')
    return options


def with_boxes(video):
    """Each frame, and the boxes that are detected in it."""
    for number, frame in enumerate(video.frames):
        yield frame, video.boxes(number, videos.EVERY)


def measure_load(video, fps, properties):
    """The mean time of a frame after the first, of the time that there is for it."""
    pipeline = element.Element(video.frames[0], fps, properties)
    seconds = [pipeline.process(*frame)[1] for frame in with_boxes(video)]
    pipeline.close()
    return float(np.mean(seconds[1:])) * fps


def play(video, fps, properties):
    """For each frame its faces, and by how many seconds it came too late."""
    player = element.Player(video.frames[0], fps, properties)
    try:
        for frame in with_boxes(video):
            player.push(*frame)
        return player.play()
    finally:
        player.close()


def extrapolated(shown):
    """How many frames did not go through the network: then all of their faces did not."""
    return sum(any(face.status == 'extrapolated' for face in found) for found, _ in shown)


def mean_error(video, shown):
    """Of the faces that were found, to the truth."""
    pairs = [(video.own_face(found, one), one) for truth, (found, _) in zip(video.truth, shown, strict=True) for one in truth]
    errors = [steadiness.errors(face.shape[None], one.shape, video.inter_ocular(one.shape)) for face, one in pairs if face]
    return float(np.mean(errors)) if errors else float('nan')


def row(video, way, shown):
    late = np.array([seconds for _, seconds in shown])
    without = extrapolated(shown)
    return [f'`{way}`', len(shown) - without, without or 'none',
            f'{1e3 * np.median(late):.0f} ms, {1e3 * late[-1]:.0f} ms', document.percent(mean_error(video, shown))]


def measure(options):
    video = (videos.talking(options.data / 'talking_face', options.frames) if options.data
             else videos.generated(ROOT / 'tests' / 'people', options.frames))
    properties = f'model={options.model} box=landmarks {options.options}'
    print(f'{video.name}, {len(video.frames)} frames: the network takes {measure_load(video, options.fps, properties):.2f} '
          f'times the time that there is', flush=True)
    header = ['', 'frames that went through the network', 'extrapolated', 'lateness, median and at the end', 'error']
    print(document.table(header,
                         [row(video, way, play(video, options.fps, f'{properties} {way}')) for way in WAYS]))


def main():
    options = parse()
    try:
        measure(options)
    except ERRORS as error:
        sys.exit(f'late: {error}')


if __name__ == '__main__':
    main()
