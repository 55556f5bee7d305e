/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The portable path: products by OpenBLAS, the rest over the vectors that
 * every build of this architecture has. */
#include <cblas.h>

#define DAN_VECTOR_BYTES 16
#define DAN_PRODUCT_ROWS 16
#define DAN_FIRST_PIXELS 4
#include "kernels-body.h"

static void
product (const float *a, const float *b, float *c, int rows, int depth,
    const float *next)
{
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, rows,
      DAN_PRODUCT_PANEL, depth, 1.f, a, depth, b, DAN_PRODUCT_PANEL, 0.f, c,
      DAN_PRODUCT_PANEL);
}

const DanKernels dan_kernels_openblas = KERNELS ("openblas");
