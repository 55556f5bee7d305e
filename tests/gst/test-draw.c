/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is drawn, and that nothing else is. */

#include "common.h"

#define FORMATS_CAN_BE_DRAWN_ON 29

/* Luma or, in RGB, all of the pixel at @x, @y as one number. */
static guint64
pixel (const GstVideoFrame * frame, gint x, gint y)
{
  guint64 value = 0;

  for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS (frame); c++) {
    gint sub_x = x >> GST_VIDEO_FORMAT_INFO_W_SUB (frame->info.finfo, c);
    gint sub_y = y >> GST_VIDEO_FORMAT_INFO_H_SUB (frame->info.finfo, c);
    const guint8 *data = (guint8 *) GST_VIDEO_FRAME_COMP_DATA (frame, c) +
        sub_y * GST_VIDEO_FRAME_COMP_STRIDE (frame, c) +
        sub_x * GST_VIDEO_FRAME_COMP_PSTRIDE (frame, c);

    value = (value << 16) + data[0];
    if (GST_VIDEO_FRAME_COMP_DEPTH (frame, c) > 8)
      value += data[1] << 8;
  }
  return value;
}

/* The box of the pixels that differ. */
static GstVideoRectangle
difference (GstBuffer * a, GstBuffer * b, GstVideoFormat format)
{
  GstVideoInfo info;
  GstVideoFrame fa, fb;
  gint x0 = G_MAXINT, y0 = G_MAXINT, x1 = -1, y1 = -1;

  gst_video_info_set_format (&info, format, WIDTH, HEIGHT);
  fail_unless (gst_video_frame_map (&fa, &info, a, GST_MAP_READ));
  fail_unless (gst_video_frame_map (&fb, &info, b, GST_MAP_READ));
  for (gint y = 0; y < HEIGHT; y++) {
    for (gint x = 0; x < WIDTH; x++) {
      if (pixel (&fa, x, y) == pixel (&fb, x, y))
        continue;
      x0 = MIN (x0, x);
      x1 = MAX (x1, x);
      y0 = MIN (y0, y);
      y1 = MAX (y1, y);
    }
  }
  gst_video_frame_unmap (&fb);
  gst_video_frame_unmap (&fa);
  return (GstVideoRectangle) {x0, y0, x1 - x0 + 1, y1 - y0 + 1};
}

static GstBuffer *
drawn (const gchar * properties, GstVideoFormat format)
{
  gchar *launch = g_strdup_printf ("danalign box=landmarks %s", properties);
  GstHarness *h = dan_test_harness (launch, format, WIDTH, HEIGHT);
  GstBuffer *out =
      dan_test_process (h, dan_test_face_frame (format, WIDTH, HEIGHT));

  gst_harness_teardown (h);
  g_free (launch);
  return out;
}

/* Drawing in every format changes the face, all of it, and only it. */
GST_START_TEST (test_draws_only_the_face)
{
  GstElementFactory *factory = gst_element_factory_find ("danalign");
  const GList *templates =
      gst_element_factory_get_static_pad_templates (factory);
  GstCaps *caps = gst_static_caps_get (&((GstStaticPadTemplate *)
          templates->data)->static_caps);
  const GValue *list =
      gst_structure_get_value (gst_caps_get_structure (caps, 0), "format");
  GstVideoFormat format = gst_video_format_from_string (g_value_get_string
      (gst_value_list_get_value (list, __i__)));
  GstBuffer *plain = dan_test_frame (format, WIDTH, HEIGHT);
  GstBuffer *out = drawn ("draw=true draw-size=4", format);
  GstVideoRectangle changed = difference (plain, out, format);
  const GstStructure *face =
      gst_dan_landmarks_get_face (dan_test_landmarks (out, 1), 0);
  gdouble x, y, w, h;

  fail_unless_equals_int (gst_value_list_get_size (list),
      FORMATS_CAN_BE_DRAWN_ON);
  gst_structure_get (face, "x", G_TYPE_DOUBLE, &x, "y", G_TYPE_DOUBLE, &y,
      "width", G_TYPE_DOUBLE, &w, "height", G_TYPE_DOUBLE, &h, NULL);
  /* Dots of 4 pixels, a pixel of antialiasing, up to 4 pixels a chroma. */
  fail_unless (changed.x >= x - 7 && changed.y >= y - 7 &&
      changed.x + changed.w <= x + w + 8 && changed.y + changed.h <= y + h + 8,
      "%s: changed %d,%d %dx%d, face %g,%g %gx%g",
      gst_video_format_to_string (format), changed.x, changed.y, changed.w,
      changed.h, x, y, w, h);
  fail_unless (changed.w >= w && changed.h >= h,
      "%s: changed only %dx%d of %gx%g", gst_video_format_to_string (format),
      changed.w, changed.h, w, h);
  gst_buffer_unref (out);
  gst_buffer_unref (plain);
  gst_caps_unref (caps);
  gst_object_unref (factory);
}

GST_END_TEST;

static void
check_untouched (const gchar * properties)
{
  GstBuffer *plain = dan_test_frame (GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  GstBuffer *out = drawn (properties, GST_VIDEO_FORMAT_I420);
  GBytes *expected = dan_test_bytes (plain), *got = dan_test_bytes (out);

  fail_unless (g_bytes_equal (expected, got), "changed by %s", properties);
  g_bytes_unref (expected);
  g_bytes_unref (got);
  gst_buffer_unref (out);
  gst_buffer_unref (plain);
}

GST_START_TEST (test_untouched)
{
  check_untouched ("draw=false");
  check_untouched ("draw=false draw-box=true");
  check_untouched ("enabled=false draw=true");
  check_untouched ("draw=true draw-points=false draw-contours=false");
  check_untouched ("draw=true point-color=0 contour-color=0");
}

GST_END_TEST;

static guint
count_color (GstBuffer * buffer, guint8 r, guint8 g, guint8 b)
{
  GBytes *bytes = dan_test_bytes (buffer);
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  guint n = 0;

  for (gsize i = 0; i < WIDTH * HEIGHT; i++)
    n += data[4 * i] == r && data[4 * i + 1] == g && data[4 * i + 2] == b;
  g_bytes_unref (bytes);
  return n;
}

/* Colours are ARGB; dots, lines and the box each have theirs. */
GST_START_TEST (test_colors)
{
  GstBuffer *out = drawn ("draw=true draw-box=true draw-size=6 "
      "point-color=0xffff0000 contour-color=0xff00ff00 box-color=0xff0000ff",
      GST_VIDEO_FORMAT_RGBx);

  /* A dot of 6 pixels has at least 12 that are fully covered. */
  fail_unless (count_color (out, 255, 0, 0) > 300);
  fail_unless (count_color (out, 0, 255, 0) > 100);
  /* Four sides of 120 pixels, three wide. */
  fail_unless (count_color (out, 0, 0, 255) > 4 * 100 * 2);
  gst_buffer_unref (out);

  out = drawn ("draw=true draw-points=false point-color=0xffff0000",
      GST_VIDEO_FORMAT_RGBx);
  fail_unless_equals_int (count_color (out, 255, 0, 0), 0);
  gst_buffer_unref (out);
}

GST_END_TEST;

/* A buffer that someone else holds must not change under their hands. */
GST_START_TEST (test_shared_buffer)
{
  GstHarness *h = dan_test_harness ("danalign draw=true",
      GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  GstBuffer *mine = dan_test_face_frame (GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  GBytes *before = dan_test_bytes (mine), *after;
  GstBuffer *out = dan_test_process (h, gst_buffer_ref (mine));

  after = dan_test_bytes (mine);
  fail_unless (g_bytes_equal (before, after));
  fail_unless (gst_dan_buffer_get_landmarks (mine) == NULL);
  fail_unless (out != mine);
  dan_test_landmarks (out, 1);
  g_bytes_unref (before);
  g_bytes_unref (after);
  gst_buffer_unref (out);
  gst_buffer_unref (mine);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
draw_suite (void)
{
  Suite *s = suite_create ("danalign-draw");
  TCase *tc = tcase_create ("all");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_draws_only_the_face, 0,
      FORMATS_CAN_BE_DRAWN_ON);
  tcase_add_test (tc, test_untouched);
  tcase_add_test (tc, test_colors);
  tcase_add_test (tc, test_shared_buffer);
  return s;
}

GST_CHECK_MAIN (draw);
