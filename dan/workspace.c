/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "least.h"
#include "memory.h"
#include "network.h"

static bool
init_tiles (DanTiles *tiles, const DanNetwork *network, int n_workers,
    int worker)
{
  DanTilesSize size = {};

  for (int s = 0; s < network->n_stages; s++) {
    const DanConv *conv = network->stages[s].conv;

    dan_conv_rows_tiles_size (&conv[1], network->kernels, &size);
    for (int i = 2; i < DAN_N_CONVS; i++)
      dan_conv_tiles_size (&conv[i], network->kernels, DAN_BATCH, n_workers,
          worker, &size);
    if (network->stages[s].decoder.n_points > 0)
      dan_decoder_tiles_size (&network->stages[s].decoder, network->kernels,
          n_workers, worker, &size);
  }
  tiles->input = dan_alloc_floats (size.input);
  tiles->output = dan_alloc_floats (size.output);
  tiles->band = dan_alloc_floats (size.band);
  return tiles->input && tiles->output && tiles->band;
}

static bool
init_workers (DanWorkspace *workspace, const DanNetwork *network)
{
  workspace->n_tiles = dan_pool_n_workers (workspace->pool);
  for (int i = 0; i < workspace->n_tiles; i++)
    if (!init_tiles (&workspace->tiles[i], network, workspace->n_tiles, i))
      return false;
  return true;
}

/* Stages of the same shape share their activations. */
static bool
same_shape (const DanPackedStage *a, const DanPackedStage *b)
{
  for (int i = 0; i < DAN_N_CONVS; i++)
    if (a->conv[i].out != b->conv[i].out
        || dan_stage_keeps (a, i) != dan_stage_keeps (b, i))
      return false;
  return true;
}

static bool
init_stage (DanActivation out[DAN_N_CONVS], const DanPackedStage *stage)
{
  /* What the first layer makes is only seen by the second. */
  for (int i = 1; i < DAN_N_CONVS; i++) {
    const DanConv *conv = &stage->conv[i];
    const int n_faces = dan_stage_keeps (stage, i) ? DAN_BATCH : 1;

    /* fc1 takes the last image as it is. */
    if (!dan_activation_init (&out[i],
            conv->pool ? dan_size_halved (conv->size) : conv->size, conv->out,
            n_faces, i + 1 < DAN_N_CONVS))
      return false;
  }
  return true;
}

/* The first stage of the shape of stage @s. */
static int
first_alike (const DanPackedStage *stages, int s)
{
  int first = 0;

  while (!same_shape (&stages[first], &stages[s]))
    first++;
  return first;
}

static bool
init_activations (DanWorkspace *workspace, const DanNetwork *network)
{
  const DanPackedStage *stages = network->stages;

  for (int s = 0; s < network->n_stages; s++) {
    DanActivation *out = workspace->out[s];
    const int first = first_alike (stages, s);

    if (first < s)
      for (int i = 1; i < DAN_N_CONVS; i++)
        out[i] = dan_activation_of (&workspace->out[first][i], 0);
    else if (!init_stage (out, &stages[s]))
      return false;
  }
  return true;
}

static bool
init_decoder (DanWorkspace *workspace, const DanNetwork *network, int s)
{
  const DanDecoder *decoder = &network->stages[s].decoder;
  int first = 0;

  if (decoder->n_points == 0)
    return true;
  while (!dan_decoder_same_space (&network->stages[first].decoder, decoder))
    first++;
  if (first == s)
    return dan_decoder_space_init (&workspace->decoder[s], decoder);
  workspace->decoder[s] = dan_decoder_space_of (&workspace->decoder[first]);
  return true;
}

static bool
init_decoders (DanWorkspace *workspace, const DanNetwork *network)
{
  for (int s = 0; s < network->n_stages; s++)
    if (!init_decoder (workspace, network, s))
      return false;
  return true;
}

static bool
init_vectors (DanVectors *vectors, size_t n)
{
  vectors->face = n;
  vectors->values = dan_alloc_floats (n * DAN_BATCH);
  return vectors->values;
}

static bool
init_dense (DanWorkspace *workspace, const DanNetwork *network)
{
  const DanKernels *kernels = network->kernels;
  size_t hidden = 0, update = 0, feature = 0, scratch = 0;
  size_t error_hidden = 0, log_error = 0;

  for (int s = 0; s < network->n_stages; s++) {
    const DanPackedStage *stage = &network->stages[s];

    dan_grow (&hidden, stage->fc1.out);
    dan_grow (&update, stage->fc2.out);
    dan_grow (&error_hidden, stage->error1.out);
    dan_grow (&log_error, stage->error2.out);
    dan_grow (&feature, stage->feature.out);
    dan_grow (&scratch, dan_dense_scratch_size (&stage->fc1, kernels));
    dan_grow (&scratch, dan_dense_scratch_size (&stage->fc2, kernels));
    dan_grow (&scratch, dan_dense_scratch_size (&stage->error1, kernels));
    dan_grow (&scratch, dan_dense_scratch_size (&stage->error2, kernels));
    dan_grow (&scratch, dan_dense_scratch_size (&stage->feature, kernels));
  }
  workspace->scratch = dan_alloc_floats (scratch * DAN_BATCH);
  return workspace->scratch && init_vectors (&workspace->hidden, hidden)
      && init_vectors (&workspace->update, update)
      && init_vectors (&workspace->error_hidden, error_hidden)
      && init_vectors (&workspace->log_error, log_error)
      && init_vectors (&workspace->feature, feature);
}

bool
dan_workspace_init (DanWorkspace *workspace, const DanModel *model,
    const DanNetwork *network, DanPool *pool)
{
  const size_t side = model->image_size + 2;

  *workspace = (DanWorkspace) { .pool = pool };
  return init_vectors (&workspace->planes, 3 * side * side)
      && init_dense (workspace, network) && init_workers (workspace, network)
      && init_activations (workspace, network)
      && init_decoders (workspace, network);
}

void
dan_workspace_clear (DanWorkspace *workspace)
{
  for (int i = 0; i < workspace->n_tiles; i++) {
    dan_free (workspace->tiles[i].input);
    dan_free (workspace->tiles[i].output);
    dan_free (workspace->tiles[i].band);
  }
  for (int s = 0; s <= DAN_MAX_STAGES; s++) {
    for (int i = 1; i < DAN_N_CONVS; i++)
      dan_activation_clear (&workspace->out[s][i]);
    dan_decoder_space_clear (&workspace->decoder[s]);
  }
  dan_free (workspace->planes.values);
  dan_free (workspace->hidden.values);
  dan_free (workspace->update.values);
  dan_free (workspace->error_hidden.values);
  dan_free (workspace->log_error.values);
  dan_free (workspace->feature.values);
  dan_free (workspace->scratch);
  *workspace = (DanWorkspace) {};
}
