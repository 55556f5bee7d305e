/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counts the library's allocations, which the linker sends through here: for
 * programs linked with --wrap of each function. */
#ifndef DAN_TESTS_ALLOCATIONS_H
#define DAN_TESTS_ALLOCATIONS_H

#include <stddef.h>

static int n_allocations;

#define COUNTED(type, name, parameters, ...) \
  type __real_##name parameters; \
  type __wrap_##name parameters; \
  type __wrap_##name parameters \
  { \
    n_allocations++; \
    return __real_##name (__VA_ARGS__); \
  }
COUNTED (void *, malloc, (size_t size), size)
COUNTED (void *, calloc, (size_t n, size_t size), n, size)
COUNTED (void *, realloc, (void *p, size_t size), p, size)
COUNTED (void *, aligned_alloc, (size_t unit, size_t size), unit, size)
COUNTED (int, posix_memalign, (void **p, size_t unit, size_t size), p, unit,
    size)

#endif
