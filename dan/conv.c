/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "conv.h"

#include <stdlib.h>

#include "memory.h"

/* Blocks of tiles: their transformed inputs and outputs stay in half of a
 * 1 MiB second-level cache, beside the weights of one product. */
#define BLOCK_BYTES (512 << 10)
/* Layers whose weights alone exceed that cache read them once, for all tiles
 * at a time. */
#define STREAMED_WEIGHTS (1 << 20)
/* Keeps the 36 planes of a block from falling into the same cache sets. */
#define PLANE_GAP 16

typedef struct {
  const DanConv *conv;
  const DanKernels *kernels;
  const DanActivation *in;
  DanActivation *out;
  DanTiles *tiles;
  int tiles_across, n_tiles, block;
} Job;

static int
round_up (int value, int unit)
{
  return (value + unit - 1) / unit * unit;
}

bool
dan_activation_init (DanActivation *activation, int size, int channels)
{
  const int side = round_up (size, DAN_TILE_OUT) + 2;
  float *memory = dan_alloc_floats ((size_t) side * side * channels);

  if (!memory)
    return false;
  *activation = (DanActivation) {
    .row = (ptrdiff_t) side * channels,
    .width = size,
    .height = size,
    .channels = channels,
  };
  activation->pixels = memory + activation->row + channels;
  return true;
}

void
dan_activation_clear (DanActivation *activation)
{
  if (activation->pixels)
    free (activation->pixels - activation->row - activation->channels);
  activation->pixels = NULL;
}

static int
tiles_across (const DanConv *conv)
{
  return (conv->size + DAN_TILE_OUT - 1) / DAN_TILE_OUT;
}

static int
block_size (const DanConv *conv, const DanKernels *kernels)
{
  const int n_tiles = tiles_across (conv) * tiles_across (conv);
  const size_t product = DAN_TILE_PRODUCTS * sizeof (float);
  const size_t weights = product * conv->in * conv->out;
  int block;

  if (weights > STREAMED_WEIGHTS)
    return n_tiles;
  block = (int) (BLOCK_BYTES / (product * (conv->in + conv->out)));
  block = round_up (block > 0 ? block : 1, kernels->product_rows);
  return block < n_tiles ? block : n_tiles;
}

void
dan_conv_tiles_size (const DanConv *conv, const DanKernels *kernels,
    size_t *input, size_t *output)
{
  const size_t block = block_size (conv, kernels);

  *input = DAN_TILE_PRODUCTS * (block * conv->in + PLANE_GAP);
  *output = DAN_TILE_PRODUCTS * (block * conv->out + PLANE_GAP);
}

/* Floats between the planes of a block's inputs or outputs. */
static size_t
plane_step (const Job *job, int channels)
{
  return (size_t) job->block * channels + PLANE_GAP;
}

static void
transform_input (const Job *job, DanTiles *tiles, int tile, int place)
{
  const int y = tile / job->tiles_across * DAN_TILE_OUT;
  const int x = tile % job->tiles_across * DAN_TILE_OUT;
  const int channels = job->conv->in;

  job->kernels->tile_input (job->in->pixels + (y - 1) * job->in->row
          + (x - 1) * (ptrdiff_t) channels,
      job->in->row, channels, tiles->input + (size_t) place * channels,
      plane_step (job, channels));
}

static void
multiply (const Job *job, DanTiles *tiles, int product, int n_tiles)
{
  const DanConv *conv = job->conv;
  const size_t panel = (size_t) conv->in * DAN_PRODUCT_PANEL;
  const float *in = tiles->input + product * plane_step (job, conv->in);
  float *out = tiles->output + product * plane_step (job, conv->out);
  const float *weights
      = conv->weights + (size_t) product * conv->in * conv->out;

  for (int k = 0; k < conv->out; k += DAN_PRODUCT_PANEL, weights += panel)
    job->kernels->product (in, weights, out + k, n_tiles, conv->in, conv->out);
}

static int
smaller (int a, int b)
{
  return a < b ? a : b;
}

static void
transform_output (const Job *job, DanTiles *tiles, int tile, int place)
{
  const int y = tile / job->tiles_across * DAN_TILE_OUT;
  const int x = tile % job->tiles_across * DAN_TILE_OUT;
  const int channels = job->conv->out, size = job->conv->size;
  const int shrink = job->conv->pool ? 2 : 1;

  job->kernels->tile_output (tiles->output + (size_t) place * channels,
      plane_step (job, channels), channels, job->conv->bias,
      job->out->pixels + y / shrink * job->out->row
          + x / shrink * (ptrdiff_t) channels,
      job->out->row, smaller (DAN_TILE_OUT, size - y),
      smaller (DAN_TILE_OUT, size - x), job->conv->pool);
}

/* All steps for one block, in the worker's own memory. */
static void
run_block (void *data, int index, int worker)
{
  const Job *job = data;
  DanTiles *tiles = &job->tiles[worker];
  const int first = index * job->block;
  const int n = smaller (job->block, job->n_tiles - first);

  for (int i = 0; i < n; i++)
    transform_input (job, tiles, first + i, i);
  for (int i = 0; i < DAN_TILE_PRODUCTS; i++)
    multiply (job, tiles, i, n);
  for (int i = 0; i < n; i++)
    transform_output (job, tiles, first + i, i);
}

/* One step for all tiles, shared by the workers in the first one's memory. */
static void
run_input (void *data, int index, int worker)
{
  const Job *job = data;

  transform_input (job, job->tiles, index, index);
}

static void
run_product (void *data, int index, int worker)
{
  const Job *job = data;

  multiply (job, job->tiles, index, job->n_tiles);
}

static void
run_output (void *data, int index, int worker)
{
  const Job *job = data;

  transform_output (job, job->tiles, index, index);
}

void
dan_conv_run (const DanConv *conv, const DanKernels *kernels,
    const DanActivation *in, DanActivation *out, DanTiles *tiles,
    DanPool *pool)
{
  Job job = { conv, kernels, in, out, tiles, tiles_across (conv) };

  if (kernels == &dan_kernels_c) {
    dan_convolve_c (in, out, conv->weights, conv->bias, conv->pool);
    return;
  }
  job.n_tiles = job.tiles_across * job.tiles_across;
  job.block = block_size (conv, kernels);
  if (job.block < job.n_tiles || dan_pool_n_workers (pool) == 1) {
    const int n_blocks = (job.n_tiles + job.block - 1) / job.block;

    dan_pool_run (pool, n_blocks, run_block, &job);
    return;
  }
  dan_pool_run (pool, job.n_tiles, run_input, &job);
  dan_pool_run (pool, DAN_TILE_PRODUCTS, run_product, &job);
  dan_pool_run (pool, job.n_tiles, run_output, &job);
}

typedef struct {
  const DanConv *conv;
  const DanKernels *kernels;
  const float *planes;
  DanActivation *out;
} FirstJob;

static void
run_first_row (void *data, int y, int worker)
{
  const FirstJob *job = data;
  const size_t stride = job->conv->size + 2;

  job->kernels->first_row (job->planes + y * stride, stride * stride, stride,
      job->conv->in, job->conv->weights, job->conv->bias,
      job->out->pixels + y * job->out->row, job->conv->size, job->conv->out);
}

void
dan_conv_run_first (const DanConv *conv, const DanKernels *kernels,
    const float *planes, DanActivation *out, DanPool *pool)
{
  FirstJob job = { conv, kernels, planes, out };

  dan_pool_run (pool, conv->size, run_first_row, &job);
}
