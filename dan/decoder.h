/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A stage's decoder: from what its convolutions made of a face, the coarsest
 * first, to a heatmap of each landmark, whose mean is where the landmark is
 * (Ronneberger, Fischer and Brox, "U-Net", MICCAI 2015; Sun et al., "Integral
 * Human Pose Regression", ECCV 2018).
 *
 * All layers are 3x3 convolutions with ReLU:
 *   up1       of pool4's planes, each value 2 x 2 times, beside pool3's
 *   up2       of up1's, 2 x 2 times, beside pool2's
 *   up3       of up2's
 *   up4       of up3's, 2 x 2 times, beside pool1's
 *   heatmaps  of up4's: one for each landmark, half as large as the image */
#ifndef DAN_DECODER_H
#define DAN_DECODER_H

#include "conv.h"

/* Immutable. */
typedef struct {
  DanConv up[DAN_N_UPS], heatmaps;
  /* Planes that are joined in front of up[i]: of the layer before, of the stage;
   * without their padding. */
  struct {
    int coarse, fine;
  } joins[DAN_N_UPS];
  int n_points; /* 0: there is no decoder */
} DanDecoder;

/* One thread's memory for running it on one face. */
typedef struct {
  DanActivation joined[DAN_N_UPS], up[DAN_N_UPS], heatmaps;
} DanDecoderSpace;

/* The decoder of @stage, if it has one, for images of @size; FALSE without
 * memory. */
bool dan_decoder_pack (DanDecoder *decoder, const DanStage *stage, DanSize size,
    const DanKernels *kernels);
void dan_decoder_clear (DanDecoder *decoder);

/* FALSE without memory; to be cleared then too. */
bool dan_decoder_space_init (DanDecoderSpace *space, const DanDecoder *decoder);
void dan_decoder_space_clear (DanDecoderSpace *space);
/* Whether one's space serves the other. */
bool dan_decoder_same_space (const DanDecoder *a, const DanDecoder *b);
/* The memory of @space, whose it stays. */
DanDecoderSpace dan_decoder_space_of (const DanDecoderSpace *space);

/* Raises @size to what @worker needs. */
void dan_decoder_tiles_size (const DanDecoder *decoder, const DanKernels *table,
    int n_workers, int worker, DanTilesSize *size);

/* @out: what the stage's convolutions made of face @face. Writes as many @points
 * as there are heatmaps, in pixels of the image; where heatmaps are not finite,
 * they are not. */
void dan_decoder_run (const DanDecoder *decoder, DanDecoderSpace *space,
    const DanKernels *table, const DanActivation out[DAN_N_CONVS], int face,
    DanTiles *tiles, DanPool *pool, DanPoint *points);

/* What that costs. */
uint64_t dan_decoder_macs (const DanDecoder *decoder);

#endif
