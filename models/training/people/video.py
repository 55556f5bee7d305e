# SPDX-License-Identifier: LGPL-2.1-or-later
"""A video of two shots: one person who talks and looks around, and whose
face a card hides for a while; then two who cross."""

import os
import subprocess

import cv2
import numpy as np

from . import scene, truth
from .person import Person, View

SIZE, RATE = (640, 480), 25
TALK, CROSS = 200, 140        # frames of the two shots
CARD = 120, 165               # frames that the card is in sight
BLINK, EVERY = 7, 67          # frames of a blink, and from one to the next
SCALES = {'talks': 112, 'near': 86, 'far': 62}  # pixels a unit of the head


def _sway(frame, period, phase=0.0):
    return np.sin(2 * np.pi * (frame / period + phase))


def _eyes(frame, phase):
    """How far the eyes are open in @frame: shut in the middle of a blink."""
    since = (frame + phase) % EVERY
    return 1.0 if since >= BLINK else max(0.0, abs(since - (BLINK - 1) / 2) / (BLINK / 2) * 1.3 - .3)


def _speech(frame, phase=0.0):
    """The opening of the mouth, with a pause after every sentence."""
    syllables = abs(_sway(frame, 13.7, phase)) * (.6 + .4 * _sway(frame, 37, phase))
    return .02 + .2 * max(syllables, 0) * (_sway(frame, 90, phase) > -.6)


def _talking(frame):
    angles = 29 * _sway(frame, 110), 9 * _sway(frame, 75, .2), 9 * _sway(frame, 130, .4)
    position = 320 + 45 * _sway(frame, 160), 215 + 10 * _sway(frame, 50)
    return View(position, SCALES['talks'] * (1 + .12 * _sway(frame, 190)), angles, _speech(frame),
                .06 + .06 * _sway(frame, 140), _eyes(frame, 40), (45, 20, .45))


def _crossing(frame, name, way):
    """The view of who goes to the right (@way 1) or to the left (-1)."""
    done = frame / (CROSS - 1) * 2 - 1
    angles = way * 14 + 6 * _sway(frame, 60), 5 * _sway(frame, 45, way / 4), 4 * _sway(frame, 40, way / 8)
    position = 320 + way * done * 215, 245 - 25 * way + 5 * _sway(frame, 14)
    return View(position, SCALES[name], angles, _speech(frame, .5 * way), .08, _eyes(frame, 20 * way), (-40, 25, .4))


def _card(frame):
    """(colour, alpha) of a card that is carried past the face."""
    first, end = CARD
    if not first <= frame < end:
        return None
    x = -140 + (SIZE[0] + 280) * (frame - first) / (end - 1 - first)
    corners = cv2.boxPoints(((x, 230 + 12 * _sway(frame, 30)), (150, 250), 6 * _sway(frame, 50)))
    alpha = np.zeros(SIZE[::-1], np.uint8)
    cv2.fillConvexPoly(alpha, np.round(corners * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    colour = np.full((*SIZE[::-1], 3), (150, 120, 70), np.float32)
    return colour, alpha.astype(np.float32) / 255


def _shots(model, seed):
    """(background, camera, function of a frame that gives people and card, frames) of each shot."""
    rng = np.random.default_rng([seed, 1])
    talks, near, far = (Person(model, np.random.default_rng([seed, 2, k])) for k in range(3))

    def talking(frame):
        return [(0, talks, _talking(frame))], _card(frame)

    def crossing(frame):
        return [(2, far, _crossing(frame, 'far', -1)), (1, near, _crossing(frame, 'near', 1))], None

    return [(scene.background(rng, SIZE), scene.Camera(rng, (.4, .6), (.8, 1.2)), content, frames)
            for content, frames in ((talking, TALK), (crossing, CROSS))]


class Encoder:
    """Writes frames to a WebM file by gst-launch-1.0."""

    def __init__(self, path):
        pipeline = ['fdsrc', '!', 'rawvideoparse', 'format=bgr', f'width={SIZE[0]}', f'height={SIZE[1]}',
                    f'framerate={RATE}/1', '!', 'videoconvert', '!', 'video/x-raw,format=I420', '!',
                    'vp9enc', 'end-usage=cq', 'cq-level=34', 'target-bitrate=700000', 'deadline=100000', 'cpu-used=3',
                    'keyframe-max-dist=100', '!', 'webmmux', '!', 'filesink', f'location={path}']
        self.process = subprocess.Popen(['gst-launch-1.0', '-q', *pipeline], stdin=subprocess.PIPE)

    def add(self, picture):
        self.process.stdin.write(picture.tobytes())

    def close(self):
        self.process.stdin.close()
        if self.process.wait():
            raise OSError('gst-launch-1.0 could not encode the video')


def make(model, folder, seed, progress):
    """Writes video.webm to @folder, and video.csv with a row for each face of each frame."""
    os.makedirs(folder, exist_ok=True)
    rows, number, noise = [], 0, np.random.default_rng([seed, 3])
    encoder = Encoder(os.path.join(folder, 'video.webm'))
    for background, camera, content, frames in _shots(model, seed):
        for frame in range(frames):
            progress(f'frame {number + 1} of {TALK + CROSS}')
            picture = background.copy()
            people, card = content(frame)
            faces = scene.compose(picture, people, card)
            encoder.add(camera.take(picture, noise))
            rows += [[number, face.index, f'{face.visible:.3f}', *truth.pose(face), *truth.points(face)]
                     for face in faces]
            number += 1
    encoder.close()
    truth.write(os.path.join(folder, 'video.csv'), ['frame', 'person', 'visible', *truth.POSE, *truth.POINTS], rows)
