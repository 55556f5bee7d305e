/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "conv.h"

#include "memory.h"

/* Where tile sizes are decided, by measurement (docs/performance.md):
 *
 * Blocks of tiles go through all steps one after another, so that what is
 * between the steps stays in the second level of cache: the transformed inputs,
 * and the products of one panel, of about this size; a multiple of the
 * product's register block. The weights pass by for each block, which costs
 * little since the product asks for them ahead. */
#define BLOCK_BYTES (192 << 10)
/* Layers with no more tiles a face than this use each weight so few times that
 * its way from memory takes as long as its products: those take the tiles of
 * all faces at once. */
#define SHARED_TILES 28
/* Keeps the 36 planes of a block from falling into the same cache sets. */
#define PLANE_GAP 16

/* Tiles are numbered region by region, in each all faces': those cut in half by
 * the right edge, the whole ones, those cut by the lower edge, and the corner's.
 * In this order the tiles that have a product are neighbours. */
enum { RIGHT, WHOLE, LOWER, CORNER, N_REGIONS };

typedef struct {
  int x, y;          /* of the first tile, in tiles */
  int across, down;  /* tiles of a face */
  int face;          /* their number */
  int first;         /* number of the first of all */
} Region;

typedef struct {
  const DanConv *conv;
  const DanKernels *kernels;
  const DanActivation *in;
  DanActivation *out;
  DanTiles *tiles;
  Region regions[N_REGIONS];
  int n_faces, n_tiles, block;
} Job;

static int
round_up (int value, int unit)
{
  return (value + unit - 1) / unit * unit;
}

static int
smaller (int a, int b)
{
  return a < b ? a : b;
}

static size_t
larger (size_t a, size_t b)
{
  return a > b ? a : b;
}

bool
dan_activation_init (DanActivation *activation, int size, int channels,
    int n_faces, bool padded)
{
  const int side = padded ? round_up (size, DAN_TILE_OUT) + 2 : size;
  const size_t face = (size_t) side * side * channels;
  float *memory = dan_alloc_floats (face * n_faces);

  if (!memory)
    return false;
  *activation = (DanActivation) {
    .memory = memory,
    .pixels = memory + (padded ? (side + 1) * channels : 0),
    .row = (ptrdiff_t) side * channels,
    .face = face,
    .width = size,
    .height = size,
    .channels = channels,
  };
  return true;
}

void
dan_activation_clear (DanActivation *activation)
{
  dan_free (activation->memory);
  *activation = (DanActivation) {};
}

DanActivation
dan_activation_of (const DanActivation *activation, int face)
{
  DanActivation one = *activation;

  one.memory = NULL;
  one.pixels += face * one.face;
  return one;
}

static int
tiles_across (const DanConv *conv)
{
  return (conv->size + DAN_TILE_OUT - 1) / DAN_TILE_OUT;
}

bool
dan_conv_is_shared (const DanConv *conv)
{
  return tiles_across (conv) * tiles_across (conv) <= SHARED_TILES;
}

/* Tiles that are worked on at once. */
static int
block_size (const DanConv *conv, const DanKernels *kernels, int n_tiles,
    int n_workers)
{
  const size_t tile = DAN_TILE_PRODUCTS * sizeof (float)
      * (conv->in / kernels->per_word + DAN_PRODUCT_PANEL);
  const int block = round_up ((int) (BLOCK_BYTES / tile) + 1,
      kernels->product_rows);

  /* Too few blocks for all workers: they share each step instead. */
  if (dan_conv_is_shared (conv) || block * (n_workers - 1) >= n_tiles)
    return n_tiles;
  return smaller (block, n_tiles);
}

/* Words between the planes of a block's inputs, floats between those of its
 * outputs, which are one panel's at a time. */
static size_t
input_step (const DanConv *conv, const DanKernels *kernels, int block)
{
  return (size_t) block * conv->in / kernels->per_word + PLANE_GAP;
}

static size_t
output_step (int block)
{
  return (size_t) block * DAN_PRODUCT_PANEL + PLANE_GAP;
}

void
dan_conv_tiles_size (const DanConv *conv, const DanKernels *kernels,
    int n_faces, int n_workers, int worker, size_t *input, size_t *output)
{
  *input = *output = 0;
  for (int i = 1; i <= n_faces; i++) {
    const int n_tiles = tiles_across (conv) * tiles_across (conv) * i;
    const int block = block_size (conv, kernels, n_tiles, n_workers);
    const size_t in = input_step (conv, kernels, block);

    /* Inputs that the workers share are in the first one's memory. */
    if (worker == 0 || block < n_tiles)
      *input = larger (*input, DAN_TILE_PRODUCTS * in);
    *output = larger (*output, DAN_TILE_PRODUCTS * output_step (block));
  }
}

/* Returns the number of tiles. */
static int
lay_out (Region regions[N_REGIONS], const DanConv *conv, int n_faces)
{
  const int across = tiles_across (conv);
  const bool cut
      = dan_tile_is_half (conv->size - (across - 1) * DAN_TILE_OUT);
  const int whole = cut ? across - 1 : across;
  const Region all[N_REGIONS] = {
    [RIGHT] = { whole, 0, cut, whole, cut * whole },
    [WHOLE] = { 0, 0, whole, whole, whole * whole },
    [LOWER] = { 0, whole, whole, cut, whole * cut },
    [CORNER] = { whole, whole, cut, cut, cut },
  };
  int n = 0;

  for (int i = 0; i < N_REGIONS; i++) {
    regions[i] = all[i];
    regions[i].first = n;
    n += all[i].face * n_faces;
  }
  return n;
}

/* A tile on the way through the regions. */
typedef struct {
  int region, face;
  int x, y; /* in the face's part of the region, in tiles */
} Cursor;

static Cursor
cursor_at (const Job *job, int tile)
{
  int region = N_REGIONS - 1, face, rest;

  while (job->regions[region].first > tile || !job->regions[region].face)
    region--;
  face = job->regions[region].face;
  rest = (tile - job->regions[region].first) % face;
  return (Cursor) { region, (tile - job->regions[region].first) / face,
    rest % job->regions[region].across, rest / job->regions[region].across };
}

/* To the next tile, without the divisions. */
static void
advance (const Job *job, Cursor *cursor)
{
  const Region *region = &job->regions[cursor->region];

  if (++cursor->x < region->across)
    return;
  cursor->x = 0;
  if (++cursor->y < region->down)
    return;
  cursor->y = 0;
  if (++cursor->face < job->n_faces)
    return;
  cursor->face = 0;
  do
    cursor->region++;
  while (cursor->region < N_REGIONS && !job->regions[cursor->region].face);
}

/* A tile's first pixel and the pixels in it. */
typedef struct {
  int x, y, columns, rows;
} Place;

static Place
place_of (const Job *job, const Cursor *cursor)
{
  const Region *region = &job->regions[cursor->region];
  const int x = (region->x + cursor->x) * DAN_TILE_OUT;
  const int y = (region->y + cursor->y) * DAN_TILE_OUT;

  return (Place) { x, y, smaller (DAN_TILE_OUT, job->conv->size - x),
    smaller (DAN_TILE_OUT, job->conv->size - y) };
}

/* Narrows the tiles from *@first to *@last - 1 to those that have @product. */
static void
keep_tiles_of (const Job *job, int product, int *first, int *last)
{
  const bool skip_right = dan_tile_skips (true, product % DAN_TILE_IN);
  const bool skip_lower = dan_tile_skips (true, product / DAN_TILE_IN);

  if (skip_right && *first < job->regions[WHOLE].first)
    *first = job->regions[WHOLE].first;
  if (skip_right)
    *last = smaller (*last, job->regions[CORNER].first);
  if (skip_lower)
    *last = smaller (*last, job->regions[LOWER].first);
}

/* Words of a tile in each plane of inputs. */
static size_t
input_row (const Job *job)
{
  return job->conv->in / job->kernels->per_word;
}

static void
transform_input (const Job *job, const Cursor *cursor, float *input)
{
  const DanActivation *in = job->in;
  const Place p = place_of (job, cursor);

  job->kernels->tile_input (in->pixels + cursor->face * in->face
          + (p.y - 1) * in->row + (p.x - 1) * (ptrdiff_t) in->channels,
      in->row, in->channels, input,
      input_step (job->conv, job->kernels, job->block), p.rows, p.columns);
}

/* @product of one panel, for @n tiles from @first on, which is the first in
 * @input. */
static void
multiply (const Job *job, const float *input, float *output, int panel,
    int product, int first, int n)
{
  const DanKernels *kernels = job->kernels;
  const size_t words = input_row (job);
  const float *weights = job->conv->weights
      + ((size_t) panel * DAN_TILE_PRODUCTS + product) * words
          * DAN_PRODUCT_PANEL;
  int from = first, to = first + n;

  keep_tiles_of (job, product, &from, &to);
  if (from >= to)
    return;
  input += product * input_step (job->conv, kernels, job->block)
      + (from - first) * words;
  output += product * output_step (job->block)
      + (from - first) * (size_t) DAN_PRODUCT_PANEL;
  kernels->product (input, weights, output, to - from, words);
}

static void
transform_output (const Job *job, const Cursor *cursor, const float *output,
    int panel)
{
  const DanConv *conv = job->conv;
  const DanActivation *out = job->out;
  const Place p = place_of (job, cursor);
  const int shrink = conv->pool ? 2 : 1, channel = panel * DAN_PRODUCT_PANEL;

  job->kernels->tile_output (output, output_step (job->block),
      conv->bias + channel,
      out->pixels + cursor->face * out->face + p.y / shrink * out->row
          + p.x / shrink * (ptrdiff_t) conv->out + channel,
      out->row, conv->out, p.rows, p.columns, conv->pool);
}

/* All products of one panel and what they become, for @n tiles from @first on,
 * which is the first in @input. */
static void
run_panel_of (const Job *job, const float *input, float *output, int panel,
    int first, int n)
{
  Cursor cursor = cursor_at (job, first);

  for (int i = 0; i < DAN_TILE_PRODUCTS; i++)
    multiply (job, input, output, panel, i, first, n);
  for (int i = 0; i < n; i++, advance (job, &cursor))
    transform_output (job, &cursor, output + (size_t) i * DAN_PRODUCT_PANEL,
        panel);
}

/* One block of tiles, in the worker's own memory. */
static void
run_block (void *data, int index, int worker)
{
  const Job *job = data;
  DanTiles *tiles = &job->tiles[worker];
  const int first = index * job->block;
  const int n = smaller (job->block, job->n_tiles - first);
  Cursor cursor = cursor_at (job, first);

  for (int i = 0; i < n; i++, advance (job, &cursor))
    transform_input (job, &cursor, tiles->input + i * input_row (job));
  for (int panel = 0; panel < job->conv->out / DAN_PRODUCT_PANEL; panel++)
    run_panel_of (job, tiles->input, tiles->output, panel, first, n);
}

/* All tiles' inputs in the first worker's memory, which all read... */
static void
run_input (void *data, int index, int worker)
{
  const Job *job = data;
  const Cursor cursor = cursor_at (job, index);

  transform_input (job, &cursor, job->tiles->input + index * input_row (job));
}

/* ... and one panel of their outputs. */
static void
run_panel (void *data, int index, int worker)
{
  const Job *job = data;

  run_panel_of (job, job->tiles->input, job->tiles[worker].output, index, 0,
      job->n_tiles);
}

static void
run_reference (const DanConv *conv, const DanActivation *in,
    const DanActivation *out, int n_faces)
{
  for (int i = 0; i < n_faces; i++) {
    const DanActivation from = dan_activation_of (in, i);
    DanActivation to = dan_activation_of (out, i);

    dan_convolve_c (&from, &to, conv->weights, conv->bias, conv->pool);
  }
}

void
dan_conv_run (const DanConv *conv, const DanKernels *kernels,
    const DanActivation *in, DanActivation *out, int n_faces, DanTiles *tiles,
    DanPool *pool)
{
  Job job = { conv, kernels, in, out, tiles };

  if (kernels == &dan_kernels_c) {
    run_reference (conv, in, out, n_faces);
    return;
  }
  job.n_faces = n_faces;
  job.n_tiles = lay_out (job.regions, conv, n_faces);
  job.block
      = block_size (conv, kernels, job.n_tiles, dan_pool_n_workers (pool));
  if (job.block < job.n_tiles) {
    dan_pool_run (pool, (job.n_tiles + job.block - 1) / job.block, run_block,
        &job);
    return;
  }
  dan_pool_run (pool, job.n_tiles, run_input, &job);
  dan_pool_run (pool, conv->out / DAN_PRODUCT_PANEL, run_panel, &job);
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
