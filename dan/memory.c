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

float *
dan_alloc_floats (size_t n)
{
  const size_t unit
      = n * sizeof (float) >= 2 * HUGE_PAGE ? HUGE_PAGE : CACHE_LINE;
  size_t size;
  void *memory;

  if (n > SIZE_MAX / sizeof (float) - HUGE_PAGE)
    return NULL;
  size = round_up (n * sizeof (float), unit);
  memory = aligned_alloc (unit, size ? size : unit);
  if (!memory)
    return NULL;
#ifdef MADV_HUGEPAGE
  if (unit == HUGE_PAGE)
    madvise (memory, size, MADV_HUGEPAGE);
#endif
  memset (memory, 0, size);
  return memory;
}
