/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The feed-forward network of each stage: a model's weights, packed for one
 * set of kernels, and the memory that running them takes. */
#ifndef DAN_NETWORK_H
#define DAN_NETWORK_H

#include "conv.h"
#include "dense.h"
#include "profile.h"

typedef struct {
  DanConv conv[DAN_N_CONVS];
  DanDense fc1, fc2;
  DanDense feature; /* from the second stage on */
} DanPackedStage;

/* Immutable; shared by all contexts of its model that use these kernels. */
struct DanNetwork {
  DanNetwork *next;
  const DanKernels *kernels;
  int n_stages;
  DanPackedStage stages[DAN_MAX_STAGES];
};

/* @model's weights for @kernels, packed now or before. They stay the model's.
 * NULL without memory. Thread-safe. */
const DanNetwork *dan_network_get (DanModel *model, const DanKernels *kernels);

/* Frees all of @model's; called when nobody holds it any more. */
void dan_network_free_all (DanModel *model);

/* One thread's memory for running a network. */
typedef struct {
  DanPool *pool;
  int n_tiles;
  DanTiles tiles[DAN_MAX_THREADS];
  DanActivation out[DAN_MAX_STAGES][DAN_N_CONVS];
  DanSparse sparse;
  float *planes;  /* the stage's input: 1 or 3 padded planes */
  float *hidden;  /* fc1's activations */
  float *update;  /* fc2's output: dx0, dy0, dx1 ... */
  float *feature; /* the feature image at half size */
} DanWorkspace;

/* FALSE without memory; to be cleared then too. */
bool dan_workspace_init (DanWorkspace *workspace, const DanModel *model,
    const DanNetwork *network, DanPool *pool);
void dan_workspace_clear (DanWorkspace *workspace);

/* Stage @stage: @workspace's planes give its hidden activations and update. */
void dan_network_run (const DanNetwork *network, DanWorkspace *workspace,
    int stage, DanProfile *profile);

/* The feature image of stage @stage from the hidden activations before it. */
void dan_network_run_feature (const DanNetwork *network,
    DanWorkspace *workspace, int stage);

#endif
