/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fields that the meta and the message share; docs/meta.md lists them. */

#include "gstdanrecord.h"

static void
set_landmarks (GstStructure * structure, const gfloat * xy, gsize n)
{
  GValue array = G_VALUE_INIT;
  GValue value = G_VALUE_INIT;

  gst_value_array_init (&array, n);
  g_value_init (&value, G_TYPE_FLOAT);
  for (gsize i = 0; i < n; i++) {
    g_value_set_float (&value, xy[i]);
    gst_value_array_append_value (&array, &value);
  }
  gst_structure_take_value (structure, "landmarks", &array);
}

/* A negative @value is unknown. */
static void
set_if_known (GstStructure * structure, const gchar * field, gdouble value)
{
  if (value >= 0)
    gst_structure_set (structure, field, G_TYPE_DOUBLE, value, NULL);
}

/* Not of landmarks in an order that libdan does not know. */
static void
set_head (GstStructure * structure, const GstDanRecordInfo * info,
    const DanPoint * landmarks)
{
  DanPose pose;
  DanOpenings openings;

  if (dan_pose_estimate (info->scheme, landmarks, info->n_points, &pose, NULL)
      != DAN_OK || dan_openings_measure (info->scheme, landmarks,
          info->n_points, &pose, &openings, NULL) != DAN_OK)
    return;
  gst_structure_set (structure,
      "yaw", G_TYPE_DOUBLE, (gdouble) pose.yaw,
      "pitch", G_TYPE_DOUBLE, (gdouble) pose.pitch,
      "roll", G_TYPE_DOUBLE, (gdouble) pose.roll,
      "right-eye-opening", G_TYPE_DOUBLE, (gdouble) openings.right_eye,
      "left-eye-opening", G_TYPE_DOUBLE, (gdouble) openings.left_eye,
      "mouth-opening", G_TYPE_DOUBLE, (gdouble) openings.mouth, NULL);
}

static GstStructure *
face_structure (const GstDanRecordInfo * info, const GstDanFace * face)
{
  static const gchar *statuses[] = { "aligned", "tracked", "extrapolated",
    "reused"
  };
  DanBox box = dan_box_around (face->landmarks, info->n_points);
  GstStructure *structure = gst_structure_new ("face",
      "id", G_TYPE_UINT, face->id,
      "source-id", G_TYPE_INT, face->source_id,
      "status", G_TYPE_STRING, statuses[face->status],
      "x", G_TYPE_DOUBLE, (gdouble) box.x,
      "y", G_TYPE_DOUBLE, (gdouble) box.y,
      "width", G_TYPE_DOUBLE, (gdouble) box.width,
      "height", G_TYPE_DOUBLE, (gdouble) box.height, NULL);

  if (GST_CLOCK_TIME_IS_VALID (face->age))
    gst_structure_set (structure, "age", G_TYPE_UINT64, face->age, NULL);
  set_if_known (structure, "confidence", face->confidence);
  set_if_known (structure, "detection-confidence", face->detection_confidence);
  set_head (structure, info, face->landmarks);
  /* A DanPoint is two floats. */
  set_landmarks (structure, &face->landmarks[0].x, 2 * info->n_points);
  return structure;
}

static void
append_face (GValue * array, GstStructure * face)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&value, face);
  gst_value_array_append_and_take_value (array, &value);
}

/* Adds the fields to @structure. */
void
gst_dan_record_fill (GstStructure * structure, const GstDanRecordInfo * info,
    const GArray * faces)
{
  GValue array = G_VALUE_INIT;

  gst_structure_set (structure,
      "width", G_TYPE_INT, info->width,
      "height", G_TYPE_INT, info->height,
      "scheme", G_TYPE_STRING, info->scheme,
      "points", G_TYPE_UINT, (guint) info->n_points, NULL);

  gst_value_array_init (&array, faces->len);
  for (guint i = 0; i < faces->len; i++)
    append_face (&array,
        face_structure (info, &g_array_index (faces, GstDanFace, i)));
  gst_structure_take_value (structure, "faces", &array);
}

/* Pixel centres lie on integers, the picture's edge half a pixel before. */
static gdouble
scale_position (gdouble x, gdouble s)
{
  return (x + 0.5) * s - 0.5;
}

static void
scale_box (GstStructure * face, gdouble sx, gdouble sy)
{
  gdouble x, y, width, height;

  if (!gst_structure_get (face, "x", G_TYPE_DOUBLE, &x,
          "y", G_TYPE_DOUBLE, &y, "width", G_TYPE_DOUBLE, &width,
          "height", G_TYPE_DOUBLE, &height, NULL))
    return;
  gst_structure_set (face,
      "x", G_TYPE_DOUBLE, scale_position (x, sx),
      "y", G_TYPE_DOUBLE, scale_position (y, sy),
      "width", G_TYPE_DOUBLE, width * sx,
      "height", G_TYPE_DOUBLE, height * sy, NULL);
}

static void
scale_landmarks (GstStructure * face, gdouble sx, gdouble sy)
{
  const GValue *array = gst_structure_get_value (face, "landmarks");
  guint n;
  gfloat *xy;

  if (!array || !GST_VALUE_HOLDS_ARRAY (array))
    return;
  n = gst_value_array_get_size (array);
  xy = g_new (gfloat, n);
  for (guint i = 0; i < n; i++)
    xy[i] = scale_position (g_value_get_float (gst_value_array_get_value (array,
                i)), i % 2 ? sy : sx);
  set_landmarks (face, xy, n);
  g_free (xy);
}

/* Follows a scaling of the frame by (sx, sy). Heads stay as they are turned,
 * even if the pixels are squares no more. */
void
gst_dan_record_scale (GstStructure * structure, gdouble sx, gdouble sy)
{
  const GValue *faces = gst_structure_get_value (structure, "faces");
  GValue array = G_VALUE_INIT;
  gint width, height;

  if (gst_structure_get (structure, "width", G_TYPE_INT, &width,
          "height", G_TYPE_INT, &height, NULL))
    gst_structure_set (structure,
        "width", G_TYPE_INT, (gint) (width * sx + 0.5),
        "height", G_TYPE_INT, (gint) (height * sy + 0.5), NULL);
  if (!faces || !GST_VALUE_HOLDS_ARRAY (faces))
    return;

  gst_value_array_init (&array, gst_value_array_get_size (faces));
  for (guint i = 0; i < gst_value_array_get_size (faces); i++) {
    GstStructure *face = gst_structure_copy (gst_value_get_structure
        (gst_value_array_get_value (faces, i)));

    scale_box (face, sx, sy);
    scale_landmarks (face, sx, sy);
    append_face (&array, face);
  }
  gst_structure_take_value (structure, "faces", &array);
}
