/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What conv.c, conv-ahead.c and conv-rows.c share. */
#ifndef DAN_CONV_JOB_H
#define DAN_CONV_JOB_H

#include "conv.h"

/* A convolution on its way through the pool. */
typedef struct {
  const DanConv *conv;
  const DanKernels *kernels;
  const DanActivation *in; /* NULL if it is made row by row */
  const DanActivation *out;
  DanTiles *tiles;
  DanTileGrid grid;
  int block; /* tiles that are worked on at once */
} DanConvJob;

/* By this the output's sides are smaller. */
static inline int
dan_conv_shrink (const DanConv *conv)
{
  return conv->pool ? 2 : 1;
}

/* Where the outputs of a tile and @panel go. */
static inline float *
dan_conv_output_pixels (const DanConvJob *job, const DanTileCursor *cursor,
    DanTilePlace place, int panel)
{
  const DanActivation *out = job->out;
  const int shrink = dan_conv_shrink (job->conv);

  return out->pixels + cursor->face * out->face + place.y / shrink * out->row
      + place.x / shrink * (ptrdiff_t) job->conv->out
      + panel * DAN_PRODUCT_PANEL;
}

/* Tiles whose memory is asked for, one after another. */
typedef struct {
  DanTileCursor next;
  int n, asked;
} DanAskedTiles;

/* What is asked for while the products of a panel run. */
typedef struct {
  const DanConvJob *job;
  int panel;
  DanAskedTiles outputs, inputs;
} DanAhead;

/* For @panel and the @n tiles from @first on. */
DanAhead dan_conv_ahead (const DanConvJob *job, int panel, int first, int n);
/* To be called after each @product: asks for as much of the memory that is needed
 * when all are done. */
void dan_conv_ask_ahead (DanAhead *ahead, int product);

/* Raises @size to blocks of so many tiles. */
void dan_conv_grow_tiles (DanTilesSize *size, const DanConv *conv,
    const DanKernels *kernels, int input_block, int output_block);

/* @n <= @job->block tiles from @first on of @in, in the worker's own memory. */
void dan_conv_run_tiles (const DanConvJob *job, const DanActivation *in,
    const DanTiles *tiles, int first, int n);

#endif
