/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Formats, sizes and negotiation. */

#include <math.h>

#include "common.h"

static const GstVideoFormat formats[] = {
  GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_YV12, GST_VIDEO_FORMAT_NV12,
  GST_VIDEO_FORMAT_NV21, GST_VIDEO_FORMAT_NV16, GST_VIDEO_FORMAT_NV61,
  GST_VIDEO_FORMAT_NV24, GST_VIDEO_FORMAT_Y41B, GST_VIDEO_FORMAT_Y42B,
  GST_VIDEO_FORMAT_Y444, GST_VIDEO_FORMAT_A420, GST_VIDEO_FORMAT_GRAY8,
  GST_VIDEO_FORMAT_YUY2, GST_VIDEO_FORMAT_YVYU, GST_VIDEO_FORMAT_UYVY,
  GST_VIDEO_FORMAT_RGB, GST_VIDEO_FORMAT_BGR, GST_VIDEO_FORMAT_RGBx,
  GST_VIDEO_FORMAT_RGBA, GST_VIDEO_FORMAT_BGRx, GST_VIDEO_FORMAT_BGRA,
  GST_VIDEO_FORMAT_xRGB, GST_VIDEO_FORMAT_ARGB, GST_VIDEO_FORMAT_xBGR,
  GST_VIDEO_FORMAT_ABGR, GST_VIDEO_FORMAT_I420_10LE,
  GST_VIDEO_FORMAT_I422_10LE, GST_VIDEO_FORMAT_Y444_10LE,
  GST_VIDEO_FORMAT_P010_10LE,
};

/* Rounding to limited range and back moves a luma by about half a step of
 * 255; the landmarks may follow by this much, in single precision. */
#define TOLERANCE 0.25

static void
landmarks_of (GstVideoFormat format, gint width, gint height, gfloat * xy)
{
  GstHarness *h = dan_test_harness ("danalign box=landmarks precision=fp32",
      format, width, height);
  GstBuffer *out =
      dan_test_process (h, dan_test_face_frame (format, width, height));

  dan_test_landmarks (out, 1);
  dan_test_points (out, 0, xy);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}

GST_START_TEST (test_format)
{
  GstVideoFormat format = formats[__i__];
  gfloat expected[136], got[136];
  gdouble worst = 0;

  landmarks_of (GST_VIDEO_FORMAT_GRAY8, WIDTH + 1, HEIGHT + 1, expected);
  landmarks_of (format, WIDTH + 1, HEIGHT + 1, got);
  for (guint i = 0; i < 136; i++)
    worst = MAX (worst, fabs (got[i] - expected[i]));
  fail_unless (worst <= TOLERANCE, "%s: a landmark is %g px from GRAY8's, "
      "tolerance %g", gst_video_format_to_string (format), worst, TOLERANCE);
}

GST_END_TEST;

GST_START_TEST (test_all_formats_are_tested)
{
  GstElement *element = gst_element_factory_make ("danalign", NULL);
  GstPad *pad = gst_element_get_static_pad (element, "sink");
  GstCaps *caps = gst_pad_get_pad_template_caps (pad);
  const GValue *list =
      gst_structure_get_value (gst_caps_get_structure (caps, 0), "format");

  fail_unless_equals_int (gst_value_list_get_size (list),
      G_N_ELEMENTS (formats));
  gst_caps_unref (caps);
  gst_object_unref (pad);
  gst_object_unref (element);
}

GST_END_TEST;

GST_START_TEST (test_odd_sizes)
{
  static const gint sizes[][2] =
      { {1, 1}, {1, 9}, {9, 1}, {2, 2}, {3, 5}, {17, 31}, {641, 3} };

  GstHarness *h =
      gst_harness_new_parse ("danalign box=landmarks draw=true draw-box=true");

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    for (gsize f = 0; f < G_N_ELEMENTS (formats); f++) {
      gint width = sizes[i][0], height = sizes[i][1];
      GstBuffer *buffer = dan_test_frame (formats[f], width, height);
      GstBuffer *out;

      gst_harness_set_src_caps (h, dan_test_caps (formats[f], width, height));
      dan_test_add_face (buffer, 0, 0, MAX (width, 8), MAX (height, 8), 0);
      out = dan_test_process (h, buffer);
      dan_test_landmarks (out, 1);
      gst_buffer_unref (out);
    }
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_caps_change)
{
  GstHarness *h = dan_test_harness ("danalign draw=true",
      GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  GstBuffer *out;
  const GstStructure *landmarks;
  gint width;

  gst_buffer_unref (dan_test_process (h,
          dan_test_face_frame (GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT)));
  gst_harness_set_src_caps (h, dan_test_caps (GST_VIDEO_FORMAT_BGRx, 642,
          480));
  out = dan_test_process (h, dan_test_face_frame (GST_VIDEO_FORMAT_BGRx, 642,
          480));
  landmarks = dan_test_landmarks (out, 1);
  fail_unless (gst_structure_get_int (landmarks, "width", &width));
  fail_unless_equals_int (width, 642);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}

GST_END_TEST;

static gboolean
attaches (GstHarness * h)
{
  GstBuffer *out = dan_test_process (h,
      dan_test_face_frame (GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT));
  GstCaps *caps = gst_pad_get_current_caps (h->sinkpad);
  gboolean feature = gst_caps_features_contains (gst_caps_get_features (caps,
          0), GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION);
  gboolean meta = gst_buffer_get_video_overlay_composition_meta (out) != NULL;

  fail_unless_equals_int (feature, meta);
  gst_caps_unref (caps);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
  return meta;
}

GST_START_TEST (test_overlay_by_allocation)
{
  GstHarness *h = gst_harness_new_parse ("danalign draw=true");

  gst_harness_add_propose_allocation_meta (h,
      GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, NULL);
  gst_harness_set_src_caps (h, dan_test_caps (GST_VIDEO_FORMAT_I420, WIDTH,
          HEIGHT));
  fail_unless (attaches (h));
}

GST_END_TEST;

GST_START_TEST (test_overlay_by_caps)
{
  GstHarness *h = gst_harness_new_parse ("danalign draw=true ! "
      "capsfilter caps=\"video/x-raw(memory:SystemMemory, "
      "meta:GstVideoOverlayComposition)\"");

  gst_harness_set_src_caps (h, dan_test_caps (GST_VIDEO_FORMAT_I420, WIDTH,
          HEIGHT));
  fail_unless (attaches (h));
}

GST_END_TEST;

GST_START_TEST (test_blend_where_no_overlay)
{
  fail_if (attaches (dan_test_harness ("danalign draw=true",
              GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT)));
}

GST_END_TEST;

/* Upstream's overlays are kept, whatever we do with ours. */
GST_START_TEST (test_overlay_from_upstream)
{
  GstHarness *h = gst_harness_new_parse ("danalign draw=true");
  GstCaps *caps = dan_test_caps (GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  GstBuffer *buffer, *pixels, *out;
  GstVideoOverlayRectangle *rectangle;
  GstVideoOverlayComposition *composition;

  gst_caps_set_features (caps, 0, gst_caps_features_from_string
      ("memory:SystemMemory, meta:GstVideoOverlayComposition"));
  gst_harness_set_src_caps (h, caps);

  pixels = gst_buffer_new_allocate (NULL, 4, NULL);
  gst_buffer_add_video_meta (pixels, 0,
      GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, 1, 1);
  rectangle = gst_video_overlay_rectangle_new_raw (pixels, 0, 0, 1, 1, 0);
  composition = gst_video_overlay_composition_new (rectangle);
  buffer = dan_test_face_frame (GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  gst_buffer_add_video_overlay_composition_meta (buffer, composition);
  gst_video_overlay_composition_unref (composition);
  gst_video_overlay_rectangle_unref (rectangle);
  gst_buffer_unref (pixels);

  out = dan_test_process (h, buffer);
  composition = gst_buffer_get_video_overlay_composition_meta (out)->overlay;
  fail_unless_equals_int (gst_video_overlay_composition_n_rectangles
      (composition), 2);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_no_crop_is_asked_for)
{
  dan_test_no_crop_is_asked_for ("danalign");
}

GST_END_TEST;

static Suite *
caps_suite (void)
{
  Suite *s = suite_create ("danalign-caps");
  TCase *tc = tcase_create ("all");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_format, 0, G_N_ELEMENTS (formats));
  tcase_add_test (tc, test_all_formats_are_tested);
  tcase_add_test (tc, test_odd_sizes);
  tcase_add_test (tc, test_caps_change);
  tcase_add_test (tc, test_overlay_by_allocation);
  tcase_add_test (tc, test_overlay_by_caps);
  tcase_add_test (tc, test_blend_where_no_overlay);
  tcase_add_test (tc, test_overlay_from_upstream);
  tcase_add_test (tc, test_no_crop_is_asked_for);
  return s;
}

GST_CHECK_MAIN (caps);
