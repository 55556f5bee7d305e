/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dense.h"

#include <string.h>

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
  dense->weights
      = dan_alloc ((size_t) dense->in * dense->out * sizeof *dense->weights);
  if (!dense->bias || !dense->weights)
    return false;
  memcpy (dense->bias, layer->bias, layer->out * sizeof *dense->bias);
  for (int k = 0; k < layer->out; k++) {
    const uint16_t *row = layer->weights + (size_t) k * layer->in;
    uint16_t *panel = dense->weights
        + (size_t) (k / DAN_VECTOR_PANEL) * dense->in * DAN_VECTOR_PANEL
        + k % DAN_VECTOR_PANEL;

    for (int i = 0; i < layer->in; i++) {
      const size_t input = (size_t) (i % pixels) * padded + i / pixels;

      panel[input * DAN_VECTOR_PANEL] = row[i];
    }
  }
  return true;
}

void
dan_dense_clear (DanDense *dense)
{
  dan_free (dense->weights);
  dan_free (dense->bias);
  *dense = (DanDense) {};
}

/* Inputs whose weights are read at once, for all faces: a part of the second
 * level of cache. The sums of such parts are added up in their order, so that
 * the result does not depend on the number of threads. */
#define PART_INPUTS 512

static int
n_parts (const DanDense *dense)
{
  return (dense->in + PART_INPUTS - 1) / PART_INPUTS;
}

size_t
dan_dense_partial_size (const DanDense *dense)
{
  return (size_t) n_parts (dense) * dense->out;
}

typedef struct {
  const DanDense *dense;
  const DanKernels *kernels;
  DanVectors x;
  float *partial; /* [face][panel][part][column] */
  int n_parts, n_faces;
} Job;

/* One part of one panel. */
static void
run_part (void *data, int index, int worker)
{
  const Job *job = data;
  const DanDense *dense = job->dense;
  const int panel = index / job->n_parts;
  const int first = index % job->n_parts * PART_INPUTS;
  const int left = dense->in - first;
  const uint16_t *weights = dense->weights
      + ((size_t) panel * dense->in + first) * DAN_VECTOR_PANEL;

  for (int i = 0; i < job->n_faces; i += DAN_VECTORS) {
    const int n = job->n_faces - i < DAN_VECTORS ? job->n_faces - i
                                                 : DAN_VECTORS;

    job->kernels->vector_product (job->x.values + i * job->x.face + first,
        job->x.face, weights,
        job->partial + i * dan_dense_partial_size (dense)
            + (size_t) index * DAN_VECTOR_PANEL,
        dan_dense_partial_size (dense), n,
        left < PART_INPUTS ? left : PART_INPUTS);
  }
}

static void
add_parts (const DanDense *dense, const float *partial, float *out,
    bool rectify)
{
  for (int k = 0; k < dense->out; k += DAN_VECTOR_PANEL) {
    memcpy (out + k, dense->bias + k, DAN_VECTOR_PANEL * sizeof *out);
    for (int part = 0; part < n_parts (dense); part++)
      for (int i = 0; i < DAN_VECTOR_PANEL; i++)
        out[k + i] += *partial++;
  }
  if (rectify)
    for (int k = 0; k < dense->out; k++)
      out[k] = out[k] > 0 ? out[k] : 0;
}

void
dan_dense_run (const DanDense *dense, const DanKernels *kernels,
    DanVectors x, DanVectors out, int n_faces, bool rectify, float *partial,
    DanPool *pool)
{
  Job job = { dense, kernels, x, partial, n_parts (dense), n_faces };

  dan_pool_run (pool, dense->out / DAN_VECTOR_PANEL * job.n_parts, run_part,
      &job);
  for (int i = 0; i < n_faces; i++)
    add_parts (dense, partial + i * dan_dense_partial_size (dense),
        out.values + i * out.face, rectify);
}
