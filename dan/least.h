/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_LEAST_H
#define DAN_LEAST_H

#include <stddef.h>

static inline long
dan_least (long a, long b)
{
  return a < b ? a : b;
}

/* Raises *@size to @other. */
static inline void
dan_grow (size_t *size, size_t other)
{
  if (*size < other)
    *size = other;
}

/* @n in parts of @by, of which the last may be smaller. */
static inline int
dan_divided_up (int n, int by)
{
  return (n + by - 1) / by;
}

#endif
