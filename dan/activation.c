/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "activation.h"

#include "memory.h"
#include "tiles.h"

static int
padded_length (int length)
{
  return dan_tiles_along (length, DAN_TILE_OUT) * DAN_TILE_OUT + 2;
}

bool
dan_activation_init (DanActivation *activation, DanSize size, int channels,
    int n_faces, bool padded)
{
  const int columns = padded ? padded_length (size.width) : size.width;
  const int rows = padded ? padded_length (size.height) : size.height;
  const size_t face = (size_t) columns * rows * channels;
  float *memory = dan_alloc_floats (face * n_faces);

  if (!memory)
    return false;
  *activation = (DanActivation) {
    .memory = memory,
    .pixels = memory + (padded ? (columns + 1) * channels : 0),
    .row = (ptrdiff_t) columns * channels,
    .face = face,
    .size = size,
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
