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

/* Adds what rows @row to @row + DAN_LUMA_ROWS - 1 of cells see: one row of
 * pixels each. */
static void
add_rows (const DanImageKernels *kernels, const DanImage *image, int row,
    float *cells, int *counts)
{
  DanRows rows[DAN_LUMA_ROWS];
  DanLuma luma[DAN_LUMA_STRIP];

  for (int i = 0; i < DAN_LUMA_ROWS; i++) {
    rows[i].first = (2 * (row + i) + 1) * image->height / (2 * DAN_SCENE_ROWS);
    rows[i].end = rows[i].first + 1;
  }
  for (int x = 0; x < image->width; x += DAN_LUMA_STRIP) {
    const int n = image->width - x < DAN_LUMA_STRIP ? image->width - x
                                                    : DAN_LUMA_STRIP;

    dan_luma_sum (kernels, image, x, n, rows, luma);
    for (int i = 0; i < n; i++) {
      const int column = (x + i) * DAN_SCENE_COLUMNS / image->width;

      counts[column]++;
      for (int k = 0; k < DAN_LUMA_ROWS; k++)
        cells[(row + k) * DAN_SCENE_COLUMNS + column] += luma[i][k];
    }
  }
}

static void
see (const DanImageKernels *kernels, const DanImage *image, float *cells)
{
  const float contrast = dan_luma_contrast (image);

  memset (cells, 0, DAN_SCENE_CELLS * sizeof *cells);
  for (int row = 0; row < DAN_SCENE_ROWS; row += DAN_LUMA_ROWS) {
    int counts[DAN_SCENE_COLUMNS] = { 0 };
    float *first = cells + row * DAN_SCENE_COLUMNS;

    add_rows (kernels, image, row, cells, counts);
    for (int i = 0; i < DAN_LUMA_ROWS * DAN_SCENE_COLUMNS; i++)
      if (counts[i % DAN_SCENE_COLUMNS] > 0)
        first[i] /= contrast * counts[i % DAN_SCENE_COLUMNS];
  }
}

/* Mean 0 and length 1; FALSE for what is flat. */
static bool
normalise (float *cells)
{
  float mean = 0, squares = 0;

  for (int i = 0; i < DAN_SCENE_CELLS; i++)
    mean += cells[i] / DAN_SCENE_CELLS;
  for (int i = 0; i < DAN_SCENE_CELLS; i++) {
    cells[i] -= mean;
    squares += cells[i] * cells[i];
  }
  if (!(squares > FLAT * FLAT * DAN_SCENE_CELLS))
    return false;
  for (int i = 0; i < DAN_SCENE_CELLS; i++)
    cells[i] /= sqrtf (squares);
  return true;
}

bool
dan_scene_cut (DanScene *scene, const DanImageKernels *kernels,
    const DanImage *image)
{
  float cells[DAN_SCENE_CELLS], correlation = 0;
  const bool known = scene->known;

  see (kernels, image, cells);
  if (!normalise (cells))
    return false;
  for (int i = 0; i < DAN_SCENE_CELLS; i++)
    correlation += cells[i] * scene->cells[i];
  memcpy (scene->cells, cells, sizeof cells);
  scene->known = true;
  return known && correlation < SAME_SCENE;
}
