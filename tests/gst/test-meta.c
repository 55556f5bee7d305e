/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where faces come from, what is said about them, and what other elements
 * make of that. */

#include <math.h>

#include "common.h"

#define FORMAT GST_VIDEO_FORMAT_I420

static GstBuffer *
processed (const gchar * launch, GstBuffer * buffer)
{
  GstHarness *h = dan_test_harness (launch, FORMAT, WIDTH, HEIGHT);
  GstBuffer *out = dan_test_process (h, buffer);

  gst_harness_teardown (h);
  return out;
}

static GstBuffer *
frame (void)
{
  return dan_test_frame (FORMAT, WIDTH, HEIGHT);
}

static GstBuffer *
face_frame (void)
{
  return dan_test_face_frame (FORMAT, WIDTH, HEIGHT);
}

static const GstStructure *
nth_face (GstBuffer * buffer, guint i)
{
  return
      gst_dan_landmarks_get_face (gst_dan_buffer_get_landmarks (buffer), i);
}

GST_START_TEST (test_fields)
{
  GstBuffer *out = processed ("danalign box=landmarks", face_frame ());
  const GstStructure *landmarks = dan_test_landmarks (out, 1);
  const GstStructure *face = gst_dan_landmarks_get_face (landmarks, 0);
  gfloat xy[136];
  gdouble x, y, width, height;
  gint frame_width, frame_height;
  guint points, id;

  fail_unless (gst_structure_get (landmarks, "width", G_TYPE_INT,
          &frame_width, "height", G_TYPE_INT, &frame_height, "points",
          G_TYPE_UINT, &points, NULL));
  fail_unless_equals_int (frame_width, WIDTH);
  fail_unless_equals_int (frame_height, HEIGHT);
  fail_unless_equals_int (points, 68);
  fail_unless_equals_string (gst_structure_get_string (landmarks, "scheme"),
      "ibug-68");

  fail_unless (gst_structure_get (face, "x", G_TYPE_DOUBLE, &x,
          "y", G_TYPE_DOUBLE, &y, "width", G_TYPE_DOUBLE, &width,
          "height", G_TYPE_DOUBLE, &height, "id", G_TYPE_UINT, &id, NULL));
  fail_unless_equals_string (gst_structure_get_string (face, "status"),
      "aligned");
  fail_if (gst_structure_has_field (face, "detection-confidence"));
  fail_unless (gst_structure_has_field (face, "confidence"));
  fail_unless (fabs (x + width / 2 - FACE_X - FACE_SIZE / 2) < FACE_SIZE / 5);
  fail_unless (fabs (y + height / 2 - FACE_Y - FACE_SIZE / 2) < FACE_SIZE / 5);
  fail_unless (width > FACE_SIZE / 2 && width < FACE_SIZE * 3 / 2);

  dan_test_points (out, 0, xy);
  for (guint i = 0; i < 136; i += 2) {
    fail_unless (xy[i] >= x - 0.01 && xy[i] <= x + width + 0.01);
    fail_unless (xy[i + 1] >= y - 0.01 && xy[i + 1] <= y + height + 0.01);
  }
  /* Upright: the eyes side by side, the chin below them. */
  fail_unless (xy[2 * 45] - xy[2 * 36] > FACE_SIZE / 3);
  fail_unless (xy[2 * 8 + 1] - xy[2 * 36 + 1] > FACE_SIZE / 3);
  gst_buffer_unref (out);
}

GST_END_TEST;

GST_START_TEST (test_no_faces)
{
  GstBuffer *out = processed ("danalign draw=true", frame ());

  dan_test_landmarks (out, 0);
  gst_buffer_unref (out);
}

GST_END_TEST;

GST_START_TEST (test_ids_and_order)
{
  GstBuffer *buffer = frame ();
  GstBuffer *out;
  gint source_id;
  gdouble confidence;
  GstVideoRegionOfInterestMeta *roi;

  dan_test_add_face (buffer, 10, 10, 40, 40, 3);
  roi = gst_buffer_add_video_region_of_interest_meta (buffer, "face", 120, 60,
      100, 100);
  roi->id = 7;
  gst_video_region_of_interest_meta_add_param (roi,
      gst_structure_new ("detection", "confidence", G_TYPE_DOUBLE, 0.75,
          NULL));
  /* The same face by id, and by place. */
  dan_test_add_face (buffer, 200, 150, 50, 50, 7);
  dan_test_add_face (buffer, 12, 12, 38, 38, 0);

  out = processed ("danalign", buffer);
  dan_test_landmarks (out, 2);
  fail_unless (gst_structure_get_int (nth_face (out, 0), "source-id",
          &source_id));
  fail_unless_equals_int (source_id, 7);
  fail_unless (gst_structure_get_double (nth_face (out, 0),
          "detection-confidence", &confidence));
  fail_unless_equals_float (confidence, 0.75);
  fail_unless (gst_structure_get_int (nth_face (out, 1), "source-id",
          &source_id));
  fail_unless_equals_int (source_id, 3);
  gst_buffer_unref (out);
}

GST_END_TEST;

/* An id is no proof: detectors count alike, and some say -1 for none. */
GST_START_TEST (test_equal_ids)
{
  static const gint ids[] = { -1, 0, 5 };

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++) {
    GstBuffer *buffer = frame (), *out;

    for (guint k = 0; k < 3; k++)
      dan_test_add_face (buffer, 100 * k, 60, 90, 90, ids[i]);
    out = processed ("danalign", buffer);
    dan_test_landmarks (out, 3);
    gst_buffer_unref (out);
  }
}

GST_END_TEST;

/* What a danalign with @properties and a model with error heads makes of the
 * drawn face. */
static GstBuffer *
doubted (const gchar * properties)
{
  gchar *launch = g_strdup_printf ("danalign model=\"%s\" %s",
      g_getenv ("DAN_TEST_SMALL_MODEL"), properties);
  GstBuffer *out = processed (launch, face_frame ());

  g_free (launch);
  return out;
}

static GstBuffer *
doubted_below (gdouble min_confidence)
{
  gchar *properties = g_strdup_printf ("draw=true min-confidence=%.6f",
      min_confidence);
  GstBuffer *out = doubted (properties);

  g_free (properties);
  return out;
}

GST_START_TEST (test_confidence)
{
  GstBuffer *out = doubted ("");
  GstBuffer *original = face_frame ();
  GBytes *pixels = dan_test_bytes (original), *drawn;
  gdouble confidence;

  dan_test_landmarks (out, 1);
  fail_unless (gst_structure_get_double (nth_face (out, 0), "confidence",
          &confidence));
  fail_unless (confidence > 0.01 && confidence < 0.99, "%g", confidence);
  gst_buffer_unref (out);

  out = doubted_below (confidence - 1e-4);
  dan_test_landmarks (out, 1);
  drawn = dan_test_bytes (out);
  fail_if (g_bytes_equal (drawn, pixels));
  g_bytes_unref (drawn);
  gst_buffer_unref (out);

  out = doubted_below (confidence + 1e-4);
  dan_test_landmarks (out, 0);
  drawn = dan_test_bytes (out);
  fail_unless (g_bytes_equal (drawn, pixels));
  g_bytes_unref (drawn);
  gst_buffer_unref (out);
  g_bytes_unref (pixels);
  gst_buffer_unref (original);
}

GST_END_TEST;

GST_START_TEST (test_impossible_confidence)
{
  GstBuffer *out = processed ("danalign min-confidence=1", face_frame ());

  dan_test_landmarks (out, 0);
  gst_buffer_unref (out);
}

GST_END_TEST;

GST_START_TEST (test_roi_types)
{
  GstBuffer *buffer = frame ();
  GstBuffer *out;

  gst_buffer_add_video_region_of_interest_meta (buffer, "car", 0, 0, 50, 50);
  gst_buffer_add_video_region_of_interest_meta (buffer, "head", 100, 0, 60,
      60);
  gst_buffer_add_video_region_of_interest_meta (buffer, "face", 200, 0, 50,
      50);
  out = processed ("danalign roi-types=\"face, head\"", gst_buffer_ref (buffer));
  dan_test_landmarks (out, 2);
  gst_buffer_unref (out);
  out = processed ("danalign", buffer);
  dan_test_landmarks (out, 1);
  gst_buffer_unref (out);
}

GST_END_TEST;

static GstBuffer *
forty_faces (void)
{
  GstBuffer *buffer = frame ();

  for (gint i = 0; i < 40; i++)
    dan_test_add_face (buffer, i % 8 * 40, i / 8 * 48, 30, 30, i + 1);
  return buffer;
}

GST_START_TEST (test_many_faces)
{
  GstBuffer *out = processed ("danalign max-faces=0 draw=true", forty_faces ());

  dan_test_landmarks (out, 40);
  gst_buffer_unref (out);
  out = processed ("danalign", forty_faces ());
  dan_test_landmarks (out, 32);
  gst_buffer_unref (out);
  out = processed ("danalign max-faces=3", forty_faces ());
  dan_test_landmarks (out, 3);
  gst_buffer_unref (out);
}

GST_END_TEST;

/* A box that nothing can be found in costs only its own face. */
GST_START_TEST (test_strange_boxes)
{
  GstBuffer *buffer = frame ();
  GstBuffer *out;

  dan_test_add_face (buffer, FACE_X, FACE_Y, FACE_SIZE, FACE_SIZE, 1);
  dan_test_add_face (buffer, -40, -30, 80, 80, 2);
  dan_test_add_face (buffer, WIDTH - 20, HEIGHT - 20, 70, 70, 3);
  dan_test_add_face (buffer, 5000, 5000, 60, 60, 4);
  dan_test_add_face (buffer, 200, 30, 2, 2, 5);
  dan_test_add_face (buffer, 10, 200, 0, 10, 6);
  out = processed ("danalign draw=true draw-box=true", buffer);
  /* Number 4 is wholly outside, 5 too small, 6 empty. */
  dan_test_landmarks (out, 3);
  gst_buffer_unref (out);
}

GST_END_TEST;

static const GstStructure *
landmark_param (GstBuffer * buffer, guint * n)
{
  GstVideoRegionOfInterestMeta *roi = (GstVideoRegionOfInterestMeta *)
      gst_buffer_get_meta (buffer, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);
  const GstStructure *found = NULL;

  *n = 0;
  for (GList * l = roi->params; l; l = l->next) {
    if (g_strcmp0 (gst_structure_get_string (l->data, "format"),
            "landmark_points") == 0) {
      found = l->data;
      (*n)++;
    }
  }
  return found;
}

static void
check_param (GstBuffer * out, gint x, gint y, gint w, gint h)
{
  guint n;
  const GstStructure *param = landmark_param (out, &n);
  gsize size;
  gfloat xy[136];
  const gfloat *relative;

  fail_unless_equals_int (n, 1);
  dan_test_points (out, 0, xy);
  relative = g_variant_get_fixed_array (g_value_get_variant
      (gst_structure_get_value (param, "data_buffer")), &size, 1);
  fail_unless_equals_int (size, sizeof (xy));
  for (guint i = 0; i < 136; i += 2) {
    fail_unless (fabs (x + w * relative[i] - xy[i]) < 1e-3);
    fail_unless (fabs (y + h * relative[i + 1] - xy[i + 1]) < 1e-3);
  }
}

/* Two elements in a row: the second one's landmarks are in the place of the
 * first one's. */
GST_START_TEST (test_roi_param)
{
  GstBuffer *out = processed ("danalign ! danalign", face_frame ());

  dan_test_landmarks (out, 1);
  check_param (out, FACE_X, FACE_Y, FACE_SIZE, FACE_SIZE);
  gst_buffer_unref (out);
}

GST_END_TEST;

GST_START_TEST (test_region)
{
  GstBuffer *expected = processed ("danalign", face_frame ());
  GstBuffer *out = processed ("danalign region=90,60,120,120", frame ());
  gfloat a[136], b[136];

  dan_test_landmarks (out, 1);
  dan_test_points (expected, 0, a);
  dan_test_points (out, 0, b);
  fail_unless (memcmp (a, b, sizeof (a)) == 0);
  check_param (out, 90, 60, 120, 120);
  gst_buffer_unref (out);
  gst_buffer_unref (expected);
}

GST_END_TEST;

/* The haar preset, spelt out. */
GST_START_TEST (test_box_map)
{
  GstBuffer *haar = processed ("danalign box=haar", face_frame ());
  GstBuffer *custom = processed ("danalign box=custom box-scale-x=0.849 "
      "box-scale-y=0.837 box-offset-x=0.009 box-offset-y=0.153",
      face_frame ());
  GstBuffer *other = processed ("danalign box=landmarks", face_frame ());
  gfloat a[136], b[136], c[136];

  dan_test_points (haar, 0, a);
  dan_test_points (custom, 0, b);
  dan_test_points (other, 0, c);
  for (guint i = 0; i < 136; i++)
    fail_unless (fabs (a[i] - b[i]) < 0.01);
  fail_unless (memcmp (a, c, sizeof (a)) != 0);
  gst_buffer_unref (haar);
  gst_buffer_unref (custom);
  gst_buffer_unref (other);
}

GST_END_TEST;

/* A frame with the face's region, of which danfacedetect said that it is
 * the tight box of a face at @x and turned by @roll. */
static GstBuffer *
detected_frame (gdouble x, gdouble roll)
{
  GstBuffer *buffer = face_frame ();
  GstVideoRegionOfInterestMeta *roi =
      gst_buffer_get_video_region_of_interest_meta_id (buffer, 0);

  gst_video_region_of_interest_meta_add_param (roi,
      gst_structure_new ("detection", "box", G_TYPE_STRING, "landmarks",
          "x_min", G_TYPE_DOUBLE, x / WIDTH,
          "x_max", G_TYPE_DOUBLE, (x + FACE_SIZE) / WIDTH,
          "y_min", G_TYPE_DOUBLE, (gdouble) FACE_Y / HEIGHT,
          "y_max", G_TYPE_DOUBLE, (gdouble) (FACE_Y + FACE_SIZE) / HEIGHT,
          "roll", G_TYPE_DOUBLE, roll, NULL));
  return buffer;
}

/* Whether two pipelines find the same landmarks; takes both frames. */
static gboolean
same_landmarks (const gchar * launch_a, GstBuffer * frame_a,
    const gchar * launch_b, GstBuffer * frame_b)
{
  GstBuffer *out_a = processed (launch_a, frame_a);
  GstBuffer *out_b = processed (launch_b, frame_b);
  gfloat a[136], b[136];

  dan_test_points (out_a, 0, a);
  dan_test_points (out_b, 0, b);
  gst_buffer_unref (out_a);
  gst_buffer_unref (out_b);
  return memcmp (a, b, sizeof (a)) == 0;
}

/* By default detectors that say what their boxes are get what they say. */
GST_START_TEST (test_box_auto)
{
  const gchar *landmarks = "danalign box=landmarks";

  fail_unless (same_landmarks ("danalign", face_frame (),
          "danalign box=haar", face_frame ()));
  fail_unless (same_landmarks ("danalign", detected_frame (FACE_X, 0),
          landmarks, face_frame ()));
  fail_if (same_landmarks ("danalign", detected_frame (FACE_X, 30),
          landmarks, face_frame ()), "the roll was not heeded");
  fail_if (same_landmarks ("danalign", detected_frame (FACE_X + 1.5, 0),
          landmarks, face_frame ()), "the pixels' fractions are lost");
  fail_unless (same_landmarks ("danalign", detected_frame (40, 0),
          landmarks, face_frame ()), "this region was moved since");
  fail_unless (same_landmarks ("danalign box=haar", detected_frame (FACE_X, 30),
          "danalign box=haar", face_frame ()));
}

GST_END_TEST;

GST_START_TEST (test_passes)
{
  GstBuffer *one = processed ("danalign passes=1", face_frame ());
  GstBuffer *two = processed ("danalign passes=2", face_frame ());
  GstBuffer *none = processed ("danalign", face_frame ());
  gfloat a[136], b[136], c[136];

  dan_test_points (one, 0, a);
  dan_test_points (two, 0, b);
  dan_test_points (none, 0, c);
  fail_unless (memcmp (a, b, sizeof (a)) != 0);
  fail_unless (memcmp (a, c, sizeof (a)) == 0);
  gst_buffer_unref (one);
  gst_buffer_unref (two);
  gst_buffer_unref (none);
}

GST_END_TEST;

static const gchar *const head_fields[] = { "yaw", "pitch", "roll",
  "right-eye-opening", "left-eye-opening", "mouth-opening"
};

static void
head_values (const GstStructure * face, gdouble * values)
{
  for (guint i = 0; i < G_N_ELEMENTS (head_fields); i++)
    fail_unless (gst_structure_get_double (face, head_fields[i], &values[i]),
        "%s", head_fields[i]);
}

/* tests/people has faces for which the values are known. */
GST_START_TEST (test_head)
{
  GstBuffer *out = processed ("danalign box=landmarks", face_frame ());
  gdouble values[6];

  head_values (nth_face (out, 0), values);
  for (guint i = 0; i < 3; i++)
    fail_unless (fabs (values[i]) < 30, "%s %g", head_fields[i], values[i]);
  for (guint i = 3; i < 6; i++)
    fail_unless (values[i] >= 0 && values[i] < 1, "%s %g", head_fields[i],
        values[i]);
  gst_buffer_unref (out);
}

GST_END_TEST;

static void
check_same_head (GstBuffer * before, GstBuffer * after)
{
  gdouble a[6], b[6];

  head_values (nth_face (before, 0), a);
  head_values (nth_face (after, 0), b);
  for (guint i = 0; i < 6; i++)
    fail_unless_equals_float (a[i], b[i]);
}

/* Landmarks of the element alone and after @more, which scales by sx, sy. */
static void
check_through (const gchar * more, gdouble sx, gdouble sy)
{
  gchar *launch = g_strdup_printf ("danalign ! %s", more);
  GstBuffer *before = processed ("danalign", face_frame ());
  GstBuffer *after = processed (launch, face_frame ());
  gfloat a[136], b[136];
  gdouble x0, x1, w0, w1;
  gint width;

  dan_test_points (before, 0, a);
  dan_test_points (after, 0, b);
  for (guint i = 0; i < 136; i++) {
    gdouble s = i % 2 ? sy : sx;
    gdouble expected = (a[i] + 0.5) * s - 0.5;

    fail_unless (fabs (b[i] - expected) < 1e-3, "%s: value %u is %g, not %g",
        more, i, b[i], expected);
  }
  gst_structure_get (nth_face (before, 0), "x", G_TYPE_DOUBLE, &x0,
      "width", G_TYPE_DOUBLE, &w0, NULL);
  gst_structure_get (nth_face (after, 0), "x", G_TYPE_DOUBLE, &x1,
      "width", G_TYPE_DOUBLE, &w1, NULL);
  fail_unless (fabs (x1 - ((x0 + 0.5) * sx - 0.5)) < 1e-3);
  fail_unless (fabs (w1 - w0 * sx) < 1e-3);
  gst_structure_get_int (gst_dan_buffer_get_landmarks (after), "width",
      &width);
  fail_unless_equals_int (width, (gint) (WIDTH * sx));
  check_same_head (before, after);
  gst_buffer_unref (before);
  gst_buffer_unref (after);
  g_free (launch);
}

GST_START_TEST (test_through_elements)
{
  check_through ("queue", 1, 1);
  check_through ("videoconvert ! capsfilter caps=\"video/x-raw,format=RGB\"",
      1, 1);
  check_through ("videoscale add-borders=false ! "
      "capsfilter caps=\"video/x-raw,width=640,height=240\"", 2, 1);
  check_through ("videoscale add-borders=false ! "
      "capsfilter caps=\"video/x-raw,width=160,height=60\"", .5, .25);
  check_through ("videoconvert ! videoscale ! "
      "capsfilter caps=\"video/x-raw,format=BGRx,width=640,height=480\"", 2,
      2);
}

GST_END_TEST;

/* What cuts the picture must not leave landmarks that are wrong. */
GST_START_TEST (test_lost_when_cropped)
{
  GstBuffer *out = processed ("danalign ! videocrop left=20", face_frame ());

  fail_unless (gst_dan_buffer_get_landmarks (out) == NULL);
  gst_buffer_unref (out);
}

GST_END_TEST;

GST_START_TEST (test_through_encoders)
{
  static const gchar *encoders[] = { "jpegenc", "x264enc tune=zerolatency" };

  for (gsize i = 0; i < G_N_ELEMENTS (encoders); i++) {
    gchar *name = g_strndup (encoders[i], strcspn (encoders[i], " "));
    GstElementFactory *factory = gst_element_factory_find (name);
    gchar *launch = g_strdup_printf ("danalign draw=true ! %s", encoders[i]);

    if (factory) {
      gst_buffer_unref (processed (launch, face_frame ()));
      gst_object_unref (factory);
    } else {
      GST_WARNING ("%s is not here, skipped", name);
    }
    g_free (launch);
    g_free (name);
  }
}

GST_END_TEST;

/* A crop moves nothing: coordinates are those of the whole picture. */
GST_START_TEST (test_crop_meta)
{
  GstBuffer *expected = processed ("danalign", face_frame ());
  GstBuffer *buffer = face_frame ();
  GstVideoCropMeta *crop = gst_buffer_add_video_crop_meta (buffer);
  GstBuffer *out;
  gfloat a[136], b[136];

  crop->x = 80;
  crop->y = 50;
  crop->width = 160;
  crop->height = 160;
  out = processed ("danalign draw=true", buffer);
  dan_test_points (expected, 0, a);
  dan_test_points (out, 0, b);
  fail_unless (memcmp (a, b, sizeof (a)) == 0);
  gst_buffer_unref (out);
  gst_buffer_unref (expected);
}

GST_END_TEST;

static Suite *
meta_suite (void)
{
  Suite *s = suite_create ("danalign-meta");
  TCase *tc = tcase_create ("all");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_fields);
  tcase_add_test (tc, test_head);
  tcase_add_test (tc, test_no_faces);
  tcase_add_test (tc, test_ids_and_order);
  tcase_add_test (tc, test_equal_ids);
  tcase_add_test (tc, test_confidence);
  tcase_add_test (tc, test_impossible_confidence);
  tcase_add_test (tc, test_roi_types);
  tcase_add_test (tc, test_many_faces);
  tcase_add_test (tc, test_strange_boxes);
  tcase_add_test (tc, test_roi_param);
  tcase_add_test (tc, test_region);
  tcase_add_test (tc, test_box_map);
  tcase_add_test (tc, test_box_auto);
  tcase_add_test (tc, test_passes);
  tcase_add_test (tc, test_through_elements);
  tcase_add_test (tc, test_lost_when_cropped);
  tcase_add_test (tc, test_through_encoders);
  tcase_add_test (tc, test_crop_meta);
  return s;
}

GST_CHECK_MAIN (meta);
