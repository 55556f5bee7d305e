/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_PEN_H
#define GST_DAN_PEN_H

#include <gst/video/video.h>
#include <dan/dan.h>

G_BEGIN_DECLS

/* Draws lines with round ends into an area of a frame. */
typedef struct
{
  const GstVideoRectangle *area;
  guint32 *argb;                /* premultiplied, row by row */
  gfloat *coverage;             /* of each pixel by lines that are not filled */
} GstDanPen;

/* A dot is a line that ends where it starts. */
typedef struct
{
  DanPoint from, to;
} GstDanLine;

void gst_dan_pen_init (GstDanPen * pen, const GstVideoRectangle * area,
    guint32 * argb);
void gst_dan_pen_clear (GstDanPen * pen);
void gst_dan_pen_draw (GstDanPen * pen, const GstDanLine * lines,
    gsize n_lines, gdouble width, guint argb);

G_END_DECLS

#endif /* GST_DAN_PEN_H */
