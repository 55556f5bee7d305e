/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "track-filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In units of the face's size, and of seconds. These were measured: see
 * docs/video.md. */
typedef struct {
  double noise;        /* standard deviation of a measurement */
  double acceleration; /* its spectral density's root */
  double velocity;     /* standard deviation at the start */
} Kind;

static const Kind pose_kind = { .010, 1.6, 1.6 };
static const Kind detail_kind = { .020, 1.6, 1.6 };

/* Seconds for which faces go on moving as they were last seen to: people walk,
 * but they do not nod, turn, grow or open their mouths for long. */
static const double max_motion[DAN_POSE_N] = {
  [DAN_POSE_SCALE] = .1,
  [DAN_POSE_ANGLE] = .1,
  [DAN_POSE_X] = HUGE_VAL,
  [DAN_POSE_Y] = .2,
};
#define MAX_DETAIL .05

/* Seconds that how people walk is the mean of: as long as it takes for what hides a
 * face, and drags its landmarks along before it is lost, not to count. */
#define WALK 1.

static DanTrackDoubt
doubt_at_start (const Kind *kind)
{
  return (DanTrackDoubt) { kind->noise * kind->noise, 0,
    kind->velocity * kind->velocity };
}

/* What a measurement's surprise is to add to position and velocity. */
typedef struct {
  double position, velocity;
} Gain;

/* Moves @doubt on by @seconds and then takes in a measurement. */
static Gain
doubt_step (DanTrackDoubt *doubt, const Kind *kind, double seconds,
    double noise)
{
  const double q = kind->acceleration * kind->acceleration;
  const double r = kind->noise * kind->noise * noise * noise;
  double a = doubt->position, b = doubt->both, c = doubt->velocity;
  Gain gain;

  a += seconds * (2 * b + seconds * (c + q * seconds / 3));
  b += seconds * (c + q * seconds / 2);
  c += seconds * q;
  gain = (Gain) { a / (a + r), b / (a + r) };
  *doubt = (DanTrackDoubt) { a * (1 - gain.position), b * (1 - gain.position),
    c - gain.velocity * b };
  return gain;
}

double
dan_track_size (const DanPoint *shape, int n)
{
  double x = 0, y = 0, squares = 0;

  for (int i = 0; i < n; i++) {
    x += shape[i].x / n;
    y += shape[i].y / n;
  }
  for (int i = 0; i < n; i++)
    squares += (shape[i].x - x) * (shape[i].x - x)
        + (shape[i].y - y) * (shape[i].y - y);
  return sqrt (squares / n);
}

bool
dan_track_filter_init (DanTrackFilter *filter, const DanPoint *mean,
    int n_points)
{
  *filter = (DanTrackFilter) { .mean = mean, .n_points = n_points,
    .mean_size = dan_track_size (mean, n_points) };
  filter->detail = calloc (n_points, sizeof (DanPoint));
  filter->detail_velocity = calloc (n_points, sizeof (DanPoint));
  return filter->detail && filter->detail_velocity;
}

void
dan_track_filter_clear (DanTrackFilter *filter)
{
  free (filter->detail);
  free (filter->detail_velocity);
  *filter = (DanTrackFilter) {};
}

static DanPoint
centroid (const DanPoint *shape, int n)
{
  double x = 0, y = 0;

  for (int i = 0; i < n; i++) {
    x += shape[i].x;
    y += shape[i].y;
  }
  return (DanPoint) { (float) (x / n), (float) (y / n) };
}

/* Takes @shape apart: its pose, and to_detail, by which its points become
 * details. */
static bool
find_pose (const DanTrackFilter *filter, const DanPoint *shape,
    double pose[DAN_POSE_N], DanSimilarity *to_detail)
{
  const DanPoint center = centroid (shape, filter->n_points);
  DanSimilarity to_frame;

  if (!dan_similarity_fit (&to_frame, filter->mean, shape, filter->n_points))
    return false;
  pose[DAN_POSE_SCALE] = log (dan_similarity_scale (to_frame));
  pose[DAN_POSE_ANGLE] = atan2 (to_frame.b, to_frame.a);
  pose[DAN_POSE_X] = center.x;
  pose[DAN_POSE_Y] = center.y;
  to_frame.a *= filter->mean_size;
  to_frame.b *= filter->mean_size;
  to_frame.tx = center.x;
  to_frame.ty = center.y;
  *to_detail = dan_similarity_invert (to_frame);
  return true;
}

static DanPoint
detail_of (DanSimilarity to_detail, DanPoint point)
{
  dan_similarity_apply (to_detail, &point, &point, 1);
  return point;
}

double
dan_track_filter_deformation (const DanTrackFilter *filter,
    const DanPoint *shape)
{
  const int n = filter->n_points;
  double pose[DAN_POSE_N], squares = 0;
  DanSimilarity to_detail, to_mean;

  if (!find_pose (filter, shape, pose, &to_detail)
      || !dan_similarity_fit (&to_mean, shape, filter->mean, n))
    return INFINITY;
  for (int i = 0; i < n; i++) {
    DanPoint point;

    dan_similarity_apply (to_mean, &shape[i], &point, 1);
    squares += (point.x - filter->mean[i].x) * (point.x - filter->mean[i].x)
        + (point.y - filter->mean[i].y) * (point.y - filter->mean[i].y);
  }
  return sqrt (squares / n) / filter->mean_size;
}

void
dan_track_filter_flatten (const DanTrackFilter *filter, double share,
    DanPoint *shape)
{
  DanSimilarity to_frame;

  if (!dan_similarity_fit (&to_frame, filter->mean, shape, filter->n_points))
    return;
  for (int i = 0; i < filter->n_points; i++) {
    DanPoint mean;

    dan_similarity_apply (to_frame, &filter->mean[i], &mean, 1);
    shape[i].x += (float) (share * (mean.x - shape[i].x));
    shape[i].y += (float) (share * (mean.y - shape[i].y));
  }
}

bool
dan_track_filter_start (DanTrackFilter *filter, const DanPoint *shape)
{
  double pose[DAN_POSE_N];
  DanSimilarity to_detail;

  if (!find_pose (filter, shape, pose, &to_detail))
    return false;
  memcpy (filter->pose, pose, sizeof pose);
  memset (filter->pose_velocity, 0, sizeof filter->pose_velocity);
  filter->walk = filter->age = 0;
  dan_similarity_apply (to_detail, shape, filter->detail, filter->n_points);
  memset (filter->detail_velocity, 0,
      filter->n_points * sizeof *filter->detail_velocity);
  filter->pose_doubt = doubt_at_start (&pose_kind);
  filter->detail_doubt = doubt_at_start (&detail_kind);
  return true;
}

static double
pose_after (const DanTrackFilter *filter, int i, double seconds)
{
  return filter->pose[i]
      + filter->pose_velocity[i] * fmin (seconds, max_motion[i]);
}

void
dan_track_filter_walk (DanTrackFilter *filter)
{
  filter->pose_velocity[DAN_POSE_X] = filter->walk;
}

static DanPoint
detail_after (const DanTrackFilter *filter, int i, double seconds)
{
  const float dt = (float) fmin (seconds, MAX_DETAIL);

  return (DanPoint) { filter->detail[i].x + dt * filter->detail_velocity[i].x,
    filter->detail[i].y + dt * filter->detail_velocity[i].y };
}

void
dan_track_filter_predict (const DanTrackFilter *filter, double seconds,
    DanPoint *shape)
{
  const double scale = filter->mean_size
      * exp (pose_after (filter, DAN_POSE_SCALE, seconds));
  const double angle = pose_after (filter, DAN_POSE_ANGLE, seconds);
  const DanSimilarity to_frame = { scale * cos (angle), scale * sin (angle),
    pose_after (filter, DAN_POSE_X, seconds),
    pose_after (filter, DAN_POSE_Y, seconds) };

  for (int i = 0; i < filter->n_points; i++)
    shape[i] = detail_after (filter, i, seconds);
  dan_similarity_apply (to_frame, shape, shape, filter->n_points);
}

static void
update_pose (DanTrackFilter *filter, double seconds, double noise,
    const double pose[DAN_POSE_N])
{
  const Gain gain
      = doubt_step (&filter->pose_doubt, &pose_kind, seconds, noise);

  for (int i = 0; i < DAN_POSE_N; i++) {
    const double expected = pose_after (filter, i, seconds);
    double surprise = pose[i] - expected;

    if (i == DAN_POSE_ANGLE)
      surprise = remainder (surprise, 2 * M_PI);
    filter->pose[i] = expected + gain.position * surprise;
    filter->pose_velocity[i] += gain.velocity * surprise;
  }
}

/* What is off by more than usual counts less. */
static void
update_walk (DanTrackFilter *filter, double seconds, double noise)
{
  const double weight = fmin (1 / (noise * noise), 1);

  filter->age = fmin (filter->age + seconds, WALK);
  if (filter->age > 0)
    filter->walk += weight * fmin (seconds / filter->age, 1)
        * (filter->pose_velocity[DAN_POSE_X] - filter->walk);
}

static void
update_detail (DanTrackFilter *filter, double seconds, double noise,
    const DanPoint *found, DanSimilarity to_detail)
{
  const Gain gain
      = doubt_step (&filter->detail_doubt, &detail_kind, seconds, noise);

  for (int i = 0; i < filter->n_points; i++) {
    const DanPoint detail = detail_of (to_detail, found[i]);
    const DanPoint expected = detail_after (filter, i, seconds);
    const double x = detail.x - expected.x, y = detail.y - expected.y;

    filter->detail[i].x = (float) (expected.x + gain.position * x);
    filter->detail[i].y = (float) (expected.y + gain.position * y);
    filter->detail_velocity[i].x += (float) (gain.velocity * x);
    filter->detail_velocity[i].y += (float) (gain.velocity * y);
  }
}

bool
dan_track_filter_update (DanTrackFilter *filter, double seconds,
    const DanPoint *found, double noise)
{
  double pose[DAN_POSE_N];
  DanSimilarity to_detail;

  if (!find_pose (filter, found, pose, &to_detail))
    return false;
  update_pose (filter, seconds, noise, pose);
  update_walk (filter, seconds, noise);
  update_detail (filter, seconds, noise, found, to_detail);
  return true;
}
