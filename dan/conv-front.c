/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The first two layers of a stage: what is between them is never an image. */
#include "conv.h"

typedef struct {
  const DanConv *first;
  const DanKernels *kernels;
  const float *planes;
} Front;

/* Row @y of the first layer. */
static void
make_row (const void *data, int y, float *row, int worker)
{
  const Front *front = data;
  const DanConv *first = front->first;
  const size_t stride = first->size.width + 2;

  front->kernels->first_row (front->planes + y * stride,
      stride * (first->size.height + 2), stride, first->in, first->weights,
      first->bias, row, first->size.width, first->out);
}

void
dan_conv_run_front (const DanConv *first, const DanConv *second,
    const DanKernels *table, const float *planes, const DanActivation *out,
    DanTiles *tiles, DanPool *pool)
{
  const Front front
      = { first, dan_kernels_for (table, second->in), planes };

  dan_conv_run_rows (second, table, make_row, &front, out, tiles, pool);
}
