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

/* What the products of @panel and the @n tiles from @first on become: it is only
 * written, but for that has to be there, too. */
static void
ask_for_outputs (const DanConvJob *job, int panel, int first, int n)
{
  const int shrink = job->conv->pool ? 2 : 1;
  DanTileCursor cursor = dan_tile_cursor_at (&job->grid, first);

  for (int i = 0; i < n; i++) {
    const DanTilePlace p = dan_tile_cursor_place (&cursor, &job->grid);

    ask_for (dan_conv_output_pixels (job, &cursor, p, panel), job->out->row,
        job->conv->out, p.rows / shrink, p.columns / shrink,
        DAN_PRODUCT_PANEL);
    dan_tile_cursor_advance (&cursor, &job->grid);
  }
}

/* What @n tiles from @first on do not share with those to their left and above
 * them. */
static void
ask_for_inputs (const DanConvJob *job, int first, int n)
{
  const DanActivation *in = job->in;
  DanTileCursor cursor = dan_tile_cursor_at (&job->grid, first);

  for (int i = 0; i < n; i++) {
    const DanTilePlace p = dan_tile_cursor_place (&cursor, &job->grid);

    ask_for (in->pixels + cursor.face * in->face + (p.y + 1) * in->row
            + (p.x + 1) * (ptrdiff_t) in->channels,
        in->row, 0, p.rows, 1, p.columns * in->channels);
    dan_tile_cursor_advance (&cursor, &job->grid);
  }
}

void
dan_conv_ask_ahead (const DanConvJob *job, int panel, int product, int first,
    int n)
{
  const int products = dan_tile_products (job->kernels->tile);
  const int panels = job->conv->out / DAN_PRODUCT_PANEL;
  const int from = n * product / products, to = n * (product + 1) / products;

  if (from < to)
    ask_for_outputs (job, panel, first + from, to - from);
  if (job->blocks && first + n < job->grid.n_tiles) {
    const int next = first + n;
    const int left = dan_least (job->grid.n_tiles - next, n);
    const int share = panel * products + product, shares = panels * products;
    const int begin = left * share / shares, end = left * (share + 1) / shares;

    if (begin < end)
      ask_for_inputs (job, next + begin, end - begin);
  }
}
