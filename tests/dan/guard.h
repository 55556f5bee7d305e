/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Memory that ends at a page which nobody may touch, so that reading or
 * writing one float too far is a crash. What lies before it is checked by
 * guard_free(). */
#ifndef DAN_TESTS_GUARD_H
#define DAN_TESTS_GUARD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

#define GUARD_BYTE 0xa5

typedef struct {
  uint8_t *mapping;
  size_t mapping_size, size;
} Guard;

static inline size_t
guard_gap (const Guard *guard)
{
  return guard->mapping_size - sysconf (_SC_PAGESIZE) - guard->size;
}

/* @size bytes, all GUARD_BYTE; the end is aligned if @size is. */
static inline void *
guard_alloc (Guard *guard, size_t size)
{
  const size_t page = sysconf (_SC_PAGESIZE);

  guard->size = size;
  guard->mapping_size = (size + page - 1) / page * page + 2 * page;
  guard->mapping = mmap (NULL, guard->mapping_size, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (guard->mapping == MAP_FAILED)
    abort ();
  memset (guard->mapping, GUARD_BYTE, guard->mapping_size - page);
  mprotect (guard->mapping + guard->mapping_size - page, page, PROT_NONE);
  return guard->mapping + guard_gap (guard);
}

static inline void
guard_free (Guard *guard)
{
  size_t intact = 0;

  while (intact < guard_gap (guard) && guard->mapping[intact] == GUARD_BYTE)
    intact++;
  CHECK (intact == guard_gap (guard), "%zu bytes before the start were written",
      guard_gap (guard) - intact);
  munmap (guard->mapping, guard->mapping_size);
}

#endif
