/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "track-bias.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a comparison, once there were enough for a running mean: the face turns. */
#define LEAST_WEIGHT .25

bool
dan_track_bias_init (DanTrackBias *bias, const DanPoint *mean, int n_points)
{
  *bias = (DanTrackBias) { .mean = mean, .n_points = n_points };
  bias->offsets = calloc (n_points, sizeof *bias->offsets);
  return bias->offsets != NULL;
}

void
dan_track_bias_clear (DanTrackBias *bias)
{
  free (bias->offsets);
  bias->offsets = NULL;
}

void
dan_track_bias_forget (DanTrackBias *bias)
{
  memset (bias->offsets, 0, bias->n_points * sizeof *bias->offsets);
  bias->n_learnt = 0;
}

/* @vector, turned and scaled as @t does it, but not moved. */
static DanPoint
turn (DanSimilarity t, DanPoint vector)
{
  t.tx = t.ty = 0;
  dan_similarity_apply (t, &vector, &vector, 1);
  return vector;
}

void
dan_track_bias_learn (DanTrackBias *bias, const DanPoint *step,
    const DanPoint *stages)
{
  /* Single comparisons are noisy: one without a difference went before. */
  const double weight = fmax (1. / (bias->n_learnt + 2), LEAST_WEIGHT);
  DanSimilarity to_mean;

  if (!dan_similarity_fit (&to_mean, stages, bias->mean, bias->n_points))
    return;
  for (int i = 0; i < bias->n_points; i++) {
    DanPoint *offset = &bias->offsets[i];
    const DanPoint difference = turn (to_mean,
        (DanPoint) { stages[i].x - step[i].x, stages[i].y - step[i].y });

    offset->x += (float) (weight * (difference.x - offset->x));
    offset->y += (float) (weight * (difference.y - offset->y));
  }
  bias->n_learnt++;
}

void
dan_track_bias_correct (const DanTrackBias *bias, DanPoint *step)
{
  DanSimilarity to_frame;

  if (!dan_similarity_fit (&to_frame, bias->mean, step, bias->n_points))
    return;
  for (int i = 0; i < bias->n_points; i++) {
    const DanPoint offset = turn (to_frame, bias->offsets[i]);

    step[i].x += offset.x;
    step[i].y += offset.y;
  }
}
