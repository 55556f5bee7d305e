/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reference: matrices where the fast kernels have formulas, sums in
 * double. Nothing here is shared with what it is the judge of. */
#include "kernels.h"

#include <math.h>

#include "half.h"

/* Lavin and Gray's matrices for the points 0, 1, -1, 2, -2 and infinity. */
static const double input_matrix[DAN_TILE_IN][DAN_TILE_IN] = {
  { 4, 0, -5, 0, 1, 0 },
  { 0, -4, -4, 1, 1, 0 },
  { 0, 4, -4, -1, 1, 0 },
  { 0, -2, -1, 2, 1, 0 },
  { 0, 2, -1, -2, 1, 0 },
  { 0, 4, 0, -5, 0, 1 },
};
static const double output_matrix[DAN_TILE_OUT][DAN_TILE_IN] = {
  { 1, 1, 1, 1, 1, 0 },
  { 0, 1, -1, 2, -2, 0 },
  { 0, 1, 1, 4, 4, 0 },
  { 0, 1, -1, 8, -8, 1 },
};

/* The same of F(2, 3), for the weights of F(4, 3): without the points 2 and
 * -2. */
static const double half_input_matrix[DAN_TILE_IN][DAN_TILE_IN] = {
  { 4, 0, -4, 0 },
  { 0, -3, -3, 0 },
  { 0, 3, -3, 0 },
  {},
  {},
  { 0, -1, 0, 1 },
};
static const double half_output_matrix[DAN_TILE_OUT][DAN_TILE_IN] = {
  { 1, 1, 1, 0, 0, 0 },
  { 0, 1, -1, 0, 0, 1 },
};

static void
first_row (const float *planes, size_t plane, size_t stride, int n_planes,
    const float *weights, const float *bias, float *out, int width,
    int channels)
{
  for (int x = 0; x < width; x++)
    for (int k = 0; k < channels; k++) {
      double sum = bias[k];

      for (int tap = 0; tap < n_planes * 9; tap++)
        sum += (double) planes[tap / 9 * plane + tap % 9 / 3 * stride + tap % 3
                   + x]
            * weights[tap * channels + k];
      out[x * channels + k] = (float) fmax (sum, 0);
    }
}

static void
plane_row (const float *in, ptrdiff_t row, int channels, const float *weights,
    float bias, float *out, int width)
{
  for (int x = 0; x < width; x++) {
    double sum = bias;

    for (int tap = 0; tap < 9; tap++)
      for (int c = 0; c < channels; c++)
        sum += (double) in[tap / 3 * row + (tap % 3 + x) * channels + c]
            * weights[tap * channels + c];
    out[x] = (float) sum;
  }
}

static bool
has_product (int i, int rows, int columns)
{
  return !dan_tile_skips (dan_tile_is_half (rows), i / DAN_TILE_IN)
      && !dan_tile_skips (dan_tile_is_half (columns), i % DAN_TILE_IN);
}

static const double *
input_coefficients (int i, int n)
{
  return dan_tile_is_half (n) ? half_input_matrix[i] : input_matrix[i];
}

static const double *
output_coefficients (int i, int n)
{
  return dan_tile_is_half (n) ? half_output_matrix[i] : output_matrix[i];
}

static double
input_value (const float *in, ptrdiff_t row, int channels, const double *left,
    const double *right)
{
  double sum = 0;

  for (int y = 0; y < DAN_TILE_IN; y++)
    for (int x = 0; x < DAN_TILE_IN; x++)
      if (left[y] != 0 && right[x] != 0)
        sum += left[y] * in[y * row + x * channels] * right[x];
  return sum;
}

static void
tile_input (const float *in, ptrdiff_t row, int channels, float *out,
    size_t step, int rows, int columns)
{
  for (int c = 0; c < channels; c++)
    for (int i = 0; i < DAN_TILE_PRODUCTS; i++)
      if (has_product (i, rows, columns))
        out[i * step + c] = (float) input_value (in + c, row, channels,
            input_coefficients (i / DAN_TILE_IN, rows),
            input_coefficients (i % DAN_TILE_IN, columns));
}

static void
product (const float *a, const float *b, float *c, int rows, int depth,
    const float *next)
{
  for (int r = 0; r < rows; r++)
    for (int k = 0; k < DAN_PRODUCT_PANEL; k++) {
      double sum = 0;

      for (int d = 0; d < depth; d++)
        sum += (double) a[r * depth + d] * b[d * DAN_PRODUCT_PANEL + k];
      c[r * DAN_PRODUCT_PANEL + k] = (float) sum;
    }
}

static double
output_value (const float *in, size_t step, const double *left,
    const double *right)
{
  double sum = 0;

  for (int i = 0; i < DAN_TILE_PRODUCTS; i++)
    if (left[i / DAN_TILE_IN] != 0 && right[i % DAN_TILE_IN] != 0)
      sum += left[i / DAN_TILE_IN] * in[i * step] * right[i % DAN_TILE_IN];
  return sum;
}

static void
tile_output (const float *in, size_t step, const float *bias, float *out,
    ptrdiff_t row, ptrdiff_t pixel, int rows, int columns, bool pool)
{
  const int size = pool ? 2 : 1;

  for (int c = 0; c < DAN_PRODUCT_PANEL; c++)
    for (int y = 0; y + size <= rows; y += size)
      for (int x = 0; x + size <= columns; x += size) {
        double best = 0;

        for (int i = 0; i < size * size; i++)
          best = fmax (best,
              output_value (in + c, step,
                  output_coefficients (y + i / size, rows),
                  output_coefficients (x + i % size, columns))
                  + bias[c]);
        out[y / size * row + x / size * pixel + c] = (float) best;
      }
}

static void
vector_product (const float *x, size_t x_step, const uint16_t *weights,
    float *y, size_t y_step, int n_vectors, int n)
{
  for (int v = 0; v < n_vectors; v++)
    for (int k = 0; k < DAN_VECTOR_PANEL; k++) {
      double sum = 0;

      for (int i = 0; i < n; i++)
        sum += (double) x[v * x_step + i]
            * dan_half_to_float (weights[(size_t) i * DAN_VECTOR_PANEL + k]);
      y[v * y_step + k] = (float) sum;
    }
}

const DanKernels dan_kernels_c = {
  .name = "c",
  .precision = DAN_PRECISION_FP32,
  .per_word = 1,
  .tile = DAN_TILE_OUT,
  .product_rows = 1,
  .first_row = first_row,
  .plane_row = plane_row,
  .tile_input = tile_input,
  .product = product,
  .tile_output = tile_output,
  .vector_product = vector_product,
  .image = &dan_image_kernels_c,
};

/* Channels are summed side by side, only because that is their order. */
static void
convolve_pixel (const DanActivation *in, const float *weights, int x, int y,
    double *sums, int channels)
{
  for (int tap = 0; tap < 9; tap++) {
    const float *pixel = in->pixels + (y + tap / 3 - 1) * in->row
        + (x + tap % 3 - 1) * (ptrdiff_t) in->channels;

    for (int c = 0; c < in->channels; c++) {
      const float *w = weights + (size_t) (tap * in->channels + c) * channels;

      for (int k = 0; k < channels; k++)
        sums[k] += (double) pixel[c] * w[k];
    }
  }
}

void
dan_convolve_c (const DanActivation *in, const DanActivation *out,
    const float *weights, const float *bias, bool pool)
{
  const int size = pool ? 2 : 1, channels = out->channels;

  for (int y = 0; y < in->size.height / size * size; y++)
    for (int x = 0; x < in->size.width / size * size; x++) {
      float *pixel = out->pixels + y / size * out->row
          + x / size * (ptrdiff_t) channels;
      double sums[channels];
      const bool first = x % size == 0 && y % size == 0;

      for (int k = 0; k < channels; k++)
        sums[k] = bias[k];
      convolve_pixel (in, weights, x, y, sums, channels);
      for (int k = 0; k < channels; k++) {
        const float value = (float) fmax (sums[k], 0);

        pixel[k] = first ? value : fmaxf (pixel[k], value);
      }
    }
}
