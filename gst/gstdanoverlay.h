/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_OVERLAY_H
#define GST_DAN_OVERLAY_H

#include "gstdanblend.h"
#include "gstdanrecord.h"
#include "gstdansettings.h"

G_BEGIN_DECLS

GstVideoOverlayComposition *gst_dan_overlay_new (const GstDanSettings * look,
    const GstDanRecordInfo * info, const GArray * faces);
void gst_dan_overlay_attach (GstBuffer * buffer,
    GstVideoOverlayComposition * composition);
gboolean gst_dan_overlay_blend (GstDanBlender * blender,
    const GstDanSettings * look, const GstDanRecordInfo * info,
    const GArray * faces, GstVideoFrame * frame);

G_END_DECLS

#endif /* GST_DAN_OVERLAY_H */
