# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs danalign, a frame at a time."""

import dataclasses
import time

import gi
import numpy as np

gi.require_version('Gst', '1.0')
gi.require_version('GstApp', '1.0')
gi.require_version('GstVideo', '1.0')
from gi.repository import Gst, GstApp, GstVideo  # noqa: E402, F401  (GstApp gives the sinks their methods)

Gst.init(None)
WAIT = 60 * Gst.SECOND


class ElementError(Exception):
    """danalign did not do what it should; the message holds what it said."""


@dataclasses.dataclass
class Face:
    id: int
    status: str
    shape: np.ndarray


class Element:
    """danalign with @properties, and what is to come @before it, for grey frames of the size of @frame."""

    def __init__(self, frame, fps, properties, before=''):
        height, width = frame.shape
        self.period = Gst.SECOND // fps
        self.number = 0
        self.pipeline = Gst.parse_launch(
            f'appsrc name=src format=time caps=video/x-raw,format=GRAY8,width={width},height={height},framerate={fps}/1'
            f' ! {before} danalign {properties} ! appsink name=sink sync=false')
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

    def process(self, frame, boxes):
        """The faces of the next frame, and the seconds that it took."""
        buffer = self._buffer(frame, boxes)
        self.number += 1
        begin = time.perf_counter()
        self.src.emit('push-buffer', buffer)
        sample = self.sink.try_pull_sample(WAIT)
        seconds = time.perf_counter() - begin
        if not sample:
            message = self.pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
            raise ElementError(message.parse_error()[0].message if message else 'no frame came out')
        landmarks = sample.get_buffer().get_custom_meta('GstDanLandmarksMeta').get_structure()
        return [Face(face['id'], face['status'], np.array(list(face['landmarks'])).reshape(-1, 2))
                for face in landmarks['faces']], seconds

    def close(self):
        self.pipeline.set_state(Gst.State.NULL)
