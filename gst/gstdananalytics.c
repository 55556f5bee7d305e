/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Faces in the terms of GstAnalytics, as elements of GStreamer 1.24 and newer
 * exchange them: docs/meta.md describes what is read and what is written. A
 * buffer has one relation meta, which all elements add to. Nothing can be
 * taken out of it, and nothing of others is changed. */

#include <math.h>
#include <gst/analytics/analytics.h>

#include "gstdananalytics.h"

/* Appends the faces among @buffer's object detections. */
void
gst_dan_analytics_collect (GArray * faces, GstBuffer * buffer, gchar ** types)
{
  GstAnalyticsRelationMeta *meta =
      gst_buffer_get_analytics_relation_meta (buffer);
  gpointer state = NULL;
  GstAnalyticsODMtd od;

  while (meta && gst_analytics_relation_meta_iterate (meta, &state,
          gst_analytics_od_mtd_get_mtd_type (), &od)) {
    GstDanFace face = {.has_od = TRUE,.od_id = od.id };
    gint x, y, width, height;
    gfloat confidence;

    if (!gst_dan_faces_type_is_wanted (gst_analytics_od_mtd_get_obj_type (&od),
            types)
        || !gst_analytics_od_mtd_get_location (&od, &x, &y, &width, &height,
            &confidence) || width <= 0 || height <= 0)
      continue;
    face.box = (DanBox) {x, y, width, height};
    face.detection_confidence = confidence >= 0 ? confidence : -1;
    g_array_append_val (faces, face);
  }
}

static gboolean
add_detection (GstAnalyticsRelationMeta * meta,
    const GstVideoRegionOfInterestMeta * roi, gdouble confidence,
    GstAnalyticsODMtd * od)
{
  return gst_analytics_relation_meta_add_od_mtd (meta, roi->roi_type,
      (gint) roi->x, (gint) roi->y, roi->w, roi->h, confidence, od);
}

/* Adds an object detection that says of a face what @roi says. */
void
gst_dan_analytics_add_detection (GstBuffer * buffer,
    const GstVideoRegionOfInterestMeta * roi, gdouble confidence)
{
  GstAnalyticsODMtd od;

  add_detection (gst_buffer_add_analytics_relation_meta (buffer), roi,
      confidence, &od);
}

/* The detector's confidence, or else the network's. One of them is all that
 * there is room for, and no room for none: full, as of keypoints without. */
static gdouble
confidence_of (const GstDanFace * face)
{
  if (face->detection_confidence >= 0)
    return face->detection_confidence;
  return face->confidence >= 0 ? face->confidence : 1;
}

/* The time of a frame without one is that of no face. */
static void
add_tracking (GstAnalyticsRelationMeta * meta, guint od_id,
    const GstDanFace * face, GstClockTime time)
{
  GstClockTime first_seen = GST_CLOCK_TIME_IS_VALID (time) ?
      time - MIN (face->age, time) : GST_CLOCK_TIME_NONE;
  GstAnalyticsTrackingMtd tracking;

  if (!gst_analytics_relation_meta_add_tracking_mtd (meta, face->id,
          first_seen, &tracking))
    return;
  gst_analytics_tracking_mtd_update_last_seen (&tracking, time);
  gst_analytics_relation_meta_set_relation (meta,
      GST_ANALYTICS_REL_TYPE_RELATE_TO, od_id, tracking.id);
}

#ifdef HAVE_GST_ANALYTICS_KEYPOINTS

/* A group of them. */
#define KEYPOINT_MTDS(info) (1 + (info)->n_points)

/* The contours as pairs of neighbouring landmarks. */
static GArray *
skeleton_of (const GstDanRecordInfo * info)
{
  GArray *pairs = g_array_new (FALSE, FALSE, sizeof (gint));

  for (gsize i = 0; i < info->n_contours; i++) {
    const DanContour *contour = &info->contours[i];

    for (gsize k = contour->first; k < contour->last; k++) {
      gint pair[] = { k, k + 1 };

      g_array_append_vals (pairs, pair, 2);
    }
    if (contour->closed) {
      gint pair[] = { contour->last, contour->first };

      g_array_append_vals (pairs, pair, 2);
    }
  }
  return pairs;
}

static void
add_keypoints (GstAnalyticsRelationMeta * meta, guint od_id,
    const GstDanRecordInfo * info, const GstDanFace * face)
{
  gsize n = info->n_points;
  gchar *tag = g_strdup_printf ("face-%" G_GSIZE_FORMAT "-kp", n);
  gint *xy = g_new (gint, 2 * n);
  gfloat *confidences = g_new (gfloat, n);
  GArray *skeleton = skeleton_of (info);
  GstAnalyticsGroupMtd group;

  for (gsize i = 0; i < n; i++) {
    xy[2 * i] = lrintf (face->landmarks[i].x);
    xy[2 * i + 1] = lrintf (face->landmarks[i].y);
    confidences[i] = face->confidence;
  }
  if (gst_analytics_relation_meta_add_keypoints_group (meta, tag,
          GST_ANALYTICS_KEYPOINT_DIMENSIONS_2D, 2 * n, xy, n,
          face->confidence >= 0 ? confidences : NULL, NULL, skeleton->len,
          (const gint *) skeleton->data, &group)) {
    gst_analytics_relation_meta_set_relation (meta,
        GST_ANALYTICS_REL_TYPE_CONTAIN, od_id, group.id);
    gst_analytics_relation_meta_set_relation (meta,
        GST_ANALYTICS_REL_TYPE_IS_PART_OF, group.id, od_id);
  }
  g_array_unref (skeleton);
  g_free (confidences);
  g_free (xy);
  g_free (tag);
}

#else

#define KEYPOINT_MTDS(info) 0

/* This GStreamer has no place for them. */
static void
add_keypoints (GstAnalyticsRelationMeta * meta, guint od_id,
    const GstDanRecordInfo * info, const GstDanFace * face)
{
}

#endif

static void
add_face (GstAnalyticsRelationMeta * meta, const GstDanRecordInfo * info,
    const GstDanFace * face, gboolean keypoints)
{
  guint od_id = face->od_id;

  if (!face->has_od) {
    GstAnalyticsODMtd od;

    if (!face->roi
        || !add_detection (meta, face->roi, confidence_of (face), &od))
      return;
    od_id = od.id;
  }
  if (GST_CLOCK_TIME_IS_VALID (face->age))
    add_tracking (meta, od_id, face, info->time);
  if (keypoints)
    add_keypoints (meta, od_id, info, face);
}

/* Adds what is known of @faces: of those that came from an object detection to
 * that, of others to one that says what their region says. Landmarks among it
 * if @keypoints. */
void
gst_dan_analytics_add_faces (GstBuffer * buffer, const GstDanRecordInfo * info,
    const GArray * faces, gboolean keypoints)
{
  /* Detections and tracking too. Growing costs the square of the size. */
  gsize n = faces->len * (2 + (keypoints ? KEYPOINT_MTDS (info) : 0));
  GstAnalyticsRelationMetaInitParams params = {
    .initial_relation_order = n,
    .initial_buf_size = 64 * n,
  };
  GstAnalyticsRelationMeta *meta;

  if (faces->len == 0)
    return;
  meta = gst_buffer_add_analytics_relation_meta_full (buffer, &params);
  for (guint i = 0; i < faces->len; i++)
    add_face (meta, info, &g_array_index (faces, GstDanFace, i), keypoints);
}
