/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_MEMORY_H
#define DAN_MEMORY_H

#include <stddef.h>

/* Zeroed memory, aligned to a cache line, or NULL; large pieces ask for huge
 * pages, and take up memory only where they are written. To be given back to
 * dan_free(), which accepts NULL. */
void *dan_alloc (size_t size);
float *dan_alloc_floats (size_t n);
void dan_free (void *memory);

#endif
