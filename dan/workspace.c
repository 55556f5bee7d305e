/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>

#include "memory.h"
#include "network.h"

static void
grow (size_t *value, size_t other)
{
  if (*value < other)
    *value = other;
}

static bool
init_tiles (DanWorkspace *workspace, const DanNetwork *network)
{
  size_t input = 0, output = 0;

  for (int s = 0; s < network->n_stages; s++)
    for (int i = 1; i < DAN_N_CONVS; i++) {
      size_t in, out;

      dan_conv_tiles_size (&network->stages[s].conv[i], network->kernels, &in,
          &out);
      grow (&input, in);
      grow (&output, out);
    }
  workspace->n_tiles = dan_pool_n_workers (workspace->pool);
  for (int i = 0; i < workspace->n_tiles; i++) {
    workspace->tiles[i].input = dan_alloc_floats (input);
    workspace->tiles[i].output = dan_alloc_floats (output);
    if (!workspace->tiles[i].input || !workspace->tiles[i].output)
      return false;
  }
  return true;
}

static bool
init_activations (DanWorkspace *workspace, const DanNetwork *network)
{
  for (int s = 0; s < network->n_stages; s++)
    for (int i = 0; i < DAN_N_CONVS; i++) {
      const DanConv *conv = &network->stages[s].conv[i];
      const int size = conv->pool ? conv->size / 2 : conv->size;

      if (!dan_activation_init (&workspace->out[s][i], size, conv->out))
        return false;
    }
  return true;
}

bool
dan_workspace_init (DanWorkspace *workspace, const DanModel *model,
    const DanNetwork *network, DanPool *pool)
{
  const size_t side = model->image_size + 2;
  size_t flat = 0, hidden = 0, update = 0, feature = 0;

  *workspace = (DanWorkspace) { .pool = pool };
  for (int s = 0; s < network->n_stages; s++) {
    grow (&flat, network->stages[s].fc1.in);
    grow (&hidden, network->stages[s].fc1.out);
    grow (&update, network->stages[s].fc2.out);
    grow (&feature, network->stages[s].feature.out);
  }
  grow (&flat, hidden);
  workspace->planes = dan_alloc_floats (3 * side * side);
  workspace->hidden = dan_alloc_floats (hidden);
  workspace->update = dan_alloc_floats (update);
  workspace->feature = dan_alloc_floats (feature);
  /* One more, where the last zero is written before it is dropped. */
  return workspace->planes && workspace->hidden && workspace->update
      && workspace->feature
      && dan_sparse_init (&workspace->sparse, (int) flat + 1)
      && init_tiles (workspace, network)
      && init_activations (workspace, network);
}

void
dan_workspace_clear (DanWorkspace *workspace)
{
  for (int i = 0; i < workspace->n_tiles; i++) {
    free (workspace->tiles[i].input);
    free (workspace->tiles[i].output);
  }
  for (int s = 0; s < DAN_MAX_STAGES; s++)
    for (int i = 0; i < DAN_N_CONVS; i++)
      dan_activation_clear (&workspace->out[s][i]);
  dan_sparse_clear (&workspace->sparse);
  free (workspace->planes);
  free (workspace->hidden);
  free (workspace->update);
  free (workspace->feature);
  *workspace = (DanWorkspace) {};
}
