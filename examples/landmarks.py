#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""landmarks.py FILE: prints the landmarks of a picture's or video's faces.

Needs Debian's python3-gst-1.0, which teaches Python GStreamer's arrays.
"""
import sys
import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst


def print_faces(sink, buffer, pad):
    meta = buffer.get_custom_meta("GstDanLandmarksMeta")
    for face in meta.get_structure()["faces"] if meta else []:
        xy = list(face["landmarks"])
        print(f"{buffer.pts / 1e9:.3f} s, face {face['id']}:",
              *(f"{x:.1f},{y:.1f}" for x, y in zip(xy[::2], xy[1::2])))


if len(sys.argv) != 2:
    sys.exit(f"usage: {sys.argv[0]} FILE")
Gst.init(None)
pipeline = Gst.parse_launch(
    "filesrc name=source ! decodebin ! videoconvert ! danfacedetect"
    " ! danalign ! fakesink name=sink signal-handoffs=true")
pipeline.get_by_name("source").set_property("location", sys.argv[1])
pipeline.get_by_name("sink").connect("handoff", print_faces)
pipeline.set_state(Gst.State.PLAYING)
end = pipeline.get_bus().timed_pop_filtered(
    Gst.CLOCK_TIME_NONE, Gst.MessageType.EOS | Gst.MessageType.ERROR)
pipeline.set_state(Gst.State.NULL)
if end.type == Gst.MessageType.ERROR:
    error, detail = end.parse_error()
    sys.exit(f"{sys.argv[1]}: {error.message}\n{detail}")
