/* SPDX-License-Identifier: LGPL-2.1-or-later */

#if !defined(__AVX2__) || !defined(__FMA__)
#error "compile this file with the flags of its instruction set"
#endif

#define DAN_VECTOR_BYTES 32
#define DAN_PRODUCT_ROWS 6
#define DAN_FIRST_PIXELS 4
#include "image-body.h"
#include "kernels-body.h"
#include "kernels-product.h"

const DanKernels dan_kernels_avx2 = {
  .name = "avx2",
  .product_rows = DAN_PRODUCT_ROWS,
  .first_row = first_row,
  .tile_input = tile_input,
  .product = product,
  .tile_output = tile_output,
  .vector_product = vector_product,
  .image = &image_kernels,
};
