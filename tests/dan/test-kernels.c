/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Each kernel of one table against the reference in C, between guard pages.
 *
 * usage: test-kernels TABLE [SEED]; exits with 77 (skipped) if this machine
 * lacks that instruction set.
 *
 * Tolerances come from the standard bound for sums of products: n values
 * summed in any order are off by at most about n eps sum |w x|. */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "guard.h"
#include "random.h"
#include "table.h"

#define ROUNDS 40
#define MAX_COEFFICIENTS 32 /* |B| and |A| sum to at most 10 and 19 a row */

static const DanKernels *fast;

static float *
alloc_random (Guard *guard, size_t n, Values values)
{
  float *p = guard_alloc (guard, n * sizeof *p);

  random_fill (p, n, values);
  return p;
}

static float *
alloc_canary (Guard *guard, size_t n)
{
  return guard_alloc (guard, n * sizeof (float));
}

static float
largest (const float *p, size_t n)
{
  float value = 0;

  for (size_t i = 0; i < n; i++)
    value = fmaxf (value, fabsf (p[i]));
  return value;
}

/* Bytes that neither wrote agree as well, being GUARD_BYTE in both. */
static void
compare (const char *kernel, const float *a, const float *b, size_t n,
    double tolerance)
{
  for (size_t i = 0; i < n; i++)
    if (!CHECK (fabs ((double) a[i] - b[i]) <= tolerance,
            "%s %s: output %zu of %zu is %g, not %g; allowed are %g off",
            fast->name, kernel, i, n, a[i], b[i], tolerance))
      return;
}

static double
bound (int n, double magnitude)
{
  return (n + 4) * (double) FLT_EPSILON * magnitude + n * FLT_TRUE_MIN;
}

static void
test_first_row (Values values)
{
  const int n_planes = 1 + 2 * random_below (2), width = 1 + random_below (40);
  const int channels = DAN_CHANNEL_UNIT * (1 + random_below (3));
  const size_t stride = width + 2, plane = stride * 3;
  Guard guards[5];
  float *planes = alloc_random (&guards[0], n_planes * plane, values);
  float *weights
      = alloc_random (&guards[1], (size_t) n_planes * 9 * channels, 0);
  float *bias = alloc_random (&guards[2], channels, 0);
  float *a = alloc_canary (&guards[3], (size_t) width * channels);
  float *b = alloc_canary (&guards[4], (size_t) width * channels);
  const double sum = 1 + n_planes * 9. * largest (planes, n_planes * plane);

  fast->first_row (planes, plane, stride, n_planes, weights, bias, a, width,
      channels);
  dan_kernels_c.first_row (planes, plane, stride, n_planes, weights, bias, b,
      width, channels);
  compare ("first_row", a, b, (size_t) width * channels,
      bound (n_planes * 9, sum));
  for (int i = 0; i < 5; i++)
    guard_free (&guards[i]);
}

static void
test_tile_input (Values values)
{
  const int channels = DAN_CHANNEL_UNIT * (1 + random_below (4));
  const ptrdiff_t row = (6 + random_below (20)) * (ptrdiff_t) channels;
  const size_t n = 5 * row + 6 * channels;
  const size_t step = channels + random_below (50);
  const size_t m = 35 * step + channels;
  Guard guards[3];
  float *in = alloc_random (&guards[0], n, values);
  float *a = alloc_canary (&guards[1], m), *b = alloc_canary (&guards[2], m);

  fast->tile_input (in, row, channels, a, step);
  dan_kernels_c.tile_input (in, row, channels, b, step);
  compare ("tile_input", a, b, m, bound (12, 100. * largest (in, n)));
  for (int i = 0; i < 3; i++)
    guard_free (&guards[i]);
}

static void
test_product (Values values)
{
  const int rows = 1 + random_below (70), depth = 1 + random_below (300);
  const size_t stride = DAN_PRODUCT_PANEL + random_below (60);
  const size_t n = (rows - 1) * stride + DAN_PRODUCT_PANEL;
  Guard guards[4];
  float *a = alloc_random (&guards[0], (size_t) rows * depth, values);
  float *b = alloc_random (&guards[1], (size_t) depth * DAN_PRODUCT_PANEL, 0);
  float *c = alloc_canary (&guards[2], n), *d = alloc_canary (&guards[3], n);

  fast->product (a, b, c, rows, depth, stride);
  dan_kernels_c.product (a, b, d, rows, depth, stride);
  compare ("product", c, d, n,
      bound (depth, depth * (double) largest (a, (size_t) rows * depth)));
  for (int i = 0; i < 4; i++)
    guard_free (&guards[i]);
}

static void
test_tile_output (Values values)
{
  const int channels = DAN_CHANNEL_UNIT * (1 + random_below (4));
  const int rows = 1 + random_below (4), columns = 1 + random_below (4);
  const bool pool = random_below (2);
  const size_t step = channels + random_below (50);
  const ptrdiff_t row = (columns + random_below (9)) * (ptrdiff_t) channels;
  const size_t n = 35 * step + channels;
  const size_t m = (rows - 1) * row + (size_t) columns * channels;
  Guard guards[4];
  float *in = alloc_random (&guards[0], n, values);
  float *bias = alloc_random (&guards[1], channels, values);
  float *a = alloc_canary (&guards[2], m), *b = alloc_canary (&guards[3], m);

  fast->tile_output (in, step, channels, bias, a, row, rows, columns, pool);
  dan_kernels_c.tile_output (in, step, channels, bias, b, row, rows, columns,
      pool);
  compare ("tile_output", a, b, m,
      bound (MAX_COEFFICIENTS, 362. * largest (in, n)));
  for (int i = 0; i < 4; i++)
    guard_free (&guards[i]);
}

static void
test_vector_product (Values values)
{
  const int rows = 1 + random_below (300), n = random_below (rows + 1);
  uint32_t index[300];
  Guard guards[4];
  float *x = alloc_random (&guards[0], n, values);
  float *weights
      = alloc_random (&guards[1], (size_t) rows * DAN_VECTOR_PANEL, 0);
  float *a = alloc_random (&guards[2], DAN_VECTOR_PANEL, values);
  float *b = guard_alloc (&guards[3], DAN_VECTOR_PANEL * sizeof *b);
  const double start = largest (a, DAN_VECTOR_PANEL);

  memcpy (b, a, DAN_VECTOR_PANEL * sizeof *b);
  for (int i = 0; i < n; i++)
    index[i] = random_below (rows);
  fast->vector_product (x, index, n, weights, a);
  dan_kernels_c.vector_product (x, index, n, weights, b);
  compare ("vector_product", a, b, DAN_VECTOR_PANEL,
      bound (n, start + n * (double) largest (x, n)));
  for (int i = 0; i < 4; i++)
    guard_free (&guards[i]);
}

int
main (int argc, char **argv)
{
  if (!(fast = require_table (argc, argv)))
    return CHECK_EXIT_SKIPPED;
  random_state = argc > 2 ? strtoul (argv[2], NULL, 0) : 1;
  printf ("seed %u\n", random_state);
  for (int i = 0; i < ROUNDS; i++)
    for (Values values = 0; values < N_VALUES; values++) {
      test_first_row (values);
      test_tile_input (values);
      test_product (values);
      test_tile_output (values);
      test_vector_product (values);
    }
  return check_summary ("kernels");
}
