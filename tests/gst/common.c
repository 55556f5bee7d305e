/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>

#include "common.h"

/* How far inside the ellipse about (cx, cy) the point is: 1 well inside, 0
 * outside, with a soft edge. */
static gdouble
ellipse (gdouble x, gdouble y, gdouble cx, gdouble cy, gdouble rx, gdouble ry)
{
  gdouble r = hypot ((x - cx) / rx, (y - cy) / ry);

  return CLAMP ((1.1 - r) / 0.2, 0, 1);
}

/* Luma of the drawn face, in units of the face's size. */
static guint8
face_luma (gdouble u, gdouble v)
{
  static const struct
  {
    gdouble cx, cy, rx, ry, luma;
  } parts[] = {
    {.50, .42, .56, .68, 185},  /* head */
    {.25, .06, .17, .030, 70},  /* brows */
    {.75, .06, .17, .030, 70},
    {.27, .20, .11, .05, 240},  /* eyes */
    {.73, .20, .11, .05, 240},
    {.27, .20, .045, .05, 30},
    {.73, .20, .045, .05, 30},
    {.50, .46, .05, .10, 205},  /* nose */
    {.44, .55, .03, .02, 90},
    {.56, .55, .03, .02, 90},
    {.50, .74, .19, .055, 110}, /* mouth */
    {.50, .74, .14, .010, 60},
  };
  gdouble luma = 80 + 20 * u;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++) {
    gdouble inside = ellipse (u, v, parts[i].cx, parts[i].cy, parts[i].rx,
        parts[i].ry);

    luma += inside * (parts[i].luma - luma);
  }
  return CLAMP (luma, 0, 255);
}

/* Draws in GRAY8 or BGRx. */
static GstBuffer *
draw_frame (const GstVideoInfo * info)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, info->size, NULL);
  GstVideoFrame frame;
  gint bytes;

  gst_video_frame_map (&frame, info, buffer, GST_MAP_WRITE);
  bytes = GST_VIDEO_FRAME_COMP_PSTRIDE (&frame, 0);
  for (gint y = 0; y < GST_VIDEO_INFO_HEIGHT (info); y++) {
    guint8 *row = (guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame, 0) +
        y * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0);

    for (gint x = 0; x < GST_VIDEO_INFO_WIDTH (info); x++)
      memset (row + x * bytes, face_luma ((x - FACE_X) / (gdouble) FACE_SIZE,
              (y - FACE_Y) / (gdouble) FACE_SIZE), bytes);
  }
  gst_video_frame_unmap (&frame);
  return buffer;
}

static GstBuffer *
convert (GstBuffer * original, GstVideoInfo * in_info, GstVideoFormat format)
{
  GstVideoInfo out_info;
  GstVideoFrame in, out;
  GstVideoConverter *converter;
  GstBuffer *buffer;

  gst_video_info_set_format (&out_info, format,
      GST_VIDEO_INFO_WIDTH (in_info), GST_VIDEO_INFO_HEIGHT (in_info));
  buffer = gst_buffer_new_allocate (NULL, out_info.size, NULL);
  gst_buffer_memset (buffer, 0, 0, -1);
  gst_video_frame_map (&in, in_info, original, GST_MAP_READ);
  gst_video_frame_map (&out, &out_info, buffer, GST_MAP_WRITE);
  converter = gst_video_converter_new (in_info, &out_info, NULL);
  gst_video_converter_frame (converter, &in, &out);
  gst_video_converter_free (converter);
  gst_video_frame_unmap (&out);
  gst_video_frame_unmap (&in);
  gst_buffer_unref (original);
  return buffer;
}

GstBuffer *
dan_test_frame (GstVideoFormat format, gint width, gint height)
{
  gboolean gray = format == GST_VIDEO_FORMAT_GRAY8;
  GstVideoInfo info;
  GstBuffer *buffer;

  /* Not all from GRAY8: GStreamer's converter does not fit GRAY8's full range
   * into the limited one of YUV. */
  gst_video_info_set_format (&info,
      gray ? format : GST_VIDEO_FORMAT_BGRx, width, height);
  buffer = draw_frame (&info);
  if (!gray)
    buffer = convert (buffer, &info, format);
  GST_BUFFER_PTS (buffer) = 0;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 25;
  return buffer;
}

void
dan_test_add_face (GstBuffer * buffer, gint x, gint y, guint w, guint h,
    gint id)
{
  gst_buffer_add_video_region_of_interest_meta (buffer, "face", x, y, w,
      h)->id = id;
}

GstBuffer *
dan_test_face_frame (GstVideoFormat format, gint width, gint height)
{
  GstBuffer *buffer = dan_test_frame (format, width, height);

  dan_test_add_face (buffer, FACE_X, FACE_Y, FACE_SIZE, FACE_SIZE, 0);
  return buffer;
}

GstCaps *
dan_test_caps (GstVideoFormat format, gint width, gint height)
{
  GstVideoInfo info;

  gst_video_info_set_format (&info, format, width, height);
  info.fps_n = 25;
  return gst_video_info_to_caps (&info);
}

GstHarness *
dan_test_harness (const gchar * launch, GstVideoFormat format, gint width,
    gint height)
{
  GstHarness *h = gst_harness_new_parse (launch);

  gst_harness_set_src_caps (h, dan_test_caps (format, width, height));
  return h;
}

GstBuffer *
dan_test_process (GstHarness * h, GstBuffer * buffer)
{
  GstBuffer *out;

  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
  out = gst_harness_pull (h);
  fail_unless (out != NULL);
  return out;
}

const GstStructure *
dan_test_landmarks (GstBuffer * buffer, guint n_faces)
{
  const GstStructure *landmarks = gst_dan_buffer_get_landmarks (buffer);

  fail_unless (landmarks != NULL);
  fail_unless_equals_int (gst_dan_landmarks_n_faces (landmarks), n_faces);
  return landmarks;
}

void
dan_test_points (GstBuffer * buffer, guint i, gfloat xy[136])
{
  const GstStructure *landmarks = gst_dan_buffer_get_landmarks (buffer);
  const GstStructure *face;

  fail_unless (landmarks != NULL);
  face = gst_dan_landmarks_get_face (landmarks, i);
  fail_unless (face != NULL);
  fail_unless_equals_int (gst_dan_face_get_points (face, xy, 68), 68);
}

GBytes *
dan_test_bytes (GstBuffer * buffer)
{
  gsize size = gst_buffer_get_size (buffer);
  gpointer data = g_malloc (size);

  gst_buffer_extract (buffer, 0, data, size);
  return g_bytes_new_take (data, size);
}

void
dan_test_no_crop_is_asked_for (const gchar * launch)
{
  GstHarness *h = gst_harness_new_parse (launch);
  GstCaps *caps = dan_test_caps (GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  GstQuery *query = gst_query_new_allocation (caps, FALSE);

  gst_harness_add_propose_allocation_meta (h, GST_VIDEO_META_API_TYPE, NULL);
  gst_harness_add_propose_allocation_meta (h, GST_VIDEO_CROP_META_API_TYPE,
      NULL);
  gst_harness_set_src_caps (h, caps);
  fail_unless (gst_pad_peer_query (h->srcpad, query));
  fail_unless (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE,
          NULL));
  fail_if (gst_query_find_allocation_meta (query,
          GST_VIDEO_CROP_META_API_TYPE, NULL));
  gst_query_unref (query);
  gst_harness_teardown (h);
}
