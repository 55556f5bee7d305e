/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* danalign between two pads, driven by hand, so that nothing else of a
 * pipeline is in the measured time. */
#ifndef DAN_TOOLS_ELEMENT_RIG_H
#define DAN_TOOLS_ELEMENT_RIG_H

#include <gst/video/video.h>

typedef struct ElementRig ElementRig;

/* Starts @element, which is taken. @overlays: downstream takes overlay
 * compositions. NULL: *@error is set. */
ElementRig *element_rig_new (GstElement * element, const GstVideoInfo * info,
    gboolean overlays, GError ** error);
void element_rig_free (ElementRig * rig);

/* Pushes @buffer, which is taken, through the element and waits until it is
 * back. FALSE: *@error is set. */
gboolean element_rig_push (ElementRig * rig, GstBuffer * buffer,
    GError ** error);

#endif
