/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is known of the orders of landmarks that models name. */
#include <string.h>

#include "model.h"

#define IBUG_POINTS 68

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

const DanContour *
dan_model_contours (const DanModel *model, size_t *n_contours)
{
  /* A file may name the scheme and have fewer points. */
  if (strcmp (model->scheme, "ibug-68") != 0
      || model->n_points != IBUG_POINTS) {
    *n_contours = 0;
    return NULL;
  }
  *n_contours = sizeof ibug_contours / sizeof *ibug_contours;
  return ibug_contours;
}
