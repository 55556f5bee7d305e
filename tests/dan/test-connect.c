/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The connection layers where the result is known without computing. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "connect.h"

#define SIZE 32
#define STRIDE (SIZE + 2)
#define N 5

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
  dan_warp (in, turn (0, 1, 0, 0), norm, out, SIZE, STRIDE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      CHECK (fabsf (out[y * STRIDE + x] - (2 * in[y * STRIDE + x] - 3)) < 1e-5,
          "identity: (%d, %d) is %g", x, y, out[y * STRIDE + x]);
  /* Whatever moves right by 3 and down by 2 leaves copies of the edge. */
  dan_warp (in, turn (0, 1, 3, 2), plain, out, SIZE, STRIDE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++) {
      const float wanted
          = in[(y < 2 ? 0 : y - 2) * STRIDE + (x < 3 ? 0 : x - 3)];

      CHECK (fabsf (out[y * STRIDE + x] - wanted) < 1e-5,
          "moved: (%d, %d) is %g, not %g", x, y, out[y * STRIDE + x], wanted);
    }
  /* A quarter turn: (x, y) comes from (y, last - x). */
  dan_warp (in, turn (90, 1, SIZE - 1, 0), plain, out, SIZE, STRIDE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      CHECK (fabsf (out[y * STRIDE + x] - in[(SIZE - 1 - x) * STRIDE + y])
              < 1e-4,
          "turned: (%d, %d) is %g", x, y, out[y * STRIDE + x]);
  /* Half a pixel is the mean of two. */
  dan_warp (in, turn (0, 1, .5, 0), plain, out, SIZE, STRIDE);
  CHECK (fabsf (out[5 * STRIDE + 9]
             - (in[5 * STRIDE + 8] + in[5 * STRIDE + 9]) / 2)
          < 1e-5,
      "half a pixel: %g", out[5 * STRIDE + 9]);
  /* Absurd transforms read nothing that is not there. */
  dan_warp (in, turn (45, 1e-6, 1e30, -1e30), plain, out, SIZE, STRIDE);
  dan_warp (in, turn (45, 1e20, NAN, 0), plain, out, SIZE, STRIDE);
}

static void
test_heatmap (void)
{
  static float out[STRIDE * STRIDE];
  const DanPoint points[] = { { 8, 9 }, { 8, 9.5f }, { NAN, 3 },
    { -1e30f, INFINITY }, { 5e6f, 9 } };

  dan_heatmap (points, 1, plain, out, SIZE, STRIDE);
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++) {
      const double distance = hypot (x - 8, y - 9);
      const double wanted = distance <= 16 ? 1 / (1 + distance) : 0;

      CHECK (fabs (out[y * STRIDE + x] - wanted) < 1e-6,
          "one point: (%d, %d) is %g, not %g", x, y, out[y * STRIDE + x],
          wanted);
    }
  dan_heatmap (points, 5, (DanNorm) { 4, 1 }, out, SIZE, STRIDE);
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

int
main (void)
{
  test_fit ();
  test_warp ();
  test_heatmap ();
  test_feature ();
  return check_summary ("connect");
}
