/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <immintrin.h>

#if !defined(__AVX512F__)
#error "compile this file with the flags of its instruction set"
#endif

#define DAN_VECTOR_BYTES 64
#define DAN_PRODUCT_ROWS 14
#define DAN_FIRST_PIXELS 8
#define LOAD_HALVES(p) \
  ((Vector) _mm512_cvtph_ps (_mm256_loadu_si256 ((const __m256i *) (p))))
#include "image-body.h"
#include "kernels-body.h"
#include "kernels-product.h"

const DanKernels dan_kernels_avx512 = {
  .name = "avx512",
  .precision = DAN_PRECISION_FP32,
  .per_word = 1,
  .product_rows = DAN_PRODUCT_ROWS,
  .first_row = first_row,
  .tile_input = tile_input,
  .product = product,
  .tile_output = tile_output,
  .vector_product = vector_product,
  .image = &image_kernels,
};
