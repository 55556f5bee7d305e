/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The AVX-512 kernels with products of integers of 8 bits, summed in integers:
 * four times the multiplications, for 1.8 times as many as F(4x4). */
#include "kernels-avx512.h"

#if !defined(__AVX512VNNI__)
#error "compile this file with the flags of its instruction set"
#endif

#define DAN_INT8
#define LARGER_INTEGERS(a, b) \
  ((Mask) _mm512_max_epi32 ((__m512i) (a), (__m512i) (b)))
#define LARGEST_OF_EACH(v) ((Mask) largest_of_sixteen ((__m512i *) (v)))
#define STORE_BYTES(p, v) \
  _mm_storeu_si128 ((__m128i *) (p), _mm512_cvtepi32_epi8 ((__m512i) (v)))
#define MULTIPLY_ADD(sum, word, panel) \
  ((Sum) _mm512_dpbusd_epi32 ((__m512i) (sum), \
      (__m512i) _mm512_set1_ps (word), (__m512i) (panel)))

/* Of the integers of each two vectors, the larger of each two. */
static inline __m512i
larger_pairs (__m512i a, __m512i b)
{
  const __m512i even = _mm512_setr_epi32 (0, 2, 4, 6, 8, 10, 12, 14, 16, 18,
      20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_add_epi32 (even, _mm512_set1_epi32 (1));

  return _mm512_max_epi32 (_mm512_permutex2var_epi32 (a, even, b),
      _mm512_permutex2var_epi32 (a, odd, b));
}

static inline __m512i
largest_of_sixteen (__m512i *v)
{
  for (int n = 8; n > 0; n /= 2)
    for (int i = 0; i < n; i++)
      v[i] = larger_pairs (v[2 * i], v[2 * i + 1]);
  return v[0];
}

#include "kernels-body.h"
#include "kernels-product.h"

const DanKernels dan_kernels_avx512_vnni = KERNELS ("avx512-vnni",
    .to_bytes = to_bytes);

/* With few channels the transforms count, and those of F(4x4) are cheaper:
 * bfloat16 where the CPU has it (docs/performance.md). */
const DanKernels dan_kernels_avx512_mixed = KERNELS ("avx512-mixed",
    .to_bytes = to_bytes, .least_channels = 128, .narrow = &dan_kernels_avx512_bf16);
