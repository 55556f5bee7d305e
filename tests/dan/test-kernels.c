/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Each kernel of one table against the reference in C, between guard pages.
 *
 * usage: test-kernels TABLE [SEED]; exits with 77 (skipped) if this machine
 * lacks that instruction set. What has to do with integers of 8 bits is in
 * test-kernels-int8.c. */
#include <stdio.h>

#include "half.h"
#include "kernel-check.h"
#include "table.h"

#define MAX_COEFFICIENTS 32 /* |B| and |A| sum to at most 10 and 19 a row */

static const DanKernels *fast;

static uint16_t *
alloc_halves (Guard *guard, size_t n)
{
  uint16_t *p = guard_alloc (guard, n * sizeof *p);

  for (size_t i = 0; i < n; i++)
    p[i] = random_half ();
  return p;
}

/* Value @i of what @fast keeps in words. */
static float
value_of (const float *words, size_t i)
{
  const uint16_t *pairs = (const uint16_t *) words;
  uint32_t bits;
  float value;

  if (fast->per_word == 1)
    return words[i];
  bits = (uint32_t) pairs[i] << 16;
  memcpy (&value, &bits, sizeof value);
  return value;
}

static float *
alloc_words (Guard *guard, size_t n, Values values)
{
  float *words = guard_alloc (guard, n * sizeof *words);

  if (fast->per_word == 1)
    random_fill (words, n, values);
  else
    for (size_t i = 0; i < 2 * n; i++)
      ((uint16_t *) words)[i] = dan_float_to_bf16 (random_value (values));
  return words;
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

/* @words against as many plain values. bfloat16 has 8 bits, and instructions
 * on it take denormals for zero. */
static void
compare_words (const char *kernel, const float *words, const float *b,
    size_t n, double tolerance)
{
  const bool bf16 = fast->precision == DAN_PRECISION_BF16;
  const double relative = bf16 ? 0x1p-8 : 0, least = bf16 ? FLT_MIN : 0;

  for (size_t i = 0; i < n; i++)
    if (!CHECK (fabs ((double) value_of (words, i) - b[i])
                <= tolerance + least + relative * fabs (b[i]),
            "%s %s: output %zu of %zu is %g, not %g; allowed are %g off",
            fast->name, kernel, i, n, value_of (words, i), b[i], tolerance))
      return;
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
test_plane_row (Values values)
{
  const int width = 1 + random_below (40);
  const int channels = DAN_CHANNEL_UNIT * (1 + random_below (3));
  const int n = 9 * channels;
  const ptrdiff_t row = (width + 2 + random_below (9)) * (ptrdiff_t) channels;
  const size_t n_in = 2 * row + (size_t) (width + 2) * channels;
  Guard guards[4];
  float *in = alloc_random (&guards[0], n_in, values);
  float *weights = alloc_random (&guards[1], n, 0);
  float *a = alloc_canary (&guards[2], width);
  float *b = alloc_canary (&guards[3], width);

  fast->plane_row (in, row, channels, weights, .5f, a, width);
  dan_kernels_c.plane_row (in, row, channels, weights, .5f, b, width);
  compare ("plane_row", a, b, width,
      bound (n, 1 + n * (double) largest (in, n_in)));
  for (int i = 0; i < 4; i++)
    guard_free (&guards[i]);
}

static void
test_tile_input (Values values)
{
  const int channels = DAN_CHANNEL_UNIT * (1 + random_below (4));
  const ptrdiff_t row = (6 + random_below (20)) * (ptrdiff_t) channels;
  const size_t n = 5 * row + 6 * channels;
  const size_t words = channels / fast->per_word;
  const size_t step = words + random_below (50), m = 35 * step + words;
  const int rows = 1 + random_below (4), columns = 1 + random_below (4);
  Guard guards[3];
  float *in = alloc_random (&guards[0], n, values);
  float *a = alloc_canary (&guards[1], m);
  float *b = alloc_canary (&guards[2], m * fast->per_word);

  fast->tile_input (in, row, channels, a, step, rows, columns);
  dan_kernels_c.tile_input (in, row, channels, b, step * fast->per_word, rows,
      columns);
  compare_words ("tile_input", a, b, m * fast->per_word,
      bound (12, 100. * largest (in, n)));
  for (int i = 0; i < 3; i++)
    guard_free (&guards[i]);
}

/* The reference on the values of the same words; returns the largest |a|. */
static float
multiply_values (const float *a, const float *b, float *c, int rows, int words)
{
  const int per_word = fast->per_word, depth = words * per_word;
  float *x = malloc ((size_t) rows * depth * sizeof *x);
  float *y = malloc ((size_t) depth * DAN_PRODUCT_PANEL * sizeof *y);
  float most;

  for (int i = 0; i < rows * depth; i++)
    x[i] = value_of (a, i);
  for (int i = 0; i < depth * DAN_PRODUCT_PANEL; i++) {
    const int d = i / DAN_PRODUCT_PANEL, k = i % DAN_PRODUCT_PANEL;

    y[i] = value_of (b,
        (d / per_word * DAN_PRODUCT_PANEL + k) * per_word + d % per_word);
  }
  dan_kernels_c.product (x, y, c, rows, depth, x);
  most = largest (x, (size_t) rows * depth);
  free (x);
  free (y);
  return most;
}

static void
test_product (Values values)
{
  const int rows = 1 + random_below (70), words = 1 + random_below (300);
  const int depth = words * fast->per_word;
  const size_t n = (size_t) rows * DAN_PRODUCT_PANEL;
  const double flushed
      = fast->precision == DAN_PRECISION_BF16 ? 2 * depth * FLT_MIN : 0;
  Guard guards[4];
  float *a = alloc_words (&guards[0], (size_t) rows * words, values);
  float *b = alloc_words (&guards[1], (size_t) words * DAN_PRODUCT_PANEL, 0);
  float *c = alloc_canary (&guards[2], n), *d = alloc_canary (&guards[3], n);
  const double most = multiply_values (a, b, d, rows, words);

  fast->product (a, b, c, rows, words, a);
  compare ("product", c, d, n, bound (depth, depth * most) + flushed);
  for (int i = 0; i < 4; i++)
    guard_free (&guards[i]);
}

static void
test_tile_output (Values values)
{
  const int rows = 1 + random_below (4), columns = 1 + random_below (4);
  const bool pool = random_below (2);
  const size_t step = DAN_PRODUCT_PANEL + random_below (50);
  const ptrdiff_t pixel = DAN_PRODUCT_PANEL + random_below (50);
  const ptrdiff_t row = (columns + random_below (9)) * pixel;
  const size_t n = 35 * step + DAN_PRODUCT_PANEL;
  const size_t m
      = (rows - 1) * row + (columns - 1) * pixel + DAN_PRODUCT_PANEL;
  Guard guards[4];
  float *in = alloc_random (&guards[0], n, values);
  float *bias = alloc_random (&guards[1], DAN_PRODUCT_PANEL, values);
  float *a = alloc_canary (&guards[2], m), *b = alloc_canary (&guards[3], m);

  fast->tile_output (in, step, bias, a, row, pixel, rows, columns, pool);
  dan_kernels_c.tile_output (in, step, bias, b, row, pixel, rows, columns,
      pool);
  compare ("tile_output", a, b, m,
      bound (MAX_COEFFICIENTS, 362. * largest (in, n)));
  for (int i = 0; i < 4; i++)
    guard_free (&guards[i]);
}

static void
test_vector_product (Values values)
{
  const int n = 1 + random_below (300);
  const int n_vectors = 1 + random_below (DAN_VECTORS);
  const size_t x_step = n + random_below (50);
  const size_t y_step = DAN_VECTOR_PANEL + random_below (50);
  const size_t n_x = (n_vectors - 1) * x_step + n;
  const size_t n_y = (n_vectors - 1) * y_step + DAN_VECTOR_PANEL;
  Guard guards[4];
  float *x = alloc_random (&guards[0], n_x, values);
  uint16_t *weights
      = alloc_halves (&guards[1], (size_t) n * DAN_VECTOR_PANEL);
  float *a = alloc_canary (&guards[2], n_y);
  float *b = alloc_canary (&guards[3], n_y);

  fast->vector_product (x, x_step, weights, a, y_step, n_vectors, n);
  dan_kernels_c.vector_product (x, x_step, weights, b, y_step, n_vectors, n);
  compare ("vector_product", a, b, n_y,
      bound (n, n * (double) largest (x, n_x)));
  for (int i = 0; i < 4; i++)
    guard_free (&guards[i]);
}

static void
test_all (Values values)
{
  test_first_row (values);
  test_plane_row (values);
  if (fast->precision != DAN_PRECISION_INT8) {
    test_tile_input (values);
    test_product (values);
    test_tile_output (values);
  }
  test_vector_product (values);
}

int
main (int argc, char **argv)
{
  if (!(fast = require_table (argc, argv)))
    return CHECK_EXIT_SKIPPED;
  run_rounds (argc, argv, test_all);
  return check_summary ("kernels");
}
