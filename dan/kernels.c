/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kernels.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

#ifdef HAVE_X86
#include <cpuid.h>
#endif

#ifdef HAVE_X86
/* clang 14 does not know its name. */
static bool
have_f16c (void)
{
  unsigned int a, b, c, d;

  return __get_cpuid (1, &a, &b, &c, &d) && (c & bit_F16C);
}

static bool
have_avx2 (void)
{
  /* The builtins look at XCR0 too: whether the system saves the registers. */
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma")
      && have_f16c ();
}

static bool
have_avx512 (void)
{
  return have_avx2 () && __builtin_cpu_supports ("avx512f");
}

static bool
have_avx512_bf16 (void)
{
  return have_avx512 () && __builtin_cpu_supports ("avx512bf16");
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
#ifdef HAVE_X86
  choices[n++] = (DanKernelChoice) { "avx2", &dan_kernels_avx2, have_avx2 () };
  choices[n++]
      = (DanKernelChoice) { "avx512", &dan_kernels_avx512, have_avx512 () };
  choices[n++] = (DanKernelChoice) { "avx512-bf16", &dan_kernels_avx512_bf16,
    have_avx512_bf16 () };
#else
  choices[n++] = (DanKernelChoice) { "avx2", NULL, false };
  choices[n++] = (DanKernelChoice) { "avx512", NULL, false };
  choices[n++] = (DanKernelChoice) { "avx512-bf16", NULL, false };
#endif
}

/* The rungs up to the one called @ceiling, 0 if there is no such. */
static int
n_allowed (const DanKernelChoice choices[DAN_N_KERNELS], const char *ceiling)
{
  if (!ceiling || !*ceiling)
    return DAN_N_KERNELS;
  for (int i = 0; i < DAN_N_KERNELS; i++)
    if (strcmp (choices[i].name, ceiling) == 0)
      return i + 1;
  return 0;
}

const DanKernels *
dan_kernels_choose (DanPrecision precision, DanError *error)
{
  const char *ceiling = getenv ("DAN_CPU");
  DanKernelChoice choices[DAN_N_KERNELS];
  int n;

  dan_kernels_list (choices);
  n = n_allowed (choices, ceiling);
  if (n == 0) {
    dan_fail (error, DAN_ERROR_ARGUMENT, "DAN_CPU is \"%s\", not one of c, "
        "openblas, avx2, avx512, avx512-bf16", ceiling);
    return NULL;
  }
  for (int i = n - 1; i >= 0; i--)
    if (choices[i].usable
        && (precision == DAN_PRECISION_AUTO
            || precision == choices[i].kernels->precision))
      return choices[i].kernels;
  dan_fail (error, DAN_ERROR_UNSUPPORTED,
      "this CPU, or DAN_CPU, has no products of bfloat16");
  return NULL;
}
