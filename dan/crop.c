/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "least.h"
#include "luma.h"

/* Squares of `factor` pixels leave less than 2 pixels of the part for one of
 * the crop, turned by any angle its box is no larger than the diagonal, and
 * bilinear sampling reads one pixel around. */
#define MAX_MINIFICATION 2.0
/* Pixels of an image per pixel of a crop, and the farthest that a crop lies from
 * it: beyond anything that has a use, and far from where integers end. */
#define MAX_REACH 1e7
/* Parts of a pixel that nobody sees, over the largest frame's width. */
#define WHOLE 1e-7

/* The crop's part of the frame, in averages of factor x factor pixels:
 * pixel (i, j) of it stands for frame pixels from (x + i factor,
 * y + j factor) on. */
typedef struct {
  long x, y;
  int width, height;
  long factor;
} Part;

struct DanCrop {
  DanSize size;
  const DanImageKernels *kernels;
  float *pixels;  /* of the part */
  DanLuma *boxes; /* of four of its rows */
};

DanCrop *
dan_crop_new (DanSize size, const DanImageKernels *kernels)
{
  DanCrop *crop = calloc (1, sizeof *crop);
  const double diagonal = hypot (size.width, size.height);
  const size_t side = (size_t) ceil (diagonal * MAX_MINIFICATION) + 8;

  if (!crop)
    return NULL;
  crop->size = size;
  crop->kernels = kernels;
  crop->pixels = malloc (side * (side + DAN_LUMA_ROWS) * sizeof *crop->pixels);
  crop->boxes = aligned_alloc (sizeof *crop->boxes, side * sizeof *crop->boxes);
  if (!crop->pixels || !crop->boxes) {
    dan_crop_free (crop);
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
  free (crop->boxes);
  free (crop);
}

/* The part that the crop's corners, mapped by @to_frame, enclose. */
static Part
find_part (DanSimilarity to_frame, DanSize size)
{
  const float right = size.width - 1, bottom = size.height - 1;
  DanPoint corners[4]
      = { { 0, 0 }, { right, 0 }, { 0, bottom }, { right, bottom } };
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

static long
clamp (long value, long low, long high)
{
  return value < low ? low : value > high ? high : value;
}

/* Adds @n columns from @x on to the boxes that they lie in. */
static void
add_columns (const Part *part, const DanLuma *columns, long x, int n,
    DanLuma *boxes)
{
  long box = (x - part->x) / part->factor;
  long end = part->x + (box + 1) * part->factor - x;

  for (long i = 0; i < n; box++, end += part->factor) {
    DanLuma sum = {};

    for (; i < end && i < n; i++)
      sum += columns[i];
    boxes[box] += sum;
  }
}

static void
store_boxes (const DanLuma *boxes, float scale, int n, float *out)
{
  const float *in = (const float *) boxes;

  for (int i = 0; i < n; i++)
    for (int row = 0; row < DAN_LUMA_ROWS; row++) {
      float value = in[i * DAN_LUMA_ROWS + row] * scale;

      value = value > 0 ? value : 0;
      out[row * n + i] = value < 1 ? value : 1;
    }
}

/* Adds frame rows @start to @start + DAN_LUMA_MAX_SUM - 1 of each box in four
 * rows of the part from @row on; what lies outside of the frame is black. */
static void
add_rows (DanCrop *crop, const DanImage *image, const Part *part, int row,
    long start)
{
  const long end = dan_least (start + DAN_LUMA_MAX_SUM, part->factor);
  const long right
      = clamp (part->x + part->width * part->factor, 0, image->width);
  const bool whole = part->factor == 1; /* nothing to add to */
  DanRows rows[DAN_LUMA_ROWS];
  DanLuma columns[DAN_LUMA_STRIP];

  for (int i = 0; i < DAN_LUMA_ROWS; i++) {
    const long y = part->y + (row + i) * part->factor;

    rows[i].first = (int) clamp (y + start, 0, image->height);
    rows[i].end = (int) clamp (y + end, 0, image->height);
  }
  for (long x = clamp (part->x, 0, image->width); x < right;
       x += DAN_LUMA_STRIP) {
    const int n = (int) dan_least (right - x, DAN_LUMA_STRIP);

    dan_luma_sum (crop->kernels, image, (int) x, n, rows,
        whole ? crop->boxes + x - part->x : columns);
    if (!whole)
      add_columns (part, columns, x, n, crop->boxes);
  }
}

/* From @start on, the first start at which one of the four rows that add_rows()
 * adds meets a frame of @height rows; the factor if none does: a part may be far
 * larger than the frame. */
static long
next_start (const Part *part, int row, long start, long height)
{
  long next = part->factor;

  for (int i = 0; i < DAN_LUMA_ROWS; i++) {
    const long above = -(part->y + (row + i) * part->factor);
    const long first = above / DAN_LUMA_MAX_SUM * DAN_LUMA_MAX_SUM;
    const long met = first > start ? first : start;

    if (above < part->factor && met < above + height && met < next)
      next = met;
  }
  return next;
}

/* A frame of bytes with no need of averages. */
static void
read_bytes (DanCrop *crop, const DanImage *image, const Part *part,
    DanNorm norm)
{
  const long left = clamp (-part->x, 0, part->width);
  const long right = clamp (image->width - part->x, left, part->width);
  float *out = crop->pixels;

  for (long y = part->y; y < part->y + part->height; y++, out += part->width) {
    const bool inside = y >= 0 && y < image->height;
    const long end = inside ? right : left;

    memset (out, 0, left * sizeof *out);
    if (inside)
      crop->kernels->read_bytes ((const uint8_t *) image->data
              + y * image->stride + part->x + left,
          (int) (end - left), norm, out + left);
    memset (out + end, 0, (part->width - end) * sizeof *out);
  }
}

static void
read_boxes (DanCrop *crop, const DanImage *image, const Part *part)
{
  const float area = (float) part->factor * part->factor;

  for (int row = 0; row < part->height; row += DAN_LUMA_ROWS) {
    memset (crop->boxes, 0, part->width * sizeof *crop->boxes);
    for (long start = 0; (start = next_start (part, row, start, image->height))
         < part->factor; start += DAN_LUMA_MAX_SUM)
      add_rows (crop, image, part, row, start);
    store_boxes (crop->boxes, 1 / (area * dan_luma_contrast (image)),
        part->width, crop->pixels + (size_t) row * part->width);
  }
}

static void
read_part (DanCrop *crop, const DanImage *image, const Part *part)
{
  DanNorm norm;

  if (part->factor == 1 && dan_luma_is_bytes (image, &norm))
    read_bytes (crop, image, part, norm);
  else
    read_boxes (crop, image, part);
}

/* Whether @to_part only moves the crop, by whole pixels that all lie in @plane:
 * then there is nothing to interpolate. So it is for a detector whose image is
 * the frame, or a whole fraction of it. */
static bool
is_copy (DanSimilarity to_part, DanPlane plane, DanSize size)
{
  const double x = rint (to_part.tx), y = rint (to_part.ty);

  return fabs (to_part.a - 1) < WHOLE && fabs (to_part.b) < WHOLE
      && fabs (to_part.tx - x) < WHOLE && fabs (to_part.ty - y) < WHOLE && x >= 0
      && y >= 0 && x + size.width <= plane.width
      && y + size.height <= plane.height;
}

static void
copy (DanPlane plane, DanSimilarity to_part, DanNorm norm, float *restrict out,
    DanSize size, int stride)
{
  const float *in = plane.pixels + lrint (to_part.ty) * plane.stride
      + lrint (to_part.tx);

  for (int y = 0; y < size.height; y++, in += plane.stride, out += stride)
    for (int x = 0; x < size.width; x++)
      out[x] = in[x] * norm.scale + norm.shift;
}

bool
dan_crop_can_run (DanSimilarity to_crop)
{
  const DanSimilarity to_image = dan_similarity_invert (to_crop);

  return dan_similarity_scale (to_image) <= MAX_REACH
      && fabs (to_image.tx) <= MAX_REACH && fabs (to_image.ty) <= MAX_REACH;
}

void
dan_crop_run (DanCrop *crop, const DanImage *image, DanSimilarity to_crop,
    DanNorm norm, float *out, int stride)
{
  DanSimilarity to_part = dan_similarity_invert (to_crop);
  const Part part = find_part (to_part, crop->size);
  const double middle = (part.factor - 1) / 2.0;
  const DanPlane plane
      = { crop->pixels, part.width, part.height, part.width };

  read_part (crop, image, &part);
  to_part.a /= part.factor;
  to_part.b /= part.factor;
  to_part.tx = (to_part.tx - part.x - middle) / part.factor;
  to_part.ty = (to_part.ty - part.y - middle) / part.factor;
  if (is_copy (to_part, plane, crop->size))
    copy (plane, to_part, norm, out, crop->size, stride);
  else
    crop->kernels->sample (plane, to_part, norm, out, crop->size, stride);
}
