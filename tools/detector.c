/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "detector.h"

#include <string.h>

GstElement *
detector_make (const gchar * description, GError ** error)
{
  g_autofree gchar *name = g_strdup (description);
  g_autoptr (GstElementFactory) factory = NULL;
  g_autofree gchar *line = NULL;

  name[strcspn (name, " !")] = '\0';
  factory = gst_element_factory_find (name);
  if (!factory) {
    g_set_error (error, GST_PARSE_ERROR, GST_PARSE_ERROR_NO_SUCH_ELEMENT,
        "the detector element \"%s\" is not installed; boxes can also be given "
        "with --box", name);
    return NULL;
  }
  /* By itself facedetect draws on the picture. */
  line = g_strdup_printf ("videoconvert ! %s%s%s", name,
      strcmp (name, "facedetect") == 0 ? " display=false" : "",
      description + strlen (name));
  return gst_parse_bin_from_description (line, TRUE, error);
}

GArray *
detector_faces (GstBuffer * buffer)
{
  static gchar *types[] = { "face", NULL };
  GArray *faces = g_array_new (FALSE, FALSE, sizeof (GstDanFace));

  gst_dan_faces_collect (faces, buffer, types);
  gst_dan_faces_select (faces, 0);
  return faces;
}

gboolean
detector_parse_box (const gchar * text, GstDanFace * face, GError ** error)
{
  *face = (GstDanFace) { .detection_confidence = -1 };
  if (gst_dan_parse_region (text, &face->box))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "\"%s\" is not a box: x,y,width,height with a size above 0 expected",
      text);
  return FALSE;
}
