/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* 3x3 convolutions with zero padding, bias, ReLU and, after every second, 2x2
 * maximum pooling. */
#ifndef DAN_CONV_H
#define DAN_CONV_H

#include "kernels.h"
#include "model.h"
#include "pool.h"

/* Weights in the order of the kernels that they were packed for; channels are
 * padded to DAN_CHANNEL_UNIT with zero weights. */
typedef struct {
  int in, out; /* channels; `in` counts planes for the first layer */
  DanSize size; /* of the input */
  bool pool;
  uint64_t macs; /* of the direct convolution, without the padding */
  float *weights; /* or words, see DanKernels */
  float *bias;
} DanConv;

/* What one worker keeps between the steps of a block of tiles, and of inputs
 * that are made row by row; sizes are in words. */
typedef struct {
  float *input, *output, *band;
} DanTiles;

typedef struct {
  size_t input, output, band;
} DanTilesSize;

int dan_pad_channels (int channels);

/* Packs @layer for what @table has for it; FALSE without memory. */
bool dan_conv_pack (DanConv *conv, const DanLayer *layer, DanSize size,
    bool pool, bool first, const DanKernels *table);
/* The same for input without padding: @layer's channels are a multiple of
 * DAN_NARROW_UNIT. */
bool dan_conv_pack_narrow (DanConv *conv, const DanLayer *layer, DanSize size,
    bool pool, const DanKernels *table);
void dan_conv_clear (DanConv *conv);

/* Whether all faces' tiles should go through @conv together, because its
 * weights are best read once. */
bool dan_conv_is_shared (const DanConv *conv);

/* In all that follows, @table are the kernels that @conv was packed for.
 *
 * Raise @size to what @worker needs for @conv with up to @n_faces, and where its
 * input is made row by row. */
void dan_conv_tiles_size (const DanConv *conv, const DanKernels *table,
    int n_faces, int n_workers, int worker, DanTilesSize *size);
void dan_conv_rows_tiles_size (const DanConv *conv, const DanKernels *table,
    DanTilesSize *size);

/* Writes row @y of a layer's input to @row, its pixels one behind the other;
 * @worker as in DanWork. */
typedef void (*DanRowMaker) (const void *data, int y, float *row, int worker);

/* @conv of one image, all rows of which @make makes with @data, some twice if
 * there are several workers; its sides are multiples of DAN_TILE_OUT. That input
 * never leaves the worker's cache. @tiles has an entry for each of the pool's
 * workers. */
void dan_conv_run_rows (const DanConv *conv, const DanKernels *table,
    DanRowMaker make, const void *data, const DanActivation *out,
    DanTiles *tiles, DanPool *pool);

/* The first two layers of one face: @planes are as many as @first->in, of
 * (width + 2) x (height + 2) floats, of which the outermost are zero; width and
 * height are multiples of DAN_TILE_OUT. @tiles are of dan_conv_rows_tiles_size()
 * for @second. */
void dan_conv_run_front (const DanConv *first, const DanConv *second,
    const DanKernels *table, const float *planes, const DanActivation *out,
    DanTiles *tiles, DanPool *pool);

/* Every other layer. */
void dan_conv_run (const DanConv *conv, const DanKernels *table,
    const DanActivation *in, const DanActivation *out, int n_faces,
    DanTiles *tiles, DanPool *pool);

#endif
