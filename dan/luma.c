/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "luma.h"

#include <stdint.h>

#include "error.h"

#define MAX_SIDE 32767

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

static void
read_gray8 (const uint8_t *pixel, Layout layout, int n, float *luma)
{
  for (int i = 0; i < n; i++)
    luma[i] = pixel[i * layout.step];
}

static void
read_gray10 (const uint8_t *pixel, Layout layout, int n, float *luma)
{
  for (int i = 0; i < n; i++)
    luma[i] = (pixel[2 * i] | pixel[2 * i + 1] << 8) >> layout.shift & 1023;
}

/* ITU-R BT.601 weights, as the networks were trained with. */
static void
read_rgb8 (const uint8_t *pixel, Layout layout, int n, float *luma)
{
  for (int i = 0; i < n; i++, pixel += layout.step)
    luma[i] = .299f * pixel[layout.red] + .587f * pixel[layout.green]
        + .114f * pixel[layout.blue];
}

static void
normalise (float *luma, int n, int bits, DanRange range)
{
  const float unit = 1 << (bits - 8);
  const float black = range == DAN_RANGE_LIMITED ? 16 * unit : 0;
  const float white
      = range == DAN_RANGE_LIMITED ? 235 * unit : 256 * unit - 1;
  const float scale = 1 / (white - black);

  for (int i = 0; i < n; i++) {
    const float value = (luma[i] - black) * scale;

    luma[i] = value < 0 ? 0 : value > 1 ? 1 : value;
  }
}

void
dan_luma_row (const DanImage *image, int x, int y, int n, float *luma)
{
  const Layout layout = layouts[image->format];
  const uint8_t *row = (const uint8_t *) image->data + y * image->stride;
  const uint8_t *pixel = row + (size_t) x * layout.step;

  if (layout.red != layout.blue)
    read_rgb8 (pixel, layout, n, luma);
  else if (layout.bits > 8)
    read_gray10 (pixel, layout, n, luma);
  else
    read_gray8 (pixel + layout.red, layout, n, luma);
  normalise (luma, n, layout.bits, image->range);
}
