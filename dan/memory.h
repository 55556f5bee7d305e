/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_MEMORY_H
#define DAN_MEMORY_H

#include <stddef.h>

/* Zeroed memory for @n floats, aligned to a cache line, or NULL; large pieces
 * ask for huge pages. Given back with free(). */
float *dan_alloc_floats (size_t n);

#endif
