/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which box belongs to which. */
#ifndef DAN_TRACK_MATCH_H
#define DAN_TRACK_MATCH_H

#include <stddef.h>

/* How well box @b suits @a, of whatever @data is; what is not above 0 does not
 * suit at all. */
typedef float (*DanMatchFunc) (const void *data, size_t a, size_t b);

/* Gives each of @n_a the best of @n_b that is left, the best pairs first:
 * @chosen[a] and @chosen_by[b] are the partner's number, or -1. What has a
 * partner before the call keeps it. */
void dan_match (DanMatchFunc suits, const void *data, int *chosen, size_t n_a,
    int *chosen_by, size_t n_b);

#endif
