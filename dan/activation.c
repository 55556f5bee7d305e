/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "activation.h"

#include "memory.h"
#include "tiles.h"

bool
dan_activation_init (DanActivation *activation, int size, int channels,
    int n_faces, bool padded)
{
  const int side = padded ? dan_tiles_across (size) * DAN_TILE_OUT + 2 : size;
  const size_t face = (size_t) side * side * channels;
  float *memory = dan_alloc_floats (face * n_faces);

  if (!memory)
    return false;
  *activation = (DanActivation) {
    .memory = memory,
    .pixels = memory + (padded ? (side + 1) * channels : 0),
    .row = (ptrdiff_t) side * channels,
    .face = face,
    .width = size,
    .height = size,
    .channels = channels,
  };
  return true;
}

void
dan_activation_clear (DanActivation *activation)
{
  dan_free (activation->memory);
  *activation = (DanActivation) {};
}

DanActivation
dan_activation_of (const DanActivation *activation, int face)
{
  DanActivation one = *activation;

  one.memory = NULL;
  one.pixels += face * one.face;
  return one;
}
