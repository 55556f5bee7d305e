/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes the jitter out of a face's landmarks, and foretells them.
 *
 * Landmarks are a similarity of the mean shape, where the face is and how it
 * leans, and what is left over in the face's own canonical frame: its
 * expression and turn. Each is filtered by a Kalman filter of constant
 * velocity, the acceleration being white noise. */
#ifndef DAN_TRACK_FILTER_H
#define DAN_TRACK_FILTER_H

#include "similarity.h"

/* What a filter of constant velocity knows of its error: the same for all
 * values that are measured together and as well as one another. */
typedef struct {
  double position, both, velocity; /* the covariance matrix */
} DanTrackDoubt;

/* The logarithm of the scale, the angle, and the centroid in pixels. */
enum { DAN_POSE_SCALE, DAN_POSE_ANGLE, DAN_POSE_X, DAN_POSE_Y, DAN_POSE_N };

typedef struct {
  const DanPoint *mean; /* the mean shape */
  int n_points;
  double mean_size;
  DanTrackDoubt pose_doubt, detail_doubt;
  double pose[DAN_POSE_N], pose_velocity[DAN_POSE_N];
  double walk; /* mean velocity of the centroid's x, of up to a second */
  double age;  /* how much of a second that is */
  DanPoint *detail, *detail_velocity; /* canonical points, by mean_size */
} DanTrackFilter;

/* How large @shape is: the root of its points' mean square distance from their
 * centroid. */
double dan_track_size (const DanPoint *shape, int n);

/* @mean has to outlive the filter. FALSE without memory; to be cleared then
 * too. */
bool dan_track_filter_init (DanTrackFilter *filter, const DanPoint *mean,
    int n_points);
void dan_track_filter_clear (DanTrackFilter *filter);

/* Forgets everything and starts at @shape, at rest. FALSE, and nothing
 * happened, if it is no shape: the mean shape does not fit onto it. */
bool dan_track_filter_start (DanTrackFilter *filter, const DanPoint *shape);

/* Where the landmarks are expected @seconds after the last measurement. */
void dan_track_filter_predict (const DanTrackFilter *filter, double seconds,
    DanPoint *shape);

/* From now on the face is expected to go sideways as it did in the last second,
 * not as it was last measured to: for when it is lost. */
void dan_track_filter_walk (DanTrackFilter *filter);

/* Takes in the measurement @found, @seconds after the last one. @noise: how
 * many times as far it is off as is usual. FALSE as dan_track_filter_start(). */
bool dan_track_filter_update (DanTrackFilter *filter, double seconds,
    const DanPoint *found, double noise);

/* Takes @share of what sets @shape apart from the mean shape that is fitted onto
 * it. */
void dan_track_filter_flatten (const DanTrackFilter *filter, double share,
    DanPoint *shape);

/* How far @shape is from the mean shape that is fitted onto it, by its size;
 * infinite if that does not fit. */
double dan_track_filter_deformation (const DanTrackFilter *filter,
    const DanPoint *shape);

#endif
