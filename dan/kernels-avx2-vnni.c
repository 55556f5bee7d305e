/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* For AVX-VNNI. */
#include "kernels-avx2-vnni.h"

#define MULTIPLY_ADD(sum, word, panel) \
  ((Sum) _mm256_dpbusd_avx_epi32 ((__m256i) (sum), \
      (__m256i) _mm256_set1_ps (word), (__m256i) (panel)))
#include "kernels-body.h"
#include "kernels-product.h"

const DanKernels dan_kernels_avx2_vnni = KERNELS ("avx2-vnni",
    .to_bytes = to_bytes, .least_channels = 64, .narrow = &dan_kernels_avx2);
