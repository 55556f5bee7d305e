/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "strips.h"

#include "detector.h"
#include "memory.h"

#define STRIP_ROWS 16
#define NOWHERE (-1)

_Static_assert (STRIP_ROWS % DAN_DETECTOR_FOLD == 0, "reads cross strips");

bool
dan_strips_init (DanStrips *strips, int width, int n_workers,
    const DanImageKernels *kernels)
{
  *strips = (DanStrips) { .width = width };
  for (int i = 0; i < n_workers; i++) {
    DanStrip *strip = &strips->strips[i];

    strip->crop = dan_crop_new ((DanSize) { width, STRIP_ROWS }, kernels);
    strip->rows = dan_alloc_floats ((size_t) width * STRIP_ROWS);
    if (!strip->crop || !strip->rows)
      return false;
  }
  return true;
}

void
dan_strips_clear (DanStrips *strips)
{
  for (int i = 0; i < DAN_MAX_THREADS; i++) {
    dan_crop_free (strips->strips[i].crop);
    dan_free (strips->strips[i].rows);
  }
  *strips = (DanStrips) {};
}

void
dan_strips_show (DanStrips *strips, const DanImage *frame,
    DanSimilarity to_image, DanNorm norm)
{
  strips->frame = frame;
  strips->to_image = to_image;
  strips->norm = norm;
  for (int i = 0; i < DAN_MAX_THREADS; i++)
    strips->strips[i].first = NOWHERE;
}

static void
fill (const DanStrips *strips, DanStrip *strip, int first)
{
  DanSimilarity to_strip = strips->to_image;

  to_strip.ty -= first;
  dan_crop_run (strip->crop, strips->frame, to_strip, strips->norm, strip->rows,
      strips->width);
  strip->first = first;
}

const float *
dan_strips_read (void *data, int y, int worker)
{
  DanStrips *strips = data;
  DanStrip *strip = &strips->strips[worker];
  const int first = y / STRIP_ROWS * STRIP_ROWS;

  if (strip->first != first)
    fill (strips, strip, first);
  return strip->rows + (size_t) (y - first) * strips->width;
}
