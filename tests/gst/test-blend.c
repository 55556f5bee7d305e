/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Blending against what it is meant to be, in floating point and pixel by
 * pixel, in every format that can be drawn on. */

#include <math.h>
#include <gst/check/gstcheck.h>

#include "gstdanblend.h"
#include "gstdanformat.h"

/* An odd frame; rows and planes have bytes around them. */
#define WIDTH 75
#define HEIGHT 53
#define PAD 8
#define GUARD 20

/* Bytes that nothing may write get this in the map of those that may. */
enum { FORBIDDEN, ALLOWED };

typedef struct
{
  GstVideoInfo info;
  GstVideoFrame frame, before;
  GstBuffer *buffer, *copy;
  gdouble kr, kb;
  gboolean limited;
} Picture;

static const gchar *colorimetries[] = { "bt709", "1:4:0:0" };

/* The whole frame; odd corners and sides; a pixel; parts of tiles that end at
 * the frame's right and lower edges, and within it. */
static const GstVideoRectangle areas[] = {
  {0, 0, WIDTH, HEIGHT},
  {5, 3, 37, 22},
  {7, 9, 1, 1},
  {6, 4, 2, 2},
  {33, 17, WIDTH - 33, HEIGHT - 17},
  {31, 15, 35, 18},
};

static const gchar *
format_name (const GValue ** formats, gint i)
{
  return g_value_get_string (gst_value_list_get_value (*formats, i));
}

static GstCaps *
formats_caps (const GValue ** formats)
{
  GstCaps *caps = gst_caps_from_string ("video/x-raw, format=" GST_DAN_FORMATS);

  *formats = gst_structure_get_value (gst_caps_get_structure (caps, 0),
      "format");
  return caps;
}

/* Moves the planes apart and widens their rows. Those of bytes begin anywhere,
 * also pixels of four. */
static void
spread_planes (GstVideoInfo * info)
{
  const gint odd = GST_VIDEO_INFO_COMP_DEPTH (info, 0) == 8;
  gsize offset = GUARD + odd;

  for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES (info); i++) {
    info->stride[i] += PAD + odd;
    info->offset[i] = offset;
    offset += (gsize) info->stride[i] * HEIGHT + GUARD;
  }
  info->size = offset;
}

static GstBuffer *
noise (GRand * random, gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (gsize i = 0; i < size; i++)
    map.data[i] = g_rand_int_range (random, 0, 256);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

/* GStreamer 1.22 says that V of P010 is at byte 1; it is at 2. */
static guint8 *
sample_at (const GstVideoFrame * frame, guint component, gint x, gint y)
{
  guint plane = GST_VIDEO_FRAME_COMP_PLANE (frame, component);
  guint offset = GST_VIDEO_FRAME_COMP_POFFSET (frame, component);

  if (offset > 0 && GST_VIDEO_FRAME_COMP_DEPTH (frame, component) > 8)
    offset = 2;
  return (guint8 *) GST_VIDEO_FRAME_PLANE_DATA (frame, plane) +
      y * GST_VIDEO_FRAME_PLANE_STRIDE (frame, plane) +
      x * GST_VIDEO_FRAME_COMP_PSTRIDE (frame, component) + offset;
}

static guint
read_sample (const GstVideoFrame * frame, guint component, gint x, gint y)
{
  const guint8 *p = sample_at (frame, component, x, y);

  if (GST_VIDEO_FRAME_COMP_DEPTH (frame, component) == 8)
    return *p;
  return GST_READ_UINT16_LE (p) >>
      GST_VIDEO_FORMAT_INFO_SHIFT (frame->info.finfo, component);
}

/* Values of 10 bits have no more than that. */
static void
clip_samples (GstVideoFrame * frame)
{
  for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS (frame); c++)
    for (gint y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT (frame, c); y++)
      for (gint x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH (frame, c); x++)
        GST_WRITE_UINT16_LE (sample_at (frame, c, x, y),
            (read_sample (frame, c, x, y) & 1023) <<
            GST_VIDEO_FORMAT_INFO_SHIFT (frame->info.finfo, c));
}

/* What the frame's alpha is: noise that is 0 in every third column, all full,
 * or full but for a little in one column. */
typedef enum
{
  NOISE,
  OPAQUE,
  NEARLY_OPAQUE,
  N_ALPHAS
} Alpha;

static void
fill_alpha (GstVideoFrame * frame, Alpha alpha)
{
  for (gint y = 0; y < HEIGHT; y++)
    for (gint x = 0; x < WIDTH; x += alpha == NOISE ? 3 : 1)
      *sample_at (frame, GST_VIDEO_COMP_A, x, y) =
          alpha == NOISE ? 0 : alpha == NEARLY_OPAQUE && x == 5 ? 243 : 255;
}

static void
picture_init (Picture * picture, GRand * random, const gchar * format,
    const gchar * colorimetry, Alpha alpha)
{
  GstVideoInfo *info = &picture->info;

  gst_video_info_set_format (info, gst_video_format_from_string (format),
      WIDTH, HEIGHT);
  if (GST_VIDEO_INFO_IS_YUV (info))
    gst_video_colorimetry_from_string (&info->colorimetry, colorimetry);
  picture->limited = GST_VIDEO_INFO_IS_YUV (info) &&
      g_str_equal (colorimetry, "bt709");
  picture->kr = g_str_equal (colorimetry, "bt709") ? .2126 : .299;
  picture->kb = g_str_equal (colorimetry, "bt709") ? .0722 : .114;
  if (GST_VIDEO_INFO_IS_GRAY (info)) {
    picture->kr = .299;
    picture->kb = .114;
  }
  spread_planes (info);
  picture->buffer = noise (random, info->size);
  fail_unless (gst_video_frame_map (&picture->frame, info, picture->buffer,
          GST_MAP_READWRITE));
  if (GST_VIDEO_INFO_COMP_DEPTH (info, 0) > 8)
    clip_samples (&picture->frame);
  if (GST_VIDEO_INFO_HAS_ALPHA (info))
    fill_alpha (&picture->frame, alpha);
  picture->copy = gst_buffer_copy_deep (picture->buffer);
  fail_unless (gst_video_frame_map (&picture->before, info, picture->copy,
          GST_MAP_READ));
}

static void
picture_clear (Picture * picture)
{
  gst_video_frame_unmap (&picture->frame);
  gst_video_frame_unmap (&picture->before);
  gst_buffer_unref (picture->buffer);
  gst_buffer_unref (picture->copy);
}

/* Premultiplied words. Some blocks are clear, some opaque, some hardly to be
 * seen, some of everything. */
static guint32 *
draw (GRand * random, const GstVideoRectangle * area)
{
  guint32 *argb = g_new (guint32, area->w * area->h);

  for (gint y = 0; y < area->h; y++) {
    for (gint x = 0; x < area->w; x++) {
      guint block = (x / 11 + y / 7 * 3) % 4;
      guint a = block == 0 ? 0 : block == 1 ? 255 :
          g_rand_int_range (random, 0, block == 2 ? 4 : 256);
      guint32 word = a;

      for (guint i = 0; i < 3; i++)
        word = word << 8 | g_rand_int_range (random, 0, a + 1);
      argb[y * area->w + x] = word;
    }
  }
  return argb;
}

/* What @component of a pixel of the drawing is in the frame's colours, still
 * premultiplied, as a part of the greatest value. */
static gdouble
drawn_component (const Picture * picture, guint component, guint32 word)
{
  gdouble a = (word >> 24) / 255., r = (word >> 16 & 255) / 255.;
  gdouble g = (word >> 8 & 255) / 255., b = (word & 255) / 255.;
  gdouble kr = picture->kr, kb = picture->kb;
  gdouble luma = kr * r + (1 - kr - kb) * g + kb * b;
  gboolean wide = GST_VIDEO_INFO_COMP_DEPTH (&picture->info, 0) > 8;
  gdouble step = wide ? 4 / 1023. : 1 / 255.;

  if (component == GST_VIDEO_COMP_A)
    return a;
  if (GST_VIDEO_INFO_IS_RGB (&picture->info))
    return component == 0 ? r : component == 1 ? g : b;
  if (component == GST_VIDEO_COMP_Y)
    return picture->limited ? 16 * step * a + 219 * step * luma : luma;
  return 128 * step * a + (picture->limited ? 224 * step : 1) *
      (component == GST_VIDEO_COMP_U ? (b - luma) / (2 - 2 * kb) :
      (r - luma) / (2 - 2 * kr));
}

/* The sample at @x, @y of @component shows the drawing's @word.
 *
 * How far it may be from the exact value, in steps of it:
 * - the drawing's component: rounding .5; four products, each rounded down to
 *   64ths (16ths with 10 bits); four factors, which are off by half of 2^-15
 *   (2^-13) and multiplied by up to 255. That is .5 + .0625 + .016, and
 *   .5 + .25 + .063 with 10 bits;
 * - what is left of the frame: rounding .5.
 * Together 1.08, and 1.32 with 10 bits.
 *
 * Over a translucent frame, the frame's new alpha divides the drawing's alpha
 * and colours; what comes out is rounded, by .5 each. The alpha is as it was
 * stored, rounded too, and checked by itself. RGB: .5 for the colour, .5 for
 * its alpha, .5 for what is left of the frame. Chroma is half of alpha, half of
 * one colour and less half of the others, 1.5 times .5, and has .58 to it as
 * above, .5 for the alpha, .5 for what is left: 2.33. */
static void
check_sample (const Picture * picture, guint component, gint x, gint y,
    guint32 word, const gchar * format)
{
  const GstVideoFormatInfo *info = picture->info.finfo;
  gboolean wide = GST_VIDEO_FRAME_COMP_DEPTH (&picture->frame, component) > 8;
  gdouble max = wide ? 1023 : 255;
  guint before = read_sample (&picture->before, component, x, y);
  guint got = read_sample (&picture->frame, component, x, y);
  gdouble a = (word >> 24) / 255., over = 1, exact;
  gdouble bound = wide ? 1.32 : 1.08;

  if (GST_VIDEO_FORMAT_INFO_HAS_ALPHA (info)) {
    gint ax = x << GST_VIDEO_FORMAT_INFO_W_SUB (info, component);
    gint ay = y << GST_VIDEO_FORMAT_INFO_H_SUB (info, component);

    over = read_sample (&picture->frame, GST_VIDEO_COMP_A, ax, ay) / 255.;
    if (read_sample (&picture->before, GST_VIDEO_COMP_A, ax, ay) < 255)
      bound = GST_VIDEO_FORMAT_INFO_IS_RGB (info) ? 1.5 : 2.33;
  }
  if (component == GST_VIDEO_COMP_A)
    exact = max * a + before * (1 - a);
  else
    exact = (max * drawn_component (picture, component, word)
        + before * (over - a)) / over;
  if (a == 0) {
    exact = before;
    bound = 0;
  }
  /* Not fail_unless(), which takes its time for each sample. */
  if (fabs (got - exact) > bound + 1e-9)
    ck_abort_msg ("%s component %u at %d,%d: %u and %08x gave %u, not %g "
        "+- %g", format, component, x, y, before, word, got, exact, bound);
}

/* Checks the samples that show the drawing and marks their bytes in @map. */
static void
check_drawn (const Picture * picture, const GstVideoRectangle * area,
    const guint32 * argb, const gchar * format, guint8 * map)
{
  const GstVideoFrame *frame = &picture->frame;
  const guint8 *start = (guint8 *) frame->data[0] - picture->info.offset[0];

  for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS (frame); c++) {
    for (gint y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT (frame, c); y++) {
      for (gint x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH (frame, c); x++) {
        gint dx = (x << GST_VIDEO_FORMAT_INFO_W_SUB (frame->info.finfo, c))
            - area->x;
        gint dy = (y << GST_VIDEO_FORMAT_INFO_H_SUB (frame->info.finfo, c))
            - area->y;

        if (dx < 0 || dx >= area->w || dy < 0 || dy >= area->h)
          continue;
        check_sample (picture, c, x, y, argb[dy * area->w + dx], format);
        memset (map + (sample_at (frame, c, x, y) - start), ALLOWED,
            GST_VIDEO_FRAME_COMP_DEPTH (frame, c) > 8 ? 2 : 1);
      }
    }
  }
}

/* The byte of a pixel that means nothing may be anything. */
static void
allow_unused_bytes (const Picture * picture, guint8 * map)
{
  const GstVideoInfo *info = &picture->info;
  guint used = 0;

  if (!GST_VIDEO_INFO_IS_RGB (info) || GST_VIDEO_INFO_COMP_PSTRIDE (info, 0)
      != 4 || GST_VIDEO_INFO_HAS_ALPHA (info))
    return;
  for (guint c = 0; c < 3; c++)
    used += GST_VIDEO_INFO_COMP_POFFSET (info, c);
  for (gint y = 0; y < HEIGHT; y++)
    for (gint x = 0; x < WIDTH; x++)
      map[info->offset[0] + y * info->stride[0] + 4 * x + 6 - used] = ALLOWED;
}

static void
check_untouched (const Picture * picture, const guint8 * map,
    const gchar * format)
{
  const guint8 *now = (guint8 *) picture->frame.data[0];
  const guint8 *then = (guint8 *) picture->before.data[0];

  now -= picture->info.offset[0];
  then -= picture->info.offset[0];
  for (gsize i = 0; i < picture->info.size; i++)
    if (map[i] == FORBIDDEN && now[i] != then[i])
      ck_abort_msg ("%s: byte %" G_GSIZE_FORMAT " changed from %u to %u",
          format, i, then[i], now[i]);
}

static void
check_area (const gchar * format, const gchar * colorimetry, Alpha alpha,
    const GstVideoRectangle * area)
{
  GRand *random = g_rand_new_with_seed (1);
  guint32 *argb = draw (random, area);
  Picture picture;
  GstDanBlender *blender;
  guint8 *map;

  picture_init (&picture, random, format, colorimetry, alpha);
  map = g_malloc0 (picture.info.size);
  blender = gst_dan_blender_new (&picture.info);
  fail_unless (gst_dan_blender_blend (blender, &picture.frame, argb, area));
  check_drawn (&picture, area, argb, format, map);
  allow_unused_bytes (&picture, map);
  check_untouched (&picture, map, format);
  gst_dan_blender_free (blender);
  g_free (map);
  picture_clear (&picture);
  g_free (argb);
  g_rand_free (random);
}

GST_START_TEST (test_formats)
{
  const GValue *formats;
  GstCaps *caps = formats_caps (&formats);
  const gchar *format = format_name (&formats, __i__);

  for (guint i = 0; i < G_N_ELEMENTS (areas); i++)
    for (guint k = 0; k < G_N_ELEMENTS (colorimetries); k++)
      for (Alpha alpha = 0; alpha < N_ALPHAS; alpha++)
        check_area (format, colorimetries[k], alpha, &areas[i]);
  gst_caps_unref (caps);
}

GST_END_TEST;

/* Samples of 16 bits at odd addresses are refused, and nothing is written. */
GST_START_TEST (test_odd_address)
{
  const GstVideoRectangle area = { 0, 0, 4, 4 };
  guint32 argb[16];
  GRand *random = g_rand_new_with_seed (1);
  Picture picture;
  GstDanBlender *blender;

  memset (argb, 255, sizeof argb);
  picture_init (&picture, random, "P010_10LE", "bt709", TRUE);
  blender = gst_dan_blender_new (&picture.info);
  picture.frame.data[1] = (guint8 *) picture.frame.data[1] + 1;
  fail_if (gst_dan_blender_blend (blender, &picture.frame, argb, &area));
  fail_unless_equals_int (gst_buffer_memcmp (picture.buffer, 0,
          (guint8 *) picture.before.data[0] - picture.info.offset[0],
          picture.info.size), 0);
  gst_dan_blender_free (blender);
  picture_clear (&picture);
  g_rand_free (random);
}

GST_END_TEST;

static Suite *
blend_suite (void)
{
  Suite *s = suite_create ("danalign-blend");
  TCase *tc = tcase_create ("all");
  const GValue *formats;
  GstCaps *caps = formats_caps (&formats);

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_formats, 0, gst_value_list_get_size (formats));
  tcase_add_test (tc, test_odd_address);
  gst_caps_unref (caps);
  return s;
}

GST_CHECK_MAIN (blend);
