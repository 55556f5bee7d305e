/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "conv-job.h"
#include "least.h"

/* Where tile sizes are decided, by measurement (docs/performance.md):
 *
 * Blocks of tiles go through all steps one after another, so that what is
 * between the steps stays in the second level of cache: the transformed inputs,
 * and the products of one panel, of about this size at most. The weights pass by
 * for each block, which costs little since the product asks for them ahead. */
#define BLOCK_BYTES (192 << 10)
/* Layers with no more tiles of 4 x 4 a face than this use each weight so few
 * times that its way from memory takes as long as its products: those take the
 * tiles of all faces at once. Of these, workers share the panels, so that none of
 * the weights is read twice; if they are no more than this for all workers
 * together, they share the tiles instead, as the caches are faster at weights
 * that nobody writes than at tiles from another core. */
#define SHARED_TILES 28
#define READ_BY_ALL (10 << 20)
/* Keeps the planes of a block from falling into the same cache sets. */
#define PLANE_GAP 16

bool
dan_conv_is_shared (const DanConv *conv)
{
  return dan_tile_grid (conv->size, DAN_TILE_OUT, 1).n_tiles <= SHARED_TILES;
}

static size_t
weight_bytes (const DanConv *conv, const DanKernels *kernels)
{
  return dan_tile_products (kernels->tile) * dan_panel_words (kernels, conv->in)
      * (conv->out / DAN_PRODUCT_PANEL) * sizeof (float);
}

static int
block_size (const DanConv *conv, const DanKernels *kernels, int n_tiles,
    int n_workers)
{
  const int unit = kernels->product_rows;
  const size_t tile = dan_tile_products (kernels->tile) * sizeof (float)
      * (dan_input_words (kernels, conv->in) + DAN_PRODUCT_PANEL);
  const bool shared = dan_conv_is_shared (conv);
  const int most
      = shared ? n_tiles : ((int) (BLOCK_BYTES / tile) / unit + 1) * unit;

  if (n_workers == 1)
    return dan_least (most, n_tiles);
  /* Too many weights, or too few blocks for all workers: they share each step
   * instead. */
  if (shared ? weight_bytes (conv, kernels) * n_workers > READ_BY_ALL
             : most * (n_workers - 1) >= n_tiles)
    return n_tiles;
  /* As many for each, of one size, if they then are no multiples of the product's
   * register block: a worker waits for none, and hardly reads what another one
   * made in the layer before. */
  return dan_divided_up (n_tiles,
      dan_divided_up (n_tiles, most * n_workers) * n_workers);
}

/* Words between the planes of a block's inputs, floats between those of its
 * outputs, which are one panel's at a time. */
static size_t
input_step (const DanConv *conv, const DanKernels *kernels, int block)
{
  return block * dan_input_words (kernels, conv->in) + PLANE_GAP;
}

static size_t
output_step (int block)
{
  return (size_t) block * DAN_PRODUCT_PANEL + PLANE_GAP;
}

void
dan_conv_grow_tiles (DanTilesSize *size, const DanConv *conv,
    const DanKernels *kernels, int input_block, int output_block)
{
  const int n_products = dan_tile_products (kernels->tile);

  dan_grow (&size->input,
      n_products * input_step (conv, kernels, input_block));
  dan_grow (&size->output, n_products * output_step (output_block));
}

void
dan_conv_tiles_size (const DanConv *conv, const DanKernels *table,
    int n_faces, int n_workers, int worker, DanTilesSize *size)
{
  const DanKernels *kernels = dan_kernels_for (table, conv->in);

  for (int i = 1; i <= n_faces; i++) {
    const int n_tiles = dan_tile_grid (conv->size, kernels->tile, i).n_tiles;
    const int block = block_size (conv, kernels, n_tiles, n_workers);

    /* Inputs that the workers share are in the first one's memory. */
    dan_conv_grow_tiles (size, conv, kernels,
        worker == 0 || block < n_tiles ? block : 0, block);
  }
}

static void
transform_input (const DanConvJob *job, const DanActivation *in,
    const DanTileCursor *cursor, float *input)
{
  const DanTilePlace p = dan_tile_cursor_place (cursor, &job->grid);

  job->kernels->tile_input (in->pixels + cursor->face * in->face
          + (p.y - 1) * in->row + (p.x - 1) * (ptrdiff_t) in->channels,
      in->row, in->channels, input,
      input_step (job->conv, job->kernels, job->block), p.rows, p.columns);
}

/* @product of one panel, for @n tiles from @first on, which is the first in
 * @input. */
static void
multiply (const DanConvJob *job, const float *input, float *output, int panel,
    int product, int first, int n)
{
  const DanKernels *kernels = job->kernels;
  const size_t words = dan_input_words (kernels, job->conv->in);
  const size_t step = input_step (job->conv, kernels, job->block);
  const float *weights = job->conv->weights
      + ((size_t) panel * dan_tile_products (kernels->tile) + product)
          * dan_panel_words (kernels, job->conv->in);
  int from = first, to = first + n;

  dan_tile_grid_narrow (&job->grid, product, &from, &to);
  if (from >= to)
    return;
  input += product * step + (from - first) * words;
  output += product * output_step (job->block)
      + (from - first) * (size_t) DAN_PRODUCT_PANEL;
  kernels->product (input, weights, output, to - from,
      job->conv->in / kernels->per_word, input + step);
}

static void
transform_output (const DanConvJob *job, const DanTileCursor *cursor,
    const float *output, int panel)
{
  const DanConv *conv = job->conv;
  const DanTilePlace p = dan_tile_cursor_place (cursor, &job->grid);

  job->kernels->tile_output (output, output_step (job->block),
      conv->bias + panel * DAN_PRODUCT_PANEL,
      dan_conv_output_pixels (job, cursor, p, panel), job->out->row, conv->out,
      p.rows, p.columns, conv->pool);
}

/* All products of one panel and what they become, for @n tiles from @first on,
 * which is the first in @input. */
static void
run_panel_of (const DanConvJob *job, const float *input, float *output,
    int panel, int first, int n)
{
  DanTileCursor cursor = dan_tile_cursor_at (&job->grid, first);
  DanAhead ahead = dan_conv_ahead (job, panel, first, n);

  for (int i = 0; i < dan_tile_products (job->kernels->tile); i++) {
    multiply (job, input, output, panel, i, first, n);
    dan_conv_ask_ahead (&ahead, i);
  }
  for (int i = 0; i < n; i++) {
    transform_output (job, &cursor, output + (size_t) i * DAN_PRODUCT_PANEL,
        panel);
    dan_tile_cursor_advance (&cursor, &job->grid);
  }
}

void
dan_conv_run_tiles (const DanConvJob *job, const DanActivation *in,
    const DanTiles *tiles, int first, int n)
{
  const size_t row = dan_input_words (job->kernels, job->conv->in);
  DanTileCursor cursor = dan_tile_cursor_at (&job->grid, first);

  for (int i = 0; i < n; i++) {
    transform_input (job, in, &cursor, tiles->input + i * row);
    dan_tile_cursor_advance (&cursor, &job->grid);
  }
  for (int panel = 0; panel < job->conv->out / DAN_PRODUCT_PANEL; panel++)
    run_panel_of (job, tiles->input, tiles->output, panel, first, n);
}

static void
run_block (void *data, int index, int worker)
{
  const DanConvJob *job = data;
  const int first = index * job->block;

  dan_conv_run_tiles (job, job->in, &job->tiles[worker], first,
      dan_least (job->block, job->grid.n_tiles - first));
}

/* All tiles' inputs in the first worker's memory, which all read... */
static void
run_input (void *data, int index, int worker)
{
  const DanConvJob *job = data;
  const size_t row = dan_input_words (job->kernels, job->conv->in);
  const DanTileCursor cursor = dan_tile_cursor_at (&job->grid, index);

  transform_input (job, job->in, &cursor,
      job->tiles->input + index * row);
}

/* ... and one panel of their outputs. */
static void
run_panel (void *data, int index, int worker)
{
  const DanConvJob *job = data;

  run_panel_of (job, job->tiles->input, job->tiles[worker].output, index, 0,
      job->grid.n_tiles);
}

static void
run_reference (const DanConv *conv, const DanActivation *in,
    const DanActivation *out, int n_faces)
{
  for (int i = 0; i < n_faces; i++) {
    const DanActivation from = dan_activation_of (in, i);
    const DanActivation to = dan_activation_of (out, i);

    dan_convolve_c (&from, &to, conv->weights, conv->bias, conv->pool);
  }
}

void
dan_conv_run (const DanConv *conv, const DanKernels *table,
    const DanActivation *in, const DanActivation *out, int n_faces,
    DanTiles *tiles, DanPool *pool)
{
  const DanKernels *kernels = dan_kernels_for (table, conv->in);
  DanConvJob job = { conv, kernels, in, out, tiles };
  int n_tiles;

  if (kernels == &dan_kernels_c) {
    run_reference (conv, in, out, n_faces);
    return;
  }
  job.grid = dan_tile_grid (conv->size, kernels->tile, n_faces);
  n_tiles = job.grid.n_tiles;
  job.block = block_size (conv, kernels, n_tiles, dan_pool_n_workers (pool));
  if (job.block < n_tiles) {
    dan_pool_run (pool, dan_divided_up (n_tiles, job.block), run_block, &job);
    return;
  }
  dan_pool_run (pool, n_tiles, run_input, &job);
  dan_pool_run (pool, conv->out / DAN_PRODUCT_PANEL, run_panel, &job);
}
