/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The kernels of F(2x2, 3x3) with integers of 8 bits, against their definition.
 *
 * usage: test-kernels-int8 TABLE [SEED]; exits with 77 (skipped) if this machine
 * lacks that instruction set. */
#include <stdio.h>

#include "kernel-check.h"
#include "table.h"

#define SIDE 4
#define N_PRODUCTS 16
/* Smaller inputs may be taken for zero. */
#define LEAST_INPUT 1e-30

static const DanKernels *fast;

/* Winograd's matrices for the points 0, 1, -1 and infinity. */
static const double input_matrix[SIDE][SIDE] = {
  { 1, 0, -1, 0 },
  { 0, 1, 1, 0 },
  { 0, -1, 1, 0 },
  { 0, -1, 0, 1 },
};
static const double output_matrix[2][SIDE] = {
  { 1, 1, 1, 0 },
  { 0, 1, -1, 1 },
};

/* @left M @right', of which value (y, x) is at @m + y @row + x @pixel. */
static double
transform (const float *m, ptrdiff_t row, ptrdiff_t pixel, const double *left,
    const double *right)
{
  double sum = 0;

  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      if (left[y] != 0 && right[x] != 0)
        sum += left[y] * m[y * row + x * pixel] * right[x];
  return sum;
}

static uint8_t *
alloc_bytes (Guard *guard, size_t n, bool extreme)
{
  uint8_t *p = guard_alloc (guard, n);

  for (size_t i = 0; i < n; i++)
    p[i] = extreme ? 0x7f + random_below (2) : random_below (256);
  return p;
}

/* One product of all channels, none of whose inputs is below zero or above
 * @most: the scale makes 127 of the most that may come of them, and each is off
 * by half a step. */
static void
check_bytes (const float *in, ptrdiff_t row, int channels, int product,
    const float *words, double most)
{
  const double *left = input_matrix[product / SIDE];
  const double *right = input_matrix[product % SIDE];
  const uint8_t *bytes = (const uint8_t *) words;
  const double scale = words[channels / 4];
  const double wanted = (product == SIDE + 1 ? 4 : 2) * most / 127;

  CHECK (fabs (scale - wanted) <= 4 * FLT_EPSILON * wanted + FLT_TRUE_MIN,
      "%s tile_input: the scale of product %d is %g, not %g", fast->name,
      product, scale, wanted);
  for (int c = 0; c < channels; c++) {
    const double value = transform (in + c, row, channels, left, right);

    if (!CHECK (fabs (scale * (bytes[c] - 128) - value)
                <= scale * .50001 + bound (SIDE, SIDE * most) + LEAST_INPUT,
            "%s tile_input: channel %d of product %d is %d times %g, not %g",
            fast->name, c, product, bytes[c] - 128, scale, value))
      return;
  }
}

static void
check_gap (const float *words, size_t n)
{
  const uint8_t *bytes = (const uint8_t *) words;
  size_t intact = 0;

  while (intact < n * sizeof *words && bytes[intact] == GUARD_BYTE)
    intact++;
  CHECK (intact == n * sizeof *words,
      "%s tile_input: writes between two products", fast->name);
}

static void
test_tile_input (Values values)
{
  const int channels = DAN_CHANNEL_UNIT * (1 + random_below (4));
  const ptrdiff_t row = (SIDE + random_below (20)) * (ptrdiff_t) channels;
  const size_t n = (SIDE - 1) * row + SIDE * channels;
  const size_t words = dan_input_words (fast, channels);
  const size_t step = words + random_below (50);
  Guard guards[2];
  float *in = alloc_random (&guards[0], n, values);
  float *out
      = alloc_canary (&guards[1], (N_PRODUCTS - 1) * step + words);
  const float shrink = random_below (2) ? 1 : 1e-20f;
  double most = 0;

  for (size_t i = 0; i < n; i++)
    in[i] = fabsf (in[i]) * shrink;
  for (int y = 0; y < SIDE; y++)
    most = fmax (most, largest (in + y * row, SIDE * channels));
  fast->tile_input (in, row, channels, out, step, 1 + random_below (2),
      1 + random_below (2));
  for (int i = 0; i < N_PRODUCTS; i++) {
    check_bytes (in, row, channels, i, out + i * step, most);
    if (i + 1 < N_PRODUCTS)
      check_gap (out + i * step + words, step - words);
  }
  for (int i = 0; i < 2; i++)
    guard_free (&guards[i]);
}

/* 255 of the largest, and each is off by half a step at most. */
static void
test_to_bytes (Values values)
{
  const int n = DAN_CHANNEL_UNIT * (1 + random_below (20));
  const float shrink = random_below (2) ? 1 : 1e-33f;
  Guard guards[2];
  float *in = alloc_random (&guards[0], n, values);
  uint8_t *bytes = guard_alloc (&guards[1], n);
  double scale, most;

  for (int i = 0; i < n; i++)
    in[i] = fabsf (in[i]) * shrink;
  most = largest (in, n);
  scale = fast->to_bytes (in, n, bytes);
  CHECK (fabs (scale - most / 255) <= most * FLT_EPSILON + FLT_TRUE_MIN,
      "%s to_bytes: the scale is %g, not %g", fast->name, scale, most / 255);
  for (int i = 0; i < n; i++)
    if (!CHECK (fabs (scale * bytes[i] - in[i]) <= scale * .5001 + LEAST_INPUT,
            "%s to_bytes: input %d of %d is %d times %g, not %g", fast->name, i,
            n, bytes[i], scale, in[i]))
      break;
  for (int i = 0; i < 2; i++)
    guard_free (&guards[i]);
}

/* Column @k of the product of @row with @panel, which is exact but for the
 * scales. */
static void
check_product (const uint8_t *row, const uint8_t *panel, int words, int k,
    float result)
{
  const uint8_t *column = panel + 4 * k;
  int32_t offset;
  float scales[2];
  double sum, factor;

  memcpy (&offset, column, sizeof offset);
  memcpy (&scales[0], row + 4 * words, sizeof scales[0]);
  memcpy (&scales[1], column + 4 * DAN_PRODUCT_PANEL, sizeof scales[1]);
  sum = offset;
  for (int d = 0; d < 4 * words; d++)
    sum += row[d]
        * (int8_t) column[(2 + d / 4) * 4 * DAN_PRODUCT_PANEL + d % 4];
  factor = (double) scales[0] * scales[1];
  CHECK (fabs (result - factor * sum)
          <= fabs (sum) * (2 * FLT_EPSILON * factor + FLT_TRUE_MIN),
      "%s product of %d words: column %d is %g, not %g times %g", fast->name,
      words, k, result, factor, sum);
}

/* Scales, and offsets, of vectors of @n bytes that are random so far. */
static void
set_scales (uint8_t *bytes, int n, Values values)
{
  for (int i = 0; i < n; i++) {
    const float scale = fabsf (random_value (values));

    memcpy (bytes + 4 * i, &scale, sizeof scale);
  }
}

static void
set_offsets (uint8_t *bytes, int n)
{
  for (int i = 0; i < n; i++) {
    const int32_t offset = random_below (1 << 24) - (1 << 23);

    memcpy (bytes + 4 * i, &offset, sizeof offset);
  }
}

static void
test_product (Values values)
{
  const int rows = 1 + random_below (70), words = 1 + random_below (200);
  const size_t row = 4 * dan_input_words (fast, 4 * words);
  Guard guards[3];
  uint8_t *a = alloc_bytes (&guards[0], rows * row, values == VALUES_LARGE);
  uint8_t *b = alloc_bytes (&guards[1], 4 * dan_panel_words (fast, 4 * words),
      values == VALUES_LARGE);
  float *c = alloc_canary (&guards[2], (size_t) rows * DAN_PRODUCT_PANEL);

  for (int r = 0; r < rows; r++)
    set_scales (a + r * row + 4 * words, 1, values);
  set_offsets (b, DAN_PRODUCT_PANEL);
  set_scales (b + 4 * DAN_PRODUCT_PANEL, DAN_PRODUCT_PANEL, VALUES_ORDINARY);
  fast->product ((float *) a, (float *) b, c, rows, words, (float *) a);
  for (int r = 0; r < rows; r++)
    for (int k = 0; k < DAN_PRODUCT_PANEL; k++)
      check_product (a + r * row, b, words, k, c[r * DAN_PRODUCT_PANEL + k]);
  for (int i = 0; i < 3; i++)
    guard_free (&guards[i]);
}

/* The largest of zero and the biased outputs from (@y, @x) on, @n x @n. */
static double
wanted_output (const float *in, size_t step, float bias, int y, int x, int n)
{
  double best = 0;

  for (int i = 0; i < n * n; i++)
    best = fmax (best,
        transform (in, SIDE * step, step, output_matrix[y + i / n],
            output_matrix[x + i % n])
            + bias);
  return best;
}

static void
test_tile_output (Values values)
{
  const int rows = 1 + random_below (2), columns = 1 + random_below (2);
  const bool pool = random_below (2);
  const int size = pool ? 2 : 1;
  const size_t step = DAN_PRODUCT_PANEL + random_below (50);
  const ptrdiff_t pixel = DAN_PRODUCT_PANEL + random_below (50);
  const ptrdiff_t row = (columns + random_below (9)) * pixel;
  const size_t n = (N_PRODUCTS - 1) * step + DAN_PRODUCT_PANEL;
  const size_t m
      = (rows - 1) * row + (columns - 1) * pixel + DAN_PRODUCT_PANEL;
  Guard guards[4];
  float *in = alloc_random (&guards[0], n, values);
  float *bias = alloc_random (&guards[1], DAN_PRODUCT_PANEL, values);
  float *out = alloc_canary (&guards[2], m);
  float *wanted = alloc_canary (&guards[3], m);
  const double tolerance = bound (10, 10. * largest (in, n));

  for (int y = 0; y + size <= rows; y += size)
    for (int x = 0; x + size <= columns; x += size)
      for (int k = 0; k < DAN_PRODUCT_PANEL; k++)
        wanted[y / size * row + x / size * pixel + k]
            = (float) wanted_output (in + k, step, bias[k], y, x, size);
  fast->tile_output (in, step, bias, out, row, pixel, rows, columns, pool);
  /* What neither wrote is GUARD_BYTE in both. */
  for (size_t i = 0; i < m; i++)
    if (!CHECK (fabs ((double) out[i] - wanted[i]) <= tolerance,
            "%s tile_output: output %zu of %zu is %g, not %g; allowed are %g off",
            fast->name, i, m, out[i], wanted[i], tolerance))
      break;
  for (int i = 0; i < 4; i++)
    guard_free (&guards[i]);
}

static void
test_all (Values values)
{
  test_tile_input (values);
  test_product (values);
  test_tile_output (values);
  test_to_bytes (values);
}

int
main (int argc, char **argv)
{
  if (!(fast = require_table (argc, argv)))
    return CHECK_EXIT_SKIPPED;
  CHECK (fast->precision == DAN_PRECISION_INT8 && fast->tile == 2
          && fast->per_word == 4,
      "%s have no integers of 8 bits", fast->name);
  run_rounds (argc, argv, test_all);
  return check_summary ("kernels-int8");
}
