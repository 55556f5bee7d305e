/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a detector sees of a frame, a few rows at a time: an image of all would
 * only fill the caches. */
#ifndef DAN_STRIPS_H
#define DAN_STRIPS_H

#include "crop.h"
#include "pool.h"

/* The rows that a worker asked for last, and those around them. */
typedef struct {
  DanCrop *crop;
  float *rows;
  int first; /* of the image */
} DanStrip;

typedef struct {
  int width;
  DanStrip strips[DAN_MAX_THREADS];
  const DanImage *frame;
  DanSimilarity to_image;
  DanNorm norm;
} DanStrips;

/* For images that are @width wide and as many workers; FALSE without memory, to
 * be cleared then too. */
bool dan_strips_init (DanStrips *strips, int width, int n_workers,
    const DanImageKernels *kernels);
void dan_strips_clear (DanStrips *strips);

/* From now on the image is @frame, which has to stay, under @to_image, and
 * normalised by @norm. */
void dan_strips_show (DanStrips *strips, const DanImage *frame,
    DanSimilarity to_image, DanNorm norm);

/* As DanRowsReader, of @data, which are strips. */
const float *dan_strips_read (void *data, int y, int worker);

#endif
