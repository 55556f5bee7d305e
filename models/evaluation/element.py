# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs danalign, and danfacedetect, a frame at a time."""

import dataclasses
import time

import cv2
import gi
import numpy as np

gi.require_version('Gst', '1.0')
gi.require_version('GstApp', '1.0')
gi.require_version('GstVideo', '1.0')
from gi.repository import GLib, Gst, GstApp, GstVideo  # noqa: E402, F401  (GstApp gives the sinks their methods)

Gst.init(None)
WAIT = 60 * Gst.SECOND
HEAD = 'yaw', 'pitch', 'roll', 'right-eye-opening', 'left-eye-opening', 'mouth-opening'  # fields of a face's record


class ElementError(Exception):
    """An element did not do what it should; the message holds what it said."""


@dataclasses.dataclass
class Face:
    id: int
    status: str
    shape: np.ndarray
    head: np.ndarray  # the fields of HEAD, or NaN


class Source:
    """@elements, the last of them a sink with the name `sink`, behind a source of grey frames of the size of @frame."""

    def __init__(self, frame, fps, elements):
        height, width = frame.shape
        self.period = Gst.SECOND // fps
        self.number = 0
        try:
            self.pipeline = Gst.parse_launch(
                f'appsrc name=src format=time caps=video/x-raw,format=GRAY8,width={width},height={height},framerate={fps}/1'
                f' ! {elements}')
        except GLib.Error as error:
            raise ElementError(error.message) from error
        self.src, self.sink = map(self.pipeline.get_by_name, ('src', 'sink'))
        self.pipeline.set_state(Gst.State.PLAYING)

    def _buffer(self, frame, boxes):
        # Rows of raw frames begin at multiples of four bytes.
        buffer = Gst.Buffer.new_wrapped(np.pad(frame, ((0, 0), (0, -frame.shape[1] % 4))).tobytes())
        buffer.pts = self.number * self.period
        buffer.duration = self.period
        for box in boxes:
            GstVideo.buffer_add_video_region_of_interest_meta(buffer, 'face', *(max(0, round(v)) for v in box))
        return buffer

    def push(self, frame, boxes=()):
        self.src.emit('push-buffer', self._buffer(frame, boxes))
        self.number += 1

    def close(self):
        self.pipeline.set_state(Gst.State.NULL)


class Pipeline(Source):
    """@elements between a source and a sink, for a frame at a time."""

    def __init__(self, frame, fps, elements):
        super().__init__(frame, fps, f'{elements} ! appsink name=sink sync=false')

    def pass_through(self, frame, boxes=()):
        """What becomes of the next frame, a buffer, and the seconds that it took."""
        begin = time.perf_counter()
        self.push(frame, boxes)
        sample = self.sink.try_pull_sample(WAIT)
        seconds = time.perf_counter() - begin
        if not sample:
            message = self.pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
            raise ElementError(message.parse_error()[0].message if message else 'no frame came out')
        return sample.get_buffer(), seconds


class Player(Source):
    """danalign with @properties before a sink that shows frames when they are due, and tells when they are late."""

    def __init__(self, frame, fps, properties):
        super().__init__(frame, fps, f'danalign {properties} ! fakesink name=sink sync=true qos=true signal-handoffs=true')
        self.shown = []
        self.sink.connect('handoff', self._show)

    def _show(self, _sink, buffer, _pad):
        running = self.pipeline.get_clock().get_time() - self.pipeline.get_base_time()
        self.shown.append((_faces(buffer), (running - buffer.pts) / Gst.SECOND))

    def play(self):
        """For each frame that was pushed its faces, and by how many seconds it came too late."""
        self.src.emit('end-of-stream')
        message = self.pipeline.get_bus().timed_pop_filtered(Gst.CLOCK_TIME_NONE, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        if message.type == Gst.MessageType.ERROR:
            raise ElementError(message.parse_error()[0].message)
        return self.shown


class Element(Pipeline):
    """danalign with @properties, and what is to come @before it, for grey frames of the size of @frame."""

    def __init__(self, frame, fps, properties, before=''):
        super().__init__(frame, fps, f'{before} danalign {properties}')

    def process(self, frame, boxes):
        """The faces of the next frame, and the seconds that it took."""
        buffer, seconds = self.pass_through(frame, boxes)
        return _faces(buffer), seconds


def _faces(buffer):
    landmarks = buffer.get_custom_meta('GstDanLandmarksMeta').get_structure()
    return [_face(record) for record in landmarks['faces']]


def _face(record):
    shape = np.array(list(record['landmarks'])).reshape(-1, 2)
    head = [record[name] if record.has_field(name) else np.nan for name in HEAD]
    return Face(record['id'], record['status'], shape, np.array(head))


class FaceDetect:
    """danfacedetect as a function from a picture in colours to boxes and rolls (n, 5)."""
    name = 'danfacedetect'

    def __call__(self, picture):
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        pipeline = Pipeline(grey, 1, 'danfacedetect')
        buffer, _ = pipeline.pass_through(grey)
        pipeline.close()
        # Of the whole box; that of the region ends with the frame.
        params = [meta.get_param('detection') for meta in _regions(buffer)]
        rows = [[param[field] for field in ('x_min', 'y_min', 'x_max', 'y_max', 'roll')] for param in params]
        left, top, right, bottom, roll = np.array(rows, float).reshape(-1, 5).T
        height, width = grey.shape
        return np.stack([left * width, top * height, (right - left) * width, (bottom - top) * height, roll], 1)


def _regions(buffer):
    ids = range(1, buffer.get_n_meta(GstVideo.video_region_of_interest_meta_api_get_type()) + 1)
    return [GstVideo.buffer_get_video_region_of_interest_meta_id(buffer, i) for i in ids]
