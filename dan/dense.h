/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fully connected layers. */
#ifndef DAN_DENSE_H
#define DAN_DENSE_H

#include "kernels.h"
#include "model.h"
#include "pool.h"

/* Inputs whose weights are read at once, for all faces: a part of the second
 * level of cache. The sums of such parts are added up in their order, so that
 * the result does not depend on the number of threads. */
#define DAN_DENSE_PART 512

/* Weights are halves, as panels of DAN_VECTOR_PANEL outputs, in them a row for
 * each input, or if they are 8-bit integers, the panels of DAN_PRODUCT_PANEL
 * outputs that kernels multiply with, all of one part of the inputs after
 * another. */
typedef struct {
  int in, out;   /* `out` is padded to whole panels */
  uint64_t macs; /* without the padding */
  uint16_t *halves;
  float *words;
  float *bias;
} DanDense;

static inline int
dan_dense_n_parts (const DanDense *dense)
{
  return (dense->in + DAN_DENSE_PART - 1) / DAN_DENSE_PART;
}

/* A vector for each face. */
typedef struct {
  float *values;
  size_t face; /* floats from a face to the next */
} DanVectors;

/* Packs @layer, whose input is a vector. This and the next: FALSE without
 * memory. */
bool dan_dense_pack (DanDense *dense, const DanLayer *layer);

/* Packs @layer, whose input is an image without negative values, of @channels
 * channels padded to @padded: it is reordered from channel-major, as the model
 * has it, to pixel by pixel. Weights are integers if @kernels have those: there
 * are so many that it takes as long as they take to come from memory. */
bool dan_dense_pack_image (DanDense *dense, const DanLayer *layer,
    const DanKernels *kernels, int channels, int padded);

void dan_dense_clear (DanDense *dense);

/* Floats that it takes to run it for each face. */
size_t dan_dense_scratch_size (const DanDense *dense,
    const DanKernels *kernels);

/* @out = weights x + bias, and ReLU if @rectify, for each of @n_faces. */
void dan_dense_run (const DanDense *dense, const DanKernels *kernels,
    DanVectors x, DanVectors out, int n_faces, bool rectify, float *scratch,
    DanPool *pool);

#endif
