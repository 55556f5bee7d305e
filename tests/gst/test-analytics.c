/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Faces as GstAnalytics knows them: which danalign takes, and what it says of
 * them. test-facedetect.c has what danfacedetect writes. */

#include "common.h"

#ifndef HAVE_GST_ANALYTICS

int
main (void)
{
  g_print ("skipped: built without GstAnalytics\n");
  return 77;
}

#else

#include <math.h>
#include <gst/analytics/analytics.h>

#define FORMAT GST_VIDEO_FORMAT_I420

static GstBuffer *
frame (void)
{
  return dan_test_frame (FORMAT, WIDTH, HEIGHT);
}

static GstHarness *
harness (const gchar * properties)
{
  gchar *launch = g_strdup_printf ("danalign %s", properties);
  GstHarness *h = dan_test_harness (launch, FORMAT, WIDTH, HEIGHT);

  g_free (launch);
  return h;
}

static GstBuffer *
aligned (const gchar * properties, GstBuffer * buffer)
{
  GstHarness *h = harness (properties);
  GstBuffer *out = dan_test_process (h, buffer);

  gst_harness_teardown (h);
  return out;
}

static guint
add_detection (GstBuffer * buffer, const gchar * type, gint x, gint y, gint w,
    gint h, gfloat confidence)
{
  GstAnalyticsODMtd od;

  fail_unless (gst_analytics_relation_meta_add_od_mtd
      (gst_buffer_add_analytics_relation_meta (buffer),
          g_quark_from_string (type), x, y, w, h, confidence, &od));
  return od.id;
}

static guint
add_face (GstBuffer * buffer)
{
  return add_detection (buffer, "face", FACE_X, FACE_Y, FACE_SIZE, FACE_SIZE,
      .75);
}

static GstBuffer *
face_frame (void)
{
  GstBuffer *buffer = frame ();

  add_face (buffer);
  return buffer;
}

static guint
n_mtds (GstBuffer * buffer, GstAnalyticsMtdType type)
{
  GstAnalyticsRelationMeta *meta =
      gst_buffer_get_analytics_relation_meta (buffer);
  GstAnalyticsMtd mtd;
  gpointer state = NULL;
  guint n = 0;

  while (meta && gst_analytics_relation_meta_iterate (meta, &state, type,
          &mtd))
    n++;
  return n;
}

static guint
n_detections (GstBuffer * buffer)
{
  return n_mtds (buffer, gst_analytics_od_mtd_get_mtd_type ());
}

static guint
n_trackings (GstBuffer * buffer)
{
  return n_mtds (buffer, gst_analytics_tracking_mtd_get_mtd_type ());
}

static guint
n_regions (GstBuffer * buffer)
{
  return gst_buffer_get_n_meta (buffer,
      GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
}

static GstAnalyticsODMtd
detection_at (GstBuffer * buffer, guint id)
{
  GstAnalyticsODMtd od;

  fail_unless (gst_analytics_relation_meta_get_od_mtd
      (gst_buffer_get_analytics_relation_meta (buffer), id, &od));
  return od;
}

static void
check_detection (GstBuffer * buffer, guint id, const gchar * type, gint x,
    gint y, gint w, gint h, gfloat confidence)
{
  GstAnalyticsODMtd od = detection_at (buffer, id);
  gint got[4];
  gfloat level;

  fail_unless (gst_analytics_od_mtd_get_location (&od, &got[0], &got[1],
          &got[2], &got[3], &level));
  fail_unless_equals_string (g_quark_to_string
      (gst_analytics_od_mtd_get_obj_type (&od)), type);
  fail_unless_equals_int (got[0], x);
  fail_unless_equals_int (got[1], y);
  fail_unless_equals_int (got[2], w);
  fail_unless_equals_int (got[3], h);
  fail_unless_equals_float (level, confidence);
}

static const GstStructure *
only_face (GstBuffer * buffer)
{
  return gst_dan_landmarks_get_face (dan_test_landmarks (buffer, 1), 0);
}

static void
check_source (GstBuffer * buffer, gint id, gdouble confidence)
{
  const GstStructure *face = only_face (buffer);
  gint source_id;
  gdouble detection_confidence;

  fail_unless (gst_structure_get (face, "source-id", G_TYPE_INT, &source_id,
          "detection-confidence", G_TYPE_DOUBLE, &detection_confidence,
          NULL));
  fail_unless_equals_int (source_id, id);
  fail_unless_equals_float (detection_confidence, confidence);
}

/* The same landmarks as from a region of interest, and no second detection. */
GST_START_TEST (test_detections_are_faces)
{
  GstBuffer *expected = aligned ("",
      dan_test_face_frame (FORMAT, WIDTH, HEIGHT));
  GstBuffer *out = aligned ("", face_frame ());
  gfloat a[136], b[136];

  check_source (out, 0, .75);
  dan_test_points (expected, 0, a);
  dan_test_points (out, 0, b);
  fail_unless (memcmp (a, b, sizeof (a)) == 0);
  fail_unless_equals_int (n_detections (out), 1);
  fail_unless_equals_int (n_regions (out), 1);
  gst_buffer_unref (out);
  gst_buffer_unref (expected);
}

GST_END_TEST;

GST_START_TEST (test_types)
{
  GstBuffer *buffer = frame (), *out;

  add_detection (buffer, "car", 0, 0, 60, 60, 1);
  add_detection (buffer, "head", 100, 0, 60, 60, 1);
  add_detection (buffer, "face", 200, 0, 60, 60, 1);
  out = aligned ("roi-types=\"face, head\"", gst_buffer_ref (buffer));
  dan_test_landmarks (out, 2);
  gst_buffer_unref (out);
  out = aligned ("", buffer);
  dan_test_landmarks (out, 1);
  gst_buffer_unref (out);
}

GST_END_TEST;

/* A face that is there as a region too, whichever of them is larger. */
static void
check_one_face (const gchar * properties, gint grown)
{
  GstBuffer *buffer = frame (), *out;

  dan_test_add_face (buffer, FACE_X - grown, FACE_Y - grown,
      FACE_SIZE + 2 * grown, FACE_SIZE + 2 * grown, 7);
  add_face (buffer);
  out = aligned (properties, buffer);
  check_source (out, 7, .75);
  fail_unless_equals_int (n_detections (out), 1);
  fail_unless_equals_int (n_regions (out), 1);
  gst_buffer_unref (out);
}

GST_START_TEST (test_region_and_detection_are_one)
{
  static const gchar *properties[] = { "", "tracking=false",
    "tracking=false max-faces=1"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++)
    for (gint grown = -10; grown <= 10; grown += 10)
      check_one_face (properties[i], grown);
}

GST_END_TEST;

GST_START_TEST (test_region_gets_a_detection)
{
  GstBuffer *buffer = frame (), *out;
  GstVideoRegionOfInterestMeta *roi =
      gst_buffer_add_video_region_of_interest_meta (buffer, "head", FACE_X,
      FACE_Y, FACE_SIZE, FACE_SIZE);

  gst_video_region_of_interest_meta_add_param (roi,
      gst_structure_new ("detection", "confidence", G_TYPE_DOUBLE, 0.5, NULL));
  out = aligned ("roi-types=head", buffer);
  fail_unless_equals_int (n_detections (out), 1);
  check_detection (out, 0, "head", FACE_X, FACE_Y, FACE_SIZE, FACE_SIZE, .5);
  gst_buffer_unref (out);
}

GST_END_TEST;

/* No detector said how sure it is: the network did. */
GST_START_TEST (test_fixed_region_gets_a_detection)
{
  gchar *properties = g_strdup_printf ("region=90,60,120,120 model=\"%s\"",
      g_getenv ("DAN_TEST_SMALL_MODEL"));
  GstBuffer *out = aligned (properties, frame ());
  gdouble confidence;

  fail_unless (gst_structure_get_double (only_face (out), "confidence",
          &confidence));
  fail_unless_equals_int (n_detections (out), 1);
  check_detection (out, 0, "face", 90, 60, 120, 120, (gfloat) confidence);
  gst_buffer_unref (out);
  g_free (properties);
}

GST_END_TEST;

GST_START_TEST (test_no_faces)
{
  GstBuffer *out = aligned ("", frame ());

  dan_test_landmarks (out, 0);
  fail_unless (gst_buffer_get_analytics_relation_meta (out) == NULL);
  gst_buffer_unref (out);
}

GST_END_TEST;

/* The tracking that the one detection of @buffer has. */
static GstAnalyticsTrackingMtd
only_tracking (GstBuffer * buffer)
{
  GstAnalyticsTrackingMtd tracking;
  gpointer state = NULL;

  fail_unless_equals_int (n_detections (buffer), 1);
  fail_unless_equals_int (n_trackings (buffer), 1);
  fail_unless (gst_analytics_relation_meta_get_direct_related
      (gst_buffer_get_analytics_relation_meta (buffer), 0,
          GST_ANALYTICS_REL_TYPE_RELATE_TO,
          gst_analytics_tracking_mtd_get_mtd_type (), &state, &tracking));
  return tracking;
}

/* A face is detected once: it keeps the id that it has in our own meta, and gets
 * a detection in the frames that come without. */
GST_START_TEST (test_tracking)
{
  GstHarness *h = harness ("region=90,60,120,120");

  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer = frame (), *out;
    GstAnalyticsTrackingMtd tracking;
    GstClockTime first_seen, last_seen;
    guint64 tracking_id;
    gboolean lost;
    guint id;

    GST_BUFFER_PTS (buffer) = GST_SECOND + i * 40 * GST_MSECOND;
    out = dan_test_process (h, buffer);
    tracking = only_tracking (out);
    fail_unless (gst_analytics_tracking_mtd_get_info (&tracking, &tracking_id,
            &first_seen, &last_seen, &lost));
    fail_unless (gst_structure_get_uint (only_face (out), "id", &id));
    fail_unless_equals_uint64 (tracking_id, id);
    fail_unless (ABS (GST_CLOCK_DIFF (first_seen, GST_SECOND)) < GST_USECOND);
    fail_unless_equals_uint64 (last_seen, GST_SECOND + i * 40 * GST_MSECOND);
    fail_if (lost);
    gst_buffer_unref (out);
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_tracking_without_time)
{
  GstBuffer *buffer = face_frame (), *out;
  GstAnalyticsTrackingMtd tracking;
  GstClockTime first_seen, last_seen;

  GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  out = aligned ("", buffer);
  tracking = only_tracking (out);
  fail_unless (gst_analytics_tracking_mtd_get_info (&tracking, NULL,
          &first_seen, &last_seen, NULL));
  fail_if (GST_CLOCK_TIME_IS_VALID (first_seen));
  fail_if (GST_CLOCK_TIME_IS_VALID (last_seen));
  gst_buffer_unref (out);
}

GST_END_TEST;

GST_START_TEST (test_no_tracking)
{
  GstBuffer *out = aligned ("tracking=false", face_frame ());

  dan_test_landmarks (out, 1);
  fail_unless_equals_int (n_trackings (out), 0);
  gst_buffer_unref (out);
}

GST_END_TEST;

/* What others know, in a buffer that they hold: neither is changed. */
GST_START_TEST (test_others_stay)
{
  GstBuffer *in = frame (), *out;
  GstAnalyticsRelationMeta *meta = gst_buffer_add_analytics_relation_meta (in);
  GstAnalyticsClsMtd class;
  guint car = add_detection (in, "car", 3, 4, 50, 60, .25);
  guint face = add_face (in);
  gsize before;

  fail_unless (gst_analytics_relation_meta_add_one_cls_mtd (meta, .5,
          g_quark_from_string ("red"), &class));
  fail_unless (gst_analytics_relation_meta_set_relation (meta,
          GST_ANALYTICS_REL_TYPE_RELATE_TO, car, class.id));
  before = gst_analytics_relation_get_length (meta);
  out = aligned ("", gst_buffer_ref (in));

  fail_unless (out != in);
  fail_unless_equals_int (gst_analytics_relation_get_length (meta), before);
  meta = gst_buffer_get_analytics_relation_meta (out);
  fail_unless (gst_analytics_relation_get_length (meta) > before);
  check_detection (out, car, "car", 3, 4, 50, 60, .25);
  check_detection (out, face, "face", FACE_X, FACE_Y, FACE_SIZE, FACE_SIZE,
      .75);
  fail_unless (gst_analytics_relation_meta_get_cls_mtd (meta, class.id,
          &class));
  fail_unless_equals_string (g_quark_to_string
      (gst_analytics_cls_mtd_get_quark (&class, 0)), "red");
  fail_unless_equals_int (gst_analytics_relation_meta_get_relation (meta, car,
          class.id), GST_ANALYTICS_REL_TYPE_RELATE_TO);
  gst_buffer_unref (out);
  gst_buffer_unref (in);
}

GST_END_TEST;

/* Landmarks of an earlier frame say nothing of this one's detections. */
GST_START_TEST (test_late_frames)
{
  GstHarness *h = harness ("tracking=false");
  GstBuffer *buffer = face_frame (), *out;

  gst_buffer_unref (dan_test_process (h, buffer));
  gst_harness_push_upstream_event (h, gst_event_new_qos
      (GST_QOS_TYPE_UNDERFLOW, 1.5, GST_SECOND, 0));
  buffer = frame ();
  GST_BUFFER_PTS (buffer) = 40 * GST_MSECOND;
  add_detection (buffer, "face", 0, 0, 20, 20, 1);
  out = dan_test_process (h, buffer);
  fail_unless_equals_string (gst_structure_get_string (only_face (out),
          "status"), "reused");
  fail_unless_equals_int (gst_analytics_relation_get_length
      (gst_buffer_get_analytics_relation_meta (out)), 1);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_strange_detections)
{
  GstBuffer *buffer = face_frame (), *out;

  add_detection (buffer, "face", -40, -30, 80, 80, NAN);
  add_detection (buffer, "face", 10, 200, 0, 10, 1);
  add_detection (buffer, "face", 50, 50, -20, -20, 1);
  add_detection (buffer, "face", 5000, 5000, 60, 60, 1);
  add_detection (buffer, "face", G_MININT, G_MININT, G_MAXINT, G_MAXINT, 1);
  add_detection (buffer, "face", 0, 0, G_MAXINT, 1, -3);
  out = aligned ("tracking=false draw=true", buffer);
  /* The first two are faces, or what the network takes for such. */
  fail_unless (gst_dan_landmarks_n_faces (gst_dan_buffer_get_landmarks (out))
      >= 2);
  fail_unless_equals_int (n_detections (out), 7);
  gst_buffer_unref (out);
}

GST_END_TEST;

#ifdef HAVE_GST_ANALYTICS_KEYPOINTS

static void
check_keypoint (GstBuffer * buffer, guint i, guint id, gfloat confidence)
{
  GstAnalyticsKeypointMtd keypoint;
  GstAnalyticsKeypointDimensions dimensions;
  gfloat xy[136], level;
  gint x, y, z;

  dan_test_points (buffer, 0, xy);
  fail_unless (gst_analytics_relation_meta_get_keypoint_mtd
      (gst_buffer_get_analytics_relation_meta (buffer), id, &keypoint));
  fail_unless (gst_analytics_keypoint_mtd_get_position (&keypoint, &x, &y, &z,
          &dimensions));
  fail_unless_equals_int (dimensions, GST_ANALYTICS_KEYPOINT_DIMENSIONS_2D);
  fail_unless (fabs (x - xy[2 * i]) <= .5 && fabs (y - xy[2 * i + 1]) <= .5,
      "%u is at %d,%d, not %g,%g", i, x, y, xy[2 * i], xy[2 * i + 1]);
  fail_unless (gst_analytics_keypoint_mtd_get_confidence (&keypoint, &level));
  fail_unless_equals_float (level, confidence);
}

/* The 68 landmarks, as a group that the detection contains. */
GST_START_TEST (test_keypoints)
{
  gchar *properties = g_strdup_printf ("model=\"%s\"",
      g_getenv ("DAN_TEST_SMALL_MODEL"));
  GstBuffer *out = aligned (properties, face_frame ());
  GstAnalyticsRelationMeta *meta =
      gst_buffer_get_analytics_relation_meta (out);
  GstAnalyticsGroupMtd group;
  GstAnalyticsMtd points[68];
  gpointer state = NULL;
  gdouble confidence;
  gchar *tag;

  fail_unless (gst_structure_get_double (only_face (out), "confidence",
          &confidence));
  fail_unless (gst_analytics_relation_meta_get_direct_related (meta, 0,
          GST_ANALYTICS_REL_TYPE_CONTAIN,
          gst_analytics_group_mtd_get_mtd_type (), &state, &group));
  tag = gst_analytics_mtd_get_semantic_tag (&group);
  fail_unless_equals_string (tag, "face-68-kp");
  g_free (tag);
  fail_unless_equals_int (gst_analytics_group_mtd_get_member_count (&group),
      68);
  for (guint i = 0; i < 68; i++) {
    fail_unless (gst_analytics_group_mtd_get_member (&group, i, &points[i]));
    check_keypoint (out, i, points[i].id, confidence);
  }
  /* Neighbours along the jaw, the closed lips, but no line from jaw to brow. */
  fail_unless_equals_int (gst_analytics_relation_meta_get_relation (meta,
          points[0].id, points[1].id), GST_ANALYTICS_REL_TYPE_RELATE_TO);
  fail_unless_equals_int (gst_analytics_relation_meta_get_relation (meta,
          points[67].id, points[60].id), GST_ANALYTICS_REL_TYPE_RELATE_TO);
  fail_unless_equals_int (gst_analytics_relation_meta_get_relation (meta,
          points[16].id, points[17].id), GST_ANALYTICS_REL_TYPE_NONE);
  gst_buffer_unref (out);
  g_free (properties);
}

GST_END_TEST;

/* The detection and what is known of it stay. */
GST_START_TEST (test_no_keypoints)
{
  GstBuffer *out = aligned ("keypoints=false", face_frame ());
  GstAnalyticsRelationMeta *meta =
      gst_buffer_get_analytics_relation_meta (out);
  GstAnalyticsTrackingMtd tracking;

  dan_test_landmarks (out, 1);
  fail_unless_equals_int (gst_analytics_relation_get_length (meta), 2);
  fail_unless_equals_int (n_detections (out), 1);
  fail_unless (gst_analytics_relation_meta_get_direct_related (meta, 0,
          GST_ANALYTICS_REL_TYPE_RELATE_TO,
          gst_analytics_tracking_mtd_get_mtd_type (), NULL, &tracking));
  gst_buffer_unref (out);
}

GST_END_TEST;

#endif

static Suite *
analytics_suite (void)
{
  Suite *s = suite_create ("danalign-analytics");
  TCase *tc = tcase_create ("all");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_detections_are_faces);
  tcase_add_test (tc, test_types);
  tcase_add_test (tc, test_region_and_detection_are_one);
  tcase_add_test (tc, test_region_gets_a_detection);
  tcase_add_test (tc, test_fixed_region_gets_a_detection);
  tcase_add_test (tc, test_no_faces);
  tcase_add_test (tc, test_tracking);
  tcase_add_test (tc, test_tracking_without_time);
  tcase_add_test (tc, test_no_tracking);
  tcase_add_test (tc, test_others_stay);
  tcase_add_test (tc, test_late_frames);
  tcase_add_test (tc, test_strange_detections);
#ifdef HAVE_GST_ANALYTICS_KEYPOINTS
  tcase_add_test (tc, test_keypoints);
  tcase_add_test (tc, test_no_keypoints);
#endif
  return s;
}

GST_CHECK_MAIN (analytics);

#endif
