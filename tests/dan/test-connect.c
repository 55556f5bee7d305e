/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The connection layers by one table of kernels, where the result is known
 * without computing and against a computation in double.
 *
 * usage: test-connect TABLE; exits with 77 (skipped) if this machine lacks
 * that instruction set. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "connect.h"
#include "guard.h"
#include "random.h"
#include "table.h"

#define SIZE 32
#define STRIDE (SIZE + 2)
#define N 5

static const DanKernels *kernels;
static const DanNorm plain = { 1, 0 };
static const DanPoint shape[N]
    = { { 3, 4 }, { 20, 5 }, { 11, 16 }, { 6, 25 }, { 19, 24 } };

static DanSimilarity
turn (double degrees, double scale, double tx, double ty)
{
  const double angle = degrees * M_PI / 180;

  return (DanSimilarity) { scale * cos (angle), scale * sin (angle), tx, ty };
}

static void
check_similarity (DanSimilarity t, DanSimilarity wanted, const char *what)
{
  CHECK (fabs (t.a - wanted.a) < 1e-5 && fabs (t.b - wanted.b) < 1e-5
          && fabs (t.tx - wanted.tx) < 1e-4 && fabs (t.ty - wanted.ty) < 1e-4,
      "%s: %g %g %g %g, not %g %g %g %g", what, t.a, t.b, t.tx, t.ty,
      wanted.a, wanted.b, wanted.tx, wanted.ty);
}

static void
test_fit (void)
{
  static const DanPoint square[4] = { { 0, 0 }, { 2, 0 }, { 2, 2 }, { 0, 2 } };
  const DanPoint wide[4] = { { 0, 0 }, { 6, 0 }, { 6, 2 }, { 0, 2 } };
  const DanSimilarity identity = { 1, 0, 0, 0 };
  const DanSimilarity known = turn (30, 1.5, -7, 12);
  DanPoint moved[N], same[N] = {}, broken[N];
  DanSimilarity t;

  CHECK (dan_similarity_fit (&t, shape, shape, N), "identity");
  check_similarity (t, identity, "identity");
  dan_similarity_apply (known, shape, moved, N);
  CHECK (dan_similarity_fit (&t, shape, moved, N), "known rotation");
  check_similarity (t, known, "known rotation");
  CHECK (dan_similarity_fit (&t, moved, shape, N), "inverse");
  check_similarity (t, dan_similarity_invert (known), "inverse");
  dan_similarity_apply (dan_similarity_invert (known), moved, moved, N);
  for (int i = 0; i < N; i++)
    CHECK (hypotf (moved[i].x - shape[i].x, moved[i].y - shape[i].y) < 1e-4f,
        "inverse o forward: point %d is (%g, %g)", i, moved[i].x, moved[i].y);

  /* A square onto a 3 times wider one: the least squares scale is 2. */
  CHECK (dan_similarity_fit (&t, square, wide, 4), "stretched");
  check_similarity (t, (DanSimilarity) { 2, 0, 1, -1 }, "stretched");

  CHECK (!dan_similarity_fit (&t, same, shape, N), "a single place fits");
  CHECK (!dan_similarity_fit (&t, shape, same, N), "it collapses");
  memcpy (broken, shape, sizeof broken);
  broken[2].x = NAN;
  CHECK (!dan_similarity_fit (&t, broken, shape, N), "NaN fits");
}

static void
make_picture (float *in)
{
  for (int i = 0; i < STRIDE * STRIDE; i++)
    in[i] = (i * 37 % 101) / 100.f;
}

static void
test_warp (void)
{
  static float memory[STRIDE * STRIDE], out[STRIDE * STRIDE];
  const float *in = memory + STRIDE + 1;
  const DanNorm norm = { 2, -3 };

  make_picture (memory);
  dan_warp (kernels->image, in, turn (0, 1, 0, 0), norm, out, SIZE, STRIDE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      CHECK (fabsf (out[y * STRIDE + x] - (2 * in[y * STRIDE + x] - 3)) < 1e-5,
          "identity: (%d, %d) is %g", x, y, out[y * STRIDE + x]);
  /* Whatever moves right by 3 and down by 2 leaves copies of the edge. */
  dan_warp (kernels->image, in, turn (0, 1, 3, 2), plain, out, SIZE, STRIDE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++) {
      const float wanted
          = in[(y < 2 ? 0 : y - 2) * STRIDE + (x < 3 ? 0 : x - 3)];

      CHECK (fabsf (out[y * STRIDE + x] - wanted) < 1e-5,
          "moved: (%d, %d) is %g, not %g", x, y, out[y * STRIDE + x], wanted);
    }
  /* A quarter turn: (x, y) comes from (y, last - x). */
  dan_warp (kernels->image, in, turn (90, 1, SIZE - 1, 0), plain, out, SIZE,
      STRIDE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      CHECK (fabsf (out[y * STRIDE + x] - in[(SIZE - 1 - x) * STRIDE + y])
              < 1e-4,
          "turned: (%d, %d) is %g", x, y, out[y * STRIDE + x]);
  /* Half a pixel is the mean of two. */
  dan_warp (kernels->image, in, turn (0, 1, .5, 0), plain, out, SIZE, STRIDE);
  CHECK (fabsf (out[5 * STRIDE + 9]
             - (in[5 * STRIDE + 8] + in[5 * STRIDE + 9]) / 2)
          < 1e-5,
      "half a pixel: %g", out[5 * STRIDE + 9]);
  /* Absurd transforms read nothing that is not there. */
  dan_warp (kernels->image, in, turn (45, 1e-6, 1e30, -1e30), plain, out, SIZE,
      STRIDE);
  dan_warp (kernels->image, in, turn (45, 1e20, NAN, 0), plain, out, SIZE,
      STRIDE);
}

static double
pixel_at (const float *in, double x, double y)
{
  const int column = (int) fmin (x, SIZE - 2), row = (int) fmin (y, SIZE - 2);
  const float *p = in + row * STRIDE + column;
  const double right = x - column, down = y - row;

  return (1 - down) * ((1 - right) * p[0] + right * p[1])
      + down * ((1 - right) * p[STRIDE] + right * p[STRIDE + 1]);
}

/* Any transform, with a guard behind the image's last pixel. */
static void
test_random_warp (void)
{
  const size_t n = (SIZE - 1) * STRIDE + SIZE;
  const double scale = exp (2 * random_value (VALUES_ORDINARY));
  const DanSimilarity t = turn (random_below (360), scale,
      40 * random_value (VALUES_ORDINARY), 40 * random_value (VALUES_ORDINARY));
  const DanSimilarity back = dan_similarity_invert (t);
  /* Places are off by some spacings of floats as large as they get, and a
   * pixel differs by 2 at most from the next. */
  const double tolerance = 4 * 2 * 0x1p-23
      * (SIZE / scale * 2 + fabs (back.tx) + fabs (back.ty) + SIZE);
  Guard guards[2];
  float *in = guard_alloc (&guards[0], n * sizeof *in);
  float *out = guard_alloc (&guards[1], n * sizeof *out);

  random_fill (in, n, VALUES_ORDINARY);
  dan_warp (kernels->image, in, t, plain, out, SIZE, STRIDE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++) {
      const double sx = back.a * x - back.b * y + back.tx;
      const double sy = back.b * x + back.a * y + back.ty;
      const double wanted = pixel_at (in, fmin (fmax (sx, 0), SIZE - 1),
          fmin (fmax (sy, 0), SIZE - 1));

      CHECK (fabs (out[y * STRIDE + x] - wanted) <= tolerance,
          "scaled by %g: (%d, %d) is %g, not %g", scale, x, y,
          out[y * STRIDE + x], wanted);
    }
  for (int i = 0; i < 2; i++)
    guard_free (&guards[i]);
}

/* Wider than what is sampled at once; all moves right by 1. */
static void
test_wide_warp (void)
{
  enum { WIDE = 300 };
  static float in[WIDE * WIDE], out[WIDE * WIDE];

  random_fill (in, WIDE * WIDE, VALUES_ORDINARY);
  dan_warp (kernels->image, in, turn (0, 1, 1, 0), plain, out, WIDE, WIDE);
  for (int i = 0; i < WIDE * WIDE; i++) {
    const float wanted = in[i % WIDE ? i - 1 : i];

    /* The last row is a + (b - a), two roundings of at most 2. */
    CHECK (fabsf (out[i] - wanted) <= 2 * FLT_EPSILON,
        "(%d, %d) is %g, not %g", i % WIDE, i / WIDE, out[i], wanted);
  }
}

/* Some points in and around the image, against each point for each pixel. */
static void
test_random_heatmap (void)
{
  const size_t n = (SIZE - 1) * STRIDE + SIZE;
  DanPoint points[N];
  Guard guard;
  float *out = guard_alloc (&guard, n * sizeof *out);

  for (int i = 0; i < N; i++)
    points[i] = (DanPoint) { SIZE / 2 + 40 * random_value (VALUES_ORDINARY),
      SIZE / 2 + 40 * random_value (VALUES_ORDINARY) };
  kernels->image->heatmap (points, N, plain, out, SIZE, STRIDE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++) {
      double least = INFINITY;

      for (int i = 0; i < N; i++)
        least = fmin (least, hypot (x - points[i].x, y - points[i].y));
      CHECK (fabs (out[y * STRIDE + x] - (least <= 16 ? 1 / (1 + least) : 0))
              < 1e-6,
          "(%d, %d) is %g, %g away", x, y, out[y * STRIDE + x], least);
    }
  guard_free (&guard);
}

static void
test_heatmap (void)
{
  static float out[STRIDE * STRIDE];
  const DanPoint points[] = { { 8, 9 }, { 8, 9.5f }, { NAN, 3 },
    { -1e30f, INFINITY }, { 5e6f, 9 } };

  kernels->image->heatmap (points, 1, plain, out, SIZE, STRIDE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++) {
      const double distance = hypot (x - 8, y - 9);
      const double wanted = distance <= 16 ? 1 / (1 + distance) : 0;

      CHECK (fabs (out[y * STRIDE + x] - wanted) < 1e-6,
          "one point: (%d, %d) is %g, not %g", x, y, out[y * STRIDE + x],
          wanted);
    }
  kernels->image->heatmap (points, 5, (DanNorm) { 4, 1 }, out, SIZE, STRIDE);
  CHECK (out[9 * STRIDE + 8] == 5, "at a point: %g", out[9 * STRIDE + 8]);
  CHECK (fabs (out[10 * STRIDE + 8] - (1 + 4 / 1.5)) < 1e-6,
      "half a pixel from a point: %g", out[10 * STRIDE + 8]);
  CHECK (out[31 * STRIDE + 31] == 1, "far from all: %g",
      out[31 * STRIDE + 31]);
}

static void
test_feature (void)
{
  static float feature[SIZE / 2 * SIZE / 2], out[STRIDE * STRIDE];

  for (int i = 0; i < SIZE / 2 * SIZE / 2; i++)
    feature[i] = i;
  dan_spread_feature (feature, (DanNorm) { .5f, 1 }, out, SIZE, STRIDE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      CHECK (out[y * STRIDE + x] == (y / 2 * (SIZE / 2) + x / 2) * .5f + 1,
          "(%d, %d) is %g", x, y, out[y * STRIDE + x]);
}

/* Heatmaps of @width x @height, of which rows are one pixel longer, with @heat
 * at @x, @y of the first and nothing in the second; the rest is random. */
static void
check_centroids (int width, int height, int n, float heat, int x, int y)
{
  const int channels = (n + DAN_CENTROID_UNIT - 1) / DAN_CENTROID_UNIT
      * DAN_CENTROID_UNIT;
  const ptrdiff_t row = (width + 1) * channels;
  const DanSize size = { width, height };
  DanPoint wanted[n];
  Guard guards[2];
  float *maps = guard_alloc (&guards[0],
      (height * row - channels) * sizeof *maps);
  DanPoint *found = guard_alloc (&guards[1], n * sizeof *found);

  for (int i = 0; i < height * row - channels; i++)
    maps[i] = random_below (4) ? 0 : random_below (1000) * 1e-2f;
  for (int i = 0; i < height; i++)
    for (int j = 0; j < width; j++) {
      maps[i * row + j * channels] = i == y && j == x ? heat : 0;
      maps[i * row + j * channels + 1] = 0;
    }
  kernels->image->centroids (maps, row, channels, size, n, found);
  dan_image_kernels_c.centroids (maps, row, channels, size, n, wanted);
  /* Sums of that many floats, each wrong by the exponential's 2^-21 at most. */
  for (int i = 0; i < n; i++)
    CHECK (hypotf (found[i].x - wanted[i].x, found[i].y - wanted[i].y)
            < 4e-6f * (width + height),
        "%d x %d, map %d: (%g, %g), not (%g, %g)", width, height, i,
        found[i].x, found[i].y, wanted[i].x, wanted[i].y);
  CHECK (fabsf (found[1].x - (width - 1) / 2.f) < 1e-4f * width
          && fabsf (found[1].y - (height - 1) / 2.f) < 1e-4f * height,
      "an empty map's is (%g, %g)", found[1].x, found[1].y);
  if (heat > 30)
    CHECK (hypotf (found[0].x - x, found[0].y - y) < 1e-5f * (width + height),
        "(%g, %g), not (%d, %d)", found[0].x, found[0].y, x, y);
  guard_free (&guards[0]);
  guard_free (&guards[1]);
}

static void
test_centroids (void)
{
  check_centroids (56, 56, 68, 40, 3, 50);
  check_centroids (56, 56, 68, 1e30f, 55, 0);
  check_centroids (56, 56, 2, INFINITY, 0, 55);
  check_centroids (1, 1, 33, 5, 0, 0);
  for (int i = 0; i < 100; i++) {
    const int width = 1 + random_below (60), height = 1 + random_below (60);

    check_centroids (width, height, 2 + random_below (70),
        random_below (6000) * 1e-2f, random_below (width),
        random_below (height));
  }
}

/* What is no number is not taken for a place. */
static void
test_heat_not_finite (void)
{
  float maps[4 * DAN_CENTROID_UNIT] = { NAN };
  DanPoint points[2];

  kernels->image->centroids (maps, 2 * DAN_CENTROID_UNIT, DAN_CENTROID_UNIT,
      (DanSize) { 2, 2 }, 2, points);
  CHECK (isnan (points[0].x) && isnan (points[0].y) && points[1].x == .5f,
      "(%g, %g) and %g", points[0].x, points[0].y, points[1].x);
}

int
main (int argc, char **argv)
{
  if (!(kernels = require_table (argc, argv)))
    return CHECK_EXIT_SKIPPED;
  test_fit ();
  test_warp ();
  test_wide_warp ();
  test_heatmap ();
  for (int i = 0; i < 200; i++) {
    test_random_warp ();
    test_random_heatmap ();
  }
  test_feature ();
  test_centroids ();
  test_heat_not_finite ();
  return check_summary ("connect");
}
