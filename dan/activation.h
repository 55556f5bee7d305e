/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_ACTIVATION_H
#define DAN_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

#include "size.h"

/* Images of activations, one for each face: pixel by pixel, all channels of a
 * pixel side by side. */
typedef struct {
  float *memory;
  float *pixels; /* the first face's first */
  ptrdiff_t row; /* floats from a row to the next */
  size_t face;   /* floats from a face to the next */
  DanSize size;
  int channels;
} DanActivation;

/* Those of @n_faces, zero, and if @padded between zeros as wide as tiles reach;
 * FALSE without memory. */
bool dan_activation_init (DanActivation *activation, DanSize size,
    int channels, int n_faces, bool padded);
void dan_activation_clear (DanActivation *activation);

/* Those of @face alone; they stay @activation's. */
DanActivation dan_activation_of (const DanActivation *activation, int face);

#endif
