/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_TOOLS_CORRELATION_H
#define DAN_TOOLS_CORRELATION_H

#include <glib.h>

/* Spearman's rank correlation of @n pairs, from -1 to 1; equal values share the
 * mean of their ranks. NAN where all of @a or all of @b are equal. */
gdouble correlation_of_ranks (const gdouble * a, const gdouble * b, guint n);

#endif
