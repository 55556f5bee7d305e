/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_CAPS_H
#define GST_DAN_CAPS_H

#include <gst/video/video.h>

#include "gstdanformat.h"

G_BEGIN_DECLS

#define GST_DAN_OVERLAY_FEATURES GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY ", " \
    GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION

/* libdan's images have sides of 1 to 32767 pixels. */
#define GST_DAN_VIDEO "format = (string) " GST_DAN_FORMATS ", " \
    "width = (int) [ 1, 32767 ], height = (int) [ 1, 32767 ], " \
    "framerate = " GST_VIDEO_FPS_RANGE

#define GST_DAN_CAPS "video/x-raw, " GST_DAN_VIDEO "; " \
    "video/x-raw(" GST_DAN_OVERLAY_FEATURES "), " GST_DAN_VIDEO

gboolean gst_dan_caps_have_overlay (const GstCaps * caps);
GstCaps *gst_dan_caps_transform (GstPadDirection direction, GstCaps * caps,
    GstCaps * filter);
GstCaps *gst_dan_caps_prefer_overlay (GstPad * srcpad, GstCaps * caps);
void gst_dan_caps_refuse_crop (GstQuery * allocation);

G_END_DECLS

#endif /* GST_DAN_CAPS_H */
