/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decoder.h"

#include <string.h>

static DanSize
size_of_up (DanSize image, int i)
{
  for (int h = 0; h < dan_up_halvings (i); h++)
    image = dan_size_halved (image);
  return image;
}

bool
dan_decoder_pack (DanDecoder *decoder, const DanStage *stage, DanSize size,
    const DanKernels *kernels)
{
  int coarse = stage->conv[DAN_N_CONVS - 1].out;

  *decoder = (DanDecoder) { .n_points = stage->heatmaps.out };
  if (decoder->n_points == 0)
    return true;
  for (int i = 0; i < DAN_N_UPS; i++) {
    decoder->joins[i].coarse = coarse;
    decoder->joins[i].fine = dan_up_joins (stage, i);
    coarse = stage->up[i].out;
    if (!dan_conv_pack (&decoder->up[i], &stage->up[i], size_of_up (size, i),
            false, false, kernels))
      return false;
  }
  return dan_conv_pack (&decoder->heatmaps, &stage->heatmaps,
      size_of_up (size, DAN_N_UPS - 1), false, false, kernels);
}

void
dan_decoder_clear (DanDecoder *decoder)
{
  for (int i = 0; i < DAN_N_UPS; i++)
    dan_conv_clear (&decoder->up[i]);
  dan_conv_clear (&decoder->heatmaps);
}

static bool
init_output (DanActivation *out, const DanConv *conv, bool padded)
{
  return dan_activation_init (out, conv->size, conv->out, 1, padded);
}

bool
dan_decoder_space_init (DanDecoderSpace *space, const DanDecoder *decoder)
{
  *space = (DanDecoderSpace) {};
  for (int i = 0; i < DAN_N_UPS; i++) {
    const DanConv *conv = &decoder->up[i];

    if ((decoder->joins[i].fine > 0
            && !dan_activation_init (&space->joined[i], conv->size, conv->in, 1,
                true))
        || !init_output (&space->up[i], conv, true))
      return false;
  }
  return init_output (&space->heatmaps, &decoder->heatmaps, false);
}

void
dan_decoder_space_clear (DanDecoderSpace *space)
{
  for (int i = 0; i < DAN_N_UPS; i++) {
    dan_activation_clear (&space->joined[i]);
    dan_activation_clear (&space->up[i]);
  }
  dan_activation_clear (&space->heatmaps);
}

bool
dan_decoder_same_space (const DanDecoder *a, const DanDecoder *b)
{
  for (int i = 0; i < DAN_N_UPS; i++)
    if (a->up[i].in != b->up[i].in || a->up[i].out != b->up[i].out)
      return false;
  return a->n_points == b->n_points;
}

DanDecoderSpace
dan_decoder_space_of (const DanDecoderSpace *space)
{
  DanDecoderSpace same = { .heatmaps
    = dan_activation_of (&space->heatmaps, 0) };

  for (int i = 0; i < DAN_N_UPS; i++) {
    if (space->joined[i].pixels)
      same.joined[i] = dan_activation_of (&space->joined[i], 0);
    same.up[i] = dan_activation_of (&space->up[i], 0);
  }
  return same;
}

void
dan_decoder_tiles_size (const DanDecoder *decoder, const DanKernels *table,
    int n_workers, int worker, DanTilesSize *size)
{
  for (int i = 0; i < DAN_N_UPS; i++)
    dan_conv_tiles_size (&decoder->up[i], table, 1, n_workers, worker, size);
  dan_conv_tiles_size (&decoder->heatmaps, table, 1, n_workers, worker, size);
}

typedef struct {
  DanActivation coarse, fine, out;
  int n_coarse, n_fine; /* planes */
} Join;

static void
join_row (void *data, int y, int worker)
{
  const Join *join = data;
  const DanActivation *coarse = &join->coarse, *fine = &join->fine;
  const float *upper = coarse->pixels + y / 2 * coarse->row;
  const float *beside = fine->pixels + y * fine->row;
  float *out = join->out.pixels + y * join->out.row;

  for (int x = 0; x < join->out.size.width; x++) {
    memcpy (out, upper + x / 2 * coarse->channels,
        join->n_coarse * sizeof *out);
    memcpy (out + join->n_coarse, beside + x * fine->channels,
        join->n_fine * sizeof *out);
    out += join->out.channels;
  }
}

/* What up[@i] takes: @before, or that enlarged and beside @fine. */
static const DanActivation *
input_of (const DanDecoder *decoder, DanDecoderSpace *space, int i,
    const DanActivation *before, DanActivation fine, DanPool *pool)
{
  Join join = { *before, fine, space->joined[i], decoder->joins[i].coarse,
    decoder->joins[i].fine };

  if (join.n_fine == 0)
    return before;
  dan_pool_run (pool, join.out.size.height, join_row, &join);
  return &space->joined[i];
}

void
dan_decoder_run (const DanDecoder *decoder, DanDecoderSpace *space,
    const DanKernels *table, const DanActivation out[DAN_N_CONVS], int face,
    DanTiles *tiles, DanPool *pool, DanPoint *points)
{
  const DanActivation last = dan_activation_of (&out[DAN_N_CONVS - 1], face);
  const DanActivation *before = &last, *maps = &space->heatmaps;

  for (int i = 0; i < DAN_N_UPS; i++) {
    const DanActivation fine
        = dan_activation_of (&out[2 * dan_up_halvings (i) - 1], face);

    dan_conv_run (&decoder->up[i], table,
        input_of (decoder, space, i, before, fine, pool), &space->up[i], 1,
        tiles, pool);
    before = &space->up[i];
  }
  dan_conv_run (&decoder->heatmaps, table, before, maps, 1, tiles, pool);
  table->image->centroids (maps->pixels, maps->row, maps->channels, maps->size,
      decoder->n_points, points);
  /* A heatmap's pixel is between two of the image in each direction. */
  for (int i = 0; i < decoder->n_points; i++)
    points[i] = (DanPoint) { 2 * points[i].x + .5f, 2 * points[i].y + .5f };
}

uint64_t
dan_decoder_macs (const DanDecoder *decoder)
{
  uint64_t macs = decoder->heatmaps.macs;

  for (int i = 0; i < DAN_N_UPS; i++)
    macs += decoder->up[i].macs;
  return macs;
}
