/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers that are the same in every run, of the kinds that break kernels. */
#ifndef DAN_TESTS_RANDOM_H
#define DAN_TESTS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
  VALUES_ORDINARY, /* -1 to 1 */
  VALUES_SPARSE,   /* mostly zeros, of both signs */
  VALUES_LARGE,    /* about 1e12: products stay finite */
  VALUES_TINY,     /* about 1e-39: denormal */
  N_VALUES,
} Values;

static uint32_t random_state = 1;

static inline uint32_t
random_uint (void)
{
  /* xorshift32: Marsaglia, 2003 */
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

/* 0 to @n - 1 */
static inline int
random_below (int n)
{
  return (int) (random_uint () % (uint32_t) n);
}

static inline float
random_value (Values values)
{
  const float value = (float) random_uint () / 0x1p31f - 1;

  switch (values) {
    case VALUES_SPARSE:
      return random_below (4) ? value * 0 : value;
    case VALUES_LARGE:
      return value * 1e12f;
    case VALUES_TINY:
      return value * 1e-39f;
    default:
      return value;
  }
}

static inline void
random_fill (float *p, size_t n, Values values)
{
  for (size_t i = 0; i < n; i++)
    p[i] = random_value (values);
}

/* An IEEE 754 half between -1 and 1, in places subnormal. */
static inline uint16_t
random_half (void)
{
  return (uint16_t) ((random_below (2) << 15) | (random_below (15) << 10)
      | random_below (1024));
}

#endif
