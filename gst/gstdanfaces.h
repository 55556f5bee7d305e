/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_FACES_H
#define GST_DAN_FACES_H

#include <gst/video/video.h>
#include <dan/dan.h>

G_BEGIN_DECLS

/* Where a face's landmarks are from; docs/meta.md describes them. */
typedef enum
{
  GST_DAN_FACE_ALIGNED,
  GST_DAN_FACE_TRACKED,
  GST_DAN_FACE_EXTRAPOLATED,
  GST_DAN_FACE_REUSED,
} GstDanFaceStatus;

/* One face of a frame, from its box to its landmarks. */
typedef struct
{
  guint id;
  GstDanFaceStatus status;
  GstClockTime age;             /* since it was first seen, NONE: not tracked */
  DanBox box;                   /* as the detector or the user gives it */
  DanBox tight;                 /* that of its landmarks, by that */
  gfloat roll;                  /* degrees, clockwise; 0 if not known */
  gint source_id;               /* the detector's id, 0: none */
  gdouble detection_confidence; /* the detector's, negative: unknown */
  /* The meta it came from, NULL: none. Of the current buffer only. */
  GstVideoRegionOfInterestMeta *roi;
  /* The object detection it came from, of GstAnalytics. The same. */
  gboolean has_od;
  guint od_id;
  const DanPoint *landmarks;    /* the engine's, of the last call */
  gdouble confidence;           /* the network's in them, negative: unknown */
} GstDanFace;

gboolean gst_dan_parse_region (const gchar * text, DanBox * box);

gboolean gst_dan_faces_type_is_wanted (GQuark type, gchar ** types);
void gst_dan_faces_collect (GArray * faces, GstBuffer * buffer,
    gchar ** roi_types);
void gst_dan_faces_select (GArray * faces, guint max_faces);
void gst_dan_faces_drop_doubtful (GArray * faces, gdouble min_confidence);

G_END_DECLS

#endif /* GST_DAN_FACES_H */
