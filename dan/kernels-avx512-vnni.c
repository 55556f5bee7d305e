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
#define LARGEST_INTEGER(v) _mm512_reduce_max_epi32 ((__m512i) (v))
#define STORE_BYTES(p, v) \
  _mm_storeu_si128 ((__m128i *) (p), _mm512_cvtepi32_epi8 ((__m512i) (v)))
#define MULTIPLY_ADD(sum, word, panel) \
  ((Sum) _mm512_dpbusd_epi32 ((__m512i) (sum), \
      (__m512i) _mm512_set1_ps (word), (__m512i) (panel)))
#include "kernels-body.h"
#include "kernels-product.h"

/* With few channels the transforms count, and those of F(4x4) are cheaper: in
 * bfloat16 where the CPU has it (docs/performance.md). */
const DanKernels dan_kernels_avx512_vnni = KERNELS ("avx512-vnni",
    .to_bytes = to_bytes, .least_channels = 64,
    .narrow = &dan_kernels_avx512);

const DanKernels dan_kernels_avx512_mixed = KERNELS ("avx512-mixed",
    .to_bytes = to_bytes, .least_channels = 128, .narrow = &dan_kernels_avx512_bf16);
