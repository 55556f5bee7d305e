/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The mean head, of the landmarks of the scheme "ibug-68". */
#ifndef DAN_HEAD_H
#define DAN_HEAD_H

#include "scheme.h"

/* Where the landmarks are: x to the picture's right, y down, z away from the
 * viewer; mirror-symmetric, about their mean, the outer corners of the eyes 1
 * apart. */
extern const double dan_head[DAN_IBUG_POINTS][3];

/* The inverse of the sums of the products of their coordinates. */
extern const double dan_head_inverse[3][3];

#endif
