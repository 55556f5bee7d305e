/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The element that finds faces, and what it found. */
#ifndef DAN_TOOLS_DETECTOR_H
#define DAN_TOOLS_DETECTOR_H

#include "gstdanfaces.h"

/* @description: the launch line of an element that attaches regions of
 * interest of type "face". With it come the elements that its input format
 * asks for. */
GstElement *detector_make (const gchar * description, GError ** error);

/* The faces that a detector found in @buffer, the largest first: an array of
 * GstDanFace, whose roi is valid as long as @buffer is. */
GArray *detector_faces (GstBuffer * buffer);
/* A face in a box that the user gives. */
gboolean detector_parse_box (const gchar * text, GstDanFace * face,
    GError ** error);

#endif
