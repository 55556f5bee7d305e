/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "draw.h"
#include "parts.h"

#include <errno.h>
#include <cairo.h>

/* What cairo calls RGB24. */
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
#define CAIRO_RGB24_FORMAT GST_VIDEO_FORMAT_BGRx
#else
#define CAIRO_RGB24_FORMAT GST_VIDEO_FORMAT_xRGB
#endif

typedef struct {
  gdouble red, green, blue;
} Colour;

static const Colour part_colours[N_PARTS] = {
  [PART_JAW] = { .25, .75, 1. },
  [PART_BROWS] = { 1., .75, .2 },
  [PART_NOSE] = { .5, 1., .5 },
  [PART_EYES] = { 1., 1., .4 },
  [PART_MOUTH] = { 1., .45, .55 },
};

static void
set_colour (cairo_t * cr, const Colour * colour)
{
  cairo_set_source_rgb (cr, colour->red, colour->green, colour->blue);
}

static const Colour *
colour_of_point (guint k)
{
  guint part = 0;

  while (k > parts[part].last)
    part++;
  return &part_colours[part];
}

/* cairo's pixels have their corners, not their centres, on integers. */
static void
trace_contour (cairo_t * cr, const DanContour * contour,
    const DanPoint * points)
{
  for (gsize k = contour->first; k <= contour->last; k++)
    cairo_line_to (cr, points[k].x + .5, points[k].y + .5);
  if (contour->closed)
    cairo_close_path (cr);
}

/* A dark rim keeps the lines visible on light skin. */
static void
draw_contours (cairo_t * cr, const DanPoint * points,
    const DanContour * contours, gsize n_contours, gdouble line_width)
{
  for (gsize i = 0; i < n_contours; i++) {
    trace_contour (cr, &contours[i], points);
    cairo_set_source_rgba (cr, 0, 0, 0, .5);
    cairo_set_line_width (cr, 2 * line_width);
    cairo_stroke_preserve (cr);
    set_colour (cr, colour_of_point (contours[i].first));
    cairo_set_line_width (cr, line_width);
    cairo_stroke (cr);
  }
}

/* The parts are those of the points that have contours. */
static void
draw_face (cairo_t * cr, const FoundFace * face, const DanModel * model)
{
  static const Colour plain = { 1., 1., .4 };
  const gsize n_points = dan_model_n_points (model);
  gsize n_contours;
  const DanContour *contours = dan_model_contours (model, &n_contours);
  DanBox box = dan_box_around (face->points, n_points);
  gdouble line_width = MAX (MAX (box.width, box.height) / 200, .75);
  gdouble radius = 1.4 * line_width;

  draw_contours (cr, face->points, contours, n_contours, line_width);
  for (gsize k = 0; k < n_points; k++) {
    cairo_arc (cr, face->points[k].x + .5, face->points[k].y + .5, radius, 0,
        2 * G_PI);
    set_colour (cr, contours ? colour_of_point (k) : &plain);
    cairo_fill_preserve (cr);
    cairo_set_source_rgba (cr, 0, 0, 0, .6);
    cairo_set_line_width (cr, line_width / 2);
    cairo_stroke (cr);
  }
}

static gboolean
fail (const gchar * name, const gchar * reason, GError ** error)
{
  g_autofree gchar *display = g_filename_display_name (name);

  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
      "%s cannot be written: %s", display, reason);
  return FALSE;
}

static gboolean
save_png (GstVideoFrame * canvas, const FoundFace * faces, guint n_faces,
    const DanModel * model, const gchar * name, GError ** error)
{
  cairo_surface_t *surface = cairo_image_surface_create_for_data
      (GST_VIDEO_FRAME_PLANE_DATA (canvas, 0), CAIRO_FORMAT_RGB24,
      GST_VIDEO_FRAME_WIDTH (canvas), GST_VIDEO_FRAME_HEIGHT (canvas),
      GST_VIDEO_FRAME_PLANE_STRIDE (canvas, 0));
  cairo_t *cr = cairo_create (surface);
  cairo_status_t status;
  gint code;

  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (guint i = 0; i < n_faces; i++)
    draw_face (cr, &faces[i], model);
  cairo_destroy (cr);
  errno = 0;
  status = cairo_surface_write_to_png (surface, name);
  code = errno;                 /* cairo itself does not say why */
  cairo_surface_destroy (surface);
  return status == CAIRO_STATUS_SUCCESS || fail (name, code ?
      g_strerror (code) : cairo_status_to_string (status), error);
}

gboolean
draw_png (const MediaFrame * frame, const FoundFace * faces, guint n_faces,
    const DanModel * model, const gchar * name, GError ** error)
{
  const GstVideoInfo *in = &frame->video.info;
  GstVideoInfo out;
  GstVideoConverter *converter;
  GstVideoFrame canvas;
  GstBuffer *buffer;
  gboolean saved = FALSE;

  /* The converter wants what has to do with time to be the same. */
  gst_video_info_set_interlaced_format (&out, CAIRO_RGB24_FORMAT,
      in->interlace_mode, in->width, in->height);
  out.fps_n = in->fps_n;
  out.fps_d = in->fps_d;
  converter = gst_video_converter_new ((GstVideoInfo *) in, &out, NULL);
  if (!converter)
    return fail (name, "the frame cannot be converted", error);
  buffer = gst_buffer_new_allocate (NULL, out.size, NULL);
  if (buffer && gst_video_frame_map (&canvas, &out, buffer, GST_MAP_READWRITE)) {
    gst_video_converter_frame (converter, &frame->video, &canvas);
    saved = save_png (&canvas, faces, n_faces, model, name, error);
    gst_video_frame_unmap (&canvas);
  } else {
    fail (name, "out of memory", error);
  }
  gst_clear_buffer (&buffer);
  gst_video_converter_free (converter);
  return saved;
}
