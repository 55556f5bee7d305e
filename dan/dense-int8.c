/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dense-int8.h"

#include <math.h>
#include <string.h>

#include "half.h"
#include "memory.h"

#define PER_WORD 4

/* What the outputs of a panel weigh the inputs of a part with. */
typedef float Weights[DAN_DENSE_PART][DAN_PRODUCT_PANEL];

static int
n_panels (const DanDense *dense)
{
  return dense->out / DAN_PRODUCT_PANEL;
}

/* The column of a layer's weights that input @i takes, -1 for padding. */
static int
column_of (const DanLayer *layer, int channels, int padded, int i)
{
  const int pixels = layer->in / channels;
  const int pixel = i / padded, channel = i % padded;

  return pixel < pixels && channel < channels ? channel * pixels + pixel : -1;
}

/* @weights are zero so far. */
static void
read_weights (const DanLayer *layer, int channels, int padded, int part,
    int panel, Weights weights)
{
  const int first = panel * DAN_PRODUCT_PANEL;

  for (int i = 0; i < DAN_DENSE_PART; i++) {
    const int column
        = column_of (layer, channels, padded, part * DAN_DENSE_PART + i);

    for (int k = 0; column >= 0 && k < DAN_PRODUCT_PANEL
         && first + k < layer->out;
         k++)
      weights[i][k] = dan_half_to_float (
          layer->weights[(size_t) (first + k) * layer->in + column]);
  }
}

/* A panel as DanKernels has it, at @words, which are zero; inputs are what their
 * bytes are, so that nothing is to be taken off the sums. */
static void
pack_panel (const Weights weights, float *words)
{
  float *scales = words + DAN_PRODUCT_PANEL;
  int8_t *bytes = (int8_t *) (scales + DAN_PRODUCT_PANEL);
  float largest[DAN_PRODUCT_PANEL] = {}, factors[DAN_PRODUCT_PANEL];

  for (int i = 0; i < DAN_DENSE_PART; i++)
    for (int k = 0; k < DAN_PRODUCT_PANEL; k++) {
      const float size = fabsf (weights[i][k]);

      largest[k] = size > largest[k] ? size : largest[k];
    }
  for (int k = 0; k < DAN_PRODUCT_PANEL; k++) {
    scales[k] = largest[k] / DAN_LARGEST_BYTE;
    factors[k] = largest[k] > 0 ? DAN_LARGEST_BYTE / largest[k] : 0;
  }
  for (int i = 0; i < DAN_DENSE_PART; i++)
    for (int k = 0; k < DAN_PRODUCT_PANEL; k++)
      bytes[(i / PER_WORD * DAN_PRODUCT_PANEL + k) * PER_WORD + i % PER_WORD]
          = (int8_t) lrintf (weights[i][k] * factors[k]);
}

bool
dan_dense_pack_words (DanDense *dense, const DanLayer *layer,
    const DanKernels *kernels, int channels, int padded)
{
  const int parts = dan_dense_n_parts (dense), panels = n_panels (dense);
  const size_t size = dan_panel_words (kernels, DAN_DENSE_PART);

  dense->words = dan_alloc_floats (parts * panels * size);
  if (!dense->words)
    return false;
  /* A panel's rows stay in the caches from part to part. */
  for (int panel = 0; panel < panels; panel++)
    for (int part = 0; part < parts; part++) {
      Weights weights = {};

      read_weights (layer, channels, padded, part, panel, weights);
      pack_panel (weights, dense->words + (part * panels + panel) * size);
    }
  return true;
}

size_t
dan_dense_words_scratch_size (const DanDense *dense,
    const DanKernels *kernels)
{
  return dan_dense_n_parts (dense)
      * (dense->out + dan_input_words (kernels, DAN_DENSE_PART));
}

/* [part][face] rows, and of their products [part][panel][face][column]. */
typedef struct {
  const DanDense *dense;
  const DanKernels *kernels;
  float *rows, *sums;
  size_t row_words;
  int n_faces;
} Job;

static float *
row_of (const Job *job, int part, int face)
{
  return job->rows + (part * job->n_faces + face) * job->row_words;
}

/* What does not fill the last part has weights of zero. */
static void
fill_rows (const Job *job, const float *x, int face)
{
  for (int part = 0; part < dan_dense_n_parts (job->dense); part++) {
    const int first = part * DAN_DENSE_PART;
    const int left = job->dense->in - first;
    float *row = row_of (job, part, face);

    row[DAN_DENSE_PART / PER_WORD] = job->kernels->to_bytes (x + first,
        left < DAN_DENSE_PART ? left : DAN_DENSE_PART, (uint8_t *) row);
  }
}

/* One panel of one part. */
static void
run_panel (void *data, int index, int worker)
{
  const Job *job = data;
  const float *rows = row_of (job, index / n_panels (job->dense), 0);
  const size_t size = dan_panel_words (job->kernels, DAN_DENSE_PART);

  job->kernels->product (rows, job->dense->words + index * size,
      job->sums + (size_t) index * job->n_faces * DAN_PRODUCT_PANEL,
      job->n_faces, DAN_DENSE_PART / PER_WORD, rows);
}

static void
add_sums (const Job *job, int face, float *out)
{
  const int panels = n_panels (job->dense);

  memcpy (out, job->dense->bias, job->dense->out * sizeof *out);
  for (int i = 0; i < dan_dense_n_parts (job->dense) * panels; i++) {
    const float *sums
        = job->sums + ((size_t) i * job->n_faces + face) * DAN_PRODUCT_PANEL;
    float *panel = out + i % panels * DAN_PRODUCT_PANEL;

    for (int k = 0; k < DAN_PRODUCT_PANEL; k++)
      panel[k] += sums[k];
  }
}

void
dan_dense_run_words (const DanDense *dense, const DanKernels *kernels,
    DanVectors x, DanVectors out, int n_faces, float *scratch, DanPool *pool)
{
  const int parts = dan_dense_n_parts (dense);
  const size_t row_words = dan_input_words (kernels, DAN_DENSE_PART);
  Job job = { dense, kernels, scratch, scratch + parts * n_faces * row_words,
    row_words, n_faces };

  for (int i = 0; i < n_faces; i++)
    fill_rows (&job, x.values + i * x.face, i);
  dan_pool_run (pool, parts * n_panels (dense), run_panel, &job);
  for (int i = 0; i < n_faces; i++)
    add_sums (&job, i, out.values + i * out.face);
}
