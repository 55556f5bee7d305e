/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The shape of the kernels for AVX2, whatever they multiply. */
#include <immintrin.h>

#if !defined(__AVX2__) || !defined(__FMA__) || !defined(__F16C__)
#error "compile this file with the flags of its instruction set"
#endif

#define DAN_VECTOR_BYTES 32
#define DAN_PRODUCT_ROWS 6
#define DAN_FIRST_PIXELS 4
#define LOAD_HALVES(p) \
  ((Vector) _mm256_cvtph_ps (_mm_loadu_si128 ((const __m128i *) (p))))
