/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The kernels for AVX2 with products of integers of 8 bits, for the CPUs that
 * have these but not AVX-512. Files that include this define MULTIPLY_ADD, which
 * has two encodings. */
#include "kernels-avx2.h"

#define DAN_INT8
#define LARGER_INTEGERS(a, b) \
  ((Mask) _mm256_max_epi32 ((__m256i) (a), (__m256i) (b)))
#define LARGEST_OF_EACH(v) ((Mask) largest_of_eight ((const __m256i *) (v)))
#define STORE_BYTES(p, v) store_bytes (p, (__m256i) (v))

static inline __m256i
larger_quarters (__m256i a, __m256i b)
{
  return _mm256_max_epi32 (_mm256_unpacklo_epi32 (a, b),
      _mm256_unpackhi_epi32 (a, b));
}

static inline __m256i
largest_of_four (const __m256i *v)
{
  const __m256i a = larger_quarters (v[0], v[1]);
  const __m256i b = larger_quarters (v[2], v[3]);

  return _mm256_max_epi32 (_mm256_unpacklo_epi64 (a, b),
      _mm256_unpackhi_epi64 (a, b));
}

static inline __m256i
largest_of_eight (const __m256i *v)
{
  const __m256i a = largest_of_four (v), b = largest_of_four (v + 4);

  return _mm256_max_epi32 (_mm256_permute2x128_si256 (a, b, 0x20),
      _mm256_permute2x128_si256 (a, b, 0x31));
}

static inline void
store_bytes (void *p, __m256i v)
{
  const __m256i first = _mm256_set1_epi32 (0x0c080400);
  const __m256i bytes = _mm256_shuffle_epi8 (v, first);

  _mm_storel_epi64 (p, _mm_unpacklo_epi32 (_mm256_castsi256_si128 (bytes),
      _mm256_extracti128_si256 (bytes, 1)));
}
