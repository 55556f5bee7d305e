/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cascade: all stages and what connects them, in canonical coordinates. */
#ifndef DAN_CASCADE_H
#define DAN_CASCADE_H

#include "crop.h"
#include "network.h"
#include "similarity.h"

/* A face on its way. */
typedef struct {
  const DanImage *frame; /* where it is seen, the caller's */
  DanSimilarity to_canonical; /* from the frame */
  float *image;    /* the canonical image, normalised, between zeros */
  DanPoint *shape; /* the landmarks so far, in that image */
  DanPoint *start; /* the same, upright: where a stage's updates start */
  DanPoint *decoded; /* there, too: what its decoder sees */
  DanSimilarity upright;
  /* What the network expects of the landmarks: the error as a fraction of the
   * inter-ocular distance, finite; negative if the model does not tell. */
  float expected_error;
  bool lost; /* landmarks that are no shape: not finite, or fallen together */
} DanCascadeFace;

typedef struct {
  const DanModel *model;
  const DanNetwork *network;
  int n_stages;
  DanWorkspace workspace;
  DanCrop *crop;
  DanCascadeFace faces[DAN_BATCH];
} DanCascade;

/* FALSE without memory; to be cleared then too. */
bool dan_cascade_init (DanCascade *cascade, const DanModel *model,
    const DanNetwork *network, int n_stages, DanPool *pool);
void dan_cascade_clear (DanCascade *cascade);

/* Shows face @i < DAN_BATCH, as @to_canonical places it, in @frame, which stays as
 * it is until the cascade has run. */
void dan_cascade_show (DanCascade *cascade, int i, const DanImage *frame,
    DanSimilarity to_canonical);

/* The same for dan_cascade_step(): @to_upright places the face on the upright
 * shape. */
void dan_cascade_show_upright (DanCascade *cascade, int i,
    const DanImage *frame, DanSimilarity to_upright);

/* Runs all stages on the first @n_faces faces that were shown; `shape` and `expected_error` of
 * those faces that are not `lost` have the result. */
void dan_cascade_run (DanCascade *cascade, int n_faces, DanProfile *profile);

/* How many values carry a face on from one frame to the next; 0: nothing does,
 * as the model has no recurrent stage, or not all others are run. */
int dan_cascade_n_hidden (const DanCascade *cascade);

/* These values of face @i: what dan_cascade_run() or dan_cascade_step() left, or
 * where they are to be written before a step. */
float *dan_cascade_hidden (DanCascade *cascade, int i);

/* Runs the recurrent stage on faces that were shown upright, by landmarks of a
 * frame before, with these as `shape` and with what that frame left as hidden
 * values. The result is as of dan_cascade_run(). Only where there are hidden
 * values. */
void dan_cascade_step (DanCascade *cascade, int n_faces, DanProfile *profile);

#endif
