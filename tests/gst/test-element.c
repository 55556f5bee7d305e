/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* States, events, messages and properties. */

#include <math.h>

#include <glib/gstdio.h>

#include "common.h"

#define FORMAT GST_VIDEO_FORMAT_I420

static GstHarness *
harness (const gchar * launch)
{
  return dan_test_harness (launch, FORMAT, WIDTH, HEIGHT);
}

static GstBuffer *
face_frame_at (GstClockTime pts)
{
  GstBuffer *buffer = dan_test_face_frame (FORMAT, WIDTH, HEIGHT);

  GST_BUFFER_PTS (buffer) = pts;
  return buffer;
}

GST_START_TEST (test_states)
{
  GstElement *element = gst_element_factory_make ("danalign", NULL);
  static const GstState states[] = { GST_STATE_READY, GST_STATE_PAUSED,
    GST_STATE_PLAYING, GST_STATE_PAUSED, GST_STATE_READY, GST_STATE_PAUSED,
    GST_STATE_NULL
  };

  for (guint round = 0; round < 3; round++)
    for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
      fail_unless_equals_int (gst_element_set_state (element, states[i]),
          GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (element);
}

GST_END_TEST;

/* The error that going from NULL to @state gives, NULL if that works. */
static GError *
state_error (GstElement * element, GstState state)
{
  GstBus *bus = gst_bus_new ();
  GError *error = NULL;

  gst_element_set_bus (element, bus);
  if (gst_element_set_state (element, state) == GST_STATE_CHANGE_FAILURE) {
    GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

    fail_unless (message != NULL, "it failed without a message");
    gst_message_parse_error (message, &error, NULL);
    gst_message_unref (message);
  }
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  return error;
}

/* The error that going to READY with @model gives. */
static GError *
model_error (const gchar * model)
{
  GstElement *element = gst_element_factory_make ("danalign", NULL);
  GError *error;

  g_object_set (element, "model", model, NULL);
  error = state_error (element, GST_STATE_READY);
  fail_unless (error != NULL);
  fail_unless (strstr (error->message, model) != NULL, "\"%s\" does not name "
      "\"%s\"", error->message, model);
  gst_object_unref (element);
  return error;
}

GST_START_TEST (test_model_missing)
{
  GError *error = model_error ("/nonexistent/a.dan");

  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NOT_FOUND));
  g_error_free (error);
}

GST_END_TEST;

GST_START_TEST (test_model_damaged)
{
  gchar *path;
  gint fd = g_file_open_tmp ("danalign-XXXXXX.dan", &path, NULL);
  GError *error;

  fail_unless (fd >= 0 && g_close (fd, NULL));
  fail_unless (g_file_set_contents (path, "not a model", -1, NULL));
  error = model_error (path);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_DECODE));
  g_error_free (error);
  g_unlink (path);
  g_free (path);
}

GST_END_TEST;

/* After a failure the element is usable with a better model. */
GST_START_TEST (test_model_changed_in_ready)
{
  GstElement *element = gst_element_factory_make ("danalign", NULL);

  g_object_set (element, "model", "/nonexistent/a.dan", NULL);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  g_object_set (element, "model", NULL, NULL);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
  g_object_set (element, "model", "/nonexistent/b.dan", NULL);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_object_unref (element);
}

GST_END_TEST;

/* Checks that @error, which is freed, is about @cause among the settings. */
static void
check_settings_error (GError * error, const gchar * cause)
{
  fail_unless (error != NULL);
  fail_unless (g_error_matches (error, GST_LIBRARY_ERROR,
          GST_LIBRARY_ERROR_SETTINGS), "%s", error->message);
  fail_unless (strstr (error->message, cause) != NULL, "\"%s\" does not speak "
      "of %s", error->message, cause);
  g_error_free (error);
}

GST_START_TEST (test_stages_too_many)
{
  GstElement *element = gst_element_factory_make ("danalign", NULL);

  g_object_set (element, "stages", 64, NULL);
  check_settings_error (state_error (element, GST_STATE_PAUSED), "64 stages");
  gst_object_unref (element);
}

GST_END_TEST;

GST_START_TEST (test_precision_names)
{
  GstElement *element = gst_element_factory_make ("danalign", NULL);
  static const gchar *names[] = { "int8", "bf16", "fp32", "auto" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    GValue value = G_VALUE_INIT;
    gchar *name;

    gst_util_set_object_arg (G_OBJECT (element), "precision", names[i]);
    g_object_get_property (G_OBJECT (element), "precision", &value);
    name = gst_value_serialize (&value);
    fail_unless_equals_string (name, names[i]);
    g_free (name);
    g_value_unset (&value);
  }
  gst_object_unref (element);
}

GST_END_TEST;

static GstElement *
element_of (const gchar * precision)
{
  GstElement *element = gst_element_factory_make ("danalign", NULL);

  gst_util_set_object_arg (G_OBJECT (element), "precision", precision);
  return element;
}

/* Whatever the CPU, the kernels in C have only floats. */
GST_START_TEST (test_precision_missing)
{
  GstElement *element = element_of ("bf16");
  gchar *ceiling = g_strdup (g_getenv ("DAN_CPU"));

  g_setenv ("DAN_CPU", "c", TRUE);
  check_settings_error (state_error (element, GST_STATE_PAUSED), "bfloat16");
  gst_util_set_object_arg (G_OBJECT (element), "precision", "int8");
  check_settings_error (state_error (element, GST_STATE_PAUSED), "8-bit");
  gst_util_set_object_arg (G_OBJECT (element), "precision", "fp32");
  fail_unless (state_error (element, GST_STATE_PAUSED) == NULL);
  gst_util_set_object_arg (G_OBJECT (element), "precision", "auto");
  fail_unless (state_error (element, GST_STATE_PAUSED) == NULL);
  if (ceiling)
    g_setenv ("DAN_CPU", ceiling, TRUE);
  else
    g_unsetenv ("DAN_CPU");
  g_free (ceiling);
  gst_object_unref (element);
}

GST_END_TEST;

static void
points_of (const gchar * precision, gfloat xy[136])
{
  gchar *launch = g_strdup_printf ("danalign precision=%s", precision);
  GstHarness *h = harness (launch);
  GstBuffer *out = dan_test_process (h, face_frame_at (0));

  dan_test_points (out, 0, xy);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
  g_free (launch);
}

/* Pixels between the landmarks that are farthest apart. */
static gdouble
farthest (const gfloat a[136], const gfloat b[136])
{
  gdouble worst = 0;

  for (guint i = 0; i < 136; i += 2)
    worst = MAX (worst, hypot (a[i] - b[i], a[i + 1] - b[i + 1]));
  return worst;
}

/* Whether @precision is to be had. Its products move landmarks, by little. */
static gboolean
moves_landmarks (const gchar * precision, const gchar * missing,
    gfloat moved[136])
{
  GstElement *element = element_of (precision);
  GError *error = state_error (element, GST_STATE_PAUSED);
  const gboolean there = error == NULL;
  gfloat fp32[136];

  gst_object_unref (element);
  if (!there) {
    check_settings_error (error, missing);
    return FALSE;
  }
  points_of ("fp32", fp32);
  points_of (precision, moved);
  fail_unless (farthest (moved, fp32) > 0);
  fail_unless (farthest (moved, fp32) < .01 * FACE_SIZE, "%s moved landmarks by "
      "%g pixels", precision, farthest (moved, fp32));
  return TRUE;
}

/* What is chosen is the first of these that is to be had. */
GST_START_TEST (test_precision)
{
  gfloat bf16[136], int8[136], fp32[136], chosen[136];
  const gboolean have_int8 = moves_landmarks ("int8", "8-bit", int8);
  const gboolean have_bf16 = moves_landmarks ("bf16", "bfloat16", bf16);

  points_of ("fp32", fp32);
  points_of ("auto", chosen);
  fail_unless (memcmp (chosen, have_int8 ? int8 : have_bf16 ? bf16 : fp32,
          sizeof chosen) == 0);
}

GST_END_TEST;

GST_START_TEST (test_message)
{
  GstHarness *h = harness ("danalign message=true");
  GstElement *element = gst_harness_find_element (h, "danalign");
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  const GstStructure *s;
  guint64 timestamp, stream_time, running_time, duration;

  gst_element_set_bus (element, bus);
  gst_buffer_unref (dan_test_process (h, face_frame_at (GST_SECOND)));
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
  fail_unless (message != NULL);
  s = gst_message_get_structure (message);
  fail_unless_equals_string (gst_structure_get_name (s), "danalign");
  fail_unless (gst_structure_get (s, "timestamp", G_TYPE_UINT64, &timestamp,
          "stream-time", G_TYPE_UINT64, &stream_time,
          "running-time", G_TYPE_UINT64, &running_time,
          "duration", G_TYPE_UINT64, &duration, NULL));
  fail_unless_equals_uint64 (timestamp, GST_SECOND);
  fail_unless_equals_uint64 (stream_time, GST_SECOND);
  fail_unless_equals_uint64 (running_time, GST_SECOND);
  fail_unless_equals_uint64 (duration, GST_SECOND / 25);
  fail_unless_equals_int (gst_dan_landmarks_n_faces (s), 1);
  fail_unless_equals_int (gst_dan_face_get_points (gst_dan_landmarks_get_face
          (s, 0), NULL, 0), 68);
  gst_message_unref (message);

  g_object_set (element, "message", FALSE, NULL);
  gst_buffer_unref (dan_test_process (h, face_frame_at (2 * GST_SECOND)));
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT) == NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (element);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_disabled)
{
  GstHarness *h = harness ("danalign enabled=false draw=true");
  GstElement *element = gst_harness_find_element (h, "danalign");
  GstBuffer *in = face_frame_at (0);
  GstBuffer *out = dan_test_process (h, gst_buffer_ref (in));

  fail_unless (out == in, "the buffer itself should have passed");
  fail_unless (gst_dan_buffer_get_landmarks (out) == NULL);
  gst_buffer_unref (in);
  gst_buffer_unref (out);

  g_object_set (element, "enabled", TRUE, NULL);
  out = dan_test_process (h, face_frame_at (GST_SECOND));
  dan_test_landmarks (out, 1);
  gst_buffer_unref (out);
  gst_object_unref (element);
  gst_harness_teardown (h);
}

GST_END_TEST;

static const gchar *
status (GstBuffer * buffer)
{
  return gst_structure_get_string (gst_dan_landmarks_get_face
      (dan_test_landmarks (buffer, 1), 0), "status");
}

static void
push_expecting (GstHarness * h, GstClockTime pts, const gchar * expected)
{
  GstBuffer *out = dan_test_process (h, face_frame_at (pts));

  fail_unless_equals_string (status (out), expected);
  gst_buffer_unref (out);
}

static void
send_late (GstHarness * h, GstClockTime timestamp, GstClockTimeDiff diff)
{
  gst_harness_push_upstream_event (h, gst_event_new_qos (GST_QOS_TYPE_UNDERFLOW,
          1.5, diff, timestamp));
}

/* Late frames pass, with landmarks of earlier ones, @late, but not for ever:
 * then they are found again, @found. */
static void
check_qos (const gchar * launch, const gchar * late, const gchar * found)
{
  GstHarness *h = harness (launch);

  push_expecting (h, 0, "aligned");
  send_late (h, 0, 10 * GST_SECOND);
  push_expecting (h, 40 * GST_MSECOND, late);
  push_expecting (h, 500 * GST_MSECOND, late);
  push_expecting (h, 540 * GST_MSECOND, found);
  push_expecting (h, 580 * GST_MSECOND, late);
  send_late (h, 580 * GST_MSECOND, -100 * GST_MSECOND);
  push_expecting (h, 620 * GST_MSECOND, found);
  gst_harness_teardown (h);
}

GST_START_TEST (test_qos)
{
  check_qos ("danalign", "extrapolated", "tracked");
  check_qos ("danalign tracking=false", "reused", "aligned");
}

GST_END_TEST;

GST_START_TEST (test_qos_off)
{
  GstHarness *h = harness ("danalign tracking=false qos=false");

  push_expecting (h, 0, "aligned");
  send_late (h, 0, 10 * GST_SECOND);
  push_expecting (h, 40 * GST_MSECOND, "aligned");
  gst_harness_teardown (h);
}

GST_END_TEST;

static void
restart_stream (GstHarness * h)
{
  GstSegment segment;

  fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
}

/* A seek ends lateness, and what was seen before it is not reused. */
GST_START_TEST (test_flush)
{
  GstHarness *h = harness ("danalign tracking=false");
  GstBuffer *out;

  push_expecting (h, 0, "aligned");
  send_late (h, 0, 10 * GST_SECOND);
  push_expecting (h, 40 * GST_MSECOND, "reused");
  restart_stream (h);
  push_expecting (h, 80 * GST_MSECOND, "aligned");

  send_late (h, 80 * GST_MSECOND, 10 * GST_SECOND);
  out = face_frame_at (120 * GST_MSECOND);
  GST_BUFFER_FLAG_SET (out, GST_BUFFER_FLAG_DISCONT);
  out = dan_test_process (h, out);
  fail_unless_equals_string (status (out), "aligned");
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_eos)
{
  GstHarness *h = harness ("danalign");
  GstEvent *event;
  gboolean eos = FALSE;

  gst_buffer_unref (dan_test_process (h, face_frame_at (0)));
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  while ((event = gst_harness_try_pull_event (h))) {
    eos |= GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  fail_unless (eos);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Every property can be read back as written, and says when it may be. */
GST_START_TEST (test_properties)
{
  GstElement *element = gst_element_factory_make ("danalign", NULL);
  GParamSpec **specs;
  guint n, own = 0;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n);
  for (guint i = 0; i < n; i++) {
    GValue got = G_VALUE_INIT;

    if (specs[i]->owner_type != G_OBJECT_TYPE (element))
      continue;
    own++;
    g_value_init (&got, specs[i]->value_type);
    g_object_get_property (G_OBJECT (element), specs[i]->name, &got);
    fail_unless (g_param_value_defaults (specs[i], &got), "%s is not at its "
        "default", specs[i]->name);
    fail_unless (specs[i]->flags & (GST_PARAM_MUTABLE_READY |
            GST_PARAM_MUTABLE_PLAYING), "%s", specs[i]->name);
    fail_unless (strlen (g_param_spec_get_blurb (specs[i])) > 10, "%s",
        specs[i]->name);
    g_value_unset (&got);
  }
  fail_unless_equals_int (own, 27);
  g_free (specs);
  gst_object_unref (element);
}

GST_END_TEST;

GST_START_TEST (test_region_syntax)
{
  GstElement *element = gst_element_factory_make ("danalign", NULL);
  static const gchar *bad[] = { "1,2,3", "1,2,3,4,5", "1,2,0,4", "1,2,3,-4",
    "a,2,3,4", "1,2,3,nan", "1,2,3,4x", "1 2 3 4"
  };
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  gchar *region;

  gst_element_set_bus (element, bus);
  g_object_set (element, "region", "-1.5, 2,3 ,4", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    ASSERT_WARNING (g_object_set (element, "region", bad[i], NULL));
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
    fail_unless (message != NULL);
    gst_message_unref (message);
    g_object_get (element, "region", &region, NULL);
    fail_unless_equals_string (region, "-1.5, 2,3 ,4");
    g_free (region);
  }
  g_object_set (element, "region", NULL, NULL);
  g_object_get (element, "region", &region, NULL);
  fail_unless (region == NULL);
  fail_if (gst_bus_have_pending (bus));
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (element);
}

GST_END_TEST;

static gpointer
change_properties (gpointer data)
{
  GstElement *element = data;

  for (guint i = 0; i < 2000; i++)
    g_object_set (element, "draw", i % 2, "enabled", i % 7 != 0,
        "roi-types", i % 2 ? "face" : "face,head", "region",
        i % 3 ? NULL : "60,60,100,100", "draw-size", i % 5 * 1.0, NULL);
  g_object_set (element, "enabled", TRUE, "region", NULL, NULL);
  return NULL;
}

GST_START_TEST (test_properties_from_another_thread)
{
  GstHarness *h = harness ("danalign stages=1");
  GstElement *element = gst_harness_find_element (h, "danalign");
  GThread *thread = g_thread_new ("setter", change_properties, element);

  for (guint i = 0; i < 40; i++)
    gst_buffer_unref (dan_test_process (h, face_frame_at (i * GST_SECOND)));
  g_thread_join (thread);
  push_expecting (h, 50 * GST_SECOND, "aligned");
  gst_object_unref (element);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
element_suite (void)
{
  Suite *s = suite_create ("danalign-element");
  TCase *tc = tcase_create ("all");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_states);
  tcase_add_test (tc, test_model_missing);
  tcase_add_test (tc, test_model_damaged);
  tcase_add_test (tc, test_model_changed_in_ready);
  tcase_add_test (tc, test_stages_too_many);
  tcase_add_test (tc, test_precision_names);
  tcase_add_test (tc, test_precision_missing);
  tcase_add_test (tc, test_precision);
  tcase_add_test (tc, test_message);
  tcase_add_test (tc, test_disabled);
  tcase_add_test (tc, test_qos);
  tcase_add_test (tc, test_qos_off);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_eos);
  tcase_add_test (tc, test_properties);
  tcase_add_test (tc, test_region_syntax);
  tcase_add_test (tc, test_properties_from_another_thread);
  return s;
}

GST_CHECK_MAIN (element);
