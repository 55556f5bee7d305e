/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fully connected layers of 8-bit integers, for dense.c. */
#ifndef DAN_DENSE_INT8_H
#define DAN_DENSE_INT8_H

#include "dense.h"

/* Fills @dense->words, whose other fields are set. FALSE without memory. */
bool dan_dense_pack_words (DanDense *dense, const DanLayer *layer,
    const DanKernels *kernels, int channels, int padded);

/* As dan_dense_scratch_size() and, without ReLU, dan_dense_run(), where there
 * are words. */
size_t dan_dense_words_scratch_size (const DanDense *dense,
    const DanKernels *kernels);
void dan_dense_run_words (const DanDense *dense, const DanKernels *kernels,
    DanVectors x, DanVectors out, int n_faces, float *scratch, DanPool *pool);

#endif
