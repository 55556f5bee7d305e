/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_TIME_H
#define GST_DAN_TIME_H

#include <gst/video/video.h>

G_BEGIN_DECLS

/* Where a stream stands, to tell frames that were dropped from a break. */
typedef struct
{
  GstClockTime end;             /* running time of the last frame's end, or NONE */
  GstClockTime duration;        /* of it */
} GstDanTimeline;

GstClockTime gst_dan_stream_time (const GstSegment * segment,
    const GstBuffer * buffer);
GstClockTime gst_dan_running_time (const GstSegment * segment,
    const GstBuffer * buffer);

void gst_dan_timeline_reset (GstDanTimeline * timeline);
gboolean gst_dan_timeline_breaks (GstDanTimeline * timeline,
    const GstSegment * segment, const GstBuffer * buffer,
    const GstVideoInfo * info);

G_END_DECLS

#endif /* GST_DAN_TIME_H */
