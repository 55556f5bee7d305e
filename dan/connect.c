/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "connect.h"

#include <string.h>

void
dan_warp (const DanImageKernels *kernels, const float *in, DanSimilarity t,
    DanNorm norm, float *out, int size, int stride)
{
  kernels->sample ((DanPlane) { in, size, size, stride },
      dan_similarity_invert (t), norm, out, dan_size_square (size), stride);
}

void
dan_spread_feature (const float *feature, DanNorm norm, float *out, int size,
    int stride)
{
  for (int y = 0; y < size; y += 2) {
    float *row = out + y * stride;

    for (int x = 0; x < size; x++)
      row[x] = feature[y / 2 * (size / 2) + x / 2] * norm.scale + norm.shift;
    memcpy (row + stride, row, size * sizeof *row);
  }
}
