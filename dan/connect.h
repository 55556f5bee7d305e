/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* DAN's connection layers: from one stage's landmarks to the next one's
 * input. Images are square, @size pixels, with rows @stride floats apart. */
#ifndef DAN_CONNECT_H
#define DAN_CONNECT_H

#include "image.h"

/* Image transform: @in warped by @t, bilinear, edges clamped. */
void dan_warp (const DanImageKernels *kernels, const float *in,
    DanSimilarity t, DanNorm norm, float *out, int size, int stride);

/* Feature image: the @size / 2 squared values of @feature, each 2 x 2 times. */
void dan_spread_feature (const float *feature, DanNorm norm, float *out,
    int size, int stride);

#endif
