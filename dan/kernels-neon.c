/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <arm_neon.h>

#if !defined(__aarch64__) || !defined(__ARM_NEON)
#error "compile this file with the flags of its instruction set"
#endif

#define DAN_VECTOR_BYTES 16
#define DAN_PRODUCT_ROWS 8
#define DAN_PRODUCT_BY_ELEMENT
#define DAN_FIRST_PIXELS 8
#define LOAD_HALVES(p) \
  ((Vector) vcvt_f32_f16 (vreinterpret_f16_u16 (vld1_u16 (p))))
#include "kernels-body.h"
#include "kernels-product.h"

const DanKernels dan_kernels_neon = KERNELS ("neon");
