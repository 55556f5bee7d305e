/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "luma.h"

#include <stdint.h>
#include <string.h>

#include "error.h"

#define MAX_SIDE 32767
#define MAX_SAMPLES (4 * DAN_LUMA_STRIP)

/* How a pixel lies in memory: bytes to the next, and the bytes of the first
 * one that are read. Red, green and blue coincide where luma is stored. */
typedef struct {
  uint8_t step, red, green, blue;
  uint8_t bits, shift; /* significant bits of a component, and where */
} Layout;

static const Layout layouts[] = {
  [DAN_FORMAT_GRAY8] = { 1, 0, 0, 0, 8, 0 },
  [DAN_FORMAT_GRAY10LE] = { 2, 0, 0, 0, 10, 0 },
  [DAN_FORMAT_GRAY10HI] = { 2, 0, 0, 0, 10, 6 },
  [DAN_FORMAT_YUYV] = { 2, 0, 0, 0, 8, 0 },
  [DAN_FORMAT_UYVY] = { 2, 1, 1, 1, 8, 0 },
  [DAN_FORMAT_RGB] = { 3, 0, 1, 2, 8, 0 },
  [DAN_FORMAT_BGR] = { 3, 2, 1, 0, 8, 0 },
  [DAN_FORMAT_RGBX] = { 4, 0, 1, 2, 8, 0 },
  [DAN_FORMAT_BGRX] = { 4, 2, 1, 0, 8, 0 },
  [DAN_FORMAT_XRGB] = { 4, 1, 2, 3, 8, 0 },
  [DAN_FORMAT_XBGR] = { 4, 3, 2, 1, 8, 0 },
};

DanStatus
dan_image_check (const DanImage *image, DanError *error)
{
  if (!image || !image->data)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no image was given");
  if (image->width < 1 || image->width > MAX_SIDE || image->height < 1
      || image->height > MAX_SIDE)
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "an image of %dx%d pixels: sides are 1 to %d", image->width,
        image->height, MAX_SIDE);
  if ((unsigned) image->format >= sizeof layouts / sizeof *layouts)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "unknown pixel format %d",
        (int) image->format);
  if (image->range != DAN_RANGE_FULL && image->range != DAN_RANGE_LIMITED)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "unknown luma range %d",
        (int) image->range);
  if (layouts[image->format].bits > 8
      && ((uintptr_t) image->data % 2 || image->stride % 2))
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "a 16-bit image must lie at even addresses");
  return DAN_OK;
}

static float
black_level (const DanImage *image)
{
  return image->range == DAN_RANGE_LIMITED
      ? 16 << (layouts[image->format].bits - 8)
      : 0;
}

float
dan_luma_contrast (const DanImage *image)
{
  const int bits = layouts[image->format].bits;

  return image->range == DAN_RANGE_LIMITED ? (235 - 16) << (bits - 8)
                                           : (1 << bits) - 1;
}

bool
dan_luma_is_bytes (const DanImage *image, DanNorm *norm)
{
  const float contrast = dan_luma_contrast (image);

  *norm = (DanNorm) { 1 / contrast, -black_level (image) / contrast };
  return image->format == DAN_FORMAT_GRAY8;
}

static void
sum_words (const uint8_t *rows, ptrdiff_t stride, int n_rows, int shift, int n,
    uint16_t *restrict sums)
{
  memset (sums, 0, n * sizeof *sums);
  for (; n_rows > 0; n_rows--, rows += stride)
    for (int i = 0; i < n; i++)
      sums[i] += (rows[2 * i] | rows[2 * i + 1] << 8) >> shift & 1023;
}

/* The inner loop has a constant bound and disappears, so that the outer one
 * becomes a loop over vectors. */
static void
interleave (uint16_t sums[DAN_LUMA_ROWS][MAX_SAMPLES], const float *black,
    int n, DanLuma *samples)
{
  float *out = (float *) samples;

  for (int i = 0; i < n; i++)
    for (int row = 0; row < DAN_LUMA_ROWS; row++)
      out[i * DAN_LUMA_ROWS + row] = sums[row][i] - black[row];
}

/* With ITU-R BT.601's weights, as the networks were trained. */
static void
weigh (const DanLuma *samples, Layout layout, int n, DanLuma *luma)
{
  for (int i = 0; i < n; i++, samples += layout.step)
    luma[i] = layout.red == layout.blue
        ? samples[layout.red]
        : .299f * samples[layout.red] + .587f * samples[layout.green]
            + .114f * samples[layout.blue];
}

/* Samples are what a pixel is made of: all of them are summed, which is
 * cheaper than to tell them apart. */
void
dan_luma_sum (const DanImageKernels *kernels, const DanImage *image, int x,
    int n, const DanRows *rows, DanLuma *luma)
{
  const Layout layout = layouts[image->format];
  const int n_samples = layout.bits > 8 ? n : n * layout.step;
  uint16_t sums[DAN_LUMA_ROWS][MAX_SAMPLES];
  DanLuma samples[MAX_SAMPLES];
  float black[DAN_LUMA_ROWS];

  for (int i = 0; i < DAN_LUMA_ROWS; i++) {
    const int n_rows = rows[i].end - rows[i].first;
    const uint8_t *first = (const uint8_t *) image->data
        + rows[i].first * image->stride + (ptrdiff_t) x * layout.step;

    if (layout.bits > 8)
      sum_words (first, image->stride, n_rows, layout.shift, n_samples,
          sums[i]);
    else
      kernels->sum_rows (first, image->stride, n_rows, n_samples, sums[i]);
    black[i] = black_level (image) * n_rows;
  }
  if (n_samples == n) {
    interleave (sums, black, n, luma);
  } else {
    interleave (sums, black, n_samples, samples);
    weigh (samples, layout, n, luma);
  }
}
