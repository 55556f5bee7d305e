/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The kernels for AVX2 with products of integers of 8 bits, for the CPUs that
 * have these but not AVX-512. Files that include this define MULTIPLY_ADD, which
 * has two encodings. */
#include "kernels-avx2.h"

#define DAN_INT8
#define LARGER_INTEGERS(a, b) \
  ((Mask) _mm256_max_epi32 ((__m256i) (a), (__m256i) (b)))
#define LARGEST_INTEGER(v) largest_integer ((__m256i) (v))
#define STORE_BYTES(p, v) store_bytes (p, (__m256i) (v))

static inline int
largest_integer (__m256i v)
{
  __m128i half = _mm_max_epi32 (_mm256_castsi256_si128 (v),
      _mm256_extracti128_si256 (v, 1));

  half = _mm_max_epi32 (half, _mm_shuffle_epi32 (half, 0x4e));
  half = _mm_max_epi32 (half, _mm_shuffle_epi32 (half, 0xb1));
  return _mm_cvtsi128_si32 (half);
}

static inline void
store_bytes (void *p, __m256i v)
{
  const __m256i first = _mm256_set1_epi32 (0x0c080400);
  const __m256i bytes = _mm256_shuffle_epi8 (v, first);

  _mm_storel_epi64 (p, _mm_unpacklo_epi32 (_mm256_castsi256_si128 (bytes),
      _mm256_extracti128_si256 (bytes, 1)));
}
