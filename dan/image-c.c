/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reference: pixel by pixel, in double. Nothing here is shared with what
 * it is the judge of. */
#include <math.h>

#include "image.h"

static void
read_bytes (const uint8_t *bytes, int n, DanNorm norm, float *out)
{
  for (int i = 0; i < n; i++)
    out[i] = (float) fmin (fmax ((double) bytes[i] * norm.scale + norm.shift,
            0), 1);
}

static void
sum_rows (const uint8_t *rows, ptrdiff_t stride, int n_rows, int n,
    uint16_t *sums)
{
  for (int i = 0; i < n; i++) {
    sums[i] = 0;
    for (int y = 0; y < n_rows; y++)
      sums[i] += rows[y * stride + i];
  }
}

/* fmax() takes NaN to 0. */
static double
sample_at (DanPlane in, double x, double y)
{
  const double right = fmin (fmax (x, 0), in.width - 1);
  const double down = fmin (fmax (y, 0), in.height - 1);
  const int column = (int) fmin (right, in.width - 2);
  const int row = (int) fmin (down, in.height - 2);
  const float *p = in.pixels + row * in.stride + column;
  const double fx = right - column, fy = down - row;

  return (1 - fy) * ((1 - fx) * p[0] + fx * p[1])
      + fy * ((1 - fx) * p[in.stride] + fx * p[in.stride + 1]);
}

static void
sample (DanPlane in, DanSimilarity to_in, DanNorm norm, float *out,
    DanSize size, int stride)
{
  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++)
      out[y * stride + x] = (float) (sample_at (in,
              to_in.a * x - to_in.b * y + to_in.tx,
              to_in.b * x + to_in.a * y + to_in.ty) * norm.scale + norm.shift);
}

static void
heatmap (const DanPoint *points, int n, DanNorm norm, float *out, int size,
    int stride)
{
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++) {
      double least = INFINITY;

      for (int i = 0; i < n; i++)
        if (isfinite (points[i].x) && isfinite (points[i].y))
          least = fmin (least, hypot (x - points[i].x, y - points[i].y));
      out[y * stride + x] = (float) (
          (least <= DAN_HEATMAP_RADIUS ? 1 / (1 + least) : 0) * norm.scale
          + norm.shift);
    }
}

static DanPoint
centroid (const float *map, ptrdiff_t row, int channels, DanSize size)
{
  double sum = 0, sum_x = 0, sum_y = 0;

  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++) {
      const float heat = map[y * row + x * channels];
      const double share = exp (heat > DAN_MAX_HEAT ? DAN_MAX_HEAT : heat);

      sum += share;
      sum_x += share * x;
      sum_y += share * y;
    }
  return (DanPoint) { (float) (sum_x / sum), (float) (sum_y / sum) };
}

static void
centroids (const float *maps, ptrdiff_t row, int channels, DanSize size, int n,
    DanPoint *points)
{
  for (int i = 0; i < n; i++)
    points[i] = centroid (maps + i, row, channels, size);
}

const DanImageKernels dan_image_kernels_c = {
  .read_bytes = read_bytes,
  .sum_rows = sum_rows,
  .sample = sample,
  .heatmap = heatmap,
  .centroids = centroids,
};
