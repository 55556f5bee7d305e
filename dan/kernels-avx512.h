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
#define FETCH_PAIRS fetch_pairs

/* See image-body.h: sixteen pixels and those behind them are among 32
 * neighbours. */
static inline void
fetch_pairs (const float *row, const int *offsets, int n, float *left,
    float *right)
{
  for (int i = 0; i < n; i += 16) {
    const float *p = row + offsets[i];
    const __m512 low = _mm512_loadu_ps (p), high = _mm512_loadu_ps (p + 16);
    const __m512i index = _mm512_sub_epi32 (_mm512_loadu_si512 (offsets + i),
        _mm512_set1_epi32 (offsets[i]));
    const __m512i next = _mm512_add_epi32 (index, _mm512_set1_epi32 (1));

    _mm512_storeu_ps (left + i, _mm512_permutex2var_ps (low, index, high));
    _mm512_storeu_ps (right + i, _mm512_permutex2var_ps (low, next, high));
  }
}
