/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A convolution's weights, from the model's order to the kernels'. */
#include <string.h>

#include "conv.h"
#include "half.h"
#include "memory.h"

#define TAPS 9

/* Winograd's G for the points 0, 1, -1, 2, -2 and infinity. */
static const double weight_matrix[DAN_TILE_IN][3] = {
  { 1 / 4., 0, 0 },
  { -1 / 6., -1 / 6., -1 / 6. },
  { -1 / 6., 1 / 6., -1 / 6. },
  { 1 / 24., 1 / 12., 1 / 6. },
  { 1 / 24., -1 / 12., 1 / 6. },
  { 0, 0, 1 },
};

int
dan_pad_channels (int channels)
{
  return (channels + DAN_CHANNEL_UNIT - 1) / DAN_CHANNEL_UNIT
      * DAN_CHANNEL_UNIT;
}

static void
read_taps (const DanLayer *layer, int out, int in, float taps[TAPS])
{
  const uint16_t *w = layer->weights + ((size_t) out * layer->in + in) * TAPS;

  for (int i = 0; i < TAPS; i++)
    taps[i] = dan_half_to_float (w[i]);
}

/* [tap][in][out], or for planes [in][tap][out]: tap * @tap_step + in *
 * @in_step + out. */
static void
pack_direct (DanConv *conv, const DanLayer *layer, size_t tap_step,
    size_t in_step)
{
  for (int k = 0; k < layer->out; k++)
    for (int c = 0; c < layer->in; c++) {
      float taps[TAPS];

      read_taps (layer, k, c, taps);
      for (int i = 0; i < TAPS; i++)
        conv->weights[i * tap_step + c * in_step + k] = taps[i];
    }
}

/* Columns of one panel, side by side so that the compiler vectorises. */
typedef double Columns[DAN_PRODUCT_PANEL];

/* @out = row @i of G times @a, @b, @c */
static void
transform_columns (int i, const Columns a, const Columns b, const Columns c,
    Columns out)
{
  const double *g = weight_matrix[i];

  for (int k = 0; k < DAN_PRODUCT_PANEL; k++)
    out[k] = g[0] * a[k] + g[1] * b[k] + g[2] * c[k];
}

/* G g G' for the weights of one panel's columns on one input. */
static void
transform_taps (Columns taps[TAPS], Columns products[DAN_TILE_PRODUCTS])
{
  for (int i = 0; i < DAN_TILE_IN; i++) {
    Columns half[3];

    for (int x = 0; x < 3; x++)
      transform_columns (i, taps[x], taps[3 + x], taps[6 + x], half[x]);
    for (int j = 0; j < DAN_TILE_IN; j++)
      transform_columns (j, half[0], half[1], half[2],
          products[i * DAN_TILE_IN + j]);
  }
}

static void
read_panel (const DanLayer *layer, int panel, int in, Columns taps[TAPS])
{
  const int first = panel * DAN_PRODUCT_PANEL;

  for (int k = 0; k < DAN_PRODUCT_PANEL; k++) {
    float one[TAPS] = {};

    if (first + k < layer->out)
      read_taps (layer, first + k, in, one);
    for (int i = 0; i < TAPS; i++)
      taps[i][k] = one[i];
  }
}

static void
store_floats (const Columns columns, float *out)
{
  for (int k = 0; k < DAN_PRODUCT_PANEL; k++)
    out[k] = (float) columns[k];
}

static void
store_bf16 (const Columns columns, uint16_t *out)
{
  for (int k = 0; k < DAN_PRODUCT_PANEL; k++)
    out[2 * k] = dan_float_to_bf16 ((float) columns[k]);
}

/* [panel][product][word of inputs][column] */
static void
pack_winograd (DanConv *conv, const DanLayer *layer, int per_word)
{
  const size_t words = conv->in / per_word;

  for (int panel = 0; panel < conv->out / DAN_PRODUCT_PANEL; panel++)
    for (int c = 0; c < layer->in; c++) {
      Columns taps[TAPS], products[DAN_TILE_PRODUCTS];
      float *place = conv->weights
          + ((size_t) panel * DAN_TILE_PRODUCTS * words + c / per_word)
              * DAN_PRODUCT_PANEL;

      read_panel (layer, panel, c, taps);
      transform_taps (taps, products);
      for (int i = 0; i < DAN_TILE_PRODUCTS; i++, place += words * DAN_PRODUCT_PANEL)
        if (per_word == 2)
          store_bf16 (products[i], (uint16_t *) place + c % 2);
        else
          store_floats (products[i], place);
    }
}

static bool
pack (DanConv *conv, const DanLayer *layer, int in, DanSize size, bool pool,
    bool first, const DanKernels *kernels)
{
  const int out = dan_pad_channels (layer->out);
  const bool direct = first || kernels == &dan_kernels_c;
  const size_t words
      = direct ? TAPS * in : DAN_TILE_PRODUCTS * in / kernels->per_word;

  *conv = (DanConv) { .in = in, .out = out, .size = size, .pool = pool };
  conv->macs = (uint64_t) size.width * size.height * TAPS * layer->in * layer->out;
  conv->bias = dan_alloc_floats (out);
  conv->weights = dan_alloc_floats (words * out);
  if (!conv->bias || !conv->weights)
    return false;
  memcpy (conv->bias, layer->bias, layer->out * sizeof *conv->bias);
  if (first)
    pack_direct (conv, layer, out, (size_t) TAPS * out);
  else if (direct)
    pack_direct (conv, layer, (size_t) in * out, out);
  else
    pack_winograd (conv, layer, kernels->per_word);
  return true;
}

bool
dan_conv_pack (DanConv *conv, const DanLayer *layer, DanSize size, bool pool,
    bool first, const DanKernels *kernels)
{
  return pack (conv, layer, first ? layer->in : dan_pad_channels (layer->in),
      size, pool, first, kernels);
}

bool
dan_conv_pack_narrow (DanConv *conv, const DanLayer *layer, DanSize size,
    bool pool, const DanKernels *kernels)
{
  return pack (conv, layer, layer->in, size, pool, false, kernels);
}

void
dan_conv_clear (DanConv *conv)
{
  dan_free (conv->weights);
  dan_free (conv->bias);
  *conv = (DanConv) {};
}
