/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The contours of a model's landmarks: of the shipped model's, and none where
 * they are not known or the points would not be there.
 * usage: test-scheme SHIPPED.dan */
#include <string.h>

#include "check.h"
#include "model.h"

#define N_POINTS 68

static void
test_known (const DanModel *model)
{
  int lines[N_POINTS] = { 0 };
  size_t n = 0;
  const DanContour *contours = dan_model_contours (model, &n);

  if (!CHECK (contours && n > 0, "%zu contours", n))
    return;
  for (size_t i = 0; i < n; i++) {
    if (!CHECK (contours[i].first < contours[i].last
                && contours[i].last < N_POINTS,
            "contour %zu: %zu to %zu", i, contours[i].first, contours[i].last))
      continue;
    for (size_t k = contours[i].first; k <= contours[i].last; k++)
      lines[k]++;
  }
  for (int k = 0; k < N_POINTS; k++)
    CHECK (lines[k] == 1, "point %d is on %d lines", k, lines[k]);
}

static void
test_unknown (const DanModel *model, const char *scheme, size_t n_points)
{
  DanModel other = *model;
  size_t n = 1;

  other.scheme = scheme;
  other.n_points = n_points;
  CHECK (!dan_model_contours (&other, &n) && n == 0,
      "%s with %zu points has %zu contours", scheme, n_points, n);
}

int
main (int argc, char **argv)
{
  DanModel *model = NULL;
  DanError error;

  if (!CHECK (argc == 2, "usage: %s SHIPPED.dan", argv[0])
      || !CHECK (dan_model_open (&model, argv[1], &error) == DAN_OK, "%s",
          error.message))
    return check_summary ("scheme");
  test_known (model);
  test_unknown (model, "random", N_POINTS);
  test_unknown (model, "ibug-68", N_POINTS - 1);
  test_unknown (model, "ibug-68", N_POINTS + 1);
  dan_model_close (&model);
  return check_summary ("scheme");
}
