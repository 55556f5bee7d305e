/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The AVX-512 kernels with products of bfloat16, summed in floats: twice the
 * multiplications for half the bytes. */
#include <immintrin.h>

#if !defined(__AVX512F__) || !defined(__AVX512BF16__)
#error "compile this file with the flags of its instruction set"
#endif

#define DAN_VECTOR_BYTES 64
#define DAN_PRODUCT_ROWS 14
#define DAN_FIRST_PIXELS 8
#define DAN_PER_WORD 2
#define LOAD_HALVES(p) \
  ((Vector) _mm512_cvtph_ps (_mm256_loadu_si256 ((const __m256i *) (p))))
#define STORE_TILE(p, v) \
  _mm256_storeu_si256 ((__m256i *) (p), \
      (__m256i) _mm512_cvtneps_pbh ((__m512) (v)))
#define MULTIPLY_ADD(sum, word, panel) \
  ((Vector) _mm512_dpbf16_ps ((__m512) (sum), \
      (__m512bh) _mm512_set1_ps (word), (__m512bh) (panel)))
#include "image-body.h"
#include "kernels-body.h"
#include "kernels-product.h"

const DanKernels dan_kernels_avx512_bf16 = {
  .name = "avx512-bf16",
  .precision = DAN_PRECISION_BF16,
  .per_word = DAN_PER_WORD,
  .product_rows = DAN_PRODUCT_ROWS,
  .first_row = first_row,
  .tile_input = tile_input,
  .product = product,
  .tile_output = tile_output,
  .vector_product = vector_product,
  .image = &image_kernels,
};
