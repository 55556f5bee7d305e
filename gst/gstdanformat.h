/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_FORMAT_H
#define GST_DAN_FORMAT_H

#include <gst/video/video.h>
#include <dan/dan.h>

G_BEGIN_DECLS

/* The raw formats whose luma or RGB libdan reads in place. */
#define GST_DAN_FORMATS "{ I420, YV12, NV12, NV21, NV16, NV61, NV24, Y41B, " \
    "Y42B, Y444, A420, GRAY8, YUY2, YVYU, UYVY, RGB, BGR, RGBx, RGBA, " \
    "BGRx, BGRA, xRGB, ARGB, xBGR, ABGR, I420_10LE, I422_10LE, Y444_10LE, " \
    "P010_10LE }"

DanRange gst_dan_range (const GstVideoInfo * info);
gboolean gst_dan_image_from_frame (DanImage * image,
    const GstVideoFrame * frame);

G_END_DECLS

#endif /* GST_DAN_FORMAT_H */
