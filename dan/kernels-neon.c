/* SPDX-License-Identifier: LGPL-2.1-or-later */

#if !defined(__aarch64__) || !defined(__ARM_NEON)
#error "compile this file with the flags of its instruction set"
#endif

#define DAN_VECTOR_BYTES 16
#define DAN_PRODUCT_ROWS 8
#define DAN_PRODUCT_BY_ELEMENT
#define DAN_FIRST_PIXELS 8
#include "kernels-body.h"
#include "kernels-product.h"

const DanKernels dan_kernels_neon = {
  .name = "neon",
  .product_rows = DAN_PRODUCT_ROWS,
  .first_row = first_row,
  .tile_input = tile_input,
  .product = product,
  .tile_output = tile_output,
  .vector_product = vector_product,
};
