/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "error.h"

#include <stdarg.h>
#include <stdio.h>

/* Paths, names and variables may have any characters, also those that end a
 * line. */
static void
keep_one_line (char *message)
{
  for (char *c = message; *c; c++)
    if ((unsigned char) *c < 0x20 || *c == 0x7f)
      *c = '?';
}

DanStatus
dan_fail (DanError *error, DanStatus status, const char *format, ...)
{
  if (error) {
    va_list args;

    error->status = status;
    va_start (args, format);
    vsnprintf (error->message, sizeof error->message, format, args);
    va_end (args);
    keep_one_line (error->message);
  }
  return status;
}

DanStatus
dan_ok (DanError *error)
{
  if (error) {
    error->status = DAN_OK;
    error->message[0] = '\0';
  }
  return DAN_OK;
}

const char *
dan_status_name (DanStatus status)
{
  switch (status) {
    case DAN_OK:
      return "ok";
    case DAN_ERROR_ARGUMENT:
      return "invalid argument";
    case DAN_ERROR_IO:
      return "input/output error";
    case DAN_ERROR_MODEL:
      return "invalid model";
    case DAN_ERROR_MEMORY:
      return "out of memory";
    case DAN_ERROR_BOX:
      return "invalid box";
    case DAN_ERROR_UNSUPPORTED:
      return "unsupported";
  }
  return "unknown status";
}
