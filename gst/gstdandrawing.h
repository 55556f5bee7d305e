/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_DRAWING_H
#define GST_DAN_DRAWING_H

#include "gstdanrecord.h"
#include "gstdansettings.h"

G_BEGIN_DECLS

gboolean gst_dan_drawing_area (const GstDanSettings * look,
    const GstDanRecordInfo * info, const GstDanFace * face,
    GstVideoRectangle * area);
void gst_dan_drawing_paint (const GstDanSettings * look,
    const GstDanRecordInfo * info, const GstDanFace * face,
    const GstVideoRectangle * area, guint32 * argb);

G_END_DECLS

#endif /* GST_DAN_DRAWING_H */
