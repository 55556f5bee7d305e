/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gst/dan/gstdanmeta.h>

#include "gstdanmeta-private.h"

static gboolean
copy_field (GQuark field, const GValue * value, gpointer target)
{
  gst_structure_id_set_value (target, field, value);
  return TRUE;
}

static gboolean
add_scaled_copy (GstBuffer * target, GstCustomMeta * meta, gdouble sx,
    gdouble sy)
{
  GstCustomMeta *copy =
      gst_buffer_add_custom_meta (target, GST_DAN_META_NAME);
  GstStructure *structure;

  if (!copy)
    return FALSE;
  structure = gst_custom_meta_get_structure (copy);
  gst_structure_foreach (gst_custom_meta_get_structure (meta), copy_field,
      structure);
  if (sx != 1 || sy != 1)
    gst_dan_record_scale (structure, sx, sy);
  return TRUE;
}

/* What the landmarks become when @buffer becomes @transbuf. Transformations
 * that are not known lose them: none is better than wrong ones. */
static gboolean
transform (GstBuffer * transbuf, GstCustomMeta * meta, GstBuffer * buffer,
    GQuark type, gpointer data, gpointer user_data)
{
  if (GST_META_TRANSFORM_IS_COPY (type))
    return add_scaled_copy (transbuf, meta, 1, 1);

  if (GST_VIDEO_META_TRANSFORM_IS_SCALE (type)) {
    GstVideoMetaTransform *scale = data;

    return add_scaled_copy (transbuf, meta,
        (gdouble) GST_VIDEO_INFO_WIDTH (scale->out_info) /
        GST_VIDEO_INFO_WIDTH (scale->in_info),
        (gdouble) GST_VIDEO_INFO_HEIGHT (scale->out_info) /
        GST_VIDEO_INFO_HEIGHT (scale->in_info));
  }
  return FALSE;
}

/* To be called once a process, when the plugin is loaded. */
void
gst_dan_meta_register (void)
{
  static const gchar *tags[] = { GST_META_TAG_VIDEO_STR,
    GST_META_TAG_VIDEO_ORIENTATION_STR, GST_META_TAG_VIDEO_SIZE_STR, NULL
  };

  if (!gst_meta_get_info (GST_DAN_META_NAME))
    gst_meta_register_custom (GST_DAN_META_NAME, tags, transform, NULL, NULL);
}

/* Adds the meta to @buffer, in place of one that an earlier element left.
 * Returns its structure, which stays @buffer's. */
GstStructure *
gst_dan_meta_attach (GstBuffer * buffer, const GstDanRecordInfo * info,
    const GArray * faces)
{
  GstCustomMeta *meta = gst_buffer_get_custom_meta (buffer, GST_DAN_META_NAME);
  GstStructure *structure;

  if (meta)
    gst_buffer_remove_meta (buffer, (GstMeta *) meta);
  meta = gst_buffer_add_custom_meta (buffer, GST_DAN_META_NAME);
  structure = gst_custom_meta_get_structure (meta);
  gst_dan_record_fill (structure, info, faces);
  return structure;
}
