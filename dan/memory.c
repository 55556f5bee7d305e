/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define CACHE_LINE ((size_t) 64)
#define HUGE_PAGE ((size_t) 2 << 20)

/* calloc() knows which memory is new and zero already; so large pieces cost
 * nothing before they are written. What it returned stands before the aligned
 * address. */
void *
dan_alloc (size_t size)
{
  /* At most half of a huge page stays empty. */
  const size_t unit = size >= HUGE_PAGE / 2 ? HUGE_PAGE : CACHE_LINE;
  void **memory;
  char *block;

  if (size > SIZE_MAX / 2)
    return NULL;
  size = (size + unit - 1) / unit * unit;
  block = calloc (1, size + sizeof *memory + unit);
  if (!block)
    return NULL;
  memory = (void **) (((uintptr_t) block + sizeof *memory + unit - 1)
      / unit * unit);
  memory[-1] = block;
#ifdef MADV_HUGEPAGE
  if (unit == HUGE_PAGE)
    madvise (memory, size, MADV_HUGEPAGE);
#endif
  return memory;
}

float *
dan_alloc_floats (size_t n)
{
  return n > SIZE_MAX / sizeof (float) ? NULL : dan_alloc (n * sizeof (float));
}

void
dan_free (void *memory)
{
  if (memory)
    free (((void **) memory)[-1]);
}
