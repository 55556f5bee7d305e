/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sample.h"

#include <string.h>

#define SPAN 128 /* pixels of a row that are sampled at once */

/* Where samples are: the upper left one of four pixels, and how far right of
 * it and below it. */
typedef struct {
  int offset[SPAN];
  float x[SPAN], y[SPAN];
} Places;

/* Also takes NaN to @low. */
static inline float
clamp (float value, float low, float high)
{
  value = value > low ? value : low;
  return value < high ? value : high;
}

/* Places on a line from @start on, (@dx, @dy) apart. */
static void
find_places (DanPlane in, DanPoint start, float dx, float dy, int n,
    Places *places)
{
  const float right = in.width - 1, bottom = in.height - 1;

  for (int i = 0; i < n; i++) {
    const float x = clamp (start.x + i * dx, 0, right);
    const float y = clamp (start.y + i * dy, 0, bottom);
    const int column = (int) clamp (x, 0, right - 1);
    const int row = (int) clamp (y, 0, bottom - 1);

    places->offset[i] = row * in.stride + column;
    places->x[i] = x - column;
    places->y[i] = y - row;
  }
}

/* Only fetching the pixels is no work for vectors, so it comes first. */
static void
sample (DanPlane in, const Places *places, DanNorm norm, int n, float *out)
{
  float upper[SPAN][2], lower[SPAN][2];

  for (int i = 0; i < n; i++) {
    const float *pixel = in.pixels + places->offset[i];

    memcpy (upper[i], pixel, sizeof *upper);
    memcpy (lower[i], pixel + in.stride, sizeof *lower);
  }
  for (int i = 0; i < n; i++) {
    const float x = places->x[i], y = places->y[i];
    const float above = upper[i][0] + x * (upper[i][1] - upper[i][0]);
    const float below = lower[i][0] + x * (lower[i][1] - lower[i][0]);

    out[i] = (above + y * (below - above)) * norm.scale + norm.shift;
  }
}

void
dan_sample (DanPlane in, DanSimilarity to_in, DanNorm norm, float *out,
    int size, int stride)
{
  Places places;

  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x += SPAN) {
      const int n = size - x < SPAN ? size - x : SPAN;
      DanPoint start = { x, y };

      dan_similarity_apply (to_in, &start, &start, 1);
      find_places (in, start, (float) to_in.a, (float) to_in.b, n, &places);
      sample (in, &places, norm, n, out + (size_t) y * stride + x);
    }
}
