/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_DETECTION_H
#define GST_DAN_DETECTION_H

#include <gst/video/video.h>
#include <dan/dan.h>

G_BEGIN_DECLS

void gst_dan_detection_add (GstBuffer * buffer, const GstVideoInfo * info,
    const DanDetection * detection, gint id);
gboolean gst_dan_detection_read (GstVideoRegionOfInterestMeta * roi,
    gint width, gint height, DanBox * box, gfloat * roll);

G_END_DECLS

#endif /* GST_DAN_DETECTION_H */
