/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loops that compilers turn into vectors, compiled once for each instruction
 * set by the files that include this. */
#include <math.h>
#include <string.h>

#include "image.h"

#define SPAN 128 /* pixels of a row that are sampled at once */
/* Where nothing is turned, and a span's pixels are at most so far apart, they
 * come from so many of a row. */
#define MAX_UPRIGHT_SCALE 1.9
#define UPRIGHT_REACH (2 * SPAN)
#define ROW_SLACK 32 /* floats that FETCH_PAIRS may read, but not need */

/* Also takes NaN to @low. */
static inline float
clamp (float value, float low, float high)
{
  value = value > low ? value : low;
  return value < high ? value : high;
}

static void
read_bytes (const uint8_t *bytes, int n, DanNorm norm, float *restrict out)
{
  for (int i = 0; i < n; i++)
    out[i] = clamp (bytes[i] * norm.scale + norm.shift, 0, 1);
}

static void
sum_rows (const uint8_t *rows, ptrdiff_t stride, int n_rows, int n,
    uint16_t *restrict sums)
{
  memset (sums, 0, n * sizeof *sums);
  for (; n_rows > 0; n_rows--, rows += stride)
    for (int i = 0; i < n; i++)
      sums[i] += rows[i];
}

/* Where samples are: the upper left one of four pixels, and how far right of
 * it and below it. */
typedef struct {
  int offset[SPAN];
  float x[SPAN], y[SPAN];
} Places;

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
blend (DanPlane in, const Places *places, DanNorm norm, int n, float *out)
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

/* The mixture of two rows of @n pixels. */
static void
blend_rows (const float *upper, const float *lower, float y, int n,
    float *restrict out)
{
  for (int i = 0; i < n; i++)
    out[i] = upper[i] + y * (lower[i] - upper[i]);
}

/* @n <= SPAN pixels of @row, at @offsets, and the next ones. Offsets grow by at
 * most MAX_UPRIGHT_SCALE from one to the next, on average. All of @left and
 * @right may be written. */
#ifndef FETCH_PAIRS
#define FETCH_PAIRS fetch_pairs

static void
fetch_pairs (const float *row, const int *offsets, int n, float *restrict left,
    float *restrict right)
{
  for (int i = 0; i < n; i++) {
    left[i] = row[offsets[i]];
    right[i] = row[offsets[i] + 1];
  }
}
#endif

/* Each of those pixels and the next one. */
static void
blend_columns (const float *row, const Places *places, DanNorm norm, int n,
    float *restrict out)
{
  float left[SPAN], right[SPAN];

  FETCH_PAIRS (row, places->offset, n, left, right);
  for (int i = 0; i < n; i++)
    out[i] = (left[i] + places->x[i] * (right[i] - left[i])) * norm.scale
        + norm.shift;
}

/* @n <= SPAN columns from @x on where nothing is turned: pixels of a column
 * have the same place in all rows. */
static void
sample_columns (DanPlane in, DanSimilarity to_in, DanNorm norm, float *out,
    int x, int n, int height, int stride)
{
  const DanPoint left = { (float) (to_in.a * x + to_in.tx), 0 };
  float row[UPRIGHT_REACH + ROW_SLACK];
  Places columns, place;
  int first, width;

  find_places (in, left, (float) to_in.a, 0, n, &columns);
  first = columns.offset[0];
  width = columns.offset[n - 1] + 2 - first;
  for (int i = 0; i < n; i++)
    columns.offset[i] -= first;
  for (int y = 0; y < height; y++) {
    const DanPoint upper = { 0, (float) (to_in.a * y + to_in.ty) };
    const float *pixels;

    find_places (in, upper, 0, 0, 1, &place);
    pixels = in.pixels + place.offset[0] + first;
    blend_rows (pixels, pixels + in.stride, place.y[0], width, row);
    blend_columns (row, &columns, norm, n, out + (size_t) y * stride + x);
  }
}

static void
sample (DanPlane in, DanSimilarity to_in, DanNorm norm, float *out,
    DanSize size, int stride)
{
  Places places;

  if (to_in.b == 0 && to_in.a > 0 && to_in.a <= MAX_UPRIGHT_SCALE) {
    for (int x = 0; x < size.width; x += SPAN)
      sample_columns (in, to_in, norm, out, x,
          size.width - x < SPAN ? size.width - x : SPAN, size.height, stride);
    return;
  }
  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x += SPAN) {
      const int n = size.width - x < SPAN ? size.width - x : SPAN;
      DanPoint start = { x, y };

      dan_similarity_apply (to_in, &start, &start, 1);
      find_places (in, start, (float) to_in.a, (float) to_in.b, n, &places);
      blend (in, &places, norm, n, out + (size_t) y * stride + x);
    }
}

/* Lowers the squared distances around one point. */
static void
lower_distances (DanPoint point, float *squares, int size, int stride)
{
  float columns[2 * (int) DAN_HEATMAP_RADIUS + 1];
  int x0, x1, y0, y1;

  /* Points far outside reach no pixel, and must not overflow an int. */
  if (!(fabsf (point.x) < 4.f * size && fabsf (point.y) < 4.f * size))
    return;
  x0 = (int) clamp (ceilf (point.x - DAN_HEATMAP_RADIUS), 0, size);
  x1 = (int) clamp (floorf (point.x + DAN_HEATMAP_RADIUS) + 1, 0, size);
  y0 = (int) clamp (ceilf (point.y - DAN_HEATMAP_RADIUS), 0, size);
  y1 = (int) clamp (floorf (point.y + DAN_HEATMAP_RADIUS) + 1, 0, size);
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

static void
heatmap (const DanPoint *points, int n, DanNorm norm, float *out, int size,
    int stride)
{
  const float limit = DAN_HEATMAP_RADIUS * DAN_HEATMAP_RADIUS;

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

/* exp (@x), x from 0 to DAN_MAX_HEAT: 2 to the nearest whole power of it, times
 * the series of what is left, of which the next term is below 2^-22. A float as
 * large as ROUND has no fraction, so that adding it rounds, and its low bits are
 * the power. */
static inline float
exponential (float x)
{
  const float round = 0x1.8p23f, log2_e = 1.44269504f, ln_2 = .693147181f;
  const float shifted = x * log2_e + round;
  const float rest = (x * log2_e - (shifted - round)) * ln_2;
  float value = 1.f / 720;
  uint32_t power, bits;

  value = value * rest + 1.f / 120;
  value = value * rest + 1.f / 24;
  value = value * rest + 1.f / 6;
  value = value * rest + .5f;
  value = value * rest + 1;
  value = value * rest + 1;
  memcpy (&power, &shifted, sizeof power);
  memcpy (&bits, &value, sizeof bits);
  bits += power << 23;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Of DAN_CENTROID_UNIT heatmaps: the sums of their shares, and of those times
 * x and y. */
typedef struct {
  float all[DAN_CENTROID_UNIT], x[DAN_CENTROID_UNIT], y[DAN_CENTROID_UNIT];
} CentroidSums;

static void
sum_heats (const float *maps, ptrdiff_t row, int channels, DanSize size,
    CentroidSums *restrict sums)
{
  *sums = (CentroidSums) {};
  for (int y = 0; y < size.height; y++) {
    const float *pixel = maps + y * row;
    CentroidSums line = {};

    for (int x = 0; x < size.width; x++, pixel += channels)
      for (int i = 0; i < DAN_CENTROID_UNIT; i++) {
        const float heat = pixel[i] > DAN_MAX_HEAT ? DAN_MAX_HEAT : pixel[i];
        const float share = exponential (heat);

        line.all[i] += share;
        line.x[i] += share * x;
      }
    for (int i = 0; i < DAN_CENTROID_UNIT; i++) {
      sums->all[i] += line.all[i];
      sums->x[i] += line.x[i];
      sums->y[i] += line.all[i] * y;
    }
  }
}

static void
centroids (const float *maps, ptrdiff_t row, int channels, DanSize size, int n,
    DanPoint *points)
{
  CentroidSums sums;

  for (int first = 0; first < n; first += DAN_CENTROID_UNIT) {
    const int left = n - first;

    sum_heats (maps + first, row, channels, size, &sums);
    for (int i = 0; i < (left < DAN_CENTROID_UNIT ? left : DAN_CENTROID_UNIT);
         i++)
      points[first + i] = (DanPoint) { sums.x[i] / sums.all[i],
        sums.y[i] / sums.all[i] };
  }
}

static const DanImageKernels image_kernels = {
  .read_bytes = read_bytes,
  .sum_rows = sum_rows,
  .sample = sample,
  .heatmap = heatmap,
  .centroids = centroids,
};
