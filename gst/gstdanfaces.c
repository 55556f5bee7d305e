/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>

#include "gstdanfaces.h"

/* Boxes that overlap more than this (intersection over union) are one face
 * that was found twice. */
#define SAME_FACE_OVERLAP 0.5f

/* Reads "x,y,width,height"; numbers as in C whatever the locale. */
gboolean
gst_dan_parse_region (const gchar * text, DanBox * box)
{
  gdouble v[4];

  for (guint i = 0; i < 4; i++) {
    gchar *end;

    v[i] = g_ascii_strtod (text, &end);
    if (end == text || !isfinite (v[i]))
      return FALSE;
    while (g_ascii_isspace (*end))
      end++;
    if (*end != (i < 3 ? ',' : '\0'))
      return FALSE;
    text = end + 1;
  }
  if (v[2] <= 0 || v[3] <= 0)
    return FALSE;

  *box = (DanBox) {v[0], v[1], v[2], v[3]};
  return TRUE;
}

/* Whether what a detector calls @type is among @types. */
gboolean
gst_dan_faces_type_is_wanted (GQuark type, gchar ** types)
{
  const gchar *name = g_quark_to_string (type);

  return name && g_strv_contains ((const gchar * const *) types, name);
}

/* Detectors put their confidence into a param of the region, under names
 * of their own; the field is "confidence" in all that we know. */
static gdouble
roi_confidence (GstVideoRegionOfInterestMeta * roi)
{
  for (GList * l = roi->params; l; l = l->next) {
    gdouble confidence;

    if (gst_structure_get_double (l->data, "confidence", &confidence))
      return confidence;
  }
  return -1;
}

/* Appends the faces that @buffer's region of interest metas declare. */
void
gst_dan_faces_collect (GArray * faces, GstBuffer * buffer, gchar ** roi_types)
{
  gpointer state = NULL;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta_filtered (buffer, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    GstVideoRegionOfInterestMeta *roi = (GstVideoRegionOfInterestMeta *) meta;
    GstDanFace face = { 0 };

    if (!gst_dan_faces_type_is_wanted (roi->roi_type, roi_types) || !roi->w
        || !roi->h)
      continue;
    /* Detectors store negative corners in the unsigned fields. */
    face.box = (DanBox) {(gint) roi->x, (gint) roi->y, roi->w, roi->h};
    face.source_id = roi->id;
    face.detection_confidence = roi_confidence (roi);
    face.roi = roi;
    g_array_append_val (faces, face);
  }
}

static gfloat
box_area (const DanBox * box)
{
  return box->width * box->height;
}

/* Ids of two detectors may be equal by chance, and some have -1 for none. */
static gboolean
same_face (const GstDanFace * a, const GstDanFace * b)
{
  const gboolean same_id = a->source_id > 0 && a->source_id == b->source_id;

  return dan_box_overlap (a->box, b->box) > (same_id ? 0 : SAME_FACE_OVERLAP);
}

static gint
compare_area (gconstpointer a, gconstpointer b)
{
  gfloat area_a = box_area (&((const GstDanFace *) a)->box);
  gfloat area_b = box_area (&((const GstDanFace *) b)->box);

  return (area_a < area_b) - (area_a > area_b);
}

/* @face was found twice: what only @other has is taken from there. */
static void
merge (GstDanFace * face, const GstDanFace * other)
{
  if (!face->roi) {
    face->roi = other->roi;
    face->source_id = other->source_id;
  }
  if (!face->has_od) {
    face->has_od = other->has_od;
    face->od_id = other->od_id;
  }
  if (face->detection_confidence < 0)
    face->detection_confidence = other->detection_confidence;
}

/* Sorts by size, largest first, makes one of faces that were found twice, and
 * keeps @max_faces of them (0: all). */
void
gst_dan_faces_select (GArray * faces, guint max_faces)
{
  guint kept = 0;

  g_array_sort (faces, compare_area);
  for (guint i = 0; i < faces->len; i++) {
    GstDanFace *face = &g_array_index (faces, GstDanFace, i);
    guint j;

    for (j = 0; j < kept; j++) {
      if (same_face (face, &g_array_index (faces, GstDanFace, j)))
        break;
    }
    if (j < kept)
      merge (&g_array_index (faces, GstDanFace, j), face);
    else if (max_faces == 0 || kept < max_faces)
      g_array_index (faces, GstDanFace, kept++) = *face;
  }
  g_array_set_size (faces, kept);
}

/* Keeps the faces whose landmarks have a confidence of @min_confidence, and
 * those of unknown confidence. */
void
gst_dan_faces_drop_doubtful (GArray * faces, gdouble min_confidence)
{
  guint kept = 0;

  for (guint i = 0; i < faces->len; i++) {
    GstDanFace face = g_array_index (faces, GstDanFace, i);

    if (face.confidence < 0 || face.confidence >= min_confidence)
      g_array_index (faces, GstDanFace, kept++) = face;
  }
  g_array_set_size (faces, kept);
}
