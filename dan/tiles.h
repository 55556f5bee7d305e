/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How Winograd's tiles cover images.
 *
 * F(4x4, 3x3) (Lavin and Gray, CVPR 2016): tiles of 6x6 inputs give 4x4
 * outputs, and the convolution becomes 36 matrix products.
 *
 * Where an edge leaves only two rows, or columns, of outputs, a tile is half:
 * four inputs in that direction by F(2, 3). Its points are four of those of
 * F(4, 3), so that it shares the weights, and has no products in rows (columns)
 * 3 and 4, those of the points 2 and -2. */
#ifndef DAN_TILES_H
#define DAN_TILES_H

#include "activation.h"

#define DAN_TILE_IN 6
#define DAN_TILE_OUT 4
#define DAN_TILE_PRODUCTS (DAN_TILE_IN * DAN_TILE_IN)
#define DAN_TILE_HALF 2

/* Whether a tile of which @n rows (columns) are needed is half. */
static inline bool
dan_tile_is_half (int n)
{
  return n <= DAN_TILE_HALF;
}

/* Whether a tile has no products in row (column) @i. */
static inline bool
dan_tile_skips (bool half, int i)
{
  return half && (i == 3 || i == 4);
}

/* Products of a tile of @tile x @tile outputs. */
static inline int
dan_tile_products (int tile)
{
  return (tile + 2) * (tile + 2);
}

/* Tiles of @tile outputs side by side, over @length pixels. */
static inline int
dan_tiles_along (int length, int tile)
{
  return (length + tile - 1) / tile;
}

/* Tiles are numbered region by region, in each all faces', row by row. In this
 * order of regions the tiles that have a product are neighbours. */
enum {
  DAN_TILES_RIGHT, /* cut in half by the right edge */
  DAN_TILES_WHOLE,
  DAN_TILES_LOWER, /* cut in half by the lower edge */
  DAN_TILES_CORNER,
  DAN_N_REGIONS
};

typedef struct {
  int x, y;         /* of the first tile, in tiles */
  int across, down; /* tiles of a face */
  int face;         /* their number */
  int first;        /* number of the first of all */
} DanTileRegion;

/* All tiles of @n_faces images. */
typedef struct {
  DanSize size;
  int tile; /* outputs of one, in each direction */
  int n_faces, n_tiles;
  DanTileRegion regions[DAN_N_REGIONS];
} DanTileGrid;

DanTileGrid dan_tile_grid (DanSize size, int tile, int n_faces);

/* Narrows the tiles from *@first to *@last - 1 to those that have @product. */
void dan_tile_grid_narrow (const DanTileGrid *grid, int product, int *first,
    int *last);

/* A tile on the way through the grid. */
typedef struct {
  int region, face;
  int x, y; /* in the face's part of the region, in tiles */
} DanTileCursor;

DanTileCursor dan_tile_cursor_at (const DanTileGrid *grid, int tile);
/* To the next tile; cheaper than dan_tile_cursor_at(). */
void dan_tile_cursor_advance (DanTileCursor *cursor, const DanTileGrid *grid);

/* A tile's first pixel and the pixels in it. */
typedef struct {
  int x, y, columns, rows;
} DanTilePlace;

DanTilePlace dan_tile_cursor_place (const DanTileCursor *cursor,
    const DanTileGrid *grid);

#endif
