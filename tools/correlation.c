/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "correlation.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  gdouble value;
  guint index;
} Ranked;

static int
compare_values (const void * a, const void * b)
{
  gdouble x = ((const Ranked *) a)->value, y = ((const Ranked *) b)->value;

  return (x > y) - (x < y);
}

/* How far the rank of each value is from the mean of all ranks. */
static gdouble *
centred_ranks (const gdouble * values, guint n)
{
  g_autofree Ranked *sorted = g_new (Ranked, n);
  gdouble *ranks = g_new (gdouble, n);
  guint first, end;

  for (guint i = 0; i < n; i++)
    sorted[i] = (Ranked) { values[i], i };
  qsort (sorted, n, sizeof *sorted, compare_values);
  for (first = 0; first < n; first = end) {
    for (end = first + 1; end < n && sorted[end].value == sorted[first].value;)
      end++;
    for (guint i = first; i < end; i++)
      ranks[sorted[i].index] = (first + end - 1.) / 2 - (n - 1.) / 2;
  }
  return ranks;
}

static gdouble
dot (const gdouble * a, const gdouble * b, guint n)
{
  gdouble sum = 0;

  for (guint i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

gdouble
correlation_of_ranks (const gdouble * a, const gdouble * b, guint n)
{
  g_autofree gdouble *x = centred_ranks (a, n);
  g_autofree gdouble *y = centred_ranks (b, n);
  gdouble norm = sqrt (dot (x, x, n) * dot (y, y, n));

  return norm > 0 ? dot (x, y, n) / norm : NAN;
}
