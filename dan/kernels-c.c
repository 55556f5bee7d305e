/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reference: matrices where the fast kernels have formulas, sums in
 * double. Nothing here is shared with what it is the judge of. */
#include "kernels.h"

#include <math.h>

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
tile_input (const float *in, ptrdiff_t row, int channels, float *out,
    size_t step)
{
  for (int c = 0; c < channels; c++)
    for (int i = 0; i < DAN_TILE_PRODUCTS; i++) {
      const double *left = input_matrix[i / DAN_TILE_IN];
      const double *right = input_matrix[i % DAN_TILE_IN];
      double sum = 0;

      for (int y = 0; y < DAN_TILE_IN; y++)
        for (int x = 0; x < DAN_TILE_IN; x++)
          sum += left[y] * in[y * row + x * channels + c] * right[x];
      out[i * step + c] = (float) sum;
    }
}

static void
product (const float *a, const float *b, float *c, int rows, int depth,
    size_t stride)
{
  for (int r = 0; r < rows; r++)
    for (int k = 0; k < DAN_PRODUCT_PANEL; k++) {
      double sum = 0;

      for (int d = 0; d < depth; d++)
        sum += (double) a[r * depth + d] * b[d * DAN_PRODUCT_PANEL + k];
      c[r * stride + k] = (float) sum;
    }
}

static double
output_pixel (const float *in, size_t step, int c, int y, int x)
{
  double sum = 0;

  for (int i = 0; i < DAN_TILE_PRODUCTS; i++)
    sum += output_matrix[y][i / DAN_TILE_IN] * in[i * step + c]
        * output_matrix[x][i % DAN_TILE_IN];
  return sum;
}

static void
tile_output (const float *in, size_t step, int channels, const float *bias,
    float *out, ptrdiff_t row, int rows, int columns, bool pool)
{
  const int size = pool ? 2 : 1;

  for (int c = 0; c < channels; c++)
    for (int y = 0; y + size <= rows; y += size)
      for (int x = 0; x + size <= columns; x += size) {
        double best = 0;

        for (int i = 0; i < size * size; i++)
          best = fmax (best,
              output_pixel (in, step, c, y + i / size, x + i % size)
                  + bias[c]);
        out[y / size * row + x / size * channels + c] = (float) best;
      }
}

static void
vector_product (const float *x, const uint32_t *index, int n,
    const float *weights, float *y)
{
  for (int k = 0; k < DAN_VECTOR_PANEL; k++) {
    double sum = y[k];

    for (int i = 0; i < n; i++)
      sum += (double) x[i]
          * weights[(size_t) index[i] * DAN_VECTOR_PANEL + k];
    y[k] = (float) sum;
  }
}

const DanKernels dan_kernels_c = {
  .name = "c",
  .product_rows = 1,
  .first_row = first_row,
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
dan_convolve_c (const DanActivation *in, DanActivation *out,
    const float *weights, const float *bias, bool pool)
{
  const int size = pool ? 2 : 1, channels = out->channels;

  for (int y = 0; y < in->height / size * size; y++)
    for (int x = 0; x < in->width / size * size; x++) {
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
