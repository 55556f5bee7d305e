/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "detector.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define SIGN 0x8000 /* of a half */
#define PHASES (DAN_DETECTOR_FOLD * DAN_DETECTOR_FOLD)

_Static_assert (PHASES % DAN_NARROW_UNIT == 0, "the stem has padded input");

/* The head, and the same with all signs turned. */
static bool
pack_head (DanConv *conv, const DanLayer *head, const DanKernels *kernels)
{
  const size_t n = (size_t) head->out * head->in * 9;
  uint16_t *weights = malloc (2 * n * sizeof *weights);
  float bias[2 * DAN_DETECTOR_VALUES];
  const DanLayer both = { weights, bias, head->in, 2 * head->out };
  bool packed = false;

  if (weights) {
    for (size_t i = 0; i < n; i++)
      weights[n + i] = (weights[i] = head->weights[i]) ^ SIGN;
    for (int i = 0; i < head->out; i++)
      bias[head->out + i] = -(bias[i] = head->bias[i]);
    packed = dan_conv_pack (conv, &both, (DanSize) {}, false, false, kernels);
  }
  free (weights);
  return packed;
}

static bool
pack_level (DanPackedLevel *packed, const DanDetectorLevel *level,
    const DanKernels *kernels)
{
  for (int i = 0; i < 2; i++)
    if (!dan_conv_pack (&packed->conv[i], &level->conv[i], (DanSize) {}, false,
            false, kernels))
      return false;
  return pack_head (&packed->head, &level->head, kernels);
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
    dan_activation_clear (&level->cells);
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
    dan_conv_clear (&level->head);
  }
}

static bool
resize_level (DanPackedLevel *level, DanSize size)
{
  for (int i = 0; i < 2; i++)
    level->conv[i].size = size;
  level->head.size = size;
  return dan_activation_init (&level->in, size, level->conv[0].in, 1, true)
      && dan_activation_init (&level->middle, size, level->conv[1].in, 1, true)
      && dan_activation_init (&level->features, size, level->head.in, 1, true)
      && dan_activation_init (&level->cells, size, level->head.out, 1, false);
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
    const DanConv *convs[] = { &level->conv[0], &level->conv[1], &level->head };

    for (int i = 0; i < 3; i++)
      dan_conv_tiles_size (convs[i], network->kernels, 1, n_workers, worker,
          &size);
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

void
dan_detector_network_run (DanDetectorNetwork *network, DanRowsReader read,
    void *data)
{
  const Image image = { network, read, data };

  dan_conv_run_rows (&network->stem, network->kernels, fold_row, &image,
      &network->levels[0].in, network->tiles, network->pool);
  for (int l = 0; l < DAN_DETECTOR_LEVELS; l++) {
    DanPackedLevel *level = &network->levels[l];

    if (l > 0)
      pool_maxima (&level[-1].features, &level->in);
    run_conv (network, &level->conv[0], &level->in, &level->middle);
    run_conv (network, &level->conv[1], &level->middle, &level->features);
    run_conv (network, &level->head, &level->features, &level->cells);
  }
}
