/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "winograd.h"

#include "half.h"

#define TAPS 9

/* G of F(4, 3), for the points 0, 1, -1, 2, -2 and infinity... */
static const double matrix_4[DAN_TILE_IN][3] = {
  { 1 / 4., 0, 0 },
  { -1 / 6., -1 / 6., -1 / 6. },
  { -1 / 6., 1 / 6., -1 / 6. },
  { 1 / 24., 1 / 12., 1 / 6. },
  { 1 / 24., -1 / 12., 1 / 6. },
  { 0, 0, 1 },
};

/* ... and of F(2, 3), without 2 and -2. */
static const double matrix_2[][3] = {
  { 1, 0, 0 },
  { 1 / 2., 1 / 2., 1 / 2. },
  { 1 / 2., -1 / 2., 1 / 2. },
  { 0, 0, 1 },
};

void
dan_read_taps (const DanLayer *layer, int out, int in, float taps[TAPS])
{
  const uint16_t *w = layer->weights + ((size_t) out * layer->in + in) * TAPS;

  for (int i = 0; i < TAPS; i++)
    taps[i] = dan_half_to_float (w[i]);
}

static void
read_panel (const DanLayer *layer, int panel, int in, DanColumns taps[TAPS])
{
  const int first = panel * DAN_PRODUCT_PANEL;

  for (int k = 0; k < DAN_PRODUCT_PANEL; k++) {
    float one[TAPS] = {};

    if (first + k < layer->out)
      dan_read_taps (layer, first + k, in, one);
    for (int i = 0; i < TAPS; i++)
      taps[i][k] = one[i];
  }
}

/* @out = a row of G times @a, @b, @c */
static void
transform_columns (const double row[3], const DanColumns a, const DanColumns b,
    const DanColumns c, DanColumns out)
{
  for (int k = 0; k < DAN_PRODUCT_PANEL; k++)
    out[k] = row[0] * a[k] + row[1] * b[k] + row[2] * c[k];
}

void
dan_winograd_weights (const DanLayer *layer, int tile, int panel, int in,
    DanColumns products[DAN_TILE_PRODUCTS])
{
  const double (*matrix)[3] = tile == DAN_TILE_OUT ? matrix_4 : matrix_2;
  const int side = tile + 2;
  DanColumns taps[TAPS];

  read_panel (layer, panel, in, taps);
  for (int i = 0; i < side; i++) {
    DanColumns half[3];

    for (int x = 0; x < 3; x++)
      transform_columns (matrix[i], taps[x], taps[3 + x], taps[6 + x], half[x]);
    for (int j = 0; j < side; j++)
      transform_columns (matrix[j], half[0], half[1], half[2],
          products[i * side + j]);
  }
}
