/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A frame with its landmarks drawn on it, as a PNG file. */
#ifndef DAN_TOOLS_DRAW_H
#define DAN_TOOLS_DRAW_H

#include "media.h"
#include "writer.h"

/* @lines: the points are in the iBUG-68 order, so that lines can be drawn
 * and parts coloured. */
gboolean draw_png (const MediaFrame * frame, const FoundFace * faces,
    guint n_faces, guint n_points, gboolean lines, const gchar * name,
    GError ** error);

#endif
