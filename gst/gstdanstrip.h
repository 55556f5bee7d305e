/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_STRIP_H
#define GST_DAN_STRIP_H

#include <gst/video/video.h>

G_BEGIN_DECLS

#define GST_DAN_STRIP_ROWS 16

typedef enum
{
  GST_DAN_LAYOUT_PLANAR,        /* gray too */
  GST_DAN_LAYOUT_SEMI_PLANAR,
  GST_DAN_LAYOUT_PACKED_YUV,    /* 4:2:2 */
  GST_DAN_LAYOUT_PACKED_RGB24,
  GST_DAN_LAYOUT_PACKED_RGB32,
} GstDanLayout;

/* What drawings become in frames of one format. */
typedef struct
{
  GstVideoInfo info;
  GstDanLayout layout;
  gboolean wide;                /* components of 10 bits in 16 */
  gboolean straight;            /* the frame's alpha is not premultiplied */
  gint matrix[3][4];            /* Y, U, V of alpha, red, green, blue */
} GstDanStripFormat;

/* Premultiplied words of @area of the frame, row by row. */
typedef struct
{
  const guint32 *argb;
  const GstVideoRectangle *area;
} GstDanDrawn;

/* The drawing's word for the frame's pixel at @x, @y. */
static inline const guint32 *
gst_dan_drawn_word (const GstDanDrawn * drawn, gint x, gint y)
{
  const GstVideoRectangle *area = drawn->area;

  return drawn->argb + (gsize) (y - area->y) * area->w + x - area->x;
}

void gst_dan_strip_format_init (GstDanStripFormat * target,
    const GstVideoInfo * info);

gsize gst_dan_strip_scratch_size (const GstVideoRectangle * part);
void gst_dan_strip_blend (const GstDanStripFormat * target,
    const GstDanDrawn * drawn, const GstVideoRectangle * part,
    GstVideoFrame * frame, guint8 * scratch);

G_END_DECLS

#endif /* GST_DAN_STRIP_H */
