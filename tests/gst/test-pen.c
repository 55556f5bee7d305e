/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines with round ends: their shape by its area and its edges, colours over
 * each other, and lines that leave the area or are none. */

#include <math.h>
#include <gst/check/gstcheck.h>

#include "gstdanpen.h"

#define WIDTH 90
#define HEIGHT 70
#define GUARD 200               /* words before and after the drawing */
#define UNTOUCHED 0x12345678

/* Somewhere in a frame. */
static const GstVideoRectangle area = { 300, 200, WIDTH, HEIGHT };

typedef struct
{
  guint32 words[GUARD + WIDTH * HEIGHT + GUARD];
  GstDanPen pen;
} Sheet;

static guint32 *
drawing (Sheet * sheet)
{
  return sheet->words + GUARD;
}

static void
setup (Sheet * sheet)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sheet->words); i++)
    sheet->words[i] = UNTOUCHED;
  gst_dan_pen_init (&sheet->pen, &area, drawing (sheet));
}

static void
teardown (Sheet * sheet)
{
  guint n = 0;

  for (gsize i = 0; i < GUARD; i++)
    n += sheet->words[i] != UNTOUCHED
        || sheet->words[GUARD + WIDTH * HEIGHT + i] != UNTOUCHED;
  fail_unless_equals_int (n, 0);
  gst_dan_pen_clear (&sheet->pen);
}

/* From and to points of the drawing, not the frame. */
static void
draw_line (Sheet * sheet, gdouble x0, gdouble y0, gdouble x1, gdouble y1,
    gdouble width, guint argb)
{
  GstDanLine line = { {area.x + x0, area.y + y0}, {area.x + x1, area.y + y1} };

  gst_dan_pen_draw (&sheet->pen, &line, 1, width, argb);
}

static guint
alpha_at (Sheet * sheet, gint x, gint y)
{
  return drawing (sheet)[y * WIDTH + x] >> 24;
}

/* In pixels, of a drawing in opaque colours. */
static gdouble
covered (Sheet * sheet)
{
  gdouble sum = 0;

  for (gint i = 0; i < WIDTH * HEIGHT; i++)
    sum += (drawing (sheet)[i] >> 24) / 255.;
  return sum;
}

/* How many pixels are not as a line of @radius about (@x, @y) to (@x + @dx,
 * @y + @dy) has them, but for its edge. */
static guint
count_wrong (Sheet * sheet, gdouble x, gdouble y, gdouble dx, gdouble dy,
    gdouble radius)
{
  gdouble square = dx * dx + dy * dy;
  guint n = 0;

  for (gint k = 0; k < WIDTH * HEIGHT; k++) {
    gdouble u = k % WIDTH - x, v = k / WIDTH - y;
    gdouble t = square > 0 ? (u * dx + v * dy) / square : 0;
    gdouble along = CLAMP (t, 0, 1);
    gdouble distance = hypot (u - along * dx, v - along * dy);
    guint32 word = drawing (sheet)[k];

    n += (distance > radius + .51 && word != 0)
        || (distance < radius - .51 && word != 0xffff0000);
  }
  return n;
}

/* Lines in all directions, thin and thick, to and from places between the
 * pixels; the first is a dot. */
GST_START_TEST (test_shape)
{
  static const gdouble widths[] = { 1, 1.5, 3, 5.3, 10 };
  gdouble length = __i__ == 0 ? 0 : 30, angle = __i__ * G_PI / 11;
  gdouble dx = length * cos (angle), dy = length * sin (angle);

  for (guint i = 0; i < G_N_ELEMENTS (widths); i++) {
    gdouble r = widths[i] / 2, x = 45.3, y = 33.6;
    gdouble expected = widths[i] * length + G_PI * r * r;
    Sheet sheet;

    setup (&sheet);
    draw_line (&sheet, x, y, x + dx, y + dy, widths[i], 0xffff0000);
    /* The ends of thin lines are a little larger. */
    fail_unless (fabs (covered (&sheet) - expected) < .02 * expected + .4,
        "%g wide, %g pixels: %g are covered, not %g", widths[i], length,
        covered (&sheet), expected);
    fail_unless_equals_int (count_wrong (&sheet, x, y, dx, dy, r), 0);
    teardown (&sheet);
  }
}

GST_END_TEST;

/* Premultiplied, over what was there. */
GST_START_TEST (test_colors)
{
  Sheet sheet;

  setup (&sheet);
  draw_line (&sheet, 20, 20, 40, 20, 9, 0x80ff8000);
  fail_unless_equals_uint64_hex (drawing (&sheet)[20 * WIDTH + 30], 0x80804000);
  draw_line (&sheet, 30, 10, 30, 30, 9, 0xff0000ff);
  fail_unless_equals_uint64_hex (drawing (&sheet)[20 * WIDTH + 30], 0xff0000ff);
  draw_line (&sheet, 20, 20, 40, 20, 9, 0x80ff8000);
  fail_unless_equals_uint64_hex (drawing (&sheet)[20 * WIDTH + 30], 0xff80407f);
  draw_line (&sheet, 20, 20, 40, 20, 9, 0);
  fail_unless_equals_uint64_hex (drawing (&sheet)[20 * WIDTH + 30], 0xff80407f);
  teardown (&sheet);
}

GST_END_TEST;

/* A shape of two lines is as translucent where they cross as elsewhere. */
GST_START_TEST (test_crossing)
{
  const GstDanLine cross[] = { {{area.x + 20, area.y + 20}, {area.x + 40,
            area.y + 40}}, {{area.x + 40, area.y + 20}, {area.x + 20,
            area.y + 40}}
  };
  guint thickest = 0;
  Sheet sheet;

  setup (&sheet);
  gst_dan_pen_draw (&sheet.pen, cross, 2, 5, 0x80ffffff);
  fail_unless_equals_int (alpha_at (&sheet, 30, 30), 0x80);
  fail_unless_equals_int (alpha_at (&sheet, 22, 22), 0x80);
  for (gint i = 0; i < WIDTH * HEIGHT; i++)
    thickest = MAX (thickest, drawing (&sheet)[i] >> 24);
  fail_unless_equals_int (thickest, 0x80);
  teardown (&sheet);
}

GST_END_TEST;

/* What lies outside is cut off, also on all sides, and what is nowhere is not
 * drawn. */
GST_START_TEST (test_outside)
{
  static const gdouble nowhere[] = { NAN, INFINITY, -INFINITY };
  const GstDanLine some[] = { {{area.x + 10, area.y + 10}, {area.x + 10,
            area.y + 10}}, {{NAN, NAN}, {NAN, NAN}}
  };
  Sheet sheet;

  setup (&sheet);
  draw_line (&sheet, -1e6, 30, 1e6, 30, 3, 0xffffffff);
  draw_line (&sheet, -500, -500, 500, 500, 3, 0xffffffff);
  for (gint x = 0; x < WIDTH; x++) {
    fail_unless_equals_int (alpha_at (&sheet, x, 30), 255);
    if (x < HEIGHT)
      fail_unless_equals_int (alpha_at (&sheet, x, x), 255);
  }
  teardown (&sheet);

  setup (&sheet);
  draw_line (&sheet, -20, 0, -20, 60, 30, 0xffffffff);
  draw_line (&sheet, 20, -1000, 40, -900, 30, 0xffffffff);
  draw_line (&sheet, WIDTH + 20, 0, 1e30, 1e30, 30, 0xffffffff);
  for (guint i = 0; i < G_N_ELEMENTS (nowhere); i++)
    draw_line (&sheet, nowhere[i], nowhere[i], nowhere[i], nowhere[i], 5,
        0xffffffff);
  fail_unless_equals_float (covered (&sheet), 0);
  gst_dan_pen_draw (&sheet.pen, some, 2, 5, 0xffffffff);
  fail_unless_equals_int (alpha_at (&sheet, 10, 10), 255);
  for (guint i = 0; i < G_N_ELEMENTS (nowhere); i++) {
    draw_line (&sheet, 5, 5, nowhere[i], 20, 5, 0xffffffff);
    draw_line (&sheet, 5, nowhere[i], 20, 20, 5, 0xffffffff);
  }
  teardown (&sheet);
}

GST_END_TEST;

static Suite *
pen_suite (void)
{
  Suite *s = suite_create ("danalign-pen");
  TCase *tc = tcase_create ("all");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_shape, 0, 22);
  tcase_add_test (tc, test_colors);
  tcase_add_test (tc, test_crossing);
  tcase_add_test (tc, test_outside);
  return s;
}

GST_CHECK_MAIN (pen);
