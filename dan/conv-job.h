/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What conv.c, conv-ahead.c and conv-rows.c share. */
#ifndef DAN_CONV_JOB_H
#define DAN_CONV_JOB_H

#include "conv.h"

/* A convolution on its way through the pool. */
typedef struct {
  const DanConv *conv;
  const DanKernels *kernels;
  const DanActivation *in;
  const DanActivation *out;
  DanTiles *tiles;
  DanTileGrid grid;
  int block; /* tiles that are worked on at once */
  bool blocks; /* a worker does one after the other, in order */
} DanConvJob;

/* Where the outputs of a tile and @panel go. */
static inline float *
dan_conv_output_pixels (const DanConvJob *job, const DanTileCursor *cursor,
    DanTilePlace place, int panel)
{
  const DanActivation *out = job->out;
  const int shrink = job->conv->pool ? 2 : 1;

  return out->pixels + cursor->face * out->face + place.y / shrink * out->row
      + place.x / shrink * (ptrdiff_t) job->conv->out
      + panel * DAN_PRODUCT_PANEL;
}

/* To be called between the products of @panel and the @n tiles from @first on,
 * after each @product: asks for some of the memory that is needed when all are
 * done. */
void dan_conv_ask_ahead (const DanConvJob *job, int panel, int product,
    int first, int n);

/* Raises @size to blocks of so many tiles. */
void dan_conv_grow_tiles (DanTilesSize *size, const DanConv *conv,
    const DanKernels *kernels, int input_block, int output_block);

/* @n <= @job->block tiles from @first on of @in, in the worker's own memory. */
void dan_conv_run_tiles (const DanConvJob *job, const DanActivation *in,
    const DanTiles *tiles, int first, int n);

#endif
