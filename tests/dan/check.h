/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a test program needs: CHECK() counts, prints what failed with the
 * values that its caller gives, and goes on; main() ends with
 * `return check_summary ("name")`. */
#ifndef DAN_TESTS_CHECK_H
#define DAN_TESTS_CHECK_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#define CHECK_EXIT_SKIPPED 77 /* as meson and automake understand it */
#define CHECK_MAX_PRINTED 50

static struct {
  unsigned long checks, failures;
} check_counts;

/* Returns @passed, so that a test can stop where going on makes no sense. */
__attribute__ ((format (printf, 5, 6))) static inline bool
check_that (bool passed, const char *file, int line, const char *condition,
    const char *format, ...)
{
  va_list args;

  check_counts.checks++;
  if (passed || ++check_counts.failures > CHECK_MAX_PRINTED)
    return passed;
  printf ("%s:%d: failed: %s: ", file, line, condition);
  va_start (args, format);
  vprintf (format, args);
  va_end (args);
  printf ("\n");
  fflush (stdout); /* in case the program crashes next */
  return false;
}

#define CHECK(condition, ...) \
  check_that ((condition), __FILE__, __LINE__, #condition, __VA_ARGS__)

/* The exit status; a program that checked nothing has failed. */
static inline int
check_summary (const char *name)
{
  printf ("%s: %lu checks, %lu failed\n", name, check_counts.checks,
      check_counts.failures);
  return check_counts.checks == 0 || check_counts.failures > 0;
}

#endif
