/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bilinear sampling of a plane of floats. */
#ifndef DAN_SAMPLE_H
#define DAN_SAMPLE_H

#include <stddef.h>

#include "similarity.h"

typedef struct {
  const float *pixels;
  int width, height; /* at least 2 */
  int stride;        /* floats from a row to the next */
} DanPlane;

/* What becomes of each value: value * scale + shift, as in normalisation. */
typedef struct {
  float scale, shift;
} DanNorm;

/* Each of the @size x @size pixels of @out, rows @stride floats apart, is
 * sampled where @to_in takes it; @in's edges continue beyond it. Any
 * transform is safe, be it not finite. */
void dan_sample (DanPlane in, DanSimilarity to_in, DanNorm norm, float *out,
    int size, int stride);

#endif
