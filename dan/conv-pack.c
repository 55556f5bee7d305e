/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A convolution's weights, from the model's order to the kernels'. */
#include <string.h>

#include "conv.h"
#include "half.h"
#include "memory.h"
#include "winograd.h"

#define TAPS 9

int
dan_pad_channels (int channels)
{
  return (channels + DAN_CHANNEL_UNIT - 1) / DAN_CHANNEL_UNIT
      * DAN_CHANNEL_UNIT;
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

      dan_read_taps (layer, k, c, taps);
      for (int i = 0; i < TAPS; i++)
        conv->weights[i * tap_step + c * in_step + k] = taps[i];
    }
}

static void
store_floats (const DanColumns columns, float *out)
{
  for (int k = 0; k < DAN_PRODUCT_PANEL; k++)
    out[k] = (float) columns[k];
}

static void
store_bf16 (const DanColumns columns, uint16_t *out)
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
      DanColumns products[DAN_TILE_PRODUCTS];
      float *place = conv->weights
          + ((size_t) panel * DAN_TILE_PRODUCTS * words + c / per_word)
              * DAN_PRODUCT_PANEL;

      dan_winograd_weights (layer, DAN_TILE_OUT, panel, c, products);
      for (int i = 0; i < DAN_TILE_PRODUCTS; i++, place += words * DAN_PRODUCT_PANEL)
        if (per_word == 2)
          store_bf16 (products[i], (uint16_t *) place + c % 2);
        else
          store_floats (products[i], place);
    }
}

static bool
pack (DanConv *conv, const DanLayer *layer, int in, DanSize size, bool pool,
    bool first, const DanKernels *table)
{
  const int out = dan_pad_channels (layer->out);
  const DanKernels *kernels = dan_kernels_for (table, in);
  const bool direct = first || kernels == &dan_kernels_c;
  const size_t words = direct ? (size_t) TAPS * in * out
      : dan_tile_products (kernels->tile) * dan_panel_words (kernels, in)
          * (out / DAN_PRODUCT_PANEL);

  *conv = (DanConv) { .in = in, .out = out, .size = size, .pool = pool };
  conv->macs = (uint64_t) size.width * size.height * TAPS * layer->in * layer->out;
  conv->bias = dan_alloc_floats (out);
  conv->weights = dan_alloc_floats (words);
  if (!conv->bias || !conv->weights)
    return false;
  memcpy (conv->bias, layer->bias, layer->out * sizeof *conv->bias);
  if (first)
    pack_direct (conv, layer, out, (size_t) TAPS * out);
  else if (direct)
    pack_direct (conv, layer, (size_t) in * out, out);
  else if (kernels->precision == DAN_PRECISION_INT8)
    dan_pack_bytes (layer, kernels, in, out, conv->weights);
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
