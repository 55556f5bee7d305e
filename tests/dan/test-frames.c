/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From frames of every format to the canonical image, by one table of kernels.
 *
 * usage: test-frames TABLE; exits with 77 (skipped) if this machine lacks that
 * instruction set. */
#include <math.h>

#include "crop.h"
#include "guard.h"
#include "luma.h"
#include "random.h"
#include "table.h"

#define SIDE 112

/* Places are floats of up to about 1000 pixels, off by a few halves of their
 * spacing of 2^-14; one pixel to the next differs by 1 at most, and by 2 after
 * normalisation. */
#define TOLERANCE (2 * 2 * 0x1p-14)

static const DanKernels *kernels;

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

static DanSimilarity
to_canonical (double degrees, double scale, double x, double y)
{
  const double angle = degrees * M_PI / 180;
  const DanSimilarity to_frame
      = { scale * cos (angle), scale * sin (angle), x, y };

  return dan_similarity_invert (to_frame);
}

static void
crop_image (const DanImage *image, DanSimilarity t, float *out)
{
  DanCrop *crop = dan_crop_new (dan_size_square (SIDE), kernels->image);

  dan_crop_run (crop, image, t, (DanNorm) { 1, 0 }, out, SIDE);
  dan_crop_free (crop);
}

/* The frame itself, at its own place and size. */
static void
crop_upper_left (const DanImage *image, float *out)
{
  crop_image (image, to_canonical (0, 1, 0, 0), out);
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
    float out[SIDE * SIDE];

    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        const int grey = (x * 7 + y * 23) & 255;

        put_pixel (formats[f].format,
            data + y * stride + x * formats[f].bytes, grey, grey, grey);
      }
    CHECK (dan_image_check (&image, NULL) == DAN_OK, "%s", formats[f].name);
    crop_upper_left (&image, out);
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
        CHECK (fabs (out[y * SIDE + x] - ((x * 7 + y * 23) & 255) / 255.)
                < 1e-3,
            "%s: (%d, %d) is %g", formats[f].name, x, y, out[y * SIDE + x]);
    guard_free (&guard);
  }
}

static void
test_colours (void)
{
  for (size_t f = 5; f < sizeof formats / sizeof *formats; f++) {
    uint8_t pixels[4] = {};
    DanImage image = { pixels, 4, 1, 1, formats[f].format };
    float out[SIDE * SIDE];

    put_pixel (formats[f].format, pixels, 200, 100, 50);
    crop_upper_left (&image, out);
    CHECK (fabs (out[0] * 255 - (.299 * 200 + .587 * 100 + .114 * 50)) < 1e-3,
        "%s: %g", formats[f].name, out[0] * 255);
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
  float out[SIDE * SIDE];

  crop_upper_left (&image, out);
  for (int i = 0; i < 5; i++)
    CHECK (fabs (out[i] - wanted[i]) < 1e-6, "%d: %g", data[i], out[i]);
  image = (DanImage) { ten, 4, 2, 1, DAN_FORMAT_GRAY10LE, DAN_RANGE_LIMITED };
  crop_upper_left (&image, out);
  CHECK (out[0] == 0 && fabsf (out[1] - 1) < 1e-6f, "10 bits: %g to %g",
      out[0], out[1]);
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
  float out[SIDE * SIDE];

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      data[y * width + x] = (x + y) / 2 + 10;
  crop_image (&image, t, out);
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) {
      DanPoint p = { x, y };

      dan_similarity_apply (to_frame, &p, &p, 1);
      CHECK (fabs (out[y * SIDE + x] * 1023 - ((p.x + p.y) / 2 + 10)) < .6,
          "turned by %g, scaled by %g: (%d, %d) is %g, not %g", degrees, scale,
          x, y, out[y * SIDE + x] * 1023, (p.x + p.y) / 2 + 10);
    }
  free (data);
}

/* Luma above black of a pixel in units of white, 0 outside of @image. */
static double
luma_at (const DanImage *image, const Format *format, long x, long y)
{
  const uint8_t *p
      = (const uint8_t *) image->data + y * image->stride + x * format->bytes;
  const bool limited = image->range == DAN_RANGE_LIMITED;
  const double black = limited ? 16 : 0, white = limited ? 235 : 255;
  double luma;

  if (x < 0 || y < 0 || x >= image->width || y >= image->height)
    return 0;
  switch (format->format) {
    case DAN_FORMAT_GRAY8:
    case DAN_FORMAT_YUYV:
      luma = p[0];
      break;
    case DAN_FORMAT_UYVY:
      luma = p[1];
      break;
    case DAN_FORMAT_GRAY10LE:
      return ((p[0] | p[1] << 8) % 1024 - 4 * black)
          / (limited ? 4 * (white - black) : 1023);
    case DAN_FORMAT_GRAY10HI:
      return (((p[0] | p[1] << 8) >> 6) - 4 * black)
          / (limited ? 4 * (white - black) : 1023);
    case DAN_FORMAT_RGB:
    case DAN_FORMAT_RGBX:
      luma = .299 * p[0] + .587 * p[1] + .114 * p[2];
      break;
    case DAN_FORMAT_BGR:
    case DAN_FORMAT_BGRX:
      luma = .299 * p[2] + .587 * p[1] + .114 * p[0];
      break;
    case DAN_FORMAT_XRGB:
      luma = .299 * p[1] + .587 * p[2] + .114 * p[3];
      break;
    default:
      luma = .299 * p[3] + .587 * p[2] + .114 * p[1];
  }
  return (luma - black) / (white - black);
}

static double
box_at (const DanImage *image, const Format *format, long x, long y,
    long factor)
{
  double sum = 0;

  for (long i = 0; i < factor * factor; i++)
    sum += luma_at (image, format, x + i % factor, y + i / factor);
  return fmin (fmax (sum / ((double) factor * factor), 0), 1);
}

/* What the canonical pixel that shows the frame at @p has to be, if boxes
 * begin at (@x, @y). */
static double
expected_at (const DanImage *image, const Format *format, DanPoint p, long x,
    long y, long factor)
{
  const double column = (p.x - x - (factor - 1) / 2.) / factor;
  const double row = (p.y - y - (factor - 1) / 2.) / factor;
  const double right = column - floor (column), down = row - floor (row);
  double sum = 0;

  for (int i = 0; i < 4; i++)
    sum += (i % 2 ? right : 1 - right) * (i / 2 ? down : 1 - down)
        * box_at (image, format, x + ((long) floor (column) + i % 2) * factor,
            y + ((long) floor (row) + i / 2) * factor, factor);
  return sum;
}

/* The definition, pixel by pixel, on any part of random frames, with guards
 * beyond the last pixel. */
static void
test_definition (const Format *format, double scale, int degrees)
{
  enum { LARGEST = 24 };
  const DanSize crop_size
      = { 1 + random_below (LARGEST), 1 + random_below (LARGEST) };
  const int width = 1 + random_below (700), height = 1 + random_below (300);
  const int stride = width * format->bytes + 2 * random_below (20);
  const long factor = scale < 2 ? 1 : (long) scale;
  const DanSimilarity t = to_canonical (degrees, scale,
      random_below (width + 40) - 20 - random_below (2) * 8 * scale,
      random_below (height + 40) - 20 - random_below (2) * 8 * scale);
  const DanSimilarity to_frame = dan_similarity_invert (t);
  const int right = crop_size.width - 1, bottom = crop_size.height - 1;
  DanPoint corners[4]
      = { { 0, 0 }, { right, 0 }, { 0, bottom }, { right, bottom } };
  const DanNorm norm = { 2, -.5f };
  const uint8_t least = random_below (2) ? 0xe7 : 0;
  Guard guard;
  const size_t size = (size_t) (height - 1) * stride + width * format->bytes;
  uint8_t *data = guard_alloc (&guard, size);
  DanImage image = { data, stride, width, height, format->format,
    random_below (2) ? DAN_RANGE_LIMITED : DAN_RANGE_FULL };
  DanCrop *crop = dan_crop_new (crop_size, kernels->image);
  float out[LARGEST * LARGEST];
  DanBox box;

  for (size_t i = 0; i < size; i++)
    data[i] = random_uint () >> 9 | least;
  dan_similarity_apply (to_frame, corners, corners, 4);
  box = dan_box_around (corners, 4);
  dan_crop_run (crop, &image, t, norm, out, LARGEST);
  for (int i = 0; i < crop_size.width * crop_size.height; i++) {
    const int x = i % crop_size.width, y = i / crop_size.width;
    const float value = out[y * LARGEST + x];
    DanPoint p = { x, y };
    double wanted;

    dan_similarity_apply (to_frame, &p, &p, 1);
    wanted = 2 * expected_at (&image, format, p, (long) floorf (box.x) - factor,
            (long) floorf (box.y) - factor, factor) - .5;
    if (!CHECK (fabs (value - wanted) < TOLERANCE,
            "%s %dx%d, scaled by %g: (%d, %d) is %g, not %g", format->name,
            width, height, scale, x, y, value, wanted))
      break;
  }
  dan_crop_free (crop);
  guard_free (&guard);
}

/* A checkerboard of single pixels, many of which fall into one of ours. */
static void
test_aliasing (double scale)
{
  const int side = 2000;
  uint8_t *data = malloc (side * side);
  DanImage image = { data, side, side, side, DAN_FORMAT_GRAY8 };
  float out[SIDE * SIDE];

  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      data[y * side + x] = (x + y) % 2 ? 255 : 0;
  crop_image (&image,
      to_canonical (0, scale, side / 2 - 56 * scale, side / 2 - 56 * scale),
      out);
  for (int i = 0; i < SIDE * SIDE; i++)
    CHECK (fabsf (out[i] - .5f) < .13f, "scaled by %g: pixel %d is %g", scale,
        i, out[i]);
  free (data);
}

/* Anywhere and at any scale, only the frame's own memory is read. */
static void
test_bounds (void)
{
  float out[SIDE * SIDE];

  for (int i = 0; i < 400; i++) {
    const int width = 1 + random_below (90), height = 1 + random_below (90);
    const double scale = exp (random_value (VALUES_ORDINARY) * 13);
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
    crop_image (&image, t, out);
    for (int p = 0; p < SIDE * SIDE; p++)
      CHECK (out[p] >= 0 && out[p] <= GUARD_BYTE / 255.f + 1e-4f,
          "case %d: pixel %d is %g", i, p, out[p]);
    guard_free (&guard);
  }
}

static void
test_outside (void)
{
  const uint8_t white[16 * 16] = { [0 ... 255] = 255 };
  DanImage image = { white, 16, 16, 16, DAN_FORMAT_GRAY8 };
  float out[SIDE * SIDE];

  crop_image (&image, to_canonical (0, 1, -40, -40), out);
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) {
      const bool inside = x >= 40 && x < 56 && y >= 40 && y < 56;

      CHECK (out[y * SIDE + x] == inside, "(%d, %d) is %g", x, y,
          out[y * SIDE + x]);
    }
}

int
main (int argc, char **argv)
{
  if (!(kernels = require_table (argc, argv)))
    return CHECK_EXIT_SKIPPED;
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
  for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
    for (int i = 0; i < 12; i++)
      test_definition (&formats[f], .3 + i * .63, random_below (360));
    for (int i = 0; i < 4; i++)
      test_definition (&formats[f], 63.7 + i * 17, random_below (360));
    /* Columns and rows for themselves. */
    for (int i = 0; i < 8; i++)
      test_definition (&formats[f], .3 + i * .24, 0);
    /* Where nothing has to be interpolated. */
    for (int i = 1; i < 5; i++)
      test_definition (&formats[f], i, 0);
  }
  test_aliasing (2.01);
  test_aliasing (3);
  test_aliasing (7.3);
  test_aliasing (16);
  test_bounds ();
  test_outside ();
  return check_summary ("frames");
}
