/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * Reads the facial landmarks that the GStreamer element `danalign` leaves in
 * a buffer's GstCustomMeta or in its element message. Everything here is a
 * convenience: the meta is plain GstStructures, described in docs/meta.md,
 * and can be read without this header.
 *
 * Coordinates are pixels of the frame; pixel centres lie on integers. All
 * pointers belong to the buffer or message they came from.
 */
#ifndef GST_DAN_META_H
#define GST_DAN_META_H

#include <gst/gst.h>

G_BEGIN_DECLS

/** The name of the custom meta. Known once the plugin has been loaded. */
#define GST_DAN_META_NAME "GstDanLandmarksMeta"

/** The landmarks of @buffer, NULL if it has none, because danalign did not
 * process it. With a danalign that found no face there is a structure with
 * no faces. */
static inline const GstStructure *
gst_dan_buffer_get_landmarks (GstBuffer * buffer)
{
  GstCustomMeta *meta = NULL;

  /* Without the plugin, asking by name would be a programming error. */
  if (gst_meta_get_info (GST_DAN_META_NAME))
    meta = gst_buffer_get_custom_meta (buffer, GST_DAN_META_NAME);
  return meta ? gst_custom_meta_get_structure (meta) : NULL;
}

/** The number of faces in @landmarks, which is a buffer's or a message's
 * structure. */
static inline guint
gst_dan_landmarks_n_faces (const GstStructure * landmarks)
{
  const GValue *faces = gst_structure_get_value (landmarks, "faces");

  if (!faces || !GST_VALUE_HOLDS_ARRAY (faces))
    return 0;
  return gst_value_array_get_size (faces);
}

/** Face number @i, counted from 0, the largest first; NULL past the last.
 * Its fields "id", "x", "y", "width", "height", "confidence" and so on are
 * read with gst_structure_get(). */
static inline const GstStructure *
gst_dan_landmarks_get_face (const GstStructure * landmarks, guint i)
{
  if (i >= gst_dan_landmarks_n_faces (landmarks))
    return NULL;
  return gst_value_get_structure (gst_value_array_get_value
      (gst_structure_get_value (landmarks, "faces"), i));
}

/** Copies up to @max_points points of @face to @xy as x0, y0, x1, y1 ...
 * Returns the number of points that the face has; @xy may be NULL. */
static inline guint
gst_dan_face_get_points (const GstStructure * face, gfloat * xy,
    guint max_points)
{
  const GValue *array = gst_structure_get_value (face, "landmarks");
  guint n, i;

  if (!array || !GST_VALUE_HOLDS_ARRAY (array))
    return 0;
  n = gst_value_array_get_size (array) / 2;
  for (i = 0; xy && i < 2 * MIN (n, max_points); i++)
    xy[i] = g_value_get_float (gst_value_array_get_value (array, i));
  return n;
}

G_END_DECLS

#endif /* GST_DAN_META_H */
