/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_MEMORY_H
#define DAN_MEMORY_H

#include <stddef.h>

/* Zeroed memory, aligned to a cache line, or NULL; large pieces ask for huge
 * pages. Given back with free(). */
void *dan_alloc (size_t size);
float *dan_alloc_floats (size_t n);

/* The same not zeroed, so that what is not used takes no memory. */
float *dan_alloc_scratch (size_t n);

#endif
