/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_RECORD_H
#define GST_DAN_RECORD_H

#include <gst/video/video.h>

#include "gstdanfaces.h"

G_BEGIN_DECLS

/* What is the same for all faces of a frame. */
typedef struct
{
  gint width, height;           /* of the frame */
  GstClockTime time;            /* running time of it */
  const gchar *scheme;
  gsize n_points;
  const DanContour *contours;   /* of the landmarks */
  gsize n_contours;
} GstDanRecordInfo;

void gst_dan_record_fill (GstStructure * structure,
    const GstDanRecordInfo * info, const GArray * faces);
void gst_dan_record_scale (GstStructure * structure, gdouble sx, gdouble sy);

G_END_DECLS

#endif /* GST_DAN_RECORD_H */
