/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From frames of every format to the canonical image. */
#include <math.h>

#include "crop.h"
#include "guard.h"
#include "luma.h"
#include "random.h"

#define SIDE 112

typedef struct {
  DanFormat format;
  const char *name;
  int bytes;
} Format;

static const Format formats[] = {
  { DAN_FORMAT_GRAY8, "GRAY8", 1 },
  { DAN_FORMAT_GRAY10LE, "GRAY10LE", 2 },
  { DAN_FORMAT_GRAY10HI, "GRAY10HI", 2 },
  { DAN_FORMAT_YUYV, "YUYV", 2 },
  { DAN_FORMAT_UYVY, "UYVY", 2 },
  { DAN_FORMAT_RGB, "RGB", 3 },
  { DAN_FORMAT_BGR, "BGR", 3 },
  { DAN_FORMAT_RGBX, "RGBX", 4 },
  { DAN_FORMAT_BGRX, "BGRX", 4 },
  { DAN_FORMAT_XRGB, "XRGB", 4 },
  { DAN_FORMAT_XBGR, "XBGR", 4 },
};

/* One pixel with the given components; luma formats take @green. */
static void
put_pixel (DanFormat format, uint8_t *p, int red, int green, int blue)
{
  const uint8_t orders[][4] = {
    [DAN_FORMAT_RGB] = { red, green, blue },
    [DAN_FORMAT_BGR] = { blue, green, red },
    [DAN_FORMAT_RGBX] = { red, green, blue, 77 },
    [DAN_FORMAT_BGRX] = { blue, green, red, 77 },
    [DAN_FORMAT_XRGB] = { 77, red, green, blue },
    [DAN_FORMAT_XBGR] = { 77, blue, green, red },
  };
  const int ten_bits = green << 2 | green >> 6;

  switch (format) {
    case DAN_FORMAT_GRAY8:
      p[0] = green;
      break;
    case DAN_FORMAT_GRAY10LE:
      p[0] = ten_bits;
      p[1] = ten_bits >> 8;
      break;
    case DAN_FORMAT_GRAY10HI:
      p[0] = ten_bits << 6;
      p[1] = ten_bits >> 2;
      break;
    case DAN_FORMAT_YUYV:
      p[0] = green;
      p[1] = 200;
      break;
    case DAN_FORMAT_UYVY:
      p[0] = 200;
      p[1] = green;
      break;
    default:
      memcpy (p, orders[format], format >= DAN_FORMAT_RGBX ? 4 : 3);
  }
}

/* The same grey picture in each format, at odd sizes and guarded. */
static void
test_formats (void)
{
  const int width = 37, height = 11;

  for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
    const int stride = width * formats[f].bytes
        + (formats[f].bytes == 2 ? 6 : 5);
    Guard guard;
    uint8_t *data = guard_alloc (&guard,
        (height - 1) * stride + width * formats[f].bytes);
    DanImage image = { data, stride, width, height, formats[f].format };
    float row[37];

    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        const int grey = (x * 7 + y * 23) & 255;

        put_pixel (formats[f].format,
            data + y * stride + x * formats[f].bytes, grey, grey, grey);
      }
    CHECK (dan_image_check (&image, NULL) == DAN_OK, "%s", formats[f].name);
    for (int y = 0; y < height; y++) {
      dan_luma_row (&image, 3, y, width - 3, row + 3);
      for (int x = 3; x < width; x++)
        CHECK (fabs (row[x] - ((x * 7 + y * 23) & 255) / 255.) < 1e-3,
            "%s: (%d, %d) is %g", formats[f].name, x, y, row[x]);
    }
    guard_free (&guard);
  }
}

static void
test_colours (void)
{
  for (size_t f = 5; f < sizeof formats / sizeof *formats; f++) {
    uint8_t pixels[4] = {};
    DanImage image = { pixels, 4, 1, 1, formats[f].format };
    float luma;

    put_pixel (formats[f].format, pixels, 200, 100, 50);
    dan_luma_row (&image, 0, 0, 1, &luma);
    CHECK (fabs (luma * 255 - (.299 * 200 + .587 * 100 + .114 * 50)) < 1e-3,
        "%s: %g", formats[f].name, luma * 255);
  }
}

static void
test_range (void)
{
  const uint8_t data[] = { 0, 16, 125, 235, 255 };
  const uint8_t ten[] = { 64, 0, 940 & 255, 940 >> 8 };
  DanImage image
      = { data, 5, 5, 1, DAN_FORMAT_GRAY8, DAN_RANGE_LIMITED };
  const double wanted[] = { 0, 0, 109 / 219., 1, 1 };
  float row[5];

  dan_luma_row (&image, 0, 0, 5, row);
  for (int i = 0; i < 5; i++)
    CHECK (fabs (row[i] - wanted[i]) < 1e-6, "%d: %g", data[i], row[i]);
  image = (DanImage) { ten, 4, 2, 1, DAN_FORMAT_GRAY10LE, DAN_RANGE_LIMITED };
  dan_luma_row (&image, 0, 0, 2, row);
  CHECK (row[0] == 0 && fabsf (row[1] - 1) < 1e-6f, "10 bits: %g to %g",
      row[0], row[1]);
}

static void
test_bad_images (void)
{
  const uint16_t data[4] = {};
  const DanImage good = { data, 4, 2, 2, DAN_FORMAT_GRAY10LE };
  DanImage bad[7];
  DanError error;

  for (int i = 0; i < 7; i++)
    bad[i] = good;
  bad[0].data = NULL;
  bad[1].width = 0;
  bad[2].height = 40000;
  bad[3].format = 99;
  bad[4].stride = 3;
  bad[5].data = (const uint8_t *) data + 1;
  bad[6].range = 7;
  for (int i = 0; i < 7; i++)
    CHECK (dan_image_check (&bad[i], &error) == DAN_ERROR_ARGUMENT
            && error.message[0],
        "bad image %d passes", i);
  CHECK (dan_image_check (NULL, &error) == DAN_ERROR_ARGUMENT, "NULL passes");
}

static DanSimilarity
to_canonical (double degrees, double scale, double x, double y)
{
  const double angle = degrees * M_PI / 180;
  const DanSimilarity to_frame
      = { scale * cos (angle), scale * sin (angle), x, y };

  return dan_similarity_invert (to_frame);
}

/* A plane of brightness stays one under bilinear sampling and averaging. */
static void
test_ramp (double degrees, double scale)
{
  const int width = 900, height = 900;
  uint16_t *data = malloc (sizeof *data * width * height);
  DanImage image = { data, width * 2, width, height, DAN_FORMAT_GRAY10LE };
  const DanSimilarity t = to_canonical (degrees, scale,
      450 - scale * 78 * cos ((degrees + 45) * M_PI / 180),
      450 - scale * 78 * sin ((degrees + 45) * M_PI / 180));
  const DanSimilarity to_frame = dan_similarity_invert (t);
  DanCrop *crop = dan_crop_new (SIDE);
  float out[SIDE * SIDE];

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      data[y * width + x] = (x + y) / 2 + 10;
  dan_crop_run (crop, &image, t, out, SIDE);
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) {
      DanPoint p = { x, y };

      dan_similarity_apply (to_frame, &p, &p, 1);
      CHECK (fabs (out[y * SIDE + x] * 1023 - ((p.x + p.y) / 2 + 10)) < .6,
          "turned by %g, scaled by %g: (%d, %d) is %g, not %g", degrees, scale,
          x, y, out[y * SIDE + x] * 1023, (p.x + p.y) / 2 + 10);
    }
  dan_crop_free (crop);
  free (data);
}

/* A checkerboard of single pixels, many of which fall into one of ours. */
static void
test_aliasing (double scale)
{
  const int side = 2000;
  uint8_t *data = malloc (side * side);
  DanImage image = { data, side, side, side, DAN_FORMAT_GRAY8 };
  DanCrop *crop = dan_crop_new (SIDE);
  float out[SIDE * SIDE];

  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      data[y * side + x] = (x + y) % 2 ? 255 : 0;
  dan_crop_run (crop, &image,
      to_canonical (0, scale, side / 2 - 56 * scale, side / 2 - 56 * scale),
      out, SIDE);
  for (int i = 0; i < SIDE * SIDE; i++)
    CHECK (fabsf (out[i] - .5f) < .13f, "scaled by %g: pixel %d is %g", scale,
        i, out[i]);
  dan_crop_free (crop);
  free (data);
}

/* Anywhere and at any scale, only the frame's own memory is read. */
static void
test_bounds (void)
{
  DanCrop *crop = dan_crop_new (SIDE);
  float out[SIDE * SIDE];

  for (int i = 0; i < 400; i++) {
    const int width = 1 + random_below (90), height = 1 + random_below (90);
    const double scale = exp (random_value (VALUES_ORDINARY) * 6);
    const DanSimilarity t
        = to_canonical (random_below (360), scale,
            random_value (VALUES_ORDINARY) * 300 * scale,
            random_value (VALUES_ORDINARY) * 300 * scale);
    Guard guard;
    uint8_t *data = guard_alloc (&guard, (size_t) width * height);
    DanImage image = { data, width, width, height, DAN_FORMAT_GRAY8 };

    if (i % 2) { /* bottom-up */
      image.data = data + (size_t) width * (height - 1);
      image.stride = -width;
    }
    dan_crop_run (crop, &image, t, out, SIDE);
    for (int p = 0; p < SIDE * SIDE; p++)
      CHECK (out[p] >= 0 && out[p] <= GUARD_BYTE / 255.f + 1e-4f,
          "case %d: pixel %d is %g", i, p, out[p]);
    guard_free (&guard);
  }
  dan_crop_free (crop);
}

static void
test_outside (void)
{
  const uint8_t white[16 * 16] = { [0 ... 255] = 255 };
  DanImage image = { white, 16, 16, 16, DAN_FORMAT_GRAY8 };
  DanCrop *crop = dan_crop_new (SIDE);
  float out[SIDE * SIDE];

  dan_crop_run (crop, &image, to_canonical (0, 1, -40, -40), out, SIDE);
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) {
      const bool inside = x >= 40 && x < 56 && y >= 40 && y < 56;

      CHECK (out[y * SIDE + x] == inside, "(%d, %d) is %g", x, y,
          out[y * SIDE + x]);
    }
  dan_crop_free (crop);
}

int
main (void)
{
  test_formats ();
  test_colours ();
  test_range ();
  test_bad_images ();
  for (int degrees = 0; degrees < 360; degrees += 40) {
    test_ramp (degrees, .3);
    test_ramp (degrees, 1.7);
    test_ramp (degrees, 2.01);
    test_ramp (degrees, 4.9);
  }
  test_aliasing (2.01);
  test_aliasing (3);
  test_aliasing (7.3);
  test_aliasing (16);
  test_bounds ();
  test_outside ();
  return check_summary ("frames");
}
