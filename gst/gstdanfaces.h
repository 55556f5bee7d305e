/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_FACES_H
#define GST_DAN_FACES_H

#include <gst/video/video.h>
#include <dan/dan.h>

G_BEGIN_DECLS

/* One face of a frame, from its box to its landmarks. */
typedef struct
{
  DanBox box;                   /* as the detector or the user gave it */
  gint source_id;               /* the detector's id, 0: none */
  gdouble detection_confidence; /* the detector's, negative: unknown */
  /* The meta it came from, NULL: none. Of the current buffer only. */
  GstVideoRegionOfInterestMeta *roi;
  DanPoint *landmarks;          /* in the pool of GstDanEngine */
  gdouble confidence;           /* the network's in them, negative: unknown */
} GstDanFace;

gboolean gst_dan_parse_region (const gchar * text, DanBox * box);

void gst_dan_faces_collect (GArray * faces, GstBuffer * buffer,
    gchar ** roi_types);
void gst_dan_faces_select (GArray * faces, guint max_faces);
void gst_dan_faces_drop_doubtful (GArray * faces, gdouble min_confidence);

G_END_DECLS

#endif /* GST_DAN_FACES_H */
