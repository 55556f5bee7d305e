/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dense.h"

#include <stdlib.h>
#include <string.h>

#include "half.h"
#include "memory.h"

bool
dan_dense_pack (DanDense *dense, const DanLayer *layer, int channels,
    int padded)
{
  const int pixels = layer->in / channels;
  const int panels
      = (layer->out + DAN_VECTOR_PANEL - 1) / DAN_VECTOR_PANEL;

  *dense = (DanDense) { .in = pixels * padded, .out = panels * DAN_VECTOR_PANEL };
  dense->macs = (uint64_t) layer->in * layer->out;
  dense->bias = dan_alloc_floats (dense->out);
  dense->weights = dan_alloc_floats ((size_t) dense->in * dense->out);
  if (!dense->bias || !dense->weights)
    return false;
  memcpy (dense->bias, layer->bias, layer->out * sizeof *dense->bias);
  for (int k = 0; k < layer->out; k++) {
    const uint16_t *row = layer->weights + (size_t) k * layer->in;
    float *panel = dense->weights
        + (size_t) (k / DAN_VECTOR_PANEL) * dense->in * DAN_VECTOR_PANEL
        + k % DAN_VECTOR_PANEL;

    for (int i = 0; i < layer->in; i++) {
      const size_t input = (size_t) (i % pixels) * padded + i / pixels;

      panel[input * DAN_VECTOR_PANEL] = dan_half_to_float (row[i]);
    }
  }
  return true;
}

void
dan_dense_clear (DanDense *dense)
{
  free (dense->weights);
  free (dense->bias);
  *dense = (DanDense) {};
}

bool
dan_sparse_init (DanSparse *sparse, int n)
{
  sparse->values = dan_alloc_floats (n);
  sparse->index = malloc (n * sizeof *sparse->index);
  sparse->n = 0;
  return sparse->values && sparse->index;
}

void
dan_sparse_clear (DanSparse *sparse)
{
  free (sparse->values);
  free (sparse->index);
  *sparse = (DanSparse) {};
}

void
dan_sparse_append (DanSparse *sparse, const float *values, int n, int first)
{
  for (int i = 0; i < n; i++) {
    /* Written always and kept if not zero: a branch would be mispredicted. */
    sparse->values[sparse->n] = values[i];
    sparse->index[sparse->n] = first + i;
    sparse->n += values[i] != 0;
  }
}

typedef struct {
  const DanDense *dense;
  const DanKernels *kernels;
  const DanSparse *x;
  float *out;
  bool rectify;
} Job;

static void
run_panel (void *data, int index, int worker)
{
  const Job *job = data;
  const int first = index * DAN_VECTOR_PANEL;
  float *out = job->out + first;

  memcpy (out, job->dense->bias + first, DAN_VECTOR_PANEL * sizeof *out);
  job->kernels->vector_product (job->x->values, job->x->index, job->x->n,
      job->dense->weights + (size_t) first * job->dense->in, out);
  if (job->rectify)
    for (int i = 0; i < DAN_VECTOR_PANEL; i++)
      out[i] = out[i] > 0 ? out[i] : 0;
}

void
dan_dense_run (const DanDense *dense, const DanKernels *kernels,
    const DanSparse *x, float *out, bool rectify, DanPool *pool)
{
  Job job = { dense, kernels, x, out, rectify };

  dan_pool_run (pool, dense->out / DAN_VECTOR_PANEL, run_panel, &job);
}
