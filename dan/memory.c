/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CACHE_LINE 64
#define HUGE_PAGE ((size_t) 2 << 20)

static size_t
round_up (size_t value, size_t unit)
{
  return (value + unit - 1) / unit * unit;
}

static void *
alloc_aligned (size_t *size)
{
  const size_t unit = *size >= 2 * HUGE_PAGE ? HUGE_PAGE : CACHE_LINE;
  void *memory;

  if (*size > SIZE_MAX - HUGE_PAGE)
    return NULL;
  *size = round_up (*size ? *size : 1, unit);
  memory = aligned_alloc (unit, *size);
#ifdef MADV_HUGEPAGE
  if (memory && unit == HUGE_PAGE)
    madvise (memory, *size, MADV_HUGEPAGE);
#endif
  return memory;
}

void *
dan_alloc (size_t size)
{
  void *memory = alloc_aligned (&size);

  return memory ? memset (memory, 0, size) : NULL;
}

float *
dan_alloc_floats (size_t n)
{
  return n > SIZE_MAX / sizeof (float) ? NULL : dan_alloc (n * sizeof (float));
}

float *
dan_alloc_scratch (size_t n)
{
  size_t size = n * sizeof (float);

  return n > SIZE_MAX / sizeof (float) ? NULL : alloc_aligned (&size);
}
