/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inner loops over images, before there are channels: a part of each table
 * of kernels. */
#ifndef DAN_IMAGE_H
#define DAN_IMAGE_H

#include <stddef.h>

#include "similarity.h"
#include "size.h"

typedef struct {
  const float *pixels;
  int width, height; /* at least 2 */
  int stride;        /* floats from a row to the next */
} DanPlane;

/* What becomes of each value: value * scale + shift, as in normalisation. */
typedef struct {
  float scale, shift;
} DanNorm;

#define DAN_HEATMAP_RADIUS 16.f
#define DAN_MAX_HEAT 60.f /* its exponential, summed over an image, is finite */
#define DAN_CENTROID_UNIT 32

/* Rows of written images are @stride floats apart. */
typedef struct {
  /* @out: @n bytes, normalised and held in 0 to 1. */
  void (*read_bytes) (const uint8_t *bytes, int n, DanNorm norm, float *out);

  /* @sums: those of @n columns of bytes in @n_rows rows, 0 to 257, @stride
   * bytes apart. */
  void (*sum_rows) (const uint8_t *rows, ptrdiff_t stride, int n_rows, int n,
      uint16_t *sums);

  /* Each pixel is @in where @to_in takes it, bilinear; edges continue. Any
   * transform is safe, be it not finite. */
  void (*sample) (DanPlane in, DanSimilarity to_in, DanNorm norm, float *out,
      DanSize size, int stride);

  /* 1 / (1 + distance to the nearest of @n points), 0 farther than
   * DAN_HEATMAP_RADIUS from all, in a square image of @size pixels. Points that
   * are not finite reach no pixel. */
  void (*heatmap) (const DanPoint *points, int n, DanNorm norm, float *out,
      int size, int stride);

  /* The other way: the mean place of each of @n heatmaps' pixels, which count
   * exp(value); no value is below zero, and those above DAN_MAX_HEAT are as that.
   * @maps are interleaved as activations are, a pixel being @channels floats,
   * a multiple of DAN_CENTROID_UNIT; rows are @row floats apart. */
  void (*centroids) (const float *maps, ptrdiff_t row, int channels,
      DanSize size, int n, DanPoint *points);
} DanImageKernels;

/* The reference: written separately, and the specification of the others. */
extern const DanImageKernels dan_image_kernels_c;

#endif
