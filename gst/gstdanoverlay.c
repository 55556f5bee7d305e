/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Draws each face into a rectangle of its own that is no larger than the
 * drawing, so that the cost does not depend on the size of the frame. */

#include <cairo.h>
#include <math.h>

#include "gstdanoverlay.h"

/* Dots of a face are as many times smaller than the face. */
#define FACE_PER_DOT 60
#define MIN_DOT 1.5

/* The lines of the 68-point scheme. */
static const struct
{
  guint first, last;
  gboolean closed;
} contours[] = {
  {0, 16, FALSE},               /* jaw */
  {17, 21, FALSE},              /* brows */
  {22, 26, FALSE},
  {27, 30, FALSE},              /* nose */
  {31, 35, FALSE},
  {36, 41, TRUE},               /* eyes */
  {42, 47, TRUE},
  {48, 59, TRUE},               /* mouth */
  {60, 67, TRUE},
};

#define CONTOUR_POINTS 68

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
draw_contours (cairo_t * cr, const DanPoint * points)
{
  for (gsize i = 0; i < G_N_ELEMENTS (contours); i++) {
    cairo_new_sub_path (cr);
    for (guint p = contours[i].first; p <= contours[i].last; p++)
      cairo_line_to (cr, points[p].x, points[p].y);
    if (contours[i].closed)
      cairo_close_path (cr);
  }
  cairo_stroke (cr);
}

static void
draw_points (cairo_t * cr, const DanPoint * points, gsize n_points,
    gdouble size)
{
  for (gsize i = 0; i < n_points; i++) {
    cairo_new_sub_path (cr);
    cairo_arc (cr, points[i].x, points[i].y, size / 2, 0, 2 * G_PI);
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
  if (look->draw_contours && info->n_points == CONTOUR_POINTS) {
    set_color (cr, look->contour_color);
    draw_contours (cr, face->landmarks);
  }
  if (look->draw_points) {
    set_color (cr, look->point_color);
    draw_points (cr, face->landmarks, info->n_points, size);
  }
}

static GstBuffer *
draw_area (const GstVideoRectangle * area, const GstDanSettings * look,
    const GstDanRecordInfo * info, const GstDanFace * face, gdouble size)
{
  GstBuffer *pixels = gst_buffer_new_allocate (NULL, area->w * area->h * 4,
      NULL);
  GstMapInfo map;
  cairo_surface_t *surface;
  cairo_t *cr;

  gst_buffer_map (pixels, &map, GST_MAP_WRITE);
  memset (map.data, 0, map.size);
  surface = cairo_image_surface_create_for_data (map.data,
      CAIRO_FORMAT_ARGB32, area->w, area->h, area->w * 4);
  cr = cairo_create (surface);
  /* Cairo's pixels have their centres at a half. */
  cairo_translate (cr, 0.5 - area->x, 0.5 - area->y);
  draw_face (cr, look, info, face, size);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  gst_buffer_unmap (pixels, &map);

  gst_buffer_add_video_meta (pixels, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, area->w, area->h);
  return pixels;
}

static GstVideoOverlayRectangle *
face_rectangle (const GstDanSettings * look, const GstDanRecordInfo * info,
    const GstDanFace * face)
{
  DanBox box = dan_box_around (face->landmarks, info->n_points);
  gdouble size = dot_size (look, &box);
  GstVideoRectangle area;
  GstVideoOverlayRectangle *rectangle;
  GstBuffer *pixels;

  if (look->draw_box)
    box = box_union (&box, &face->box);
  if (!drawn_area (&box, size, info, &area))
    return NULL;

  pixels = draw_area (&area, look, info, face, size);
  rectangle = gst_video_overlay_rectangle_new_raw (pixels, area.x, area.y,
      area.w, area.h, GST_VIDEO_OVERLAY_FORMAT_FLAG_PREMULTIPLIED_ALPHA);
  gst_buffer_unref (pixels);
  return rectangle;
}

/* The drawing of @faces, NULL if none of it is within the frame. */
GstVideoOverlayComposition *
gst_dan_overlay_new (const GstDanSettings * look,
    const GstDanRecordInfo * info, const GArray * faces)
{
  GstVideoOverlayComposition *composition = NULL;

  for (guint i = 0; i < faces->len; i++) {
    GstVideoOverlayRectangle *rectangle =
        face_rectangle (look, info, &g_array_index (faces, GstDanFace, i));

    if (!rectangle)
      continue;
    if (composition)
      gst_video_overlay_composition_add_rectangle (composition, rectangle);
    else
      composition = gst_video_overlay_composition_new (rectangle);
    gst_video_overlay_rectangle_unref (rectangle);
  }
  return composition;
}

/* Puts @composition over those that @buffer already has. */
void
gst_dan_overlay_attach (GstBuffer * buffer,
    GstVideoOverlayComposition * composition)
{
  GstVideoOverlayCompositionMeta *meta =
      gst_buffer_get_video_overlay_composition_meta (buffer);
  GstVideoOverlayComposition *merged;

  if (!meta) {
    gst_buffer_add_video_overlay_composition_meta (buffer, composition);
    return;
  }

  merged = gst_video_overlay_composition_copy (meta->overlay);
  for (guint i = 0; i < gst_video_overlay_composition_n_rectangles (composition);
      i++)
    gst_video_overlay_composition_add_rectangle (merged,
        gst_video_overlay_composition_get_rectangle (composition, i));
  gst_video_overlay_composition_unref (meta->overlay);
  meta->overlay = merged;
}
