/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A frame with its landmarks drawn on it, as a PNG file. */
#ifndef DAN_TOOLS_DRAW_H
#define DAN_TOOLS_DRAW_H

#include "media.h"
#include "finder.h"

/* @faces are what @model found. Where it has contours, they are drawn, and
 * parts are coloured. */
gboolean draw_png (const MediaFrame * frame, const FoundFace * faces,
    guint n_faces, const DanModel * model, const gchar * name,
    GError ** error);

#endif
