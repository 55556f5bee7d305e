#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The element on the generated video: every face that is in full view, in
frames from one end to the other, against the truth: landmarks and poses."""

import csv
import math
import os
import statistics
import sys

try:
    import gi
    gi.require_version('Gst', '1.0')
    gi.require_version('GstApp', '1.0')
    from gi.repository import Gst, GstApp  # noqa: F401, GstApp gives the sinks their methods
except (ImportError, ValueError) as error:
    print(f'skipped: {error}')
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
EVERY = 4        # frames: the others would only make the test slower
IN_VIEW = .98
LIMITS = {'mean': .039, 'worst': .09}
# Of each angle: the mean error in degrees, and the correlation with the truth.
POSE_LIMITS = {'yaw': (2.5, .98), 'pitch': (2.5, .94), 'roll': (1.5, .96)}
SECONDS = 30 * Gst.SECOND


def read_truth():
    """The faces (visible, shape, angles) of each frame."""
    frames = {}
    with open(os.path.join(HERE, 'video.csv'), newline='') as file:
        for row in csv.DictReader(file):
            shape = [(float(row[f'x{k}']), float(row[f'y{k}'])) for k in range(68)]
            angles = {name: float(row[name]) for name in POSE_LIMITS}
            frames.setdefault(int(row['frame']), []).append((float(row['visible']), shape, angles))
    return frames


def decoded():
    """The video's frames, as samples."""
    pipeline = Gst.parse_launch(
        'filesrc name=file ! matroskademux ! vp9dec ! appsink name=sink sync=false max-buffers=2')
    pipeline.get_by_name('file').set_property('location', os.path.join(HERE, 'video.webm'))
    pipeline.set_state(Gst.State.PLAYING)
    sink = pipeline.get_by_name('sink')
    while sample := sink.try_pull_sample(SECONDS):
        yield sample
    assert sink.is_eos(), pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)


class Aligner:
    """danalign, a frame and a box at a time."""

    def __init__(self):
        self.pipeline = Gst.parse_launch(
            'appsrc name=src format=time ! danalign name=dan box=landmarks ! appsink name=sink sync=false')
        self.src, self.dan, self.sink = map(self.pipeline.get_by_name, ('src', 'dan', 'sink'))
        self.pipeline.set_state(Gst.State.PLAYING)

    def face(self, sample, box):
        """(landmarks, angles) of the face in the @box."""
        self.dan.set_property('region', ','.join(f'{v:.3f}' for v in box))
        self.src.push_sample(sample)
        result = self.sink.try_pull_sample(SECONDS)
        assert result, self.pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
        (face,) = result.get_buffer().get_custom_meta('GstDanLandmarksMeta').get_structure()['faces']
        xy = list(face['landmarks'])
        return list(zip(xy[::2], xy[1::2])), {name: face[name] for name in POSE_LIMITS}

    def close(self):
        self.pipeline.set_state(Gst.State.NULL)


def tight_box(shape):
    xs, ys = zip(*shape)
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def nme(truth, points):
    distances = [math.dist(p, q) for p, q in zip(truth, points, strict=True)]
    return statistics.fmean(distances) / math.dist(truth[36], truth[45])


def check_poses(pairs):
    """@pairs: angles, true and found."""
    for name, (most, least) in POSE_LIMITS.items():
        truth, found = ([angles[name] for angles in side] for side in zip(*pairs))
        error = statistics.fmean(abs(a - b) for a, b in zip(truth, found))
        correlation = statistics.correlation(truth, found)
        print(f'{name}: mean error {error:.2f} degrees, correlation {correlation:.3f}')
        assert error < most and correlation > least, name


def main():
    Gst.init(None)
    if not all(map(Gst.ElementFactory.find, ('matroskademux', 'vp9dec', 'appsrc'))):
        print('skipped: no decoder for VP9')
        return 77
    truth, errors, poses, number, aligner = read_truth(), [], [], -1, Aligner()
    for number, sample in enumerate(decoded()):
        if number % EVERY:
            continue
        for visible, shape, angles in truth[number]:
            if visible > IN_VIEW:
                points, found = aligner.face(sample, tight_box(shape))
                errors.append((nme(shape, points), number))
                poses.append((angles, found))
    aligner.close()
    mean, worst = statistics.fmean(error for error, _ in errors), max(errors)
    print(f'{len(errors)} faces: mean {100 * mean:.2f} %, worst {100 * worst[0]:.2f} % in frame {worst[1]}')
    assert number + 1 == len(truth), f'{number + 1} frames, not {len(truth)}'
    assert len(errors) > len(truth) / EVERY * .8, 'too few faces'
    assert mean < LIMITS['mean'] and worst[0] < LIMITS['worst']
    check_poses(poses)
    return 0


if __name__ == '__main__':
    status = main()
    sys.stdout.flush()
    # Not exit(): in a sanitizer build the interpreter's own leaks would be found there.
    os._exit(status)
