/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What conv.c and conv-front.c share. */
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
} DanConvJob;

/* Raises @size to blocks of so many tiles. */
void dan_conv_grow_tiles (DanTilesSize *size, const DanConv *conv,
    const DanKernels *kernels, int input_block, int output_block);

/* @n <= @job->block tiles from @first on of @in, in the worker's own memory. */
void dan_conv_run_tiles (const DanConvJob *job, const DanActivation *in,
    const DanTiles *tiles, int first, int n);

#endif
