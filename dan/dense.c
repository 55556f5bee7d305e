/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dense-int8.h"

#include <string.h>

#include "memory.h"

/* All but the weights, of which a row or a column is @in long. */
static bool
init (DanDense *dense, const DanLayer *layer, int in)
{
  const int panels
      = (layer->out + DAN_VECTOR_PANEL - 1) / DAN_VECTOR_PANEL;

  *dense = (DanDense) { .in = in, .out = panels * DAN_VECTOR_PANEL };
  dense->macs = (uint64_t) layer->in * layer->out;
  dense->bias = dan_alloc_floats (dense->out);
  if (!dense->bias)
    return false;
  memcpy (dense->bias, layer->bias, layer->out * sizeof *dense->bias);
  return true;
}

static bool
pack_halves (DanDense *dense, const DanLayer *layer, int pixels, int padded)
{
  dense->halves
      = dan_alloc ((size_t) dense->in * dense->out * sizeof *dense->halves);
  if (!dense->halves)
    return false;
  for (int k = 0; k < layer->out; k++) {
    const uint16_t *row = layer->weights + (size_t) k * layer->in;
    uint16_t *panel = dense->halves
        + (size_t) (k / DAN_VECTOR_PANEL) * dense->in * DAN_VECTOR_PANEL
        + k % DAN_VECTOR_PANEL;

    for (int i = 0; i < layer->in; i++) {
      const size_t input = (size_t) (i % pixels) * padded + i / pixels;

      panel[input * DAN_VECTOR_PANEL] = row[i];
    }
  }
  return true;
}

bool
dan_dense_pack (DanDense *dense, const DanLayer *layer)
{
  return init (dense, layer, layer->in) && pack_halves (dense, layer, 1, 1);
}

bool
dan_dense_pack_image (DanDense *dense, const DanLayer *layer,
    const DanKernels *kernels, int channels, int padded)
{
  const int pixels = layer->in / channels;

  if (!init (dense, layer, pixels * padded))
    return false;
  return kernels->to_bytes
      ? dan_dense_pack_words (dense, layer, kernels, channels, padded)
      : pack_halves (dense, layer, pixels, padded);
}

void
dan_dense_clear (DanDense *dense)
{
  dan_free (dense->halves);
  dan_free (dense->words);
  dan_free (dense->bias);
  *dense = (DanDense) {};
}

/* Floats of the sums of parts of the inputs, for each face. */
static size_t
sums_size (const DanDense *dense)
{
  return (size_t) dan_dense_n_parts (dense) * dense->out;
}

size_t
dan_dense_scratch_size (const DanDense *dense, const DanKernels *kernels)
{
  return dense->words ? dan_dense_words_scratch_size (dense, kernels)
                      : sums_size (dense);
}

typedef struct {
  const DanDense *dense;
  const DanKernels *kernels;
  DanVectors x;
  float *sums; /* [face][panel][part][column] */
  int n_parts, n_faces;
} Job;

/* One part of one panel. */
static void
run_part (void *data, int index, int worker)
{
  const Job *job = data;
  const DanDense *dense = job->dense;
  const int panel = index / job->n_parts;
  const int first = index % job->n_parts * DAN_DENSE_PART;
  const int left = dense->in - first;
  const uint16_t *weights = dense->halves
      + ((size_t) panel * dense->in + first) * DAN_VECTOR_PANEL;

  for (int i = 0; i < job->n_faces; i += DAN_VECTORS) {
    const int n = job->n_faces - i < DAN_VECTORS ? job->n_faces - i
                                                 : DAN_VECTORS;

    job->kernels->vector_product (job->x.values + i * job->x.face + first,
        job->x.face, weights,
        job->sums + i * sums_size (dense)
            + (size_t) index * DAN_VECTOR_PANEL,
        sums_size (dense), n,
        left < DAN_DENSE_PART ? left : DAN_DENSE_PART);
  }
}

static void
add_parts (const DanDense *dense, const float *sums, float *out)
{
  for (int k = 0; k < dense->out; k += DAN_VECTOR_PANEL) {
    memcpy (out + k, dense->bias + k, DAN_VECTOR_PANEL * sizeof *out);
    for (int part = 0; part < dan_dense_n_parts (dense); part++)
      for (int i = 0; i < DAN_VECTOR_PANEL; i++)
        out[k + i] += *sums++;
  }
}

static void
run_halves (const DanDense *dense, const DanKernels *kernels, DanVectors x,
    DanVectors out, int n_faces, float *sums, DanPool *pool)
{
  Job job = { dense, kernels, x, sums, dan_dense_n_parts (dense), n_faces };

  dan_pool_run (pool, dense->out / DAN_VECTOR_PANEL * job.n_parts, run_part,
      &job);
  for (int i = 0; i < n_faces; i++)
    add_parts (dense, sums + i * sums_size (dense),
        out.values + i * out.face);
}

void
dan_dense_run (const DanDense *dense, const DanKernels *kernels,
    DanVectors x, DanVectors out, int n_faces, bool rectify, float *scratch,
    DanPool *pool)
{
  (dense->words ? dan_dense_run_words : run_halves) (dense, kernels, x, out,
      n_faces, scratch, pool);
  for (int i = 0; i < n_faces && rectify; i++)
    for (float *y = out.values + i * out.face, *end = y + dense->out; y < end;
        y++)
      *y = *y > 0 ? *y : 0;
}
