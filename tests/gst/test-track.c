/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Faces that carry over from frame to frame, and when they do not. */

#include <math.h>

#include "common.h"

#define FORMAT GST_VIDEO_FORMAT_GRAY8
#define FRAME (GST_SECOND / 25)

static GstHarness *
harness (const gchar * launch)
{
  return dan_test_harness (launch, FORMAT, WIDTH, HEIGHT);
}

/* A frame with the drawn face, which was detected or was not. */
static GstBuffer *
face_at (GstClockTime pts, gboolean detected)
{
  GstBuffer *buffer = dan_test_frame (FORMAT, WIDTH, HEIGHT);

  if (detected)
    dan_test_add_face (buffer, FACE_X, FACE_Y, FACE_SIZE, FACE_SIZE, 7);
  GST_BUFFER_PTS (buffer) = pts;
  return buffer;
}

static GstBuffer *
nothing_at (GstClockTime pts)
{
  GstBuffer *buffer = face_at (pts, FALSE);

  gst_buffer_memset (buffer, 0, 100, -1);
  return buffer;
}

/* Checks the only face that comes out of @buffer. */
static void
check_face (GstHarness * h, GstBuffer * buffer, guint id, const gchar * status)
{
  GstBuffer *out = dan_test_process (h, buffer);
  const GstStructure *face =
      gst_dan_landmarks_get_face (dan_test_landmarks (out, 1), 0);
  guint got;

  fail_unless (gst_structure_get_uint (face, "id", &got));
  fail_unless_equals_int (got, id);
  fail_unless_equals_string (gst_structure_get_string (face, "status"),
      status);
  gst_buffer_unref (out);
}

static void
check_nothing (GstHarness * h, GstBuffer * buffer)
{
  GstBuffer *out = dan_test_process (h, buffer);

  dan_test_landmarks (out, 0);
  gst_buffer_unref (out);
}

GST_START_TEST (test_follow)
{
  GstHarness *h = harness ("danalign box=landmarks");

  check_face (h, face_at (0, TRUE), 0, "aligned");
  for (guint i = 1; i < 30; i++)
    check_face (h, face_at (i * FRAME, i % 10 == 0), 0, "tracked");
  gst_harness_teardown (h);

  h = harness ("danalign box=landmarks tracking=false");
  check_face (h, face_at (0, TRUE), 0, "aligned");
  check_nothing (h, face_at (FRAME, FALSE));
  check_face (h, face_at (2 * FRAME, TRUE), 0, "aligned");
  gst_harness_teardown (h);
}

GST_END_TEST;

/* The field @name of the only face, -1 if there is none. */
static gint64
nanoseconds (GstBuffer * out, const gchar * name)
{
  const GstStructure *face =
      gst_dan_landmarks_get_face (dan_test_landmarks (out, 1), 0);
  guint64 value;

  return gst_structure_get_uint64 (face, name, &value) ? (gint64) value : -1;
}

GST_START_TEST (test_age)
{
  GstHarness *h = harness ("danalign");
  GstElement *element = gst_harness_find_element (h, "danalign");

  for (guint i = 0; i < 3; i++) {
    GstBuffer *out = dan_test_process (h, face_at (i * FRAME, i == 0));
    gint64 age = nanoseconds (out, "age");

    fail_unless (ABS (age - (gint64) (i * FRAME)) < 1000, "%" G_GINT64_FORMAT,
        age);
    gst_buffer_unref (out);
  }
  g_object_set (element, "tracking", FALSE, NULL);
  {
    GstBuffer *out = dan_test_process (h, face_at (3 * FRAME, TRUE));

    fail_unless_equals_int (nanoseconds (out, "age"), -1);
    gst_buffer_unref (out);
  }
  gst_object_unref (element);
  gst_harness_teardown (h);
}

GST_END_TEST;

static void
first_points (const gchar * launch, gfloat xy[136])
{
  GstHarness *h = harness (launch);
  GstBuffer *out = dan_test_process (h, face_at (0, TRUE));

  dan_test_points (out, 0, xy);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}

/* A picture is not a video. */
GST_START_TEST (test_first_frame)
{
  gfloat tracked[136], plain[136];

  first_points ("danalign", tracked);
  first_points ("danalign tracking=false", plain);
  for (guint i = 0; i < 136; i++)
    fail_unless (fabsf (tracked[i] - plain[i]) < 1e-3);
}

GST_END_TEST;

/* The landmarks of the last of @n frames, of which the first has a detection, by
 * a model with a recurrent connection. */
static void
last_points (const gchar * properties, guint n, gfloat xy[136])
{
  gchar *launch = g_strdup_printf ("danalign box=landmarks model=%s %s",
      g_getenv ("DAN_TEST_SMALL_MODEL"), properties);
  GstHarness *h = harness (launch);

  for (guint i = 0; i < n; i++) {
    GstBuffer *out = dan_test_process (h, face_at (i * FRAME, i == 0));

    dan_test_points (out, 0, xy);
    gst_buffer_unref (out);
  }
  gst_harness_teardown (h);
  g_free (launch);
}

static gfloat
farthest (const gfloat a[136], const gfloat b[136])
{
  gfloat worst = 0;

  for (guint i = 0; i < 136; i++)
    worst = MAX (worst, fabsf (a[i] - b[i]));
  return worst;
}

/* A tracked face goes on from the frame before, unless that is not wanted. */
GST_START_TEST (test_recurrent)
{
  gfloat plain[136], recurrent[136];

  last_points ("recurrent=false", 1, plain);
  last_points ("", 1, recurrent);
  fail_unless (farthest (recurrent, plain) == 0);
  last_points ("recurrent=false", 2, plain);
  last_points ("recurrent=true", 2, recurrent);
  fail_unless (farthest (recurrent, plain) > .1, "%g",
      farthest (recurrent, plain));
}

GST_END_TEST;

/* Frames that stay the same do not move the face. */
GST_START_TEST (test_still)
{
  GstHarness *h = harness ("danalign box=landmarks");
  gfloat first[136], last[136];

  for (guint i = 0; i < 50; i++) {
    GstBuffer *out = dan_test_process (h, face_at (i * FRAME, TRUE));

    dan_test_points (out, 0, i == 0 ? first : last);
    gst_buffer_unref (out);
  }
  for (guint i = 0; i < 136; i++)
    fail_unless (fabsf (last[i] - first[i]) < .05 * FACE_SIZE, "%g -> %g",
        first[i], last[i]);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Whatever the model, a face is not told for long where nothing is. */
GST_START_TEST (test_loss)
{
  GstHarness *h = harness ("danalign");
  guint i;

  check_face (h, face_at (0, TRUE), 0, "aligned");
  for (i = 1; i < 55; i++)
    gst_buffer_unref (dan_test_process (h, nothing_at (i * FRAME)));
  check_nothing (h, nothing_at (i * FRAME));
  gst_harness_teardown (h);
}

GST_END_TEST;

/* The regions that leave with the frame: one for each face, detected or
 * not. */
GST_START_TEST (test_regions)
{
  GstHarness *h = harness ("danalign box=custom box-scale-x=.8 box-offset-y=.1");

  for (guint i = 0; i < 3; i++) {
    GstBuffer *out = dan_test_process (h, face_at (i * FRAME, i != 1));
    gpointer state = NULL;
    GstVideoRegionOfInterestMeta *roi =
        (GstVideoRegionOfInterestMeta *) gst_buffer_iterate_meta_filtered (out,
        &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);

    fail_unless (roi != NULL);
    fail_unless (gst_video_region_of_interest_meta_get_param (roi,
            "landmarks") != NULL);
    /* As the detector would have it: wider than the landmarks. */
    fail_unless (i != 1 || ABS (roi->w - 1.25 * FACE_SIZE) < FACE_SIZE / 4,
        "%u", roi->w);
    fail_unless (gst_buffer_iterate_meta_filtered (out, &state,
            GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE) == NULL);
    gst_buffer_unref (out);
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

/* A fixed region is where the face is at first, and another is another's. */
GST_START_TEST (test_region)
{
  GstHarness *h = harness ("danalign box=landmarks region=90,60,120,120");
  GstElement *element = gst_harness_find_element (h, "danalign");

  check_face (h, face_at (0, FALSE), 0, "aligned");
  check_face (h, face_at (FRAME, FALSE), 0, "tracked");
  g_object_set (element, "region", "92,60,120,120", NULL);
  check_face (h, face_at (2 * FRAME, FALSE), 1, "aligned");
  check_face (h, face_at (3 * FRAME, FALSE), 1, "tracked");
  gst_object_unref (element);
  gst_harness_teardown (h);
}

GST_END_TEST;

static void
new_segment (GstHarness * h)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
}

static void
flush (GstHarness * h)
{
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
  new_segment (h);
}

static void
new_caps (GstHarness * h)
{
  gst_harness_set_src_caps (h, dan_test_caps (FORMAT, WIDTH, HEIGHT - 2));
  gst_harness_set_src_caps (h, dan_test_caps (FORMAT, WIDTH, HEIGHT));
}

/* Nothing carries over what interrupts a stream. */
GST_START_TEST (test_interruptions)
{
  static void (*const interruptions[]) (GstHarness *) = { flush, new_segment,
    new_caps
  };

  for (gsize i = 0; i < G_N_ELEMENTS (interruptions); i++) {
    GstHarness *h = harness ("danalign");

    check_face (h, face_at (0, TRUE), 0, "aligned");
    check_face (h, face_at (FRAME, FALSE), 0, "tracked");
    interruptions[i] (h);
    check_nothing (h, face_at (2 * FRAME, FALSE));
    check_face (h, face_at (3 * FRAME, TRUE), 1, "aligned");
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

/* The face, not detected, behind a discontinuity. */
static GstBuffer *
discont_at (GstClockTime pts)
{
  GstBuffer *buffer = face_at (pts, FALSE);

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  return buffer;
}

GST_START_TEST (test_discont)
{
  static const GstClockTime breaks[] = { 2 * FRAME, 2 * FRAME + FRAME / 3, 0,
    GST_CLOCK_TIME_NONE
  };

  for (gsize i = 0; i < G_N_ELEMENTS (breaks); i++) {
    GstHarness *h = harness ("danalign");

    check_face (h, face_at (FRAME, TRUE), 0, "aligned");
    check_nothing (h, discont_at (breaks[i]));
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

/* Queues and decoders mark a discontinuity where they dropped late frames, too:
 * faces are followed past that. */
GST_START_TEST (test_dropped_frames)
{
  GstHarness *h = harness ("danalign");
  GstBuffer *buffer = discont_at (9 * FRAME);

  check_face (h, face_at (0, TRUE), 0, "aligned");
  check_face (h, discont_at (2 * FRAME), 0, "tracked");
  check_face (h, discont_at (6 * FRAME), 0, "tracked");
  /* The caps' frame rate says how long a frame without a duration is. */
  GST_BUFFER_DURATION (buffer) = GST_CLOCK_TIME_NONE;
  check_face (h, buffer, 0, "tracked");
  check_face (h, discont_at (11 * FRAME), 0, "tracked");
  check_nothing (h, discont_at (12 * FRAME));
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Segments of bytes say nothing of the time: each frame stands for itself. */
GST_START_TEST (test_segment_of_bytes)
{
  GstHarness *h = harness ("danalign message=true");
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
  check_face (h, face_at (0, TRUE), 0, "aligned");
  check_face (h, face_at (FRAME, TRUE), 1, "aligned");
  check_nothing (h, face_at (2 * FRAME, FALSE));
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Whether drawings are attached is negotiated, but the video is the same. */
GST_START_TEST (test_drawing_begins)
{
  GstHarness *h = gst_harness_new_parse ("danalign");
  GstElement *element = gst_harness_find_element (h, "danalign");

  gst_harness_add_propose_allocation_meta (h,
      GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, NULL);
  gst_harness_set_src_caps (h, dan_test_caps (FORMAT, WIDTH, HEIGHT));
  check_face (h, face_at (0, TRUE), 0, "aligned");
  g_object_set (element, "draw", TRUE, NULL);
  check_face (h, face_at (FRAME, FALSE), 0, "tracked");
  g_object_set (element, "draw", FALSE, NULL);
  check_face (h, face_at (2 * FRAME, FALSE), 0, "tracked");
  gst_object_unref (element);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Frames long after one another, or at no time at all, stand for
 * themselves. */
GST_START_TEST (test_time)
{
  GstHarness *h = harness ("danalign");

  check_face (h, face_at (0, TRUE), 0, "aligned");
  check_nothing (h, face_at (2 * GST_SECOND, FALSE));
  check_face (h, face_at (4 * GST_SECOND, TRUE), 1, "aligned");
  for (guint i = 2; i < 5; i++)
    check_face (h, face_at (GST_CLOCK_TIME_NONE, TRUE), i, "aligned");
  check_nothing (h, face_at (GST_CLOCK_TIME_NONE, FALSE));
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
track_suite (void)
{
  Suite *s = suite_create ("danalign-track");
  TCase *tc = tcase_create ("all");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_follow);
  tcase_add_test (tc, test_age);
  tcase_add_test (tc, test_first_frame);
  tcase_add_test (tc, test_recurrent);
  tcase_add_test (tc, test_still);
  tcase_add_test (tc, test_loss);
  tcase_add_test (tc, test_regions);
  tcase_add_test (tc, test_region);
  tcase_add_test (tc, test_interruptions);
  tcase_add_test (tc, test_discont);
  tcase_add_test (tc, test_dropped_frames);
  tcase_add_test (tc, test_segment_of_bytes);
  tcase_add_test (tc, test_drawing_begins);
  tcase_add_test (tc, test_time);
  return s;
}

GST_CHECK_MAIN (track);
