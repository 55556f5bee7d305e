/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Drawings are mostly empty, so only the tiles that are not are blended: as
 * many side by side as there are, for which this happens:
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

#include "gstdanblend.h"
#include "gstdanformat.h"
#include "gstdanorc.h"

#define TILE_COLUMNS 32
#define TILE_ROWS 16

/* The coarsest chroma is shared by 4 columns and by 2 rows. */
#define COLUMNS_MASK 3
#define ROWS_MASK 1

/* Bytes for each pixel of a strip. Packed YUV takes most: 4 as split, 4 of
 * chroma, 3 of components, and 6 each to pack chroma and to pack it all. */
#define SCRATCH_BYTES 23

typedef enum
{
  LAYOUT_PLANAR,                /* gray too */
  LAYOUT_SEMI_PLANAR,
  LAYOUT_PACKED_YUV,            /* 4:2:2 */
  LAYOUT_PACKED_RGB24,
  LAYOUT_PACKED_RGB32,
} Layout;

struct _GstDanBlender
{
  GstVideoInfo info;
  Layout layout;
  gboolean wide;                /* components of 10 bits in 16 */
  gboolean straight;            /* the frame's alpha is not premultiplied */
  gint matrix[3][4];            /* Y, U, V of alpha, red, green, blue */
  guint8 *scratch;
  gsize scratch_size;
  guint32 *canvas;
  gsize canvas_size;
};

enum { ALPHA, RED, GREEN, BLUE };

/* Samples and the alpha of each. */
typedef struct
{
  guint8 *value;                /* of one byte or, if wide, two */
  guint8 *alpha;
} Stream;

/* Words of @area of the frame, row by row. */
typedef struct
{
  const guint32 *argb;
  const GstVideoRectangle *area;
} Drawing;

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

static Layout
layout_of (const GstVideoFormatInfo * format)
{
  if (GST_VIDEO_FORMAT_INFO_IS_RGB (format))
    return GST_VIDEO_FORMAT_INFO_PSTRIDE (format, 0) == 3 ?
        LAYOUT_PACKED_RGB24 : LAYOUT_PACKED_RGB32;
  if (GST_VIDEO_FORMAT_INFO_N_PLANES (format) == 2)
    return LAYOUT_SEMI_PLANAR;
  if (GST_VIDEO_FORMAT_INFO_N_PLANES (format) <
      GST_VIDEO_FORMAT_INFO_N_COMPONENTS (format))
    return LAYOUT_PACKED_YUV;
  return LAYOUT_PLANAR;
}

/* The rows of the matrix in fixed point. Alpha brings in the offset: that of
 * black, as far as the drawing covers the frame. */
static void
set_matrix (GstDanBlender * blender)
{
  const GstVideoInfo *info = &blender->info;
  gdouble unit = blender->wide ? 1 << 13 : 1 << 15, kr, kb;
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
      blender->matrix[i][k] = MIN (lrint (row[k] * unit / 255), G_MAXINT16);
  }
}

/* For frames of @info, whose format is one of GST_DAN_FORMATS. */
GstDanBlender *
gst_dan_blender_new (const GstVideoInfo * info)
{
  GstDanBlender *blender = g_new0 (GstDanBlender, 1);

  blender->info = *info;
  blender->layout = layout_of (info->finfo);
  blender->wide = GST_VIDEO_INFO_COMP_DEPTH (info, 0) > 8;
  blender->straight = GST_VIDEO_INFO_HAS_ALPHA (info) &&
      !(GST_VIDEO_INFO_FLAGS (info) & GST_VIDEO_FLAG_PREMULTIPLIED_ALPHA);
  if (!GST_VIDEO_INFO_IS_RGB (info))
    set_matrix (blender);
  return blender;
}

void
gst_dan_blender_free (GstDanBlender * blender)
{
  if (!blender)
    return;
  g_free (blender->canvas);
  g_free (blender->scratch);
  g_free (blender);
}

/* Room for a drawing of @area, kept from frame to frame because fresh memory
 * costs as much as drawing. Valid until the next call. */
guint32 *
gst_dan_blender_canvas (GstDanBlender * blender,
    const GstVideoRectangle * area)
{
  gsize size = (gsize) area->w * area->h;

  if (size > blender->canvas_size) {
    g_free (blender->canvas);
    blender->canvas = g_new (guint32, size);
    blender->canvas_size = size;
  }
  return blender->canvas;
}

/* Strips */

static guint8 *
take (Strip * strip, gsize pixel_size)
{
  guint8 *plane = strip->free;

  strip->free += pixel_size * strip->pitch * TILE_ROWS;
  return plane;
}

/* A strip with @part of the frame. It may start further left and higher, with
 * whole samples of chroma. */
static void
strip_init (Strip * strip, GstDanBlender * blender,
    const GstVideoRectangle * part)
{
  gsize size;

  strip->x = part->x & ~COLUMNS_MASK;
  strip->y = part->y & ~ROWS_MASK;
  strip->width = part->x + part->w - strip->x;
  strip->rows = part->y + part->h - strip->y;
  strip->pitch = GST_ROUND_UP_16 (strip->width);
  size = (gsize) SCRATCH_BYTES * TILE_ROWS * strip->pitch;
  if (size > blender->scratch_size) {
    g_free (blender->scratch);
    blender->scratch = g_malloc0 (size);
    blender->scratch_size = size;
  }
  strip->free = blender->scratch;
}

/* The drawing's word for the frame's pixel at @x, @y. */
static const guint32 *
word_at (const Drawing * drawing, gint x, gint y)
{
  const GstVideoRectangle *area = drawing->area;

  return drawing->argb + (gsize) (y - area->y) * area->w + x - area->x;
}

static void
split (Strip * strip, const Drawing * drawing, const GstVideoRectangle * part)
{
  gsize first = (part->y - strip->y) * strip->pitch + part->x - strip->x;

  for (guint i = 0; i < 4; i++)
    strip->drawn[i] = take (strip, 1);
  /* The strip is transparent where it is larger than the part. */
  memset (strip->drawn[0], 0, 4 * (gsize) strip->pitch * TILE_ROWS);
  gst_dan_orc_split (strip->drawn[ALPHA] + first, strip->pitch,
      strip->drawn[RED] + first, strip->pitch,
      strip->drawn[GREEN] + first, strip->pitch,
      strip->drawn[BLUE] + first, strip->pitch,
      word_at (drawing, part->x, part->y), drawing->area->w * 4, part->w,
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

/* The frame's alpha as a plane, and its stride. */
static const guint8 *
frame_alpha (const GstDanBlender * blender, Strip * strip,
    GstVideoFrame * frame, gint * stride)
{
  guint8 *pixels = frame_data (frame, strip, GST_VIDEO_COMP_A);
  guint8 *plane;

  *stride = GST_VIDEO_FRAME_COMP_STRIDE (frame, GST_VIDEO_COMP_A);
  if (blender->layout != LAYOUT_PACKED_RGB32)
    return pixels;
  plane = take (strip, 1);
  gst_dan_orc_unpack_byte (plane, strip->pitch,
      (guint32 *) pixels, *stride,
      8 * GST_VIDEO_FRAME_COMP_POFFSET (frame, GST_VIDEO_COMP_A), strip->width,
      strip->rows);
  *stride = strip->pitch;
  return plane;
}

static void
straighten (const GstDanBlender * blender, Strip * strip, GstVideoFrame * frame)
{
  const gint floats = strip->pitch * sizeof (gfloat);
  const guint8 *below;
  gint stride, transparency = 0;
  gfloat *excess;

  memcpy (strip->colour, strip->drawn, sizeof strip->colour);
  if (!blender->straight)
    return;
  below = frame_alpha (blender, strip, frame, &stride);
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
columns (const GstDanBlender * blender, const Strip * strip, guint component)
{
  return GST_VIDEO_FORMAT_INFO_SCALE_WIDTH (blender->info.finfo, component,
      strip->width);
}

static gint
rows (const GstDanBlender * blender, const Strip * strip, guint component)
{
  return GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT (blender->info.finfo, component,
      strip->rows);
}

static gint
pitch (const GstDanBlender * blender, const Strip * strip, guint component)
{
  return strip->pitch >> GST_VIDEO_FORMAT_INFO_W_SUB (blender->info.finfo,
      component);
}

static void
sample_chroma (const GstDanBlender * blender, Strip * strip)
{
  const GstVideoFormatInfo *format = blender->info.finfo;
  guint w_sub = GST_VIDEO_FORMAT_INFO_W_SUB (format, GST_VIDEO_COMP_U);
  gint skip = strip->pitch << GST_VIDEO_FORMAT_INFO_H_SUB (format,
      GST_VIDEO_COMP_U);
  gint to = pitch (blender, strip, GST_VIDEO_COMP_U);
  gint n = columns (blender, strip, GST_VIDEO_COMP_U);
  gint m = rows (blender, strip, GST_VIDEO_COMP_U);

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
yuv_stream (const GstDanBlender * blender, Strip * strip, guint component)
{
  guint8 **p = component == GST_VIDEO_COMP_Y ? strip->colour : strip->chroma;
  const gint *c = blender->matrix[component];
  gint n = pitch (blender, strip, component) * rows (blender, strip, component);
  Stream stream = { take (strip, blender->wide ? 2 : 1), p[ALPHA] };

  if (blender->wide)
    gst_dan_orc_component_u16 ((guint16 *) stream.value, p[ALPHA], p[RED],
        p[GREEN], p[BLUE], c[ALPHA], c[RED], c[GREEN], c[BLUE], n);
  else
    gst_dan_orc_component_u8 (stream.value, p[ALPHA], p[RED], p[GREEN],
        p[BLUE], c[ALPHA], c[RED], c[GREEN], c[BLUE], n);
  return stream;
}

/* What @component of the frame gets. */
static Stream
component_stream (const GstDanBlender * blender, Strip * strip, guint component)
{
  if (component == GST_VIDEO_COMP_A)
    return (Stream) {strip->drawn[ALPHA], strip->drawn[ALPHA]};
  if (GST_VIDEO_INFO_IS_RGB (&blender->info))
    return (Stream) {strip->colour[RED + component], strip->colour[ALPHA]};
  return yuv_stream (blender, strip, component);
}

/* Two streams of @n samples side by side. */
static Stream
pack2 (const GstDanBlender * blender, Strip * strip, Stream first,
    Stream second, gint n)
{
  Stream packed = { take (strip, 4), take (strip, 2) };

  if (blender->wide)
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
pack_chroma (const GstDanBlender * blender, Strip * strip)
{
  const GstVideoFormatInfo *format = blender->info.finfo;
  guint first = GST_VIDEO_FORMAT_INFO_POFFSET (format, GST_VIDEO_COMP_U) <
      GST_VIDEO_FORMAT_INFO_POFFSET (format, GST_VIDEO_COMP_V) ?
      GST_VIDEO_COMP_U : GST_VIDEO_COMP_V;
  guint second = GST_VIDEO_COMP_U + GST_VIDEO_COMP_V - first;

  return pack2 (blender, strip, yuv_stream (blender, strip, first),
      yuv_stream (blender, strip, second),
      pitch (blender, strip, first) * rows (blender, strip, first));
}

static Stream
pack_yuv (const GstDanBlender * blender, Strip * strip)
{
  Stream luma = yuv_stream (blender, strip, GST_VIDEO_COMP_Y);
  Stream chroma = pack_chroma (blender, strip);
  gint n = strip->pitch * strip->rows;

  if (GST_VIDEO_FORMAT_INFO_POFFSET (blender->info.finfo, GST_VIDEO_COMP_Y))
    return pack2 (blender, strip, chroma, luma, n);
  return pack2 (blender, strip, luma, chroma, n);
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
pack_rgb24 (const GstDanBlender * blender, Strip * strip)
{
  const guint8 *alphas[3], *values[3];
  gint n = strip->pitch * strip->rows;
  Stream packed = { take (strip, 3), take (strip, 3) };

  for (guint i = 0; i < 3; i++) {
    Stream stream = component_stream (blender, strip, i);

    values[GST_VIDEO_FORMAT_INFO_POFFSET (blender->info.finfo, i)] =
        stream.value;
    alphas[i] = stream.alpha;
  }
  pack3 (packed.value, values, n);
  pack3 (packed.alpha, alphas, n);
  return packed;
}

/* The byte that has no meaning in RGBx and the like is drawn on as alpha. */
static Stream
pack_rgb32 (const GstDanBlender * blender, Strip * strip)
{
  Stream alpha = component_stream (blender, strip, GST_VIDEO_COMP_A);
  Stream s[4] = { alpha, alpha, alpha, alpha };
  gint n = strip->pitch * strip->rows;
  Stream packed = { take (strip, 4), take (strip, 4) };

  for (guint i = 0; i < 3; i++)
    s[GST_VIDEO_FORMAT_INFO_POFFSET (blender->info.finfo, i)] =
        component_stream (blender, strip, i);
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
blend (const GstDanBlender * blender, const Strip * strip,
    GstVideoFrame * frame, Stream stream, guint component, gint samples)
{
  gint n = samples * columns (blender, strip, component);
  gint m = rows (blender, strip, component);
  gint from = samples * pitch (blender, strip, component);
  gint stride = GST_VIDEO_FRAME_COMP_STRIDE (frame, component);
  guint8 *data = frame_data (frame, strip, component);

  if (blender->wide)
    gst_dan_orc_blend_u16 ((guint16 *) data, stride,
        (guint16 *) stream.value, 2 * from, stream.alpha, from,
        GST_VIDEO_FORMAT_INFO_SHIFT (blender->info.finfo, component), n, m);
  else
    gst_dan_orc_blend_u8 (data, stride, stream.value, from, stream.alpha,
        from, n, m);
}

static void
blend_strip (const GstDanBlender * blender, Strip * strip, GstVideoFrame * frame)
{
  switch (blender->layout) {
    case LAYOUT_PLANAR:
      for (guint i = 0; i < GST_VIDEO_FRAME_N_COMPONENTS (frame); i++)
        blend (blender, strip, frame, component_stream (blender, strip, i), i, 1);
      break;
    case LAYOUT_SEMI_PLANAR:
      blend (blender, strip, frame, component_stream (blender, strip,
              GST_VIDEO_COMP_Y), GST_VIDEO_COMP_Y, 1);
      blend (blender, strip, frame, pack_chroma (blender, strip),
          GST_VIDEO_COMP_U, 2);
      break;
    case LAYOUT_PACKED_YUV:
      /* Whole groups of Y, U, Y, V, also at the end of an odd row. */
      blend (blender, strip, frame, pack_yuv (blender, strip),
          GST_VIDEO_COMP_U, 4);
      break;
    case LAYOUT_PACKED_RGB24:
      blend (blender, strip, frame, pack_rgb24 (blender, strip), 0, 3);
      break;
    case LAYOUT_PACKED_RGB32:
      blend (blender, strip, frame, pack_rgb32 (blender, strip), 0, 4);
      break;
  }
}

/* Samples of 16 bits are not read at odd addresses. */
static gboolean
is_aligned (const GstDanBlender * blender, const GstVideoFrame * frame)
{
  if (!blender->wide)
    return TRUE;
  for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES (frame); i++)
    if (GPOINTER_TO_SIZE (GST_VIDEO_FRAME_PLANE_DATA (frame, i)) % 2 ||
        GST_VIDEO_FRAME_PLANE_STRIDE (frame, i) % 2)
      return FALSE;
  return TRUE;
}

static gboolean
is_clear (const Drawing * drawing, const GstVideoRectangle * part)
{
  guint32 any = 0;

  for (gint y = 0; y < part->h; y++) {
    const guint32 *row = word_at (drawing, part->x, part->y + y);

    for (gint x = 0; x < part->w; x++)
      any |= row[x];
  }
  return any == 0;
}

/* The tile of the drawing that has the frame's pixel at @x, @y, from there
 * on. Tiles keep to a grid of the frame, so that few start within samples of
 * chroma. */
static GstVideoRectangle
tile_from (const Drawing * drawing, gint x, gint y)
{
  const GstVideoRectangle *area = drawing->area;
  gint right = MIN (x - x % TILE_COLUMNS + TILE_COLUMNS, area->x + area->w);
  gint bottom = MIN (y - y % TILE_ROWS + TILE_ROWS, area->y + area->h);

  return (GstVideoRectangle) {x, y, right - x, bottom - y};
}

/* As many tiles from @x, @y on as are all clear or all not. */
static GstVideoRectangle
run_from (const Drawing * drawing, gint x, gint y, gboolean * clear)
{
  gint right = drawing->area->x + drawing->area->w;
  GstVideoRectangle run = tile_from (drawing, x, y);

  *clear = is_clear (drawing, &run);
  while (run.x + run.w < right) {
    GstVideoRectangle tile = tile_from (drawing, run.x + run.w, y);

    if (is_clear (drawing, &tile) != *clear)
      break;
    run.w += tile.w;
  }
  return run;
}

static void
blend_run (GstDanBlender * blender, GstVideoFrame * frame,
    const Drawing * drawing, const GstVideoRectangle * run)
{
  Strip strip;

  strip_init (&strip, blender, run);
  split (&strip, drawing, run);
  straighten (blender, &strip, frame);
  sample_chroma (blender, &strip);
  blend_strip (blender, &strip, frame);
}

/* Blends a drawing, premultiplied words of @area row by row, into @frame,
 * which is mapped for writing and has the area. FALSE: it cannot be drawn
 * on, and is as it was. */
gboolean
gst_dan_blender_blend (GstDanBlender * blender, GstVideoFrame * frame,
    const guint32 * argb, const GstVideoRectangle * area)
{
  const Drawing drawing = { argb, area };
  GstVideoRectangle run;
  gboolean clear;

  if (!is_aligned (blender, frame))
    return FALSE;
  for (gint y = area->y; y < area->y + area->h; y += run.h) {
    for (gint x = area->x; x < area->x + area->w; x += run.w) {
      run = run_from (&drawing, x, y, &clear);
      if (!clear)
        blend_run (blender, frame, &drawing, &run);
    }
  }
  return TRUE;
}
