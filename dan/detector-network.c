/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "detector.h"

#include <string.h>

#include "memory.h"
#include "winograd.h"

#define TAPS 9
#define PHASES (DAN_DETECTOR_FOLD * DAN_DETECTOR_FOLD)

_Static_assert (PHASES % DAN_NARROW_UNIT == 0, "the stem has padded input");

static float *
weights_of (const DanPackedHead *head, int value)
{
  return head->weights + (size_t) value * TAPS * head->channels;
}

static bool
pack_head (DanPackedHead *head, const DanLayer *layer)
{
  head->channels = dan_pad_channels (layer->in);
  head->weights = dan_alloc_floats (
      (size_t) DAN_DETECTOR_VALUES * TAPS * head->channels);
  if (!head->weights)
    return false;
  memcpy (head->bias, layer->bias, sizeof head->bias);
  for (int value = 0; value < DAN_DETECTOR_VALUES; value++)
    for (int c = 0; c < layer->in; c++) {
      float taps[TAPS];

      dan_read_taps (layer, value, c, taps);
      for (int i = 0; i < TAPS; i++)
        weights_of (head, value)[i * head->channels + c] = taps[i];
    }
  return true;
}

static bool
pack_level (DanPackedLevel *packed, const DanDetectorLevel *level,
    const DanKernels *kernels)
{
  for (int i = 0; i < 2; i++)
    if (!dan_conv_pack (&packed->conv[i], &level->conv[i], (DanSize) {}, false,
            false, kernels))
      return false;
  return pack_head (&packed->head, &level->head);
}

bool
dan_detector_network_init (DanDetectorNetwork *network, const DanModel *model,
    const DanKernels *kernels, DanPool *pool)
{
  const DanDetectorLayers *layers = &model->detector;

  *network = (DanDetectorNetwork) { .kernels = kernels, .pool = pool };
  if (!dan_conv_pack_narrow (&network->stem, &layers->stem, (DanSize) {}, true,
          kernels))
    return false;
  for (int l = 0; l < DAN_DETECTOR_LEVELS; l++)
    if (!pack_level (&network->levels[l], &layers->levels[l], kernels))
      return false;
  return true;
}

/* Gives up all memory that depends on the image's size. */
static void
free_images (DanDetectorNetwork *network)
{
  for (int i = 0; i < network->n_tiles; i++) {
    dan_free (network->tiles[i].input);
    dan_free (network->tiles[i].output);
    dan_free (network->tiles[i].band);
  }
  network->n_tiles = 0;
  for (int l = 0; l < DAN_DETECTOR_LEVELS; l++) {
    DanPackedLevel *level = &network->levels[l];

    dan_activation_clear (&level->in);
    dan_activation_clear (&level->middle);
    dan_activation_clear (&level->features);
    dan_activation_clear (&level->scores);
  }
}

void
dan_detector_network_clear (DanDetectorNetwork *network)
{
  free_images (network);
  dan_conv_clear (&network->stem);
  for (int l = 0; l < DAN_DETECTOR_LEVELS; l++) {
    DanPackedLevel *level = &network->levels[l];

    for (int i = 0; i < 2; i++)
      dan_conv_clear (&level->conv[i]);
    dan_free (level->head.weights);
  }
}

static bool
resize_level (DanPackedLevel *level, DanSize size)
{
  for (int i = 0; i < 2; i++)
    level->conv[i].size = size;
  return dan_activation_init (&level->in, size, level->conv[0].in, 1, true)
      && dan_activation_init (&level->middle, size, level->conv[1].in, 1, true)
      && dan_activation_init (&level->features, size, level->head.channels, 1,
          true)
      && dan_activation_init (&level->scores, size, 1, 1, false);
}

static bool
init_tiles (DanDetectorNetwork *network, int worker)
{
  const int n_workers = dan_pool_n_workers (network->pool);
  DanTiles *tiles = &network->tiles[worker];
  DanTilesSize size = {};

  dan_conv_rows_tiles_size (&network->stem, network->kernels, &size);
  for (int l = 0; l < DAN_DETECTOR_LEVELS; l++) {
    const DanPackedLevel *level = &network->levels[l];

    for (int i = 0; i < 2; i++)
      dan_conv_tiles_size (&level->conv[i], network->kernels, 1, n_workers,
          worker, &size);
  }
  *tiles = (DanTiles) { dan_alloc_floats (size.input),
    dan_alloc_floats (size.output), dan_alloc_floats (size.band) };
  return tiles->input && tiles->output && tiles->band;
}

static bool
init_images (DanDetectorNetwork *network, DanSize size)
{
  network->stem.size = size;
  for (int l = 0; l < DAN_DETECTOR_LEVELS; l++) {
    size = dan_size_halved (size);
    if (!resize_level (&network->levels[l], size))
      return false;
  }
  for (int i = 0; i < dan_pool_n_workers (network->pool); i++) {
    network->n_tiles++;
    if (!init_tiles (network, i))
      return false;
  }
  return true;
}

bool
dan_detector_network_resize (DanDetectorNetwork *network, DanSize size)
{
  free_images (network);
  return init_images (network,
      (DanSize) { size.width / DAN_DETECTOR_FOLD,
        size.height / DAN_DETECTOR_FOLD });
}

static float
larger (float a, float b)
{
  return a > b ? a : b;
}

static void
pool_row (const float *upper, const float *lower, int width, int channels,
    float *restrict out)
{
  for (int x = 0; x < width; x++) {
    for (int c = 0; c < channels; c++)
      out[c] = larger (larger (upper[c], upper[channels + c]),
          larger (lower[c], lower[channels + c]));
    upper += 2 * channels;
    lower += 2 * channels;
    out += channels;
  }
}

static void
pool_maxima (const DanActivation *in, const DanActivation *out)
{
  for (int y = 0; y < out->size.height; y++) {
    const float *upper = in->pixels + 2 * y * in->row;

    pool_row (upper, upper + in->row, out->size.width, out->channels,
        out->pixels + y * out->row);
  }
}

static void
run_conv (DanDetectorNetwork *network, const DanConv *conv,
    const DanActivation *in, const DanActivation *out)
{
  dan_conv_run (conv, network->kernels, in, out, 1, network->tiles,
      network->pool);
}

typedef struct {
  const DanDetectorNetwork *network;
  DanRowsReader read;
  void *data;
} Image;

/* Row @y of the stem's input: channel 4 i + k gets the pixels that are i below
 * and k right of every fourth. */
static void
fold_row (const void *data, int y, float *out, int worker)
{
  const Image *image = data;
  const int width = image->network->stem.size.width;
  const float *rows
      = image->read (image->data, y * DAN_DETECTOR_FOLD, worker);

  for (int x = 0; x < width; x++, out += PHASES)
    for (int i = 0; i < DAN_DETECTOR_FOLD; i++)
      memcpy (out + i * DAN_DETECTOR_FOLD,
          rows + (i * width + x) * DAN_DETECTOR_FOLD,
          DAN_DETECTOR_FOLD * sizeof *out);
}

/* Value @i of @n cells of level @l from (@x, @y) on. */
static void
make_values (const DanDetectorNetwork *network, int l, int i, int x, int y,
    int n, float *values)
{
  const DanPackedHead *head = &network->levels[l].head;
  const DanActivation *in = &network->levels[l].features;

  network->kernels->plane_row (in->pixels + (y - 1) * in->row
          + (x - 1) * (ptrdiff_t) in->channels,
      in->row, in->channels, weights_of (head, i), head->bias[i], values, n);
}

typedef struct {
  const DanDetectorNetwork *network;
  int level;
} Scoring;

static void
score_row (void *data, int y, int worker)
{
  const Scoring *scoring = data;
  const DanActivation *scores
      = &scoring->network->levels[scoring->level].scores;

  make_values (scoring->network, scoring->level, 0, 0, y, scores->size.width,
      scores->pixels + y * scores->row);
}

void
dan_detector_network_read (const DanDetectorNetwork *network, int l, int x,
    int y, float values[DAN_DETECTOR_VALUES])
{
  const DanActivation *scores = &network->levels[l].scores;

  values[0] = scores->pixels[y * scores->row + x];
  for (int i = 1; i < DAN_DETECTOR_VALUES; i++)
    make_values (network, l, i, x, y, 1, &values[i]);
}

void
dan_detector_network_run (DanDetectorNetwork *network, DanRowsReader read,
    void *data)
{
  const Image image = { network, read, data };

  dan_conv_run_rows (&network->stem, network->kernels, fold_row, &image,
      &network->levels[0].in, network->tiles, network->pool);
  for (int l = 0; l < DAN_DETECTOR_LEVELS; l++) {
    DanPackedLevel *level = &network->levels[l];
    Scoring scoring = { network, l };

    if (l > 0)
      pool_maxima (&level[-1].features, &level->in);
    run_conv (network, &level->conv[0], &level->in, &level->middle);
    run_conv (network, &level->conv[1], &level->middle, &level->features);
    dan_pool_run (network->pool, level->scores.size.height, score_row,
        &scoring);
  }
}
