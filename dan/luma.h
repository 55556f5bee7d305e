/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Luma of any supported pixel format, summed over columns of pixels. */
#ifndef DAN_LUMA_H
#define DAN_LUMA_H

#include <stdbool.h>

#include "image.h"

/* Checks the fields of @image that memory safety depends on. */
DanStatus dan_image_check (const DanImage *image, DanError *error);

/* Four rows of sums lie side by side, so that whatever is done to one is done
 * to all at once. */
#define DAN_LUMA_ROWS 4
typedef float DanLuma
    __attribute__ ((vector_size (DAN_LUMA_ROWS * sizeof (float))));

#define DAN_LUMA_STRIP 256   /* columns that are summed at once */
#define DAN_LUMA_MAX_SUM 64  /* rows of 10 bits, that 16 bits hold the sum of */

/* Rows @first to @end - 1. */
typedef struct {
  int first, end;
} DanRows;

/* How much more white is than black, as a pixel is stored. */
float dan_luma_contrast (const DanImage *image);

/* Whether each byte of @image is a pixel's luma, which @norm takes to 0, black, to
 * 1, white. */
bool dan_luma_is_bytes (const DanImage *image, DanNorm *norm);

/* Writes four sums for each of @n <= DAN_LUMA_STRIP columns from @x on: how
 * much more luma than black there is in each of four times @rows, at most
 * DAN_LUMA_MAX_SUM of them. All these pixels lie in @image. */
void dan_luma_sum (const DanImageKernels *kernels, const DanImage *image,
    int x, int n, const DanRows *rows, DanLuma *luma);

#endif
