/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What becomes of a part of a drawing:
 *
 *   words of the drawing
 *     -> planes of alpha, red, green, blue            split
 *     -> alpha and colours that suit the frame's alpha    excess, straighten
 *     -> the planes at the chroma's resolution        halve, quarter
 *     -> components of the frame's colours            component
 *     -> components in the frame's order, and the alpha of each    pack
 *     -> into the frame                               blend
 *
 * The names are those of the ORC programs. Chroma is that of the first of the
 * pixels that share it. */

#include <math.h>
#include <string.h>

#include "gstdanformat.h"
#include "gstdanorc.h"
#include "gstdanstrip.h"

/* The coarsest chroma is shared by 4 columns and by 2 rows. */
#define COLUMNS_MASK 3
#define ROWS_MASK 1

/* Bytes for each pixel of a strip. Packed YUV takes most: 4 as split, 4 of
 * chroma, 3 of components, and 6 each to pack chroma and to pack it all. */
#define SCRATCH_BYTES 23

enum { ALPHA, RED, GREEN, BLUE };

/* Samples and the alpha of each. */
typedef struct
{
  guint8 *value;                /* of one byte or, if wide, two */
  guint8 *alpha;
} Stream;

/* Tiles side by side. */
typedef struct
{
  gint x, y, width, rows;       /* in the frame */
  gint pitch;                   /* pixels from a row of planes to the next */
  guint8 *free;                 /* what is left of the scratch memory */
  guint8 *drawn[4];             /* as split */
  guint8 *colour[4];            /* and straightened */
  guint8 *chroma[4];            /* and at the chroma's resolution */
} Strip;

/* Formats */

static GstDanLayout
layout_of (const GstVideoFormatInfo * format)
{
  if (GST_VIDEO_FORMAT_INFO_IS_RGB (format))
    return GST_VIDEO_FORMAT_INFO_PSTRIDE (format, 0) == 3 ?
        GST_DAN_LAYOUT_PACKED_RGB24 : GST_DAN_LAYOUT_PACKED_RGB32;
  if (GST_VIDEO_FORMAT_INFO_N_PLANES (format) == 2)
    return GST_DAN_LAYOUT_SEMI_PLANAR;
  if (GST_VIDEO_FORMAT_INFO_N_PLANES (format) <
      GST_VIDEO_FORMAT_INFO_N_COMPONENTS (format))
    return GST_DAN_LAYOUT_PACKED_YUV;
  return GST_DAN_LAYOUT_PLANAR;
}

/* The rows of the matrix in fixed point. Alpha brings in the offset: that of
 * black, as far as the drawing covers the frame. */
static void
set_matrix (GstDanStripFormat * target)
{
  const GstVideoInfo *info = &target->info;
  gdouble unit = target->wide ? 1 << 13 : 1 << 15, kr, kb;
  gint offset[GST_VIDEO_MAX_COMPONENTS], scale[GST_VIDEO_MAX_COMPONENTS];

  if (!gst_video_color_matrix_get_Kr_Kb (info->colorimetry.matrix, &kr, &kb))
    gst_video_color_matrix_get_Kr_Kb (GST_VIDEO_COLOR_MATRIX_BT709, &kr, &kb);
  gst_video_color_range_offsets (gst_dan_range (info) == DAN_RANGE_LIMITED ?
      GST_VIDEO_COLOR_RANGE_16_235 : GST_VIDEO_COLOR_RANGE_0_255, info->finfo,
      offset, scale);
  for (guint i = 0; i < 3; i++) {
    /* Y, B - Y and R - Y, the latter as parts of what they can be. */
    gdouble norm = i == 0 ? 1 : 2 * (1 - (i == 1 ? kb : kr));
    gdouble minus = i == 0 ? -1 : 1;
    gdouble row[4] = {
      [ALPHA] = offset[i],
      [RED] = scale[i] * ((i == 2) - minus * kr) / norm,
      [GREEN] = scale[i] * -minus * (1 - kr - kb) / norm,
      [BLUE] = scale[i] * ((i == 1) - minus * kb) / norm,
    };

    for (guint k = 0; k < 4; k++)
      target->matrix[i][k] = MIN (lrint (row[k] * unit / 255), G_MAXINT16);
  }
}

/* For frames of @info, whose format is one of GST_DAN_FORMATS. */
void
gst_dan_strip_format_init (GstDanStripFormat * target,
    const GstVideoInfo * info)
{
  *target = (GstDanStripFormat) {.info = *info };
  target->layout = layout_of (info->finfo);
  target->wide = GST_VIDEO_INFO_COMP_DEPTH (info, 0) > 8;
  target->straight = GST_VIDEO_INFO_HAS_ALPHA (info) &&
      !(GST_VIDEO_INFO_FLAGS (info) & GST_VIDEO_FLAG_PREMULTIPLIED_ALPHA);
  if (!GST_VIDEO_INFO_IS_RGB (info))
    set_matrix (target);
}

/* Strips */

static guint8 *
take (Strip * strip, gsize pixel_size)
{
  guint8 *plane = strip->free;

  strip->free += pixel_size * strip->pitch * GST_DAN_STRIP_ROWS;
  return plane;
}

/* A strip with @part of the frame. It may start further left and higher, with
 * whole samples of chroma. */
static void
strip_place (Strip * strip, const GstVideoRectangle * part)
{
  strip->x = part->x & ~COLUMNS_MASK;
  strip->y = part->y & ~ROWS_MASK;
  strip->width = part->x + part->w - strip->x;
  strip->rows = part->y + part->h - strip->y;
  strip->pitch = GST_ROUND_UP_16 (strip->width);
}

static void
split (Strip * strip, const GstDanDrawn * drawn, const GstVideoRectangle * part)
{
  gsize first = (part->y - strip->y) * strip->pitch + part->x - strip->x;

  for (guint i = 0; i < 4; i++)
    strip->drawn[i] = take (strip, 1);
  /* The strip is transparent where it is larger than the part. */
  memset (strip->drawn[0], 0, 4 * (gsize) strip->pitch * GST_DAN_STRIP_ROWS);
  gst_dan_orc_split (strip->drawn[ALPHA] + first, strip->pitch,
      strip->drawn[RED] + first, strip->pitch,
      strip->drawn[GREEN] + first, strip->pitch,
      strip->drawn[BLUE] + first, strip->pitch,
      gst_dan_drawn_word (drawn, part->x, part->y), drawn->area->w * 4, part->w,
      part->h);
}

/* The strip's first pixel, in the plane of @frame that has @component. */
static guint8 *
frame_data (GstVideoFrame * frame, const Strip * strip, guint component)
{
  const GstVideoFormatInfo *format = frame->info.finfo;
  guint plane = GST_VIDEO_FORMAT_INFO_PLANE (format, component);
  gint x = strip->x >> GST_VIDEO_FORMAT_INFO_W_SUB (format, component);
  gint y = strip->y >> GST_VIDEO_FORMAT_INFO_H_SUB (format, component);

  return (guint8 *) GST_VIDEO_FRAME_PLANE_DATA (frame, plane) +
      (gssize) y * GST_VIDEO_FRAME_PLANE_STRIDE (frame, plane) +
      x * GST_VIDEO_FRAME_COMP_PSTRIDE (frame, component);
}

/* ORC reads words of four bytes only where they are aligned, which pixels need
 * not be. */
static void
unpack_byte (guint8 * plane, gint pitch, const guint8 * pixels, gint stride,
    gint width, gint rows)
{
  for (gint y = 0; y < rows; y++, plane += pitch, pixels += stride)
    for (gint x = 0; x < width; x++)
      plane[x] = pixels[4 * x];
}

/* The frame's alpha as a plane, and its stride. */
static const guint8 *
frame_alpha (const GstDanStripFormat * target, Strip * strip,
    GstVideoFrame * frame, gint * stride)
{
  guint8 *pixels = frame_data (frame, strip, GST_VIDEO_COMP_A);
  guint8 *plane;

  *stride = GST_VIDEO_FRAME_COMP_STRIDE (frame, GST_VIDEO_COMP_A);
  if (target->layout != GST_DAN_LAYOUT_PACKED_RGB32)
    return pixels;
  plane = take (strip, 1);
  unpack_byte (plane, strip->pitch,
      pixels + GST_VIDEO_FRAME_COMP_POFFSET (frame, GST_VIDEO_COMP_A), *stride,
      strip->width, strip->rows);
  *stride = strip->pitch;
  return plane;
}

static void
straighten (const GstDanStripFormat * target, Strip * strip, GstVideoFrame * frame)
{
  const gint floats = strip->pitch * sizeof (gfloat);
  const guint8 *below;
  gint stride, transparency = 0;
  gfloat *excess;

  memcpy (strip->colour, strip->drawn, sizeof strip->colour);
  if (!target->straight)
    return;
  below = frame_alpha (target, strip, frame, &stride);
  gst_dan_orc_transparency (&transparency, below, stride, strip->width,
      strip->rows);
  if (transparency == 0)
    return;
  excess = (gfloat *) take (strip, sizeof *excess);
  gst_dan_orc_excess (excess, floats, strip->drawn[ALPHA], strip->pitch, below,
      stride, strip->width, strip->rows);
  for (guint i = 0; i < 4; i++) {
    strip->colour[i] = take (strip, 1);
    gst_dan_orc_straighten (strip->colour[i], strip->pitch, strip->drawn[i],
        strip->pitch, excess, floats, strip->width, strip->rows);
  }
}

/* Columns and rows of samples of @component, and from a row to the next. */
static gint
columns (const GstDanStripFormat * target, const Strip * strip, guint component)
{
  return GST_VIDEO_FORMAT_INFO_SCALE_WIDTH (target->info.finfo, component,
      strip->width);
}

static gint
rows (const GstDanStripFormat * target, const Strip * strip, guint component)
{
  return GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT (target->info.finfo, component,
      strip->rows);
}

static gint
pitch (const GstDanStripFormat * target, const Strip * strip, guint component)
{
  return strip->pitch >> GST_VIDEO_FORMAT_INFO_W_SUB (target->info.finfo,
      component);
}

static void
sample_chroma (const GstDanStripFormat * target, Strip * strip)
{
  const GstVideoFormatInfo *format = target->info.finfo;
  guint w_sub = GST_VIDEO_FORMAT_INFO_W_SUB (format, GST_VIDEO_COMP_U);
  gint skip = strip->pitch << GST_VIDEO_FORMAT_INFO_H_SUB (format,
      GST_VIDEO_COMP_U);
  gint to = pitch (target, strip, GST_VIDEO_COMP_U);
  gint n = columns (target, strip, GST_VIDEO_COMP_U);
  gint m = rows (target, strip, GST_VIDEO_COMP_U);

  if (w_sub == 0) {
    memcpy (strip->chroma, strip->colour, sizeof strip->chroma);
    return;
  }
  for (guint i = 0; i < 4; i++) {
    strip->chroma[i] = take (strip, 1);
    if (w_sub == 1)
      gst_dan_orc_halve (strip->chroma[i], to, (guint16 *) strip->colour[i],
          skip, n, m);
    else
      gst_dan_orc_quarter (strip->chroma[i], to, (guint32 *) strip->colour[i],
          skip, n, m);
  }
}

/* Streams */

static Stream
yuv_stream (const GstDanStripFormat * target, Strip * strip, guint component)
{
  guint8 **p = component == GST_VIDEO_COMP_Y ? strip->colour : strip->chroma;
  const gint *c = target->matrix[component];
  gint n = pitch (target, strip, component) * rows (target, strip, component);
  Stream stream = { take (strip, target->wide ? 2 : 1), p[ALPHA] };

  if (target->wide)
    gst_dan_orc_component_u16 ((guint16 *) stream.value, p[ALPHA], p[RED],
        p[GREEN], p[BLUE], c[ALPHA], c[RED], c[GREEN], c[BLUE], n);
  else
    gst_dan_orc_component_u8 (stream.value, p[ALPHA], p[RED], p[GREEN],
        p[BLUE], c[ALPHA], c[RED], c[GREEN], c[BLUE], n);
  return stream;
}

/* What @component of the frame gets. */
static Stream
component_stream (const GstDanStripFormat * target, Strip * strip, guint component)
{
  if (component == GST_VIDEO_COMP_A)
    return (Stream) {strip->drawn[ALPHA], strip->drawn[ALPHA]};
  if (GST_VIDEO_INFO_IS_RGB (&target->info))
    return (Stream) {strip->colour[RED + component], strip->colour[ALPHA]};
  return yuv_stream (target, strip, component);
}

/* Two streams of @n samples side by side. */
static Stream
pack2 (const GstDanStripFormat * target, Strip * strip, Stream first,
    Stream second, gint n)
{
  Stream packed = { take (strip, 4), take (strip, 2) };

  if (target->wide)
    gst_dan_orc_pack2_u16 ((guint32 *) packed.value,
        (guint16 *) first.value, (guint16 *) second.value, n);
  else
    gst_dan_orc_pack2_u8 ((guint16 *) packed.value, first.value,
        second.value, n);
  gst_dan_orc_pack2_u8 ((guint16 *) packed.alpha, first.alpha, second.alpha,
      n);
  return packed;
}

/* U and V in the frame's order. */
static Stream
pack_chroma (const GstDanStripFormat * target, Strip * strip)
{
  const GstVideoFormatInfo *format = target->info.finfo;
  guint first = GST_VIDEO_FORMAT_INFO_POFFSET (format, GST_VIDEO_COMP_U) <
      GST_VIDEO_FORMAT_INFO_POFFSET (format, GST_VIDEO_COMP_V) ?
      GST_VIDEO_COMP_U : GST_VIDEO_COMP_V;
  guint second = GST_VIDEO_COMP_U + GST_VIDEO_COMP_V - first;

  return pack2 (target, strip, yuv_stream (target, strip, first),
      yuv_stream (target, strip, second),
      pitch (target, strip, first) * rows (target, strip, first));
}

static Stream
pack_yuv (const GstDanStripFormat * target, Strip * strip)
{
  Stream luma = yuv_stream (target, strip, GST_VIDEO_COMP_Y);
  Stream chroma = pack_chroma (target, strip);
  gint n = strip->pitch * strip->rows;

  if (GST_VIDEO_FORMAT_INFO_POFFSET (target->info.finfo, GST_VIDEO_COMP_Y))
    return pack2 (target, strip, chroma, luma, n);
  return pack2 (target, strip, luma, chroma, n);
}

/* ORC has no pixels of 3 bytes. */
static void
pack3 (guint8 * packed, const guint8 * const planes[3], gint n)
{
  for (gint i = 0; i < n; i++)
    for (gint k = 0; k < 3; k++)
      packed[3 * i + k] = planes[k][i];
}

static Stream
pack_rgb24 (const GstDanStripFormat * target, Strip * strip)
{
  const guint8 *alphas[3], *values[3];
  gint n = strip->pitch * strip->rows;
  Stream packed = { take (strip, 3), take (strip, 3) };

  for (guint i = 0; i < 3; i++) {
    Stream stream = component_stream (target, strip, i);

    values[GST_VIDEO_FORMAT_INFO_POFFSET (target->info.finfo, i)] =
        stream.value;
    alphas[i] = stream.alpha;
  }
  pack3 (packed.value, values, n);
  pack3 (packed.alpha, alphas, n);
  return packed;
}

/* The byte that has no meaning in RGBx and the like is drawn on as alpha. */
static Stream
pack_rgb32 (const GstDanStripFormat * target, Strip * strip)
{
  Stream alpha = component_stream (target, strip, GST_VIDEO_COMP_A);
  Stream s[4] = { alpha, alpha, alpha, alpha };
  gint n = strip->pitch * strip->rows;
  Stream packed = { take (strip, 4), take (strip, 4) };

  for (guint i = 0; i < 3; i++)
    s[GST_VIDEO_FORMAT_INFO_POFFSET (target->info.finfo, i)] =
        component_stream (target, strip, i);
  gst_dan_orc_pack4_u8 ((guint32 *) packed.value, s[0].value, s[1].value,
      s[2].value, s[3].value, n);
  gst_dan_orc_pack4_u8 ((guint32 *) packed.alpha, s[0].alpha, s[1].alpha,
      s[2].alpha, s[3].alpha, n);
  return packed;
}

/* Blending */

/* @stream has @samples for each sample of the frame's @component, the plane
 * of which it goes into. */
static void
blend (const GstDanStripFormat * target, const Strip * strip,
    GstVideoFrame * frame, Stream stream, guint component, gint samples)
{
  gint n = samples * columns (target, strip, component);
  gint m = rows (target, strip, component);
  gint from = samples * pitch (target, strip, component);
  gint stride = GST_VIDEO_FRAME_COMP_STRIDE (frame, component);
  guint8 *data = frame_data (frame, strip, component);

  if (target->wide)
    gst_dan_orc_blend_u16 ((guint16 *) data, stride,
        (guint16 *) stream.value, 2 * from, stream.alpha, from,
        GST_VIDEO_FORMAT_INFO_SHIFT (target->info.finfo, component), n, m);
  else
    gst_dan_orc_blend_u8 (data, stride, stream.value, from, stream.alpha,
        from, n, m);
}

static void
blend_strip (const GstDanStripFormat * target, Strip * strip, GstVideoFrame * frame)
{
  switch (target->layout) {
    case GST_DAN_LAYOUT_PLANAR:
      for (guint i = 0; i < GST_VIDEO_FRAME_N_COMPONENTS (frame); i++)
        blend (target, strip, frame, component_stream (target, strip, i), i, 1);
      break;
    case GST_DAN_LAYOUT_SEMI_PLANAR:
      blend (target, strip, frame, component_stream (target, strip,
              GST_VIDEO_COMP_Y), GST_VIDEO_COMP_Y, 1);
      blend (target, strip, frame, pack_chroma (target, strip),
          GST_VIDEO_COMP_U, 2);
      break;
    case GST_DAN_LAYOUT_PACKED_YUV:
      /* Whole groups of Y, U, Y, V, also at the end of an odd row. */
      blend (target, strip, frame, pack_yuv (target, strip),
          GST_VIDEO_COMP_U, 4);
      break;
    case GST_DAN_LAYOUT_PACKED_RGB24:
      blend (target, strip, frame, pack_rgb24 (target, strip), 0, 3);
      break;
    case GST_DAN_LAYOUT_PACKED_RGB32:
      blend (target, strip, frame, pack_rgb32 (target, strip), 0, 4);
      break;
  }
}

/* Bytes of scratch memory that @part takes. */
gsize
gst_dan_strip_scratch_size (const GstVideoRectangle * part)
{
  Strip strip = { 0 };

  strip_place (&strip, part);
  return (gsize) SCRATCH_BYTES * GST_DAN_STRIP_ROWS * strip.pitch;
}

/* Blends @part of @drawn, at most GST_DAN_STRIP_ROWS high, into @frame, which
 * is mapped for writing. */
void
gst_dan_strip_blend (const GstDanStripFormat * target,
    const GstDanDrawn * drawn, const GstVideoRectangle * part,
    GstVideoFrame * frame, guint8 * scratch)
{
  Strip strip = {.free = scratch };

  strip_place (&strip, part);
  split (&strip, drawn, part);
  straighten (target, &strip, frame);
  sample_chroma (target, &strip);
  blend_strip (target, &strip, frame);
}
