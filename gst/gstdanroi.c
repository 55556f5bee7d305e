/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Regions of interest of faces, and the landmarks once more, as a param of such
 * a region in the form in which Intel's DL Streamer keeps tensors: its elements
 * and exporters know "landmark_points". */

#include <math.h>

#include "gstdanroi.h"

#define PARAM_NAME "landmarks"
#define LAYER_NAME "danalign"

/* DL Streamer's numbers for these. */
#define PRECISION_FP32 10
#define LAYOUT_NC 193

/* The whole pixels of the part of @box that lies in a frame of @width and
 * @height. */
DanBox
gst_dan_roi_visible_part (const DanBox * box, gint width, gint height)
{
  gfloat x0 = CLAMP (floorf (box->x), 0, width);
  gfloat y0 = CLAMP (floorf (box->y), 0, height);
  gfloat x1 = CLAMP (ceilf (box->x + box->width), 0, width);
  gfloat y1 = CLAMP (ceilf (box->y + box->height), 0, height);

  return (DanBox) {x0, y0, x1 - x0, y1 - y0};
}

/* A region of a face's @box, in a frame of @width and @height. NULL if the box
 * is wholly outside of it. */
GstVideoRegionOfInterestMeta *
gst_dan_roi_add_region (GstBuffer * buffer, const DanBox * box, gint width,
    gint height)
{
  DanBox part = gst_dan_roi_visible_part (box, width, height);

  if (!(part.width > 0 && part.height > 0))
    return NULL;
  return gst_buffer_add_video_region_of_interest_meta (buffer, "face", part.x,
      part.y, part.width, part.height);
}

static gboolean
is_of_layer (const GstStructure * param, const gchar * layer)
{
  return gst_structure_has_name (param, PARAM_NAME) &&
      g_strcmp0 (gst_structure_get_string (param, "layer_name"), layer) == 0;
}

static void
remove_layer (GstVideoRegionOfInterestMeta * roi, const gchar * layer)
{
  GList *l = roi->params;

  while (l) {
    GList *next = l->next;

    if (is_of_layer (l->data, layer)) {
      gst_structure_free (l->data);
      roi->params = g_list_delete_link (roi->params, l);
    }
    l = next;
  }
}

/* The points relative to the region: 0 to 1 within it. */
static GVariant *
relative_points (const GstVideoRegionOfInterestMeta * roi,
    const DanPoint * points, gsize n_points)
{
  gsize size = 2 * n_points * sizeof (gfloat);
  gfloat *xy = g_malloc (size);
  GVariant *variant;

  for (gsize i = 0; i < n_points; i++) {
    xy[2 * i] = (points[i].x - (gint) roi->x) / roi->w;
    xy[2 * i + 1] = (points[i].y - (gint) roi->y) / roi->h;
  }
  variant = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, xy, size, 1);
  g_free (xy);
  return variant;
}

static void
set_dims (GstStructure * param, guint n_values)
{
  GValue dims = G_VALUE_INIT;
  GValue value = G_VALUE_INIT;

  gst_value_array_init (&dims, 2);
  g_value_init (&value, G_TYPE_UINT);
  g_value_set_uint (&value, 1);
  gst_value_array_append_value (&dims, &value);
  g_value_set_uint (&value, n_values);
  gst_value_array_append_value (&dims, &value);
  gst_structure_take_value (param, "dims", &dims);
}

/* Adds @points to the region, in place of earlier ones of the same @layer. */
void
gst_dan_roi_add_points (GstVideoRegionOfInterestMeta * roi,
    const gchar * layer, const DanPoint * points, gsize n_points)
{
  GstStructure *param;

  remove_layer (roi, layer);
  param = gst_structure_new (PARAM_NAME,
      "layer_name", G_TYPE_STRING, layer,
      "format", G_TYPE_STRING, "landmark_points",
      "precision", G_TYPE_INT, PRECISION_FP32,
      "layout", G_TYPE_INT, LAYOUT_NC,
      "data_buffer", G_TYPE_VARIANT, relative_points (roi, points, n_points),
      NULL);
  set_dims (param, 2 * n_points);
  gst_video_region_of_interest_meta_add_param (roi, param);
}

/* @face's landmarks, if it has a region. */
void
gst_dan_roi_add_landmarks (const GstDanRecordInfo * info,
    const GstDanFace * face)
{
  if (face->roi)
    gst_dan_roi_add_points (face->roi, LAYER_NAME, face->landmarks,
        info->n_points);
}
