/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A face's drawing, in memory of its own that is no larger than it has to be,
 * so that the cost does not depend on the size of the frame. */

#include <cairo.h>
#include <math.h>

#include "gstdandrawing.h"

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
  /* Half the line, and a pixel of antialiasing. */
  gdouble margin = size / 2 + 1;
  gdouble x0 = CLAMP (floor (box->x - margin), 0, info->width);
  gdouble y0 = CLAMP (floor (box->y - margin), 0, info->height);
  gdouble x1 = CLAMP (ceil (box->x + box->width + margin) + 1, 0, info->width);
  gdouble y1 =
      CLAMP (ceil (box->y + box->height + margin) + 1, 0, info->height);

  *area = (GstVideoRectangle) {x0, y0, x1 - x0, y1 - y0};
  return area->w > 0 && area->h > 0;
}

static void
set_color (cairo_t * cr, guint argb)
{
  cairo_set_source_rgba (cr, ((argb >> 16) & 0xff) / 255.,
      ((argb >> 8) & 0xff) / 255., (argb & 0xff) / 255., (argb >> 24) / 255.);
}

static void
draw_contours (cairo_t * cr, const GstDanRecordInfo * info,
    const DanPoint * points)
{
  for (gsize i = 0; i < info->n_contours; i++) {
    const DanContour *contour = &info->contours[i];

    cairo_new_sub_path (cr);
    for (gsize p = contour->first; p <= contour->last; p++)
      cairo_line_to (cr, points[p].x, points[p].y);
    if (contour->closed)
      cairo_close_path (cr);
  }
  cairo_stroke (cr);
}

/* Cairo is faster with one dot at a time. Where dots overlap, translucent ones
 * would shine through each other then. */
static void
draw_points (cairo_t * cr, const DanPoint * points, gsize n_points,
    gdouble size, gboolean opaque)
{
  for (gsize i = 0; i < n_points; i++) {
    cairo_new_sub_path (cr);
    cairo_arc (cr, points[i].x, points[i].y, size / 2, 0, 2 * G_PI);
    if (opaque)
      cairo_fill (cr);
  }
  cairo_fill (cr);
}

static void
draw_face (cairo_t * cr, const GstDanSettings * look,
    const GstDanRecordInfo * info, const GstDanFace * face, gdouble size)
{
  cairo_set_line_width (cr, size / 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);

  if (look->draw_box) {
    set_color (cr, look->box_color);
    cairo_rectangle (cr, face->box.x, face->box.y, face->box.width,
        face->box.height);
    cairo_stroke (cr);
  }
  if (look->draw_contours) {
    set_color (cr, look->contour_color);
    draw_contours (cr, info, face->landmarks);
  }
  if (look->draw_points) {
    set_color (cr, look->point_color);
    draw_points (cr, face->landmarks, info->n_points, size,
        look->point_color >> 24 == 0xff);
  }
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
  cairo_surface_t *surface;
  cairo_t *cr;

  memset (argb, 0, (gsize) area->w * area->h * sizeof *argb);
  surface = cairo_image_surface_create_for_data ((guint8 *) argb,
      CAIRO_FORMAT_ARGB32, area->w, area->h, area->w * sizeof *argb);
  cr = cairo_create (surface);
  /* Cairo's pixels have their centres at a half. */
  cairo_translate (cr, 0.5 - area->x, 0.5 - area->y);
  draw_face (cr, look, info, face, dot_size (look, &box));
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}
