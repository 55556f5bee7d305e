/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decoded frames of a picture or video, upright, with GStreamer. */
#ifndef DAN_TOOLS_MEDIA_H
#define DAN_TOOLS_MEDIA_H

#include <glib.h>
#include <gst/video/video.h>
#include <dan/dan.h>

typedef struct Media Media;

typedef struct {
  GstSample *sample;
  GstVideoFrame video;
  guint64 index;   /* from 0 */
  gdouble time;    /* seconds; NAN: it has none */
} MediaFrame;

/* @input: a file name or URI. @detector: NULL, or the launch line of an
 * element that attaches regions of interest of type "face". */
Media *media_open (const gchar * input, const gchar * detector,
    GError ** error);
void media_close (Media * media);

/* FALSE: no more frames, or *@error is set. */
gboolean media_next (Media * media, MediaFrame * frame, GError ** error);
void media_frame_clear (MediaFrame * frame);

/* Valid from the first frame on. */
gboolean media_is_picture (const Media * media);
/* How much of the input ends with @frame, 0 to 1, or -1 if not known. */
gdouble media_fraction (Media * media, const MediaFrame * frame);

/* A view of @frame, valid until it is cleared. */
DanImage media_frame_image (const MediaFrame * frame);

#endif
