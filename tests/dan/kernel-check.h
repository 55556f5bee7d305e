/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What tests of kernels have in common: memory between guard pages, and
 * tolerances, which come from the standard bound for sums of products: n values
 * summed in any order are off by at most about n eps sum |w x|. */
#ifndef DAN_TESTS_KERNEL_CHECK_H
#define DAN_TESTS_KERNEL_CHECK_H

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "guard.h"
#include "random.h"

#define ROUNDS 40

static inline float *
alloc_random (Guard *guard, size_t n, Values values)
{
  float *p = guard_alloc (guard, n * sizeof *p);

  random_fill (p, n, values);
  return p;
}

static inline float *
alloc_canary (Guard *guard, size_t n)
{
  return guard_alloc (guard, n * sizeof (float));
}

static inline float
largest (const float *p, size_t n)
{
  float value = 0;

  for (size_t i = 0; i < n; i++)
    value = fmaxf (value, fabsf (p[i]));
  return value;
}

static inline double
bound (int n, double magnitude)
{
  return (n + 4) * (double) FLT_EPSILON * magnitude + n * FLT_TRUE_MIN;
}

/* @round with values of each kind, again and again, from the seed that the second
 * argument names. */
static inline void
run_rounds (int argc, char **argv, void (*round) (Values values))
{
  random_state = argc > 2 ? strtoul (argv[2], NULL, 0) : 1;
  printf ("seed %u\n", random_state);
  for (int i = 0; i < ROUNDS; i++)
    for (Values values = 0; values < N_VALUES; values++)
      round (values);
}

#endif
