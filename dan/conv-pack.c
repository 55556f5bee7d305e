/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A convolution's weights, from the model's order to the kernels'. */
#include <stdlib.h>
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

/* G g G' */
static void
transform_taps (const float taps[TAPS], float products[DAN_TILE_PRODUCTS])
{
  double half[DAN_TILE_IN][3];

  for (int i = 0; i < DAN_TILE_IN; i++)
    for (int x = 0; x < 3; x++) {
      half[i][x] = 0;
      for (int y = 0; y < 3; y++)
        half[i][x] += weight_matrix[i][y] * taps[y * 3 + x];
    }
  for (int i = 0; i < DAN_TILE_IN; i++)
    for (int j = 0; j < DAN_TILE_IN; j++) {
      double sum = 0;

      for (int x = 0; x < 3; x++)
        sum += half[i][x] * weight_matrix[j][x];
      products[i * DAN_TILE_IN + j] = (float) sum;
    }
}

/* [product][panel][in][column] */
static void
pack_winograd (DanConv *conv, const DanLayer *layer)
{
  const size_t matrix = (size_t) conv->in * conv->out;

  for (int k = 0; k < layer->out; k++)
    for (int c = 0; c < layer->in; c++) {
      const size_t place
          = (size_t) (k / DAN_PRODUCT_PANEL * conv->in + c) * DAN_PRODUCT_PANEL
          + k % DAN_PRODUCT_PANEL;
      float taps[TAPS], products[DAN_TILE_PRODUCTS];

      read_taps (layer, k, c, taps);
      transform_taps (taps, products);
      for (int i = 0; i < DAN_TILE_PRODUCTS; i++)
        conv->weights[i * matrix + place] = products[i];
    }
}

bool
dan_conv_pack (DanConv *conv, const DanLayer *layer, int size, bool pool,
    bool first, const DanKernels *kernels)
{
  const int out = dan_pad_channels (layer->out);
  const int in = first ? layer->in : dan_pad_channels (layer->in);
  const bool direct = first || kernels == &dan_kernels_c;

  *conv = (DanConv) { .in = in, .out = out, .size = size, .pool = pool };
  conv->macs = (uint64_t) size * size * TAPS * layer->in * layer->out;
  conv->bias = dan_alloc_floats (out);
  conv->weights = dan_alloc_floats (
      (size_t) in * out * (direct ? TAPS : DAN_TILE_PRODUCTS));
  if (!conv->bias || !conv->weights)
    return false;
  memcpy (conv->bias, layer->bias, layer->out * sizeof *conv->bias);
  if (first)
    pack_direct (conv, layer, out, (size_t) TAPS * out);
  else if (direct)
    pack_direct (conv, layer, (size_t) in * out, out);
  else
    pack_winograd (conv, layer);
  return true;
}

void
dan_conv_clear (DanConv *conv)
{
  free (conv->weights);
  free (conv->bias);
  *conv = (DanConv) {};
}
