/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Products are all about multiplying, transforms all about memory. So the
 * former's time is used to bring what the latter will wait for into the second
 * level of cache: large images leave even the third one between two frames if
 * others use it, too. */
#include "conv-job.h"
#include "least.h"

#define CACHE_LINE (64 / sizeof (float))

/* @rows x @columns pieces of @floats floats. */
static void
ask_for (const float *pixels, ptrdiff_t row, ptrdiff_t column, int rows,
    int columns, int floats)
{
  for (int y = 0; y < rows; y++)
    for (int x = 0; x < columns; x++)
      for (size_t i = 0; i < (size_t) floats; i += CACHE_LINE)
        __builtin_prefetch (pixels + y * row + x * column + i, 0, 2);
}

/* What products become: it is only written, but for that has to be there,
 * too. */
static void
ask_for_outputs (const DanAhead *ahead, const DanTileCursor *tile)
{
  const DanConvJob *job = ahead->job;
  const DanTilePlace p = dan_tile_cursor_place (tile, &job->grid);
  const int shrink = dan_conv_shrink (job->conv);

  ask_for (dan_conv_output_pixels (job, tile, p, ahead->panel), job->out->row,
      job->conv->out, p.rows / shrink, p.columns / shrink, DAN_PRODUCT_PANEL);
}

/* What a tile does not share with those to its left and above it. */
static void
ask_for_inputs (const DanAhead *ahead, const DanTileCursor *tile)
{
  const DanConvJob *job = ahead->job;
  const DanActivation *in = job->in;
  const DanTilePlace p = dan_tile_cursor_place (tile, &job->grid);

  ask_for (in->pixels + tile->face * in->face + (p.y + 1) * in->row
          + (p.x + 1) * (ptrdiff_t) in->channels,
      in->row, 0, p.rows, 1, p.columns * in->channels);
}

static void
ask_for_tiles (const DanAhead *ahead, DanAskedTiles *tiles, int n,
    void (*ask) (const DanAhead *ahead, const DanTileCursor *tile))
{
  for (; tiles->asked < n; tiles->asked++) {
    ask (ahead, &tiles->next);
    dan_tile_cursor_advance (&tiles->next, &ahead->job->grid);
  }
}

DanAhead
dan_conv_ahead (const DanConvJob *job, int panel, int first, int n)
{
  DanAhead ahead = { job, panel,
    .outputs = { dan_tile_cursor_at (&job->grid, first), n } };
  const int left = dan_least (job->grid.n_tiles - first - n, n);

  /* A worker's blocks are neighbours: each panel asks for its share of the next
   * one. */
  if (job->in && left > 0) {
    const int panels = job->conv->out / DAN_PRODUCT_PANEL;
    const int from = left * panel / panels, to = left * (panel + 1) / panels;

    ahead.inputs = (DanAskedTiles) {
      dan_tile_cursor_at (&job->grid, first + n + from), to - from };
  }
  return ahead;
}

void
dan_conv_ask_ahead (DanAhead *ahead, int product)
{
  const int products = dan_tile_products (ahead->job->kernels->tile);

  ask_for_tiles (ahead, &ahead->outputs,
      ahead->outputs.n * (product + 1) / products, ask_for_outputs);
  ask_for_tiles (ahead, &ahead->inputs,
      ahead->inputs.n * (product + 1) / products, ask_for_inputs);
}
