/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

#ifdef HAVE_X86
#include <cpuid.h>
#endif

#ifdef HAVE_OPENBLAS
#define WITH_OPENBLAS(kernels) (kernels)
#else
#define WITH_OPENBLAS(kernels) NULL
#endif

#ifdef HAVE_AARCH64
#define ON_AARCH64(kernels) (kernels)
#else
#define ON_AARCH64(kernels) NULL
#endif

#ifdef HAVE_X86
#define ON_X86(kernels) (kernels)
/* The builtins look at XCR0 too: whether the system saves the registers. */
#define HAVE(feature) __builtin_cpu_supports (feature)

/* clang 14 does not know this name and the next. */
static bool
have_f16c (void)
{
  unsigned int a, b, c, d;

  return __get_cpuid (1, &a, &b, &c, &d) && (c & bit_F16C);
}

static bool
have_avx_vnni (void)
{
  unsigned int a, b, c, d;

  return __get_cpuid_count (7, 1, &a, &b, &c, &d) && (a & bit_AVXVNNI);
}
#else
#define ON_X86(kernels) NULL
#define HAVE(feature) false

static bool
have_f16c (void)
{
  return false;
}

static bool
have_avx_vnni (void)
{
  return false;
}
#endif

void
dan_kernels_list (DanKernelChoice choices[DAN_N_KERNELS])
{
  const bool avx2 = HAVE ("avx2") && HAVE ("fma") && have_f16c ();
  const bool avx512 = avx2 && HAVE ("avx512f");
  const bool vnni = avx512 && HAVE ("avx512vnni");
  const bool avx_vnni = avx2 && have_avx_vnni ();
  const bool bf16 = avx512 && HAVE ("avx512bf16");
  const DanKernelChoice ladder[DAN_N_KERNELS] = {
    { "c", &dan_kernels_c, true },
    { "openblas", WITH_OPENBLAS (&dan_kernels_openblas), true },
    { "neon", ON_AARCH64 (&dan_kernels_neon), true },
    { "avx2", ON_X86 (&dan_kernels_avx2), avx2 },
    { "avx2-vnni",
        avx_vnni ? ON_X86 (&dan_kernels_avx2_vnni)
                 : ON_X86 (&dan_kernels_avx2_vnni_evex),
        avx_vnni || (vnni && HAVE ("avx512vl")) },
    { "avx512", ON_X86 (&dan_kernels_avx512), avx512 },
    { "avx512-vnni", ON_X86 (&dan_kernels_avx512_vnni), vnni },
    { "avx512-bf16", ON_X86 (&dan_kernels_avx512_bf16), bf16 },
    { "avx512-mixed", ON_X86 (&dan_kernels_avx512_mixed),
        bf16 && vnni },
  };

  for (int i = 0; i < DAN_N_KERNELS; i++) {
    choices[i] = ladder[i];
    choices[i].usable &= choices[i].kernels != NULL;
  }
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

/* All rungs' names, "c, openblas ...", as much of them as has room. */
static void
join_names (const DanKernelChoice choices[DAN_N_KERNELS], char *names,
    size_t size)
{
  size_t length = 0;

  for (int i = 0; i < DAN_N_KERNELS && length < size; i++)
    length += (size_t) snprintf (names + length, size - length, "%s%s",
        i ? ", " : "", choices[i].name);
}

DanStatus
dan_kernels_choose (const DanKernels **kernels, DanPrecision precision,
    DanError *error)
{
  const char *ceiling = getenv ("DAN_CPU");
  DanKernelChoice choices[DAN_N_KERNELS];
  int n;

  if ((int) precision < DAN_PRECISION_AUTO || precision > DAN_PRECISION_INT8)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "there is no precision %d",
        (int) precision);
  dan_kernels_list (choices);
  n = n_allowed (choices, ceiling);
  if (n == 0) {
    char names[128];

    join_names (choices, names, sizeof names);
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "DAN_CPU is \"%s\", not one of %s", ceiling, names);
  }
  for (int i = n - 1; i >= 0; i--)
    if (choices[i].usable
        && (precision == DAN_PRECISION_AUTO
            || precision == choices[i].kernels->precision)) {
      *kernels = choices[i].kernels;
      return DAN_OK;
    }
  return dan_fail (error, DAN_ERROR_UNSUPPORTED,
      "this CPU, or DAN_CPU, has no products of %s",
      precision == DAN_PRECISION_INT8 ? "8-bit integers" : "bfloat16");
}
