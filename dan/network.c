/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "network.h"

#include <stdlib.h>

static bool
pack_stage (DanPackedStage *packed, const DanStage *stage, int image_size,
    const DanKernels *kernels)
{
  const int channels = stage->conv[DAN_N_CONVS - 1].out;
  int size = image_size;

  for (int i = 0; i < DAN_N_CONVS; i++) {
    const bool pool = i % 2 == 1;

    if (!dan_conv_pack (&packed->conv[i], &stage->conv[i], size, pool, i == 0,
            kernels))
      return false;
    if (pool)
      size /= 2;
  }
  return dan_dense_pack (&packed->fc1, &stage->fc1, channels,
             dan_pad_channels (channels))
      && dan_dense_pack (&packed->fc2, &stage->fc2, 1, 1)
      && (!stage->feature.weights
          || dan_dense_pack (&packed->feature, &stage->feature, 1, 1));
}

static void
network_free (DanNetwork *network)
{
  for (int s = 0; s < network->n_stages; s++) {
    DanPackedStage *stage = &network->stages[s];

    for (int i = 0; i < DAN_N_CONVS; i++)
      dan_conv_clear (&stage->conv[i]);
    dan_dense_clear (&stage->fc1);
    dan_dense_clear (&stage->fc2);
    dan_dense_clear (&stage->feature);
  }
  free (network);
}

static DanNetwork *
network_new (const DanModel *model, const DanKernels *kernels)
{
  DanNetwork *network = calloc (1, sizeof *network);

  if (!network)
    return NULL;
  network->kernels = kernels;
  network->n_stages = model->n_stages;
  for (int s = 0; s < model->n_stages; s++)
    if (!pack_stage (&network->stages[s], &model->stages[s],
            model->image_size, kernels)) {
      network_free (network);
      return NULL;
    }
  return network;
}

const DanNetwork *
dan_network_get (DanModel *model, const DanKernels *kernels)
{
  DanNetwork *network;

  pthread_mutex_lock (&model->networks_lock);
  for (network = model->networks; network; network = network->next)
    if (network->kernels == kernels)
      break;
  if (!network) {
    network = network_new (model, kernels);
    if (network) {
      network->next = model->networks;
      model->networks = network;
    }
  }
  pthread_mutex_unlock (&model->networks_lock);
  return network;
}

void
dan_network_free_all (DanModel *model)
{
  while (model->networks) {
    DanNetwork *next = model->networks->next;

    network_free (model->networks);
    model->networks = next;
  }
}

/* Flattens the last image, pixel by pixel, for fc1. */
static void
collect_image (DanSparse *sparse, const DanActivation *image)
{
  const int row = image->width * image->channels;

  sparse->n = 0;
  for (int y = 0; y < image->height; y++)
    dan_sparse_append (sparse, image->pixels + y * image->row, row, y * row);
}

static void
collect_vector (DanSparse *sparse, const float *values, int n)
{
  sparse->n = 0;
  dan_sparse_append (sparse, values, n, 0);
}

void
dan_network_run (const DanNetwork *network, DanWorkspace *workspace, int stage,
    DanProfile *profile)
{
  const DanPackedStage *packed = &network->stages[stage];
  const DanKernels *kernels = network->kernels;
  DanActivation *out = workspace->out[stage];
  DanPool *pool = workspace->pool;

  dan_conv_run_first (&packed->conv[0], kernels, workspace->planes, &out[0],
      pool);
  dan_profile_step (profile, stage, dan_conv_names[0], packed->conv[0].macs);
  for (int i = 1; i < DAN_N_CONVS; i++) {
    dan_conv_run (&packed->conv[i], kernels, &out[i - 1], &out[i],
        workspace->tiles, pool);
    dan_profile_step (profile, stage, dan_conv_names[i], packed->conv[i].macs);
  }
  collect_image (&workspace->sparse, &out[DAN_N_CONVS - 1]);
  dan_dense_run (&packed->fc1, kernels, &workspace->sparse, workspace->hidden,
      true, pool);
  dan_profile_step (profile, stage, "fc1", packed->fc1.macs);
  collect_vector (&workspace->sparse, workspace->hidden, packed->fc2.in);
  dan_dense_run (&packed->fc2, kernels, &workspace->sparse, workspace->update,
      false, pool);
  dan_profile_step (profile, stage, "fc2", packed->fc2.macs);
}

void
dan_network_run_feature (const DanNetwork *network, DanWorkspace *workspace,
    int stage)
{
  const DanDense *feature = &network->stages[stage].feature;

  collect_vector (&workspace->sparse, workspace->hidden, feature->in);
  dan_dense_run (feature, network->kernels, &workspace->sparse,
      workspace->feature, true, workspace->pool);
}
