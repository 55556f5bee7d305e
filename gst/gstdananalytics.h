/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_ANALYTICS_H
#define GST_DAN_ANALYTICS_H

#include "gstdanrecord.h"

G_BEGIN_DECLS

/* Built without the library, nothing is read and nothing is written. */
#ifdef HAVE_GST_ANALYTICS

void gst_dan_analytics_collect (GArray * faces, GstBuffer * buffer,
    gchar ** types);
void gst_dan_analytics_add_detection (GstBuffer * buffer,
    const GstVideoRegionOfInterestMeta * roi, gdouble confidence);
void gst_dan_analytics_add_faces (GstBuffer * buffer,
    const GstDanRecordInfo * info, const GArray * faces, gboolean keypoints);

#else

static inline void
gst_dan_analytics_collect (GArray * faces, GstBuffer * buffer, gchar ** types)
{
}

static inline void
gst_dan_analytics_add_detection (GstBuffer * buffer,
    const GstVideoRegionOfInterestMeta * roi, gdouble confidence)
{
}

static inline void
gst_dan_analytics_add_faces (GstBuffer * buffer, const GstDanRecordInfo * info,
    const GArray * faces, gboolean keypoints)
{
}

#endif

G_END_DECLS

#endif /* GST_DAN_ANALYTICS_H */
