/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The shape of the kernels for AVX-512, whatever they multiply. */
#include <immintrin.h>

#if !defined(__AVX512F__)
#error "compile this file with the flags of its instruction set"
#endif

#define DAN_VECTOR_BYTES 64
#define DAN_PRODUCT_ROWS 14
#define DAN_FIRST_PIXELS 8
#define LOAD_HALVES(p) \
  ((Vector) _mm512_cvtph_ps (_mm256_loadu_si256 ((const __m256i *) (p))))
#define LARGER(a, b) ((Vector) _mm512_max_ps ((__m512) (a), (__m512) (b)))
