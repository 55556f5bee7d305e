/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fully connected layers. */
#ifndef DAN_DENSE_H
#define DAN_DENSE_H

#include "kernels.h"
#include "model.h"
#include "pool.h"

/* Weights as panels of DAN_VECTOR_PANEL outputs, in them a row for each
 * input, so that rows of inputs that are zero need not be read. */
typedef struct {
  int in, out; /* `out` is padded to whole panels */
  uint64_t macs; /* without the padding */
  float *weights, *bias;
} DanDense;

/* The non-zero values of an input, with room for all. */
typedef struct {
  float *values;
  uint32_t *index;
  int n;
} DanSparse;

/* Packs @layer. An input that is an image of @channels channels padded to
 * @padded is reordered from channel-major, as the model has it, to pixel by
 * pixel; pass 1, 1 for plain vectors. FALSE without memory. */
bool dan_dense_pack (DanDense *dense, const DanLayer *layer, int channels,
    int padded);
void dan_dense_clear (DanDense *dense);

bool dan_sparse_init (DanSparse *sparse, int n);
void dan_sparse_clear (DanSparse *sparse);

/* Appends the non-zero ones of @n values, the first of which is input
 * @first. */
void dan_sparse_append (DanSparse *sparse, const float *values, int n,
    int first);

/* @out[dense->out] = weights x + bias, and ReLU if @rectify. */
void dan_dense_run (const DanDense *dense, const DanKernels *kernels,
    const DanSparse *x, float *out, bool rectify, DanPool *pool);

#endif
