/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Transformed weights, from the model's. */
#ifndef DAN_WINOGRAD_H
#define DAN_WINOGRAD_H

#include "kernels.h"
#include "model.h"

/* One column for each output channel of a panel, side by side so that the
 * compiler vectorises. */
typedef double DanColumns[DAN_PRODUCT_PANEL];

/* G g G' of the weights @g of @layer's input @in and of the output channels of
 * @panel, zeros for those that it does not have: dan_tile_products() of
 * @tile. */
void dan_winograd_weights (const DanLayer *layer, int tile, int panel, int in,
    DanColumns products[DAN_TILE_PRODUCTS]);

/* The 9 weights of one input of one output. */
void dan_read_taps (const DanLayer *layer, int out, int in, float taps[9]);

/* Packs @layer for kernels of bytes: all panels of all its @n_out padded output
 * channels, as DanKernels says, at @words, which are zero. */
void dan_pack_bytes (const DanLayer *layer, const DanKernels *kernels,
    int n_in, int n_out, float *words);

#endif
