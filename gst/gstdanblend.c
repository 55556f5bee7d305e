/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Drawings are mostly empty, so only the tiles that are not are blended: as
 * many side by side as there are. */

#include "gstdanblend.h"
#include "gstdanstrip.h"

#define TILE_COLUMNS 32
#define TILE_ROWS GST_DAN_STRIP_ROWS

struct _GstDanBlender
{
  GstDanStripFormat format;
  guint8 *scratch;
  gsize scratch_size;
  guint32 *canvas;
  gsize canvas_size;
};

/* For frames of @info, whose format is one of GST_DAN_FORMATS. */
GstDanBlender *
gst_dan_blender_new (const GstVideoInfo * info)
{
  GstDanBlender *blender = g_new0 (GstDanBlender, 1);

  gst_dan_strip_format_init (&blender->format, info);
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

/* Samples of 16 bits are not read at odd addresses. */
static gboolean
is_aligned (const GstDanBlender * blender, const GstVideoFrame * frame)
{
  if (!blender->format.wide)
    return TRUE;
  for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES (frame); i++)
    if (GPOINTER_TO_SIZE (GST_VIDEO_FRAME_PLANE_DATA (frame, i)) % 2 ||
        GST_VIDEO_FRAME_PLANE_STRIDE (frame, i) % 2)
      return FALSE;
  return TRUE;
}

static gboolean
is_clear (const GstDanDrawn * drawn, const GstVideoRectangle * part)
{
  guint32 any = 0;

  for (gint y = 0; y < part->h; y++) {
    const guint32 *row = gst_dan_drawn_word (drawn, part->x, part->y + y);

    for (gint x = 0; x < part->w; x++)
      any |= row[x];
  }
  return any == 0;
}

/* The tile of the drawing that has the frame's pixel at @x, @y, from there
 * on. Tiles keep to a grid of the frame, so that few start within samples of
 * chroma. */
static GstVideoRectangle
tile_from (const GstDanDrawn * drawn, gint x, gint y)
{
  const GstVideoRectangle *area = drawn->area;
  gint right = MIN (x - x % TILE_COLUMNS + TILE_COLUMNS, area->x + area->w);
  gint bottom = MIN (y - y % TILE_ROWS + TILE_ROWS, area->y + area->h);

  return (GstVideoRectangle) {x, y, right - x, bottom - y};
}

/* As many tiles from @x, @y on as are all clear or all not. */
static GstVideoRectangle
run_from (const GstDanDrawn * drawn, gint x, gint y, gboolean * clear)
{
  gint right = drawn->area->x + drawn->area->w;
  GstVideoRectangle run = tile_from (drawn, x, y);

  *clear = is_clear (drawn, &run);
  while (run.x + run.w < right) {
    GstVideoRectangle tile = tile_from (drawn, run.x + run.w, y);

    if (is_clear (drawn, &tile) != *clear)
      break;
    run.w += tile.w;
  }
  return run;
}

static void
blend_run (GstDanBlender * blender, GstVideoFrame * frame,
    const GstDanDrawn * drawn, const GstVideoRectangle * run)
{
  gsize size = gst_dan_strip_scratch_size (run);

  if (size > blender->scratch_size) {
    g_free (blender->scratch);
    blender->scratch = g_malloc0 (size);
    blender->scratch_size = size;
  }
  gst_dan_strip_blend (&blender->format, drawn, run, frame, blender->scratch);
}

/* Blends a drawing, premultiplied words of @area row by row, into @frame,
 * which is mapped for writing and has the area. FALSE: it cannot be drawn
 * on, and is as it was. */
gboolean
gst_dan_blender_blend (GstDanBlender * blender, GstVideoFrame * frame,
    const guint32 * argb, const GstVideoRectangle * area)
{
  const GstDanDrawn drawn = { argb, area };
  GstVideoRectangle run;
  gboolean clear;

  if (!is_aligned (blender, frame))
    return FALSE;
  for (gint y = area->y; y < area->y + area->h; y += run.h) {
    for (gint x = area->x; x < area->x + area->w; x += run.w) {
      run = run_from (&drawn, x, y, &clear);
      if (!clear)
        blend_run (blender, frame, &drawn, &run);
    }
  }
  return TRUE;
}
