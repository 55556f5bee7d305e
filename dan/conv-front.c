/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The first two layers, a band of tiles at a time: an image of the first one's
 * outputs would be the largest of all, and fall out of the second level of
 * cache. */
#include <string.h>

#include "conv-job.h"
#include "least.h"

/* A band's rows of the second layer's outputs; of the first one's there are one
 * more above and below. */
#define BAND_HEIGHT DAN_TILE_OUT
#define BAND_ROWS (BAND_HEIGHT + 2)
/* Pieces for each worker, if there are several. */
#define PIECES 2

typedef struct {
  const DanConv *first;
  const float *planes;
  DanConvJob second;
  int bands, piece; /* of the image; of each piece of work */
} FrontJob;

static size_t
band_row (const DanConv *first)
{
  return (size_t) (first->size.width + 2) * first->out;
}

/* In one or two rows. */
static int
band_tiles (const DanConv *second, const DanKernels *kernels)
{
  return dan_tiles_along (second->size.width, kernels->tile)
      * (BAND_HEIGHT / kernels->tile);
}

void
dan_conv_front_tiles_size (const DanConv *first, const DanConv *second,
    const DanKernels *table, DanTilesSize *size)
{
  const DanKernels *kernels = dan_kernels_for (table, second->in);
  const int n_tiles = band_tiles (second, kernels);

  dan_conv_grow_tiles (size, second, kernels, n_tiles, n_tiles);
  dan_grow (&size->band, BAND_ROWS * band_row (first));
}

/* Row @y of the first layer, zeros outside of the image. */
static void
fill_row (const FrontJob *job, int y, float *row)
{
  const DanConv *first = job->first;
  const DanSize size = first->size;
  const size_t stride = size.width + 2, pixel = first->out * sizeof *row;

  if (y < 0 || y >= size.height) {
    memset (row, 0, stride * pixel);
    return;
  }
  memset (row, 0, pixel);
  memset (row + (stride - 1) * first->out, 0, pixel);
  job->second.kernels->first_row (job->planes + y * stride,
      stride * (size.height + 2), stride, first->in, first->weights, first->bias, row + first->out,
      size.width, first->out);
}

/* The second layer on one band, whose rows @band has. */
static void
run_band (const FrontJob *job, const DanTiles *tiles, int index)
{
  const DanConvJob *second = &job->second;
  const int n_tiles = second->block;
  const ptrdiff_t row = band_row (job->first), y = index * BAND_HEIGHT;
  DanActivation in = {
    .pixels = tiles->band + row + job->first->out,
    .row = row,
    .size = { job->first->size.width, BAND_HEIGHT },
    .channels = job->first->out,
  };
  DanActivation out = *second->out;

  if (second->kernels == &dan_kernels_c) {
    out.pixels += (second->conv->pool ? y / 2 : y) * out.row;
    dan_convolve_c (&in, &out, second->conv->weights, second->conv->bias,
        second->conv->pool);
  } else {
    in.pixels -= y * row;
    dan_conv_run_tiles (second, &in, tiles, index * n_tiles, n_tiles);
  }
}

/* Neighbouring bands share two rows, which are made only once in a piece. */
static void
run_piece (void *data, int index, int worker)
{
  const FrontJob *job = data;
  const DanTiles *tiles = &job->second.tiles[worker];
  const size_t row = band_row (job->first);
  const int first = index * job->piece;
  const int last = dan_least (first + job->piece, job->bands);

  for (int i = first; i < last; i++) {
    const int ready = i > first ? BAND_ROWS - BAND_HEIGHT : 0;

    memmove (tiles->band, tiles->band + BAND_HEIGHT * row,
        ready * row * sizeof *tiles->band);
    for (int y = ready; y < BAND_ROWS; y++)
      fill_row (job, i * BAND_HEIGHT + y - 1, tiles->band + y * row);
    run_band (job, tiles, i);
  }
}

void
dan_conv_run_front (const DanConv *first, const DanConv *second,
    const DanKernels *table, const float *planes, const DanActivation *out,
    DanTiles *tiles, DanPool *pool)
{
  const DanKernels *kernels = dan_kernels_for (table, second->in);
  const int bands = second->size.height / BAND_HEIGHT;
  const int n_workers = dan_pool_n_workers (pool);
  const int n_pieces
      = dan_least (n_workers > 1 ? n_workers * PIECES : 1, bands);
  FrontJob job = {
    .first = first,
    .planes = planes,
    .second = { second, kernels, NULL, out, tiles,
        dan_tile_grid (second->size, kernels->tile, 1),
        band_tiles (second, kernels) },
    .bands = bands,
    .piece = (bands + n_pieces - 1) / n_pieces,
  };

  dan_pool_run (pool, (bands + job.piece - 1) / job.piece, run_piece, &job);
}
