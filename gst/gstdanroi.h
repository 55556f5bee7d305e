/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_ROI_H
#define GST_DAN_ROI_H

#include "gstdanrecord.h"

G_BEGIN_DECLS

DanBox gst_dan_roi_visible_part (const DanBox * box, gint width, gint height);
GstVideoRegionOfInterestMeta *gst_dan_roi_add_region (GstBuffer * buffer,
    const DanBox * box, gint width, gint height);
void gst_dan_roi_add_landmarks (const GstDanRecordInfo * info,
    const GstDanFace * face);
void gst_dan_roi_add_points (GstVideoRegionOfInterestMeta * roi,
    const gchar * layer, const DanPoint * points, gsize n_points);

G_END_DECLS

#endif /* GST_DAN_ROI_H */
