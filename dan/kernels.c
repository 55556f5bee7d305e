/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kernels.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

#ifdef HAVE_X86
static bool
have_avx2 (void)
{
  /* These look at XCR0 too: whether the system saves the registers. */
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
}

static bool
have_avx512 (void)
{
  return have_avx2 () && __builtin_cpu_supports ("avx512f");
}
#endif

void
dan_kernels_list (DanKernelChoice choices[DAN_N_KERNELS])
{
  int n = 0;

  choices[n++] = (DanKernelChoice) { "c", &dan_kernels_c, true };
#ifdef HAVE_OPENBLAS
  choices[n++] = (DanKernelChoice) { "openblas", &dan_kernels_openblas, true };
#else
  choices[n++] = (DanKernelChoice) { "openblas", NULL, false };
#endif
#ifdef HAVE_AARCH64
  choices[n++] = (DanKernelChoice) { "neon", &dan_kernels_neon, true };
#else
  choices[n++] = (DanKernelChoice) { "neon", NULL, false };
#endif
#ifdef HAVE_X86
  choices[n++] = (DanKernelChoice) { "avx2", &dan_kernels_avx2, have_avx2 () };
  choices[n++]
      = (DanKernelChoice) { "avx512", &dan_kernels_avx512, have_avx512 () };
#else
  choices[n++] = (DanKernelChoice) { "avx2", NULL, false };
  choices[n++] = (DanKernelChoice) { "avx512", NULL, false };
#endif
}

const DanKernels *
dan_kernels_choose (DanError *error)
{
  const char *ceiling = getenv ("DAN_CPU");
  const DanKernels *best = NULL;
  DanKernelChoice choices[DAN_N_KERNELS];

  dan_kernels_list (choices);
  for (int i = 0; i < DAN_N_KERNELS; i++) {
    if (choices[i].usable)
      best = choices[i].kernels;
    if (ceiling && strcmp (choices[i].name, ceiling) == 0)
      return best;
  }
  if (ceiling && *ceiling) {
    dan_fail (error, DAN_ERROR_ARGUMENT,
        "DAN_CPU is \"%s\", not one of c, openblas, neon, avx2, avx512",
        ceiling);
    return NULL;
  }
  return best;
}
