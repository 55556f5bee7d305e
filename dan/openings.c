/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How far eyes and mouth are open. */
#include <float.h>
#include <math.h>

#include "angle.h"
#include "error.h"
#include "scheme.h"

#define RIGHT_CORNER 36
#define LEFT_CORNER 45
#define MIN_FORESHORTENING .26 /* the cosine of 75 degrees */

static double
distance (const DanPoint *points, int i, int k)
{
  return hypot ((double) points[i].x - points[k].x,
      (double) points[i].y - points[k].y);
}

/* How long units along the head's x and y axes are in the image. */
static double
foreshortening_across (DanPose pose)
{
  const double yaw = DAN_RADIAN * pose.yaw;

  return fmax (hypot (cos (yaw), sin (yaw) * sin (DAN_RADIAN * pose.pitch)),
      MIN_FORESHORTENING);
}

static double
foreshortening_down (DanPose pose)
{
  return fmax (cos (DAN_RADIAN * pose.pitch), MIN_FORESHORTENING);
}

DanStatus
dan_openings_measure (const char *scheme, const DanPoint *points,
    size_t n_points, const DanPose *pose, DanOpenings *openings,
    DanError *error)
{
  const DanPoint *p = points;
  double unit, right, left, mouth;

  if (!scheme || !points || !pose || !openings)
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "scheme, points, pose or openings is NULL");
  if (!dan_scheme_is_ibug (scheme, n_points))
    return dan_fail (error, DAN_ERROR_UNSUPPORTED,
        "no lids are known among %zu points of the scheme \"%s\"", n_points,
        scheme);
  unit = distance (p, RIGHT_CORNER, LEFT_CORNER) * foreshortening_down (*pose)
      / foreshortening_across (*pose);
  right = (distance (p, 37, 41) + distance (p, 38, 40)) / (2 * unit);
  left = (distance (p, 43, 47) + distance (p, 44, 46)) / (2 * unit);
  mouth = (distance (p, 61, 67) + distance (p, 62, 66) + distance (p, 63, 65))
      / (3 * unit);
  /* An infinite unit would make them 0. */
  if (!(unit <= FLT_MAX && isfinite (pose->yaw + pose->pitch)
          && right <= FLT_MAX && left <= FLT_MAX && mouth <= FLT_MAX))
    return dan_fail (error, DAN_ERROR_BOX, "the landmarks are no face's");
  *openings = (DanOpenings) { (float) right, (float) left, (float) mouth };
  return dan_ok (error);
}
