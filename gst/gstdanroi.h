/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_ROI_H
#define GST_DAN_ROI_H

#include "gstdanrecord.h"

G_BEGIN_DECLS

void gst_dan_roi_add_region (GstBuffer * buffer, const GstDanRecordInfo * info,
    GstDanFace * face);
void gst_dan_roi_add_landmarks (const GstDanRecordInfo * info,
    const GstDanFace * face);
void gst_dan_roi_add_points (GstVideoRegionOfInterestMeta * roi,
    const gchar * layer, const DanPoint * points, gsize n_points);

G_END_DECLS

#endif /* GST_DAN_ROI_H */
