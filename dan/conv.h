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
  int size;    /* side of the input */
  bool pool;
  uint64_t macs; /* of the direct convolution, without the padding */
  float *weights; /* or words, see DanKernels */
  float *bias;
  size_t weights_size; /* in bytes */
} DanConv;

/* What one worker keeps between the steps of a block of tiles. */
typedef struct {
  float *input, *output;
} DanTiles;

int dan_pad_channels (int channels);

/* Packs @layer; FALSE without memory. */
bool dan_conv_pack (DanConv *conv, const DanLayer *layer, int size, bool pool,
    bool first, const DanKernels *kernels);
void dan_conv_clear (DanConv *conv);

/* Activations of @n_faces, zero, and if @padded between zeros as wide as tiles
 * reach; FALSE without memory. */
bool dan_activation_init (DanActivation *activation, int size, int channels,
    int n_faces, bool padded);
void dan_activation_clear (DanActivation *activation);

/* Those of @face alone; they stay @activation's. */
DanActivation dan_activation_of (const DanActivation *activation, int face);

/* Whether all faces' tiles should go through @conv together, because its
 * weights are best read once. */
bool dan_conv_is_shared (const DanConv *conv);

/* Words that the DanTiles of @worker need for @conv with up to @n_faces. */
void dan_conv_tiles_size (const DanConv *conv, const DanKernels *kernels,
    int n_faces, int n_workers, int worker, size_t *input, size_t *output);

/* The first layer, of one face: @n planes of @conv->size + 2 floats a row, of
 * which the outermost are zero. */
void dan_conv_run_first (const DanConv *conv, const DanKernels *kernels,
    const float *planes, DanActivation *out, DanPool *pool);

/* Every other layer; @tiles has an entry for each of the pool's workers. */
void dan_conv_run (const DanConv *conv, const DanKernels *kernels,
    const DanActivation *in, DanActivation *out, int n_faces, DanTiles *tiles,
    DanPool *pool);

#endif
