/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_SCHEME_H
#define DAN_SCHEME_H

#include <stdbool.h>
#include <stddef.h>

#define DAN_IBUG_POINTS 68

/* Whether @n_points of @scheme are the landmarks of iBUG: a model's file may
 * name the scheme and have fewer points. */
bool dan_scheme_is_ibug (const char *scheme, size_t n_points);

#endif
