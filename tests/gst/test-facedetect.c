/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The element danfacedetect around a detector of random weights, which sees
 * faces anywhere, but always the same. */

#include <glib/gstdio.h>

#include "common.h"
#include "model-writer.h"

#ifdef HAVE_GST_ANALYTICS
#include <gst/analytics/analytics.h>
#endif

#define FORMAT GST_VIDEO_FORMAT_I420

static gchar *model_path;

static void
write_model (void)
{
  const DanModelSpec spec = {.n_points = DAN_DETECTION_POINTS,
    .image_size = 64,.channels = {8, 8, 8, 8},.seed = 2
  };
  gpointer data;
  gsize size;
  gint fd = g_file_open_tmp ("danface-XXXXXX.dan", &model_path, NULL);

  fail_unless (fd >= 0);
  g_close (fd, NULL);
  fail_unless (dan_model_write_random (&data, &size, &spec, NULL) == DAN_OK);
  fail_unless (g_file_set_contents (model_path, data, size, NULL));
  free (data);
}

static void
remove_model (void)
{
  g_unlink (model_path);
  g_clear_pointer (&model_path, g_free);
}

static GstHarness *
harness (const gchar * properties, GstVideoFormat format)
{
  gchar *launch = g_strdup_printf ("danfacedetect model=%s %s", model_path,
      properties);
  GstHarness *h = dan_test_harness (launch, format, WIDTH, HEIGHT);

  g_free (launch);
  return h;
}

static guint
n_regions (GstBuffer * buffer)
{
  return gst_buffer_get_n_meta (buffer,
      GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
}

static GstBuffer *
process_frame (GstHarness * h, guint i)
{
  GstBuffer *buffer = dan_test_frame (FORMAT, WIDTH, HEIGHT);

  GST_BUFFER_PTS (buffer) = i * 40 * GST_MSECOND;
  return dan_test_process (h, buffer);
}

static void
check_region (GstVideoRegionOfInterestMeta * roi)
{
  GstStructure *detection =
      gst_video_region_of_interest_meta_get_param (roi, "detection");
  GstStructure *points =
      gst_video_region_of_interest_meta_get_param (roi, "landmarks");
  gdouble confidence, x_min, x_max, roll;
  GVariant *xy;

  fail_unless_equals_string (g_quark_to_string (roi->roi_type), "face");
  fail_unless (roi->id > 0);
  fail_unless (roi->w > 0 && roi->x + roi->w <= WIDTH);
  fail_unless (roi->h > 0 && roi->y + roi->h <= HEIGHT);
  fail_unless (detection && points);
  fail_unless (gst_structure_get (detection,
          "confidence", G_TYPE_DOUBLE, &confidence,
          "x_min", G_TYPE_DOUBLE, &x_min, "x_max", G_TYPE_DOUBLE, &x_max,
          "roll", G_TYPE_DOUBLE, &roll, NULL));
  fail_unless (confidence >= .5 && confidence <= 1);
  fail_unless (roll >= -180 && roll <= 180);
  fail_unless (CLAMP (x_min, 0, 1) * WIDTH >= roi->x - 1e-3);
  fail_unless (CLAMP (x_max, 0, 1) * WIDTH <= roi->x + roi->w + 1e-3);
  fail_unless_equals_string (gst_structure_get_string (detection, "box"),
      "landmarks");
  fail_unless_equals_string (gst_structure_get_string (points, "layer_name"),
      "danfacedetect");
  fail_unless (gst_structure_get (points, "data_buffer", G_TYPE_VARIANT, &xy,
          NULL));
  fail_unless_equals_int (g_variant_get_size (xy),
      2 * DAN_DETECTION_POINTS * sizeof (gfloat));
  g_variant_unref (xy);
}

GST_START_TEST (test_regions)
{
  GstHarness *h = harness ("", FORMAT);
  GstBuffer *in = dan_test_frame (FORMAT, WIDTH, HEIGHT), *out;
  GBytes *before = dan_test_bytes (in), *after;
  gpointer state = NULL;
  GstMeta *meta;

  out = dan_test_process (h, in);
  after = dan_test_bytes (out);
  fail_unless (g_bytes_equal (before, after), "the picture has changed");
  fail_unless (n_regions (out) > 0);
  while ((meta = gst_buffer_iterate_meta_filtered (out, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)))
    check_region ((GstVideoRegionOfInterestMeta *) meta);
  g_bytes_unref (before);
  g_bytes_unref (after);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}

GST_END_TEST;

#ifdef HAVE_GST_ANALYTICS

/* The detection of GstAnalytics says what the region says. */
static void
check_detection (GstAnalyticsODMtd * od, GstVideoRegionOfInterestMeta * roi)
{
  GstStructure *param =
      gst_video_region_of_interest_meta_get_param (roi, "detection");
  gdouble confidence;
  gint x, y, w, h;
  gfloat level;

  fail_unless (gst_analytics_od_mtd_get_location (od, &x, &y, &w, &h, &level));
  fail_unless_equals_int (gst_analytics_od_mtd_get_obj_type (od),
      roi->roi_type);
  fail_unless_equals_int (x, roi->x);
  fail_unless_equals_int (y, roi->y);
  fail_unless_equals_int (w, roi->w);
  fail_unless_equals_int (h, roi->h);
  fail_unless (gst_structure_get_double (param, "confidence", &confidence));
  fail_unless_equals_float (level, (gfloat) confidence);
}

GST_START_TEST (test_analytics)
{
  GstHarness *h = harness ("", FORMAT);
  GstBuffer *out = process_frame (h, 0);
  GstAnalyticsRelationMeta *meta =
      gst_buffer_get_analytics_relation_meta (out);
  gpointer state = NULL;
  guint id = 0;
  GstMeta *roi;

  fail_unless (meta != NULL);
  while ((roi = gst_buffer_iterate_meta_filtered (out, &state,
              GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    GstAnalyticsODMtd od;

    fail_unless (gst_analytics_relation_meta_get_od_mtd (meta, id++, &od));
    check_detection (&od, (GstVideoRegionOfInterestMeta *) roi);
  }
  fail_unless_equals_int (gst_analytics_relation_get_length (meta), id);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}

GST_END_TEST;

#endif

static guint
n_found (GstHarness * h, guint i)
{
  GstBuffer *out = process_frame (h, i);
  guint n = n_regions (out);

  gst_buffer_unref (out);
  return n;
}

GST_START_TEST (test_max_faces)
{
  GstHarness *h = harness ("max-faces=2", FORMAT);

  fail_unless_equals_int (n_found (h, 0), 2);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* What can be tuned while frames come. */
GST_START_TEST (test_tuning)
{
  GstHarness *h = harness ("max-faces=0 threshold=.8", FORMAT);
  GstElement *element = gst_harness_find_element (h, "danfacedetect");
  guint n = n_found (h, 0);

  fail_unless (n > 2);
  g_object_set (element, "threshold", .99, NULL);
  fail_unless (n_found (h, 1) < n);
  g_object_set (element, "threshold", .8, "min-size", 300, NULL);
  fail_unless (n_found (h, 2) < n);
  g_object_set (element, "min-size", 0, NULL);
  fail_unless_equals_int (n_found (h, 3), n);
  gst_object_unref (element);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Which of ten frames, 40 ms apart, have faces, as a string of 0 and 1. */
static void
expect_searched (const gchar * properties, const gchar * expected)
{
  GstHarness *h = harness (properties, FORMAT);
  gchar searched[11] = "";

  for (guint i = 0; i < 10; i++)
    searched[i] = n_found (h, i) > 0 ? '1' : '0';
  fail_unless_equals_string (searched, expected);
  gst_harness_teardown (h);
}

GST_START_TEST (test_interval)
{
  expect_searched ("", "1111111111");
  expect_searched ("interval=3", "1001001001");
  expect_searched ("interval-time=100000000", "1001001001");
  expect_searched ("interval=2 interval-time=50000000", "1010101010");
}

GST_END_TEST;

/* A seek or a gap may bring another scene: its first frame is searched. */
GST_START_TEST (test_interval_starts_again)
{
  GstHarness *h = harness ("interval=100", FORMAT);
  GstBuffer *out = process_frame (h, 0);
  GstBuffer *discont = dan_test_frame (FORMAT, WIDTH, HEIGHT);
  GstBuffer *dropped = dan_test_frame (FORMAT, WIDTH, HEIGHT);
  GstSegment segment;

  gst_buffer_unref (out);
  out = process_frame (h, 1);
  fail_unless_equals_int (n_regions (out), 0);
  gst_buffer_unref (out);

  GST_BUFFER_FLAG_SET (discont, GST_BUFFER_FLAG_DISCONT);
  out = dan_test_process (h, discont);
  fail_unless (n_regions (out) > 0);
  gst_buffer_unref (out);

  /* But frames that were dropped have shown the same one. */
  GST_BUFFER_FLAG_SET (dropped, GST_BUFFER_FLAG_DISCONT);
  GST_BUFFER_PTS (dropped) = GST_SECOND;
  out = dan_test_process (h, dropped);
  fail_unless_equals_int (n_regions (out), 0);
  gst_buffer_unref (out);

  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
  out = process_frame (h, 2);
  fail_unless (n_regions (out) > 0);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_late_frames_pass)
{
  GstHarness *h = harness ("", FORMAT);

  gst_buffer_unref (process_frame (h, 0));
  gst_harness_push_upstream_event (h, gst_event_new_qos
      (GST_QOS_TYPE_UNDERFLOW, 1.5, 10 * GST_SECOND, 0));
  gst_buffer_unref (process_frame (h, 1));
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_no_crop_is_asked_for)
{
  gchar *launch = g_strdup_printf ("danfacedetect model=%s", model_path);

  dan_test_no_crop_is_asked_for (launch);
  g_free (launch);
}

GST_END_TEST;

/* The same luma in other layouts gives the same faces. */
GST_START_TEST (test_formats)
{
  static const GstVideoFormat formats[] = { GST_VIDEO_FORMAT_NV12,
    GST_VIDEO_FORMAT_YUY2, GST_VIDEO_FORMAT_Y444
  };
  GstHarness *h = harness ("", FORMAT);
  GstBuffer *out = process_frame (h, 0);
  guint expected = n_regions (out);

  gst_buffer_unref (out);
  gst_harness_teardown (h);
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++) {
    h = harness ("", formats[i]);
    out = dan_test_process (h, dan_test_frame (formats[i], WIDTH, HEIGHT));
    fail_unless_equals_int (n_regions (out), expected);
    gst_buffer_unref (out);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

static GError *
start_error (const gchar * model)
{
  GstElement *element = gst_element_factory_make ("danfacedetect", NULL);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  GError *error;

  g_object_set (element, "model", model, NULL);
  gst_element_set_bus (element, bus);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (strstr (error->message, model) != NULL, "%s", error->message);
  gst_message_unref (message);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (element);
  return error;
}

GST_START_TEST (test_model_errors)
{
  GError *error = start_error ("/nonexistent/a.dan");

  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NOT_FOUND));
  g_error_free (error);
  error = start_error (g_getenv ("DAN_MODEL"));
  fail_unless (strstr (error->message, "detects no faces") != NULL, "%s",
      error->message);
  g_error_free (error);
}

GST_END_TEST;

static Suite *
facedetect_suite (void)
{
  Suite *s = suite_create ("danfacedetect");
  TCase *tc = tcase_create ("element");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, write_model, remove_model);
  tcase_add_test (tc, test_regions);
#ifdef HAVE_GST_ANALYTICS
  tcase_add_test (tc, test_analytics);
#endif
  tcase_add_test (tc, test_max_faces);
  tcase_add_test (tc, test_tuning);
  tcase_add_test (tc, test_interval);
  tcase_add_test (tc, test_interval_starts_again);
  tcase_add_test (tc, test_late_frames_pass);
  tcase_add_test (tc, test_no_crop_is_asked_for);
  tcase_add_test (tc, test_formats);
  tcase_add_test (tc, test_model_errors);
  return s;
}

GST_CHECK_MAIN (facedetect);
