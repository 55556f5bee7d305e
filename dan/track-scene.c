/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "track-scene.h"

#include <math.h>
#include <string.h>

#include "luma.h"

/* Frames in a row correlate by more than 0.85, pictures of different scenes by
 * less than this in 95 of 100 cases. */
#define SAME_SCENE .4f

/* Standard deviation of the cells' luma below which an image is flat. */
#define FLAT .01f

/* The mean luma of columns @x to @end - 1 in each of @rows, none if there are no
 * columns. */
static DanLuma
mean_luma (const DanImageKernels *kernels, const DanImage *image, int x,
    int end, const DanRows *rows)
{
  const int n_columns = end - x;
  DanLuma luma[DAN_LUMA_STRIP], sum = {};

  for (; x < end; x += DAN_LUMA_STRIP) {
    const int n = end - x < DAN_LUMA_STRIP ? end - x : DAN_LUMA_STRIP;

    dan_luma_sum (kernels, image, x, n, rows, luma);
    for (int i = 0; i < n; i++)
      sum += luma[i];
  }
  return n_columns > 0 ? sum / (float) n_columns : sum;
}

/* What rows @row to @row + DAN_LUMA_ROWS - 1 of cells see: one row of pixels
 * each. */
static void
see_rows (const DanImageKernels *kernels, const DanImage *image, int row,
    float *cells)
{
  const float contrast = dan_luma_contrast (image);
  DanRows rows[DAN_LUMA_ROWS];

  for (int i = 0; i < DAN_LUMA_ROWS; i++) {
    rows[i].first = (2 * (row + i) + 1) * image->height / (2 * DAN_SCENE_ROWS);
    rows[i].end = rows[i].first + 1;
  }
  for (int column = 0; column < DAN_SCENE_COLUMNS; column++) {
    const DanLuma luma = mean_luma (kernels, image,
        column * image->width / DAN_SCENE_COLUMNS,
        (column + 1) * image->width / DAN_SCENE_COLUMNS, rows);

    for (int i = 0; i < DAN_LUMA_ROWS; i++)
      cells[i * DAN_SCENE_COLUMNS + column] = luma[i] / contrast;
  }
}

/* Mean 0 and length 1; FALSE for what is flat. */
static bool
normalise (float *cells)
{
  float mean = 0, squares = 0, scale;

  for (int i = 0; i < DAN_SCENE_CELLS; i++)
    mean += cells[i];
  mean /= DAN_SCENE_CELLS;
  for (int i = 0; i < DAN_SCENE_CELLS; i++) {
    cells[i] -= mean;
    squares += cells[i] * cells[i];
  }
  if (!(squares > FLAT * FLAT * DAN_SCENE_CELLS))
    return false;
  scale = 1 / sqrtf (squares);
  for (int i = 0; i < DAN_SCENE_CELLS; i++)
    cells[i] *= scale;
  return true;
}

bool
dan_scene_cut (DanScene *scene, const DanImageKernels *kernels,
    const DanImage *image)
{
  float cells[DAN_SCENE_CELLS], correlation = 0;
  const bool known = scene->known;

  for (int row = 0; row < DAN_SCENE_ROWS; row += DAN_LUMA_ROWS)
    see_rows (kernels, image, row, cells + row * DAN_SCENE_COLUMNS);
  if (!normalise (cells))
    return false;
  for (int i = 0; i < DAN_SCENE_CELLS; i++)
    correlation += cells[i] * scene->cells[i];
  memcpy (scene->cells, cells, sizeof cells);
  scene->known = true;
  return known && correlation < SAME_SCENE;
}
