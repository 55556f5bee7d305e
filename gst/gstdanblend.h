/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_BLEND_H
#define GST_DAN_BLEND_H

#include <gst/video/video.h>

G_BEGIN_DECLS

/* Blends drawings into frames of one format. */
typedef struct _GstDanBlender GstDanBlender;

GstDanBlender *gst_dan_blender_new (const GstVideoInfo * info);
void gst_dan_blender_free (GstDanBlender * blender);

guint32 *gst_dan_blender_canvas (GstDanBlender * blender,
    const GstVideoRectangle * area);
gboolean gst_dan_blender_blend (GstDanBlender * blender,
    GstVideoFrame * frame, const guint32 * argb,
    const GstVideoRectangle * area);

G_END_DECLS

#endif /* GST_DAN_BLEND_H */
