/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A face's drawing, in memory of its own that is no larger than it has to be,
 * so that the cost does not depend on the size of the frame. */

#include <math.h>

#include "gstdandrawing.h"
#include "gstdanpen.h"
#include "gstdanroi.h"

/* Dots of a face are as many times smaller than the face. */
#define FACE_PER_DOT 60
#define MIN_DOT 1.5

static gdouble
dot_size (const GstDanSettings * look, const DanBox * box)
{
  if (look->draw_size > 0)
    return look->draw_size;
  return MAX (MAX (box->width, box->height) / FACE_PER_DOT, MIN_DOT);
}

static DanBox
box_union (const DanBox * a, const DanBox * b)
{
  gfloat x0 = MIN (a->x, b->x), y0 = MIN (a->y, b->y);
  gfloat x1 = MAX (a->x + a->width, b->x + b->width);
  gfloat y1 = MAX (a->y + a->height, b->y + b->height);

  return (DanBox) {x0, y0, x1 - x0, y1 - y0};
}

/* The pixels of the frame that a drawing within @box may touch if its lines
 * are up to @size wide. FALSE if there are none. */
static gboolean
drawn_area (const DanBox * box, gdouble size, const GstDanRecordInfo * info,
    GstVideoRectangle * area)
{
  /* Half the line, and its antialiasing; one pixel more where it ends. */
  gfloat margin = size / 2 + 1;
  DanBox covered = { box->x - margin, box->y - margin,
    box->width + 2 * margin + 1, box->height + 2 * margin + 1
  };
  DanBox part = gst_dan_roi_visible_part (&covered, info->width, info->height);

  *area = (GstVideoRectangle) {part.x, part.y, part.width, part.height};
  return area->w > 0 && area->h > 0;
}

static void
add_line (GArray * lines, DanPoint from, DanPoint to)
{
  GstDanLine line = { from, to };

  g_array_append_val (lines, line);
}

static void
add_box (GArray * lines, const DanBox * box)
{
  gfloat right = box->x + box->width, bottom = box->y + box->height;
  DanPoint corners[] = { {box->x, box->y}, {right, box->y}, {right, bottom},
  {box->x, bottom}
  };

  for (guint i = 0; i < 4; i++)
    add_line (lines, corners[i], corners[(i + 1) % 4]);
}

static void
add_contours (GArray * lines, const GstDanRecordInfo * info,
    const DanPoint * points)
{
  for (gsize i = 0; i < info->n_contours; i++) {
    const DanContour *contour = &info->contours[i];

    for (gsize p = contour->first; p < contour->last; p++)
      add_line (lines, points[p], points[p + 1]);
    if (contour->closed)
      add_line (lines, points[contour->last], points[contour->first]);
  }
}

static void
add_points (GArray * lines, const DanPoint * points, gsize n_points)
{
  for (gsize i = 0; i < n_points; i++)
    add_line (lines, points[i], points[i]);
}

/* Draws @lines, and empties them. */
static void
draw (GstDanPen * pen, GArray * lines, gdouble width, guint color)
{
  gst_dan_pen_draw (pen, (const GstDanLine *) lines->data, lines->len, width,
      color);
  g_array_set_size (lines, 0);
}

static void
draw_face (GstDanPen * pen, const GstDanSettings * look,
    const GstDanRecordInfo * info, const GstDanFace * face, gdouble size)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (GstDanLine));

  if (look->draw_box)
    add_box (lines, &face->box);
  draw (pen, lines, size / 2, look->box_color);
  if (look->draw_contours)
    add_contours (lines, info, face->landmarks);
  draw (pen, lines, size / 2, look->contour_color);
  if (look->draw_points)
    add_points (lines, face->landmarks, info->n_points);
  draw (pen, lines, size, look->point_color);
  g_array_unref (lines);
}

/* The part of the frame that @face's drawing takes. FALSE if it has none. */
gboolean
gst_dan_drawing_area (const GstDanSettings * look,
    const GstDanRecordInfo * info, const GstDanFace * face,
    GstVideoRectangle * area)
{
  DanBox box = dan_box_around (face->landmarks, info->n_points);
  gdouble size = dot_size (look, &box);

  if (look->draw_box)
    box = box_union (&box, &face->box);
  return drawn_area (&box, size, info, area);
}

/* Draws @face into @argb, premultiplied words of @area row by row. */
void
gst_dan_drawing_paint (const GstDanSettings * look,
    const GstDanRecordInfo * info, const GstDanFace * face,
    const GstVideoRectangle * area, guint32 * argb)
{
  DanBox box = dan_box_around (face->landmarks, info->n_points);
  GstDanPen pen;

  gst_dan_pen_init (&pen, area, argb);
  draw_face (&pen, look, info, face, dot_size (look, &box));
  gst_dan_pen_clear (&pen);
}
