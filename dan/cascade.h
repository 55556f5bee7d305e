/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cascade: all stages and what connects them, in canonical coordinates. */
#ifndef DAN_CASCADE_H
#define DAN_CASCADE_H

#include "network.h"
#include "similarity.h"

typedef struct {
  const DanModel *model;
  const DanNetwork *network;
  int n_stages;
  DanWorkspace workspace;
  float *image;   /* the canonical image, normalised, between zeros */
  DanPoint *shape; /* the landmarks so far */
  DanPoint *start; /* the same, upright: where a stage's updates start */
} DanCascade;

/* FALSE without memory; to be cleared then too. */
bool dan_cascade_init (DanCascade *cascade, const DanModel *model,
    const DanNetwork *network, int n_stages, DanPool *pool);
void dan_cascade_clear (DanCascade *cascade);

/* Where the canonical image is to be written, and the floats from a row to the
 * next. */
float *dan_cascade_image (DanCascade *cascade, int *stride);

/* What normalises that image, from luma of 0 to 1. */
DanNorm dan_cascade_norm (const DanCascade *cascade);

/* Runs all stages on that image; on success @cascade->shape has the result.
 * FALSE if the landmarks of a stage are no shape at all: not finite, or
 * fallen together. */
bool dan_cascade_run (DanCascade *cascade, DanProfile *profile);

#endif
