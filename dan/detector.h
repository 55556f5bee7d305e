/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The face detector's network. */
#ifndef DAN_DETECTOR_H
#define DAN_DETECTOR_H

#include "conv.h"

/* The weights of a cell's values. */
typedef struct {
  int channels;   /* that they take, padded */
  float *weights; /* [DAN_DETECTOR_VALUES][9][channels] */
  float bias[DAN_DETECTOR_VALUES];
} DanPackedHead;

/* A level's layers, packed, and what they make of the image. Of all cells only the
 * first values are made, the scores: few are worth the others. */
typedef struct {
  DanConv conv[2];
  DanPackedHead head;
  DanActivation in; /* the stem's or the level before's, pooled */
  DanActivation middle, features;
  DanActivation scores; /* one a cell */
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

/* Fills all levels' scores from the image that @read reads with @data. */
void dan_detector_network_run (DanDetectorNetwork *network,
    DanRowsReader read, void *data);
/* All values of the cell at (@x, @y) of level @l, which has its score. */
void dan_detector_network_read (const DanDetectorNetwork *network, int l, int x,
    int y, float values[DAN_DETECTOR_VALUES]);

#endif
