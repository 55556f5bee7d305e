/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "connect.h"

#include <math.h>
#include <string.h>

#define HEATMAP_RADIUS 16.f

/* Also takes NaN to @low. */
static inline float
clamp (float value, float low, float high)
{
  return value > low ? (value < high ? value : high) : low;
}

void
dan_warp (const float *in, DanSimilarity t, DanNorm norm, float *out, int size,
    int stride)
{
  dan_sample ((DanPlane) { in, size, size, stride },
      dan_similarity_invert (t), norm, out, size, stride);
}

/* Lowers the squared distances around one point. */
static void
lower_distances (DanPoint point, float *squares, int size, int stride)
{
  float columns[2 * (int) HEATMAP_RADIUS + 1];
  int x0, x1, y0, y1;

  /* Points far outside reach no pixel, and must not overflow an int. */
  if (!(fabsf (point.x) < 4.f * size && fabsf (point.y) < 4.f * size))
    return;
  x0 = (int) clamp (ceilf (point.x - HEATMAP_RADIUS), 0, size);
  x1 = (int) clamp (floorf (point.x + HEATMAP_RADIUS) + 1, 0, size);
  y0 = (int) clamp (ceilf (point.y - HEATMAP_RADIUS), 0, size);
  y1 = (int) clamp (floorf (point.y + HEATMAP_RADIUS) + 1, 0, size);
  for (int x = x0; x < x1; x++)
    columns[x - x0] = (x - point.x) * (x - point.x);
  for (int y = y0; y < y1; y++) {
    const float dy = (y - point.y) * (y - point.y);
    float *row = squares + y * stride + x0;

    for (int i = 0; i < x1 - x0; i++) {
      const float square = dy + columns[i];

      row[i] = square < row[i] ? square : row[i];
    }
  }
}

void
dan_heatmap (const DanPoint *points, int n, DanNorm norm, float *out, int size,
    int stride)
{
  const float limit = HEATMAP_RADIUS * HEATMAP_RADIUS;

  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      out[y * stride + x] = 2 * limit;
  for (int i = 0; i < n; i++)
    lower_distances (points[i], out, size, stride);
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++) {
      const float square = out[y * stride + x];
      const float heat = square <= limit ? 1 / (1 + sqrtf (square)) : 0;

      out[y * stride + x] = heat * norm.scale + norm.shift;
    }
}

void
dan_spread_feature (const float *feature, DanNorm norm, float *out, int size,
    int stride)
{
  for (int y = 0; y < size; y += 2) {
    float *row = out + y * stride;

    for (int x = 0; x < size; x++)
      row[x] = feature[y / 2 * (size / 2) + x / 2] * norm.scale + norm.shift;
    memcpy (row + stride, row, size * sizeof *row);
  }
}
