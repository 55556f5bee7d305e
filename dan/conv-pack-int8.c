/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>
#include <string.h>

#include "winograd.h"

typedef float Scales[DAN_TILE_PRODUCTS][DAN_PRODUCT_PANEL];

/* Of each product, and each column of a panel: its largest weight is the
 * largest byte. */
static void
find_scales (const DanLayer *layer, int tile, int panel, Scales scales)
{
  DanColumns products[DAN_TILE_PRODUCTS];

  memset (scales, 0, sizeof (Scales));
  for (int c = 0; c < layer->in; c++) {
    dan_winograd_weights (layer, tile, panel, c, products);
    for (int i = 0; i < dan_tile_products (tile); i++)
      for (int k = 0; k < DAN_PRODUCT_PANEL; k++) {
        const float scale = (float) (fabs (products[i][k]) / DAN_LARGEST_BYTE);

        scales[i][k] = scale > scales[i][k] ? scale : scales[i][k];
      }
  }
}

/* The bytes of one input in a row of one panel, @sums being those of its
 * columns up to here. */
static void
store_bytes (const DanColumns columns, const float *scales, int8_t *bytes,
    int32_t *sums)
{
  for (int k = 0; k < DAN_PRODUCT_PANEL; k++)
    if (scales[k] > 0) {
      bytes[4 * k] = (int8_t) lrint (columns[k] / scales[k]);
      sums[k] += bytes[4 * k];
    }
}

/* A panel's first two rows. */
static void
store_head (const int32_t *sums, const float *scales, float *panel)
{
  int32_t offsets[DAN_PRODUCT_PANEL];

  for (int k = 0; k < DAN_PRODUCT_PANEL; k++)
    offsets[k] = -DAN_BYTE_OFFSET * sums[k];
  memcpy (panel, offsets, sizeof offsets);
  memcpy (panel + DAN_PRODUCT_PANEL, scales,
      DAN_PRODUCT_PANEL * sizeof *scales);
}

/* The products of one panel of outputs, @size words each. */
static void
pack_panel (const DanLayer *layer, int tile, int panel, float *words,
    size_t size)
{
  const int n_products = dan_tile_products (tile);
  int32_t sums[DAN_TILE_PRODUCTS][DAN_PRODUCT_PANEL] = {};
  DanColumns products[DAN_TILE_PRODUCTS];
  Scales scales;

  find_scales (layer, tile, panel, scales);
  for (int c = 0; c < layer->in; c++) {
    float *place = words + (2 + c / 4) * DAN_PRODUCT_PANEL;

    dan_winograd_weights (layer, tile, panel, c, products);
    for (int i = 0; i < n_products; i++, place += size)
      store_bytes (products[i], scales[i], (int8_t *) place + c % 4, sums[i]);
  }
  for (int i = 0; i < n_products; i++)
    store_head (sums[i], scales[i], words + i * size);
}

void
dan_pack_bytes (const DanLayer *layer, const DanKernels *kernels, int n_in,
    int n_out, float *words)
{
  const size_t size = dan_panel_words (kernels, n_in);

  for (int panel = 0; panel < n_out / DAN_PRODUCT_PANEL; panel++)
    pack_panel (layer, kernels->tile, panel,
        words + panel * dan_tile_products (kernels->tile) * size, size);
}
