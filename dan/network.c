/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "network.h"

#include <stdlib.h>

/* TRUE too if the model has no such layer. */
static bool
pack_vectors (DanDense *dense, const DanLayer *layer)
{
  return !layer->weights || dan_dense_pack (dense, layer);
}

static bool
pack_stage (DanPackedStage *packed, const DanStage *stage, int image_size,
    const DanKernels *kernels)
{
  const int channels = stage->conv[DAN_N_CONVS - 1].out;
  DanSize size = dan_size_square (image_size);

  for (int i = 0; i < DAN_N_CONVS; i++) {
    const bool pool = i % 2 == 1;

    if (!dan_conv_pack (&packed->conv[i], &stage->conv[i], size, pool, i == 0,
            kernels))
      return false;
    if (pool)
      size = dan_size_halved (size);
  }
  packed->first_shared = 2;
  while (packed->first_shared < DAN_N_CONVS
      && !dan_conv_is_shared (&packed->conv[packed->first_shared]))
    packed->first_shared++;
  return dan_dense_pack_image (&packed->fc1, &stage->fc1, kernels, channels,
             dan_pad_channels (channels))
      && pack_vectors (&packed->fc2, &stage->fc2)
      && pack_vectors (&packed->error1, &stage->error1)
      && pack_vectors (&packed->error2, &stage->error2)
      && pack_vectors (&packed->feature, &stage->feature)
      && dan_decoder_pack (&packed->decoder, stage,
          dan_size_square (image_size), kernels);
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
    dan_dense_clear (&stage->error1);
    dan_dense_clear (&stage->error2);
    dan_dense_clear (&stage->feature);
    dan_decoder_clear (&stage->decoder);
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
  network->n_stages = dan_model_all_stages (model);
  for (int s = 0; s < network->n_stages; s++)
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
      dan_model_drop_pages (model);
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

bool
dan_stage_keeps (const DanPackedStage *stage, int conv)
{
  return conv + 1 >= stage->first_shared
      || (stage->decoder.n_points > 0 && stage->conv[conv].pool);
}

/* Where face @face's output of convolution @conv goes. */
static DanActivation
output_of (const DanPackedStage *stage, const DanActivation *out, int conv,
    int face)
{
  return dan_activation_of (&out[conv],
      dan_stage_keeps (stage, conv) ? face : 0);
}

/* The first layers of one face, whose activations stay in the caches. */
static void
run_front (const DanNetwork *network, DanWorkspace *workspace, int stage,
    int face, DanProfile *profile)
{
  const DanPackedStage *packed = &network->stages[stage];
  const float *planes
      = workspace->planes.values + face * workspace->planes.face;
  const DanActivation *out = workspace->out[stage];
  DanActivation in = output_of (packed, out, 1, face);

  dan_conv_run_front (&packed->conv[0], &packed->conv[1], network->kernels,
      planes, &in, workspace->tiles, workspace->pool);
  dan_profile_step (profile, stage, "conv1",
      packed->conv[0].macs + packed->conv[1].macs);
  for (int i = 2; i < packed->first_shared; i++) {
    const DanActivation result = output_of (packed, out, i, face);

    dan_conv_run (&packed->conv[i], network->kernels, &in, &result, 1,
        workspace->tiles, workspace->pool);
    dan_profile_step (profile, stage, dan_conv_names[i],
        packed->conv[i].macs);
    in = result;
  }
}

static void
run_dense (const DanDense *dense, const DanNetwork *network,
    DanWorkspace *workspace, DanVectors in, DanVectors out, int n_faces,
    bool rectify)
{
  dan_dense_run (dense, network->kernels, in, out, n_faces, rectify,
      workspace->scratch, workspace->pool);
}

void
dan_network_run (const DanNetwork *network, DanWorkspace *workspace, int stage,
    int n_faces, DanProfile *profile)
{
  const DanPackedStage *packed = &network->stages[stage];
  DanActivation *out = workspace->out[stage];
  const DanActivation *image = &out[DAN_N_CONVS - 1];

  for (int i = 0; i < n_faces; i++)
    run_front (network, workspace, stage, i, profile);
  for (int i = packed->first_shared; i < DAN_N_CONVS; i++) {
    dan_conv_run (&packed->conv[i], network->kernels, &out[i - 1], &out[i],
        n_faces, workspace->tiles, workspace->pool);
    dan_profile_step (profile, stage, dan_conv_names[i],
        packed->conv[i].macs * n_faces);
  }
  run_dense (&packed->fc1, network, workspace,
      (DanVectors) { image->pixels, image->face }, workspace->hidden, n_faces,
      true);
  dan_profile_step (profile, stage, "fc1", packed->fc1.macs * n_faces);
  run_dense (&packed->fc2, network, workspace, workspace->hidden,
      workspace->update, n_faces, false);
  dan_profile_step (profile, stage, "fc2", packed->fc2.macs * n_faces);
}

bool
dan_network_run_decoder (const DanNetwork *network, DanWorkspace *workspace,
    int stage, int face, DanPoint *points, DanProfile *profile)
{
  const DanDecoder *decoder = &network->stages[stage].decoder;

  if (decoder->n_points == 0)
    return false;
  dan_decoder_run (decoder, &workspace->decoder[stage], network->kernels,
      workspace->out[stage], face, workspace->tiles, workspace->pool, points);
  dan_profile_step (profile, stage, "decoder", dan_decoder_macs (decoder));
  return true;
}

void
dan_network_run_error (const DanNetwork *network, DanWorkspace *workspace,
    int stage, int n_faces)
{
  const DanPackedStage *packed = &network->stages[stage];

  run_dense (&packed->error1, network, workspace, workspace->hidden,
      workspace->error_hidden, n_faces, true);
  run_dense (&packed->error2, network, workspace, workspace->error_hidden,
      workspace->log_error, n_faces, false);
}

void
dan_network_run_feature (const DanNetwork *network, DanWorkspace *workspace,
    int stage, int n_faces)
{
  run_dense (&network->stages[stage].feature, network, workspace,
      workspace->hidden, workspace->feature, n_faces, true);
}
