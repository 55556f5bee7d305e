/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_ERROR_H
#define DAN_ERROR_H

#include "dan/dan.h"

/* Fills @error, if not NULL, and returns @status, so that a failing function
 * can end with `return dan_fail (...)`. */
DanStatus dan_fail (DanError *error, DanStatus status, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

/* Sets @error, if not NULL, to success and returns DAN_OK. */
DanStatus dan_ok (DanError *error);

#endif
