/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The face detector's network. */
#ifndef DAN_DETECTOR_H
#define DAN_DETECTOR_H

#include "conv.h"

/* A level's layers, packed, and what they make of the image. */
typedef struct {
  DanConv conv[2];
  DanConv head;
  DanActivation in; /* the stem's or the level before's, pooled */
  DanActivation middle, features;
  /* Cells of each two times DAN_DETECTOR_VALUES: the kernels rectify, so a
   * value's positive part comes first, and what its negative lacks after all
   * of those. */
  DanActivation cells;
} DanPackedLevel;

typedef struct {
  const DanKernels *kernels;
  DanPool *pool;
  DanConv stem; /* its channels are the image's phases */
  DanPackedLevel levels[DAN_DETECTOR_LEVELS];
  int n_tiles;
  DanTiles tiles[DAN_MAX_THREADS];
} DanDetectorNetwork;

/* Packs the weights of @model, a detector's, which has to outlive it, as have
 * the others. FALSE without memory; to be cleared then too. */
bool dan_detector_network_init (DanDetectorNetwork *network,
    const DanModel *model, const DanKernels *kernels, DanPool *pool);
void dan_detector_network_clear (DanDetectorNetwork *network);

/* Takes the memory for images of @size, multiples of DAN_DETECTOR_STRIDE; FALSE
 * without. */
bool dan_detector_network_resize (DanDetectorNetwork *network, DanSize size);

/* Returns DAN_DETECTOR_FOLD rows of the normalised image from @y on, one behind
 * the other, that stay until @worker, as in DanWork, asks for more. */
typedef const float *(*DanRowsReader) (void *data, int y, int worker);

/* Fills all levels' cells from the image that @read reads with @data. */
void dan_detector_network_run (DanDetectorNetwork *network,
    DanRowsReader read, void *data);

#endif
