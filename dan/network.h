/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The feed-forward network of each stage: a model's weights, packed for one
 * set of kernels, and the memory that running them takes. */
#ifndef DAN_NETWORK_H
#define DAN_NETWORK_H

#include "conv.h"
#include "decoder.h"
#include "dense.h"
#include "profile.h"

/* Faces that go through the stages together, so that they share the weights'
 * way from memory. */
#define DAN_BATCH 8

typedef struct {
  DanConv conv[DAN_N_CONVS];
  int first_shared; /* convolutions from here on take all faces at once */
  DanDense fc1, fc2;
  DanDense error1, error2; /* if the model has error heads */
  DanDense feature; /* from the second stage on */
  DanDecoder decoder; /* if the stage has one */
} DanPackedStage;

/* Immutable; shared by all contexts of its model that use these kernels. */
struct DanNetwork {
  DanNetwork *next;
  const DanKernels *kernels;
  int n_stages; /* with the recurrent one, if the model has it */
  DanPackedStage stages[DAN_MAX_STAGES + 1];
};

/* @model's weights for @kernels, packed now or before. They stay the model's.
 * NULL without memory. Thread-safe. */
const DanNetwork *dan_network_get (DanModel *model, const DanKernels *kernels);

/* Frees all of @model's; called when nobody holds it any more. */
void dan_network_free_all (DanModel *model);

/* Whether all faces' outputs of convolution @conv are kept, for layers after it
 * that take them at once, or for the decoder; else one is, of the face at hand. */
bool dan_stage_keeps (const DanPackedStage *stage, int conv);

/* One thread's memory for running a network on up to DAN_BATCH faces. */
typedef struct {
  DanPool *pool;
  int n_tiles;
  DanTiles tiles[DAN_MAX_THREADS];
  DanActivation out[DAN_MAX_STAGES + 1][DAN_N_CONVS];
  DanVectors planes;  /* the stage's input: 1 or 3 padded planes */
  DanVectors hidden;  /* fc1's activations */
  DanVectors update;  /* fc2's output: dx0, dy0, dx1 ... */
  DanVectors error_hidden;
  DanVectors log_error; /* one value, ln of the expected error */
  DanVectors feature; /* the feature image at half size */
  DanDecoderSpace decoder[DAN_MAX_STAGES + 1];
  float *scratch;     /* of the fully connected layers */
} DanWorkspace;

/* FALSE without memory; to be cleared then too. */
bool dan_workspace_init (DanWorkspace *workspace, const DanModel *model,
    const DanNetwork *network, DanPool *pool);
void dan_workspace_clear (DanWorkspace *workspace);

/* Stage @stage of the first @n_faces faces: @workspace's planes give its hidden
 * activations and update. */
void dan_network_run (const DanNetwork *network, DanWorkspace *workspace,
    int stage, int n_faces, DanProfile *profile);

/* Where the decoder of stage @stage, if it has one, finds the landmarks of face
 * @face after that: @points in the pixels of its image. */
bool dan_network_run_decoder (const DanNetwork *network,
    DanWorkspace *workspace, int stage, int face, DanPoint *points,
    DanProfile *profile);

/* What the error heads of stage @stage, which the model has to have, say from
 * the hidden activations of that stage: @workspace's log_error. */
void dan_network_run_error (const DanNetwork *network, DanWorkspace *workspace,
    int stage, int n_faces);

/* The feature images of stage @stage, which is not the first, of the hidden
 * activations before it. */
void dan_network_run_feature (const DanNetwork *network,
    DanWorkspace *workspace, int stage, int n_faces);

#endif
