/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is known of the orders of landmarks that models name. */
#include "scheme.h"

#include <string.h>

#include "model.h"

static const DanContour ibug_contours[] = {
  { 0, 16, 0 }, /* jaw */
  { 17, 21, 0 }, /* brows */
  { 22, 26, 0 },
  { 27, 30, 0 }, /* nose */
  { 31, 35, 0 },
  { 36, 41, 1 }, /* eyes */
  { 42, 47, 1 },
  { 48, 59, 1 }, /* mouth */
  { 60, 67, 1 },
};

bool
dan_scheme_is_ibug (const char *scheme, size_t n_points)
{
  return strcmp (scheme, "ibug-68") == 0 && n_points == DAN_IBUG_POINTS;
}

const DanContour *
dan_model_contours (const DanModel *model, size_t *n_contours)
{
  if (!dan_scheme_is_ibug (model->scheme, model->n_points)) {
    *n_contours = 0;
    return NULL;
  }
  *n_contours = sizeof ibug_contours / sizeof *ibug_contours;
  return ibug_contours;
}
