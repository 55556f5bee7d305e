/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What steps of the recurrent stage and all stages differ by, learnt for one face:
 * most of it stays as it is, as long as the face is looked at from about the
 * same side. */
#ifndef DAN_TRACK_BIAS_H
#define DAN_TRACK_BIAS_H

#include "similarity.h"

typedef struct {
  const DanPoint *mean; /* the mean shape */
  int n_points;
  DanPoint *offsets; /* from a step's landmarks, in the mean shape's frame */
  int n_learnt;
} DanTrackBias;

/* @mean has to outlive the bias. FALSE without memory; to be cleared then
 * too. */
bool dan_track_bias_init (DanTrackBias *bias, const DanPoint *mean,
    int n_points);
void dan_track_bias_clear (DanTrackBias *bias);

/* Nothing is known of the face any more. */
void dan_track_bias_forget (DanTrackBias *bias);

/* Takes in what a step and all stages made of the same frame. */
void dan_track_bias_learn (DanTrackBias *bias, const DanPoint *step,
    const DanPoint *stages);

/* Moves a step's landmarks to where all stages would be expected to put them. */
void dan_track_bias_correct (const DanTrackBias *bias, DanPoint *step);

#endif
