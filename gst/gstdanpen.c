/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines are antialiased by the distance of each pixel from their middle. All
 * lines of one colour are one shape: where they meet, translucent ones do not
 * shine through each other. */

#include <math.h>
#include <string.h>

#include "gstdanpen.h"

enum { RED, GREEN, BLUE, ALPHA, N_COMPONENTS };

static const guint shifts[N_COMPONENTS] = { 16, 8, 0, 24 };

/* A line relative to the area's first pixel. */
typedef struct
{
  DanPoint from, to;
  gfloat dx, dy;                /* to its end */
  gfloat slope;                 /* columns a row, 0 where it is level */
  gfloat radius, reach;         /* half its width, and of antialiasing */
} Stroke;

/* Pixels from start to end - 1. */
typedef struct
{
  gint start, end;
} Span;

/* Starts with transparent pixels. */
void
gst_dan_pen_init (GstDanPen * pen, const GstVideoRectangle * area,
    guint32 * argb)
{
  gsize size = (gsize) area->w * area->h;

  memset (argb, 0, size * sizeof *argb);
  *pen = (GstDanPen) {area, argb, g_new0 (gfloat, size)};
}

void
gst_dan_pen_clear (GstDanPen * pen)
{
  g_free (pen->coverage);
}

/* Shapes */

static Stroke
stroke_of (const GstDanPen * pen, const GstDanLine * line, gdouble width)
{
  const GstVideoRectangle *area = pen->area;
  Stroke stroke = {
    .from = {line->from.x - area->x, line->from.y - area->y},
    .to = {line->to.x - area->x, line->to.y - area->y},
    .dx = line->to.x - line->from.x,
    .dy = line->to.y - line->from.y,
    .radius = width / 2,
    .reach = width / 2 + .5,
  };

  if (stroke.dy != 0)
    stroke.slope = stroke.dx / stroke.dy;
  return stroke;
}

/* The pixels between @low and @high of @n, and perhaps one more; none of what
 * is no number. */
static Span
span_of (gfloat low, gfloat high, gint n)
{
  if (!(low <= high && low <= n - 1 && high >= 0))
    return (Span) {0, 0};
  return (Span) {MAX (low, 0), (gint) MIN (high, n - 1) + 1};
}

static Span
rows_of (const GstDanPen * pen, const Stroke * stroke)
{
  return span_of (MIN (stroke->from.y, stroke->to.y) - stroke->reach,
      MAX (stroke->from.y, stroke->to.y) + stroke->reach, pen->area->h);
}

/* Where the line is @y rows below its start, or where it ends. */
static gfloat
x_at (const Stroke * stroke, gfloat y)
{
  gfloat low = MIN (stroke->dy, 0), high = MAX (stroke->dy, 0);

  return stroke->from.x + stroke->slope * CLAMP (y, low, high);
}

/* The part of row @y that the stroke may reach. */
static Span
columns_of (const GstDanPen * pen, const Stroke * stroke, gint y)
{
  gfloat v = y - stroke->from.y, reach = stroke->reach;
  gfloat first = stroke->from.x, last = stroke->to.x;

  if (stroke->dy != 0) {
    first = x_at (stroke, v - reach);
    last = x_at (stroke, v + reach);
  }
  return span_of (MIN (first, last) - reach, MAX (first, last) + reach,
      pen->area->w);
}

/* Raises the coverage of row @y: to how much of a pixel's width the stroke
 * has. */
static void
cover_row (gfloat * restrict coverage, Span columns, Stroke stroke, gint y)
{
  gfloat square = stroke.dx * stroke.dx + stroke.dy * stroke.dy;
  gfloat scale = square > 0 ? 1 / square : 0;
  gfloat v = y - stroke.from.y;

  for (gint x = columns.start; x < columns.end; x++) {
    gfloat u = x - stroke.from.x;
    gfloat t = (u * stroke.dx + v * stroke.dy) * scale;
    gfloat along = CLAMP (t, 0, 1);
    gfloat a = u - along * stroke.dx, b = v - along * stroke.dy;
    gfloat distance = sqrtf (a * a + b * b);
    gfloat width = MIN (stroke.radius, .5f - distance) +
        MIN (stroke.radius, .5f + distance);

    coverage[x] = MAX (coverage[x], width);
  }
}

static void
cover (const GstDanPen * pen, const Stroke * stroke)
{
  Span rows = rows_of (pen, stroke);

  for (gint y = rows.start; y < rows.end; y++)
    cover_row (pen->coverage + (gsize) y * pen->area->w,
        columns_of (pen, stroke, y), *stroke, y);
}

/* Colours */

/* a b / 255, rounded, for products up to 255 x 255. */
static guint
scaled (guint a, guint b)
{
  guint product = a * b + 128;

  return (product + (product >> 8)) >> 8;
}

static guint
component (guint32 argb, guint i)
{
  return (argb >> shifts[i]) & 0xff;
}

/* @argb premultiplied, for each coverage. */
static void
fill_words (guint argb, guint32 words[256])
{
  for (guint k = 0; k < 256; k++) {
    guint alpha = scaled (component (argb, ALPHA), k);

    words[k] = alpha << shifts[ALPHA];
    for (guint i = RED; i < ALPHA; i++)
      words[k] |= scaled (component (argb, i), alpha) << shifts[i];
  }
}

static guint32
over (guint32 word, guint32 below)
{
  guint rest = 255 - component (word, ALPHA);

  for (guint i = 0; i < N_COMPONENTS; i++)
    word += scaled (component (below, i), rest) << shifts[i];
  return word;
}

/* What the stroke covers, which others may have covered and filled too. */
static void
fill (const GstDanPen * pen, const Stroke * stroke, const guint32 words[256])
{
  Span rows = rows_of (pen, stroke);

  for (gint y = rows.start; y < rows.end; y++) {
    gsize row = (gsize) y * pen->area->w;
    Span columns = columns_of (pen, stroke, y);

    for (gsize i = row + columns.start; i < row + columns.end; i++) {
      if (pen->coverage[i] > 0)
        pen->argb[i] = over (words[(gint) (255 * pen->coverage[i] + .5f)],
            pen->argb[i]);
      pen->coverage[i] = 0;
    }
  }
}

/* Draws @lines of @width pixels over what is there, in a colour that is not
 * premultiplied. Coordinates are the frame's, pixels have their centres on
 * integers. */
void
gst_dan_pen_draw (GstDanPen * pen, const GstDanLine * lines, gsize n_lines,
    gdouble width, guint argb)
{
  guint32 words[256];
  Stroke stroke;

  fill_words (argb, words);
  for (gsize i = 0; i < n_lines; i++) {
    stroke = stroke_of (pen, &lines[i], width);
    cover (pen, &stroke);
  }
  for (gsize i = 0; i < n_lines; i++) {
    stroke = stroke_of (pen, &lines[i], width);
    fill (pen, &stroke, words);
  }
}
