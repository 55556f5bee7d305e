/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Luma of any supported pixel format, a few pixels at a time. */
#ifndef DAN_LUMA_H
#define DAN_LUMA_H

#include <stdbool.h>

#include "dan/dan.h"

/* Checks the fields of @image that memory safety depends on. */
DanStatus dan_image_check (const DanImage *image, DanError *error);

/* Writes the luma of pixels @x to @x + @n - 1 of row @y, all of which lie in
 * the image, as 0 (black) to 1 (white). */
void dan_luma_row (const DanImage *image, int x, int y, int n, float *luma);

#endif
