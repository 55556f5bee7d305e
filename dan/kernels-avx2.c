/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kernels-avx2.h"
#include "kernels-body.h"
#include "kernels-product.h"

const DanKernels dan_kernels_avx2 = KERNELS ("avx2");
