/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tiles.h"

#include "least.h"

/* Tiles along @length pixels: whole ones, and whether the edge cuts one. */
typedef struct {
  int whole, cut;
} Tiles;

static Tiles
tiles_along (int length, int tile)
{
  const int n = dan_tiles_along (length, tile);
  const bool cut = tile > DAN_TILE_HALF
      && dan_tile_is_half (length - (n - 1) * tile);

  return (Tiles) { cut ? n - 1 : n, cut };
}

DanTileGrid
dan_tile_grid (DanSize size, int tile, int n_faces)
{
  const Tiles across = tiles_along (size.width, tile);
  const Tiles down = tiles_along (size.height, tile);
  DanTileGrid grid = {
    .size = size,
    .tile = tile,
    .n_faces = n_faces,
    .regions = {
      [DAN_TILES_RIGHT] = { across.whole, 0, across.cut, down.whole },
      [DAN_TILES_WHOLE] = { 0, 0, across.whole, down.whole },
      [DAN_TILES_LOWER] = { 0, down.whole, across.whole, down.cut },
      [DAN_TILES_CORNER] = { across.whole, down.whole, across.cut, down.cut },
    },
  };

  for (int i = 0; i < DAN_N_REGIONS; i++) {
    DanTileRegion *region = &grid.regions[i];

    region->face = region->across * region->down;
    region->first = grid.n_tiles;
    grid.n_tiles += region->face * n_faces;
  }
  return grid;
}

void
dan_tile_grid_narrow (const DanTileGrid *grid, int product, int *first,
    int *last)
{
  const bool skip_right = dan_tile_skips (true, product % DAN_TILE_IN);
  const bool skip_lower = dan_tile_skips (true, product / DAN_TILE_IN);
  const DanTileRegion *regions = grid->regions;

  if (skip_right && *first < regions[DAN_TILES_WHOLE].first)
    *first = regions[DAN_TILES_WHOLE].first;
  if (skip_right)
    *last = dan_least (*last, regions[DAN_TILES_CORNER].first);
  if (skip_lower)
    *last = dan_least (*last, regions[DAN_TILES_LOWER].first);
}

DanTileCursor
dan_tile_cursor_at (const DanTileGrid *grid, int tile)
{
  const DanTileRegion *region;
  int i = DAN_N_REGIONS - 1, rest;

  while (grid->regions[i].first > tile || grid->regions[i].face == 0)
    i--;
  region = &grid->regions[i];
  rest = (tile - region->first) % region->face;
  return (DanTileCursor) { i, (tile - region->first) / region->face,
    rest % region->across, rest / region->across };
}

void
dan_tile_cursor_advance (DanTileCursor *cursor, const DanTileGrid *grid)
{
  const DanTileRegion *region = &grid->regions[cursor->region];

  if (++cursor->x < region->across)
    return;
  cursor->x = 0;
  if (++cursor->y < region->down)
    return;
  cursor->y = 0;
  if (++cursor->face < grid->n_faces)
    return;
  cursor->face = 0;
  do
    cursor->region++;
  while (cursor->region < DAN_N_REGIONS
      && grid->regions[cursor->region].face == 0);
}

DanTilePlace
dan_tile_cursor_place (const DanTileCursor *cursor, const DanTileGrid *grid)
{
  const DanTileRegion *region = &grid->regions[cursor->region];
  const int x = (region->x + cursor->x) * grid->tile;
  const int y = (region->y + cursor->y) * grid->tile;

  return (DanTilePlace) { x, y,
    dan_least (grid->tile, grid->size.width - x),
    dan_least (grid->tile, grid->size.height - y) };
}
