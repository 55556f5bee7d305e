/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A layer whose input is made as it goes, a band of tiles at a time: images of
 * the first layers are the largest of all, and would fall out of the second level
 * of cache. */
#include <string.h>

#include "conv-job.h"
#include "least.h"

/* A band's rows of outputs; of inputs there are one more above and below. */
#define BAND_HEIGHT DAN_TILE_OUT
#define BAND_ROWS (BAND_HEIGHT + 2)
/* Pieces for each worker, if there are several. */
#define PIECES 2

typedef struct {
  DanConvJob conv;
  DanRowMaker make;
  const void *data; /* for it */
  int bands, piece; /* of the image; of each piece of work */
} RowsJob;

/* With a pixel of padding at both ends. */
static size_t
band_row (const DanConv *conv)
{
  return (size_t) (conv->size.width + 2) * conv->in;
}

/* In one or two rows. */
static int
band_tiles (const DanConv *conv, const DanKernels *kernels)
{
  return dan_tiles_along (conv->size.width, kernels->tile)
      * (BAND_HEIGHT / kernels->tile);
}

void
dan_conv_rows_tiles_size (const DanConv *conv, const DanKernels *table,
    DanTilesSize *size)
{
  const DanKernels *kernels = dan_kernels_for (table, conv->in);
  const int n_tiles = band_tiles (conv, kernels);

  dan_conv_grow_tiles (size, conv, kernels, n_tiles, n_tiles);
  dan_grow (&size->band, BAND_ROWS * band_row (conv));
}

/* Row @y of the input, zeros outside of the image. */
static void
fill_row (const RowsJob *job, int y, float *row, int worker)
{
  const DanConv *conv = job->conv.conv;
  const size_t length = band_row (conv), pixel = conv->in * sizeof *row;

  if (y < 0 || y >= conv->size.height) {
    memset (row, 0, length * sizeof *row);
    return;
  }
  memset (row, 0, pixel);
  job->make (job->data, y, row + conv->in, worker);
  memset (row + length - conv->in, 0, pixel);
}

/* The layer on one band, whose rows @tiles have. */
static void
run_band (const DanConvJob *job, const DanTiles *tiles, int index)
{
  const DanConv *conv = job->conv;
  const ptrdiff_t row = band_row (conv), y = index * BAND_HEIGHT;
  DanActivation in = {
    .pixels = tiles->band + row + conv->in,
    .row = row,
    .size = { conv->size.width, BAND_HEIGHT },
    .channels = conv->in,
  };
  DanActivation out = *job->out;

  if (job->kernels == &dan_kernels_c) {
    out.pixels += y / dan_conv_shrink (conv) * out.row;
    dan_convolve_c (&in, &out, conv->weights, conv->bias, conv->pool);
  } else {
    in.pixels -= y * row;
    dan_conv_run_tiles (job, &in, tiles, index * job->block, job->block);
  }
}

/* Neighbouring bands share two rows, which are made only once in a piece. */
static void
run_piece (void *data, int index, int worker)
{
  const RowsJob *job = data;
  const DanTiles *tiles = &job->conv.tiles[worker];
  const size_t row = band_row (job->conv.conv);
  const int first = index * job->piece;
  const int last = dan_least (first + job->piece, job->bands);

  for (int i = first; i < last; i++) {
    const int ready = i > first ? BAND_ROWS - BAND_HEIGHT : 0;

    memmove (tiles->band, tiles->band + BAND_HEIGHT * row,
        ready * row * sizeof *tiles->band);
    for (int y = ready; y < BAND_ROWS; y++)
      fill_row (job, i * BAND_HEIGHT + y - 1, tiles->band + y * row, worker);
    run_band (&job->conv, tiles, i);
  }
}

void
dan_conv_run_rows (const DanConv *conv, const DanKernels *table,
    DanRowMaker make, const void *data, const DanActivation *out,
    DanTiles *tiles, DanPool *pool)
{
  const DanKernels *kernels = dan_kernels_for (table, conv->in);
  const int bands = conv->size.height / BAND_HEIGHT;
  const int n_workers = dan_pool_n_workers (pool);
  const int n_pieces
      = dan_least (n_workers > 1 ? n_workers * PIECES : 1, bands);
  RowsJob job = {
    .conv = { conv, kernels, NULL, out, tiles,
        dan_tile_grid (conv->size, kernels->tile, 1),
        band_tiles (conv, kernels) },
    .make = make,
    .data = data,
    .bands = bands,
    .piece = dan_divided_up (bands, n_pieces),
  };

  dan_pool_run (pool, dan_divided_up (bands, job.piece), run_piece, &job);
}
