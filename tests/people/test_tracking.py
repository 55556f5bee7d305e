#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The element follows the people of the generated video, who are only now and then detected: behind a card, over a cut,
and past each other."""

import math
import os
import sys

from test_video import Gst, SECONDS, decoded, nme, read_truth, tight_box

import gi
gi.require_version('GstVideo', '1.0')
from gi.repository import GstVideo  # noqa: E402

EVERY = 10          # frames between detections
SAME_FACE = .2
DETECTABLE = .6     # shares of a face that are visible
CARD, CUT, PASS = range(134, 148), 200, range(249, 291)
MAX_FRAMES_IN_THE_AIR = 3
MAX_RECOVERY = 12   # frames: half a second


class Follower:
    def __init__(self):
        self.pipeline = Gst.parse_launch(
            'appsrc name=src format=time ! danalign name=dan box=landmarks ! appsink name=sink sync=false')
        self.src, self.sink = map(self.pipeline.get_by_name, ('src', 'sink'))
        self.pipeline.set_state(Gst.State.PLAYING)

    def faces(self, sample, boxes):
        """id and landmarks of the faces of the next frame."""
        buffer = sample.get_buffer().copy_deep()
        for box in boxes:
            GstVideo.buffer_add_video_region_of_interest_meta(buffer, 'face', *map(round, box))
        self.src.push_sample(Gst.Sample.new(buffer, sample.get_caps(), sample.get_segment(), None))
        result = self.sink.try_pull_sample(SECONDS)
        assert result, self.pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
        for face in result.get_buffer().get_custom_meta('GstDanLandmarksMeta').get_structure()['faces']:
            xy = list(face['landmarks'])
            yield face['id'], list(zip(xy[::2], xy[1::2]))

    def close(self):
        self.pipeline.set_state(Gst.State.NULL)


def identify(people, faces):
    """The ids of the faces that are those of @people, in their order, None: not found; and how many others there are."""
    ids = []
    for _, shape, _ in people:
        error, number = min(((nme(shape, points), number) for number, points in faces), default=(math.inf, None))
        ids.append(number if error < SAME_FACE else None)
    return ids, len(faces) - len(set(ids) - {None})


def follow():
    """By frame: ids of its people, others."""
    truth, follower, history = read_truth(), Follower(), []
    for number, sample in enumerate(decoded()):
        boxes = [tight_box(shape) for visible, shape, _ in truth[number]
                 if visible > DETECTABLE and number % EVERY == 0]
        history.append(identify(truth[number], list(follower.faces(sample, boxes))))
    follower.close()
    assert len(history) == len(truth), f'{len(history)} frames, not {len(truth)}'
    return history, truth


def ids_of(history, truth, frames, place):
    """The ids that the person at @place of its frame had in @frames."""
    return {history[f][0][place] for f in frames} - {None}


def longest_in_the_air(history):
    longest = current = 0
    for _, others in history:
        current = current + 1 if others else 0
        longest = max(longest, current)
    return longest


def recovery(history, truth, hidden, place):
    """Frames from when most of the face is visible again until it is found."""
    seen = next(f for f in range(hidden[len(hidden) // 2], len(truth)) if truth[f][place][0] >= DETECTABLE)
    return next(f for f in range(seen, len(truth)) if history[f][0][place] is not None) - seen


def main():
    Gst.init(None)
    if not all(map(Gst.ElementFactory.find, ('matroskademux', 'vp9dec', 'appsrc'))):
        print('skipped: no decoder for VP9')
        return 77
    history, truth = follow()
    first = ids_of(history, truth, range(CARD.start), 0)
    # The rows of video.csv: whoever passes behind comes first.
    behind = min((0, 1), key=lambda place: truth[PASS[len(PASS) // 2]][place][0])
    front = ids_of(history, truth, range(CUT, len(truth)), 1 - behind)
    print('before the card', first, 'in front', front)
    assert len(first) == 1 and len(front) == 1 and first != front
    person = ids_of(history, truth, range(CUT), 0)
    passing = ids_of(history, truth, range(CUT, len(truth)), behind)
    late = [recovery(history, truth, CARD, 0), recovery(history, truth, PASS, behind)]
    print('behind the card', person, 'behind the other', passing, 'found after frames', late,
          'nobody is there for', longest_in_the_air(history))
    assert len(person) == len(passing) == 1 and len(person | passing | front) == 3
    assert max(late) <= MAX_RECOVERY
    assert longest_in_the_air(history) <= MAX_FRAMES_IN_THE_AIR
    return 0


if __name__ == '__main__':
    status = main()
    sys.stdout.flush()
    # Not exit(): in a sanitizer build the interpreter's own leaks would be found there.
    os._exit(status)
