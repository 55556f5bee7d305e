/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The AVX-512 kernels with products of bfloat16, summed in floats: twice the
 * multiplications for half the bytes. */
#include "kernels-avx512.h"

#if !defined(__AVX512BF16__)
#error "compile this file with the flags of its instruction set"
#endif

#define DAN_PER_WORD 2
#define STORE_TILE(p, v) \
  _mm256_storeu_si256 ((__m256i *) (p), \
      (__m256i) _mm512_cvtneps_pbh ((__m512) (v)))
#define MULTIPLY_ADD(sum, word, panel) \
  ((Vector) _mm512_dpbf16_ps ((__m512) (sum), \
      (__m512bh) _mm512_set1_ps (word), (__m512bh) (panel)))
#include "kernels-body.h"
#include "kernels-product.h"

const DanKernels dan_kernels_avx512_bf16 = KERNELS ("avx512-bf16");
