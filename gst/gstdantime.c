/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Times of buffers. Segments of other formats than time say nothing of them, and
 * GStreamer's own functions complain if they are asked. */

#include "gstdantime.h"

GstClockTime
gst_dan_stream_time (const GstSegment * segment, const GstBuffer * buffer)
{
  return segment->format != GST_FORMAT_TIME ? GST_CLOCK_TIME_NONE :
      gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer));
}

GstClockTime
gst_dan_running_time (const GstSegment * segment, const GstBuffer * buffer)
{
  return segment->format != GST_FORMAT_TIME ? GST_CLOCK_TIME_NONE :
      gst_segment_to_running_time (segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer));
}

/* How long @buffer is shown, in running time. */
static GstClockTime
running_duration (const GstSegment * segment, const GstBuffer * buffer,
    const GstVideoInfo * info)
{
  GstClockTime duration = GST_BUFFER_DURATION (buffer);

  if (!GST_CLOCK_TIME_IS_VALID (duration) && GST_VIDEO_INFO_FPS_N (info) > 0)
    duration = gst_util_uint64_scale (GST_SECOND, GST_VIDEO_INFO_FPS_D (info),
        GST_VIDEO_INFO_FPS_N (info));
  return GST_CLOCK_TIME_IS_VALID (duration) ?
      duration / ABS (segment->rate) : GST_CLOCK_TIME_NONE;
}

void
gst_dan_timeline_reset (GstDanTimeline * timeline)
{
  timeline->end = timeline->duration = GST_CLOCK_TIME_NONE;
}

/* Whether frames are missing between the last one and one at running @time, as
 * after a queue or a decoder that drops what is late. */
static gboolean
frames_are_missing (const GstDanTimeline * timeline, GstClockTime time)
{
  return GST_CLOCK_TIME_IS_VALID (time)
      && GST_CLOCK_TIME_IS_VALID (timeline->end)
      && time > timeline->end + timeline->duration / 2;
}

/* Whether the stream breaks before @buffer, which comes next: it is marked as a
 * discontinuity, and not because frames before it were dropped. */
gboolean
gst_dan_timeline_breaks (GstDanTimeline * timeline, const GstSegment * segment,
    const GstBuffer * buffer, const GstVideoInfo * info)
{
  const GstClockTime time = gst_dan_running_time (segment, buffer);
  const gboolean breaks = GST_BUFFER_IS_DISCONT (buffer)
      && !frames_are_missing (timeline, time);

  timeline->duration = running_duration (segment, buffer, info);
  timeline->end = GST_CLOCK_TIME_IS_VALID (time)
      && GST_CLOCK_TIME_IS_VALID (timeline->duration) ?
      time + timeline->duration : GST_CLOCK_TIME_NONE;
  return breaks;
}
