/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "luma.h"

/* Squares of `factor` pixels leave less than 2 pixels of the part for one of
 * the canonical image, rotation by 45 degrees makes the part's box larger by
 * sqrt (2), and bilinear sampling reads one pixel around. */
#define MAX_MINIFICATION 2.0
#define SPAN 512 /* pixels of a row that are read at once */

/* The face's part of the frame, in averages of factor x factor pixels:
 * pixel (i, j) of it stands for frame pixels from (x + i factor,
 * y + j factor) on. */
typedef struct {
  long x, y;
  int width, height;
  long factor;
} Part;

struct DanCrop {
  int size;
  size_t capacity;
  float *pixels;
  float span[SPAN];
};

DanCrop *
dan_crop_new (int size)
{
  DanCrop *crop = calloc (1, sizeof *crop);
  const size_t side = (size_t) ceil (size * MAX_MINIFICATION * M_SQRT2) + 8;

  if (!crop)
    return NULL;
  crop->size = size;
  crop->capacity = side * side;
  crop->pixels = malloc (crop->capacity * sizeof *crop->pixels);
  if (!crop->pixels) {
    free (crop);
    return NULL;
  }
  return crop;
}

void
dan_crop_free (DanCrop *crop)
{
  if (!crop)
    return;
  free (crop->pixels);
  free (crop);
}

/* The part that the canonical image's corners, mapped by @to_frame, enclose. */
static Part
find_part (DanSimilarity to_frame, int size)
{
  const float last = size - 1;
  DanPoint corners[4] = { { 0, 0 }, { last, 0 }, { 0, last }, { last, last } };
  const double scale = dan_similarity_scale (to_frame);
  Part part = { .factor = scale < MAX_MINIFICATION ? 1 : (long) scale };
  DanBox box;

  dan_similarity_apply (to_frame, corners, corners, 4);
  box = dan_box_around (corners, 4);
  part.x = (long) floorf (box.x) - part.factor;
  part.y = (long) floorf (box.y) - part.factor;
  part.width = (int) (box.width / part.factor) + 5;
  part.height = (int) (box.height / part.factor) + 5;
  return part;
}

/* Adds frame pixels @x to @x + @n - 1 of row @y, which lie in the frame, to
 * the row @sums of the part. */
static void
add_pixels (DanCrop *crop, const DanImage *image, const Part *part, long x,
    long y, long n, float *sums)
{
  while (n > 0) {
    const int span = n < SPAN ? (int) n : SPAN;
    long column = (x - part->x) / part->factor;
    long left = part->factor - (x - part->x) % part->factor;

    dan_luma_row (image, (int) x, (int) y, span, crop->span);
    for (int i = 0; i < span; i++) {
      sums[column] += crop->span[i];
      if (--left == 0) {
        column++;
        left = part->factor;
      }
    }
    x += span;
    n -= span;
  }
}

static long
clamp (long value, long low, long high)
{
  return value < low ? low : value > high ? high : value;
}

static void
read_part (DanCrop *crop, const DanImage *image, const Part *part)
{
  const size_t n = (size_t) part->width * part->height;
  const long x0 = clamp (part->x, 0, image->width);
  const long x1
      = clamp (part->x + part->width * part->factor, 0, image->width);
  const long y0 = clamp (part->y, 0, image->height);
  const long y1
      = clamp (part->y + part->height * part->factor, 0, image->height);

  memset (crop->pixels, 0, n * sizeof *crop->pixels);
  for (long y = y0; y < y1; y++) {
    const long row = (y - part->y) / part->factor;

    if (part->factor == 1)
      dan_luma_row (image, (int) x0, (int) y, (int) (x1 - x0),
          crop->pixels + row * part->width + (x0 - part->x));
    else
      add_pixels (crop, image, part, x0, y, x1 - x0,
          crop->pixels + row * part->width);
  }
  if (part->factor > 1) {
    const float area = 1.f / ((float) part->factor * part->factor);

    for (size_t i = 0; i < n; i++)
      crop->pixels[i] *= area;
  }
}

/* Bilinear; (x, y) and its neighbours lie in the part. */
static inline float
sample (const float *pixels, int width, float x, float y)
{
  const int column = (int) x, row = (int) y;
  const float fx = x - column, fy = y - row;
  const float *p = pixels + (size_t) row * width + column;
  const float top = p[0] + fx * (p[1] - p[0]);
  const float bottom = p[width] + fx * (p[width + 1] - p[width]);

  return top + fy * (bottom - top);
}

void
dan_crop_run (DanCrop *crop, const DanImage *image, DanSimilarity to_canonical,
    float *canonical, int stride)
{
  const DanSimilarity to_frame = dan_similarity_invert (to_canonical);
  const Part part = find_part (to_frame, crop->size);
  const double middle = (part.factor - 1) / 2.0;
  const float a = (float) (to_frame.a / part.factor);
  const float b = (float) (to_frame.b / part.factor);
  const float tx = (float) ((to_frame.tx - part.x - middle) / part.factor);
  const float ty = (float) ((to_frame.ty - part.y - middle) / part.factor);

  read_part (crop, image, &part);
  for (int y = 0; y < crop->size; y++)
    for (int x = 0; x < crop->size; x++)
      canonical[(size_t) y * stride + x] = sample (crop->pixels, part.width,
          a * x - b * y + tx, b * x + a * y + ty);
}
