/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fully connected layers. */
#ifndef DAN_DENSE_H
#define DAN_DENSE_H

#include "kernels.h"
#include "model.h"
#include "pool.h"

/* Weights as panels of DAN_VECTOR_PANEL outputs, in them a row for each
 * input. */
typedef struct {
  int in, out;   /* `out` is padded to whole panels */
  uint64_t macs; /* without the padding */
  uint16_t *weights; /* halves */
  float *bias;
} DanDense;

/* A vector for each face. */
typedef struct {
  float *values;
  size_t face; /* floats from a face to the next */
} DanVectors;

/* Packs @layer. An input that is an image of @channels channels padded to
 * @padded is reordered from channel-major, as the model has it, to pixel by
 * pixel; pass 1, 1 for plain vectors. FALSE without memory. */
bool dan_dense_pack (DanDense *dense, const DanLayer *layer, int channels,
    int padded);
void dan_dense_clear (DanDense *dense);

/* Floats that the sums of parts of the inputs take for each face. */
size_t dan_dense_partial_size (const DanDense *dense);

/* @out = weights x + bias, and ReLU if @rectify, for each of @n_faces. */
void dan_dense_run (const DanDense *dense, const DanKernels *kernels,
    DanVectors x, DanVectors out, int n_faces, bool rectify, float *partial,
    DanPool *pool);

#endif
