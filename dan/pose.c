/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pose of a head from its landmarks: orthographic projection, scaled, of a
 * head that is known (see Tomasi and Kanade, "Shape and motion from image
 * streams under orthography", IJCV 1992, of which the motion alone is left). */
#include <math.h>

#include "angle.h"
#include "error.h"
#include "head.h"

/* The smaller of two singular values over the larger: less is a line. */
#define MIN_RATIO 1e-4

typedef struct {
  double x, y, z;
} Vector;

static double
dot (Vector a, Vector b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

static Vector
cross (Vector a, Vector b)
{
  return (Vector) { a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
    a.x * b.y - a.y * b.x };
}

/* a p + b q */
static Vector
combine (double a, Vector p, double b, Vector q)
{
  return (Vector) { a * p.x + b * q.x, a * p.y + b * q.y, a * p.z + b * q.z };
}

static Vector
times_inverse (Vector v)
{
  const Vector rows[3] = {
    { dan_head_inverse[0][0], dan_head_inverse[0][1], dan_head_inverse[0][2] },
    { dan_head_inverse[1][0], dan_head_inverse[1][1], dan_head_inverse[1][2] },
    { dan_head_inverse[2][0], dan_head_inverse[2][1], dan_head_inverse[2][2] },
  };

  return (Vector) { dot (rows[0], v), dot (rows[1], v), dot (rows[2], v) };
}

/* The affine projection that puts the head closest to @points: what @u and @v
 * make of a point of the head are its x and y in the image, but for an offset.
 * It drops out because the head lies about its mean; the first point is taken
 * off all the same, for far away numbers have few digits left. */
static void
project_affinely (const DanPoint *points, Vector *u, Vector *v)
{
  Vector a = { 0, 0, 0 }, b = { 0, 0, 0 };

  for (int i = 0; i < DAN_IBUG_POINTS; i++) {
    const Vector p = { dan_head[i][0], dan_head[i][1], dan_head[i][2] };

    a = combine (1, a, (double) points[i].x - points[0].x, p);
    b = combine (1, b, (double) points[i].y - points[0].y, p);
  }
  *u = times_inverse (a);
  *v = times_inverse (b);
}

/* Makes @u and @v orthogonal and as long as each other, in all by as little as
 * possible: the polar factor of the matrix whose rows they are, but for a factor.
 * It is S^-1/2 times that matrix, S being its product with its transpose, and of
 * a 2 x 2 matrix sqrt(S) is in proportion to S + d, d^2 = det S. FALSE: they are
 * parallel. */
static bool
make_orthogonal (Vector *u, Vector *v)
{
  const double uu = dot (*u, *u), vv = dot (*v, *v), uv = dot (*u, *v);
  const double d = sqrt (uu * vv - uv * uv);
  const Vector first = combine (vv + d, *u, -uv, *v);

  *v = combine (uu + d, *v, -uv, *u);
  *u = first;
  /* False of what is infinite, or no number, too. */
  return d > MIN_RATIO * (uu + vv);
}

/* @u, @v and what is orthogonal to both are the columns of the rotation, each
 * times a factor; see models/training/people/landmarks.py. */
static DanPose
pose_of_axes (Vector u, Vector v)
{
  const Vector w = cross (u, v);
  const double yaw = atan2 (w.x, w.z), c = cos (yaw), s = sin (yaw);

  return (DanPose) {
    .yaw = (float) (DAN_DEGREE * yaw),
    .pitch = (float) (DAN_DEGREE * atan2 (-w.y, hypot (w.x, w.z))),
    .roll = (float) (DAN_DEGREE * atan2 (c * v.x - s * v.z, c * u.x - s * u.z)),
  };
}

DanStatus
dan_pose_estimate (const char *scheme, const DanPoint *points, size_t n_points,
    DanPose *pose, DanError *error)
{
  Vector u, v;

  if (!scheme || !points || !pose)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "scheme, points or pose is NULL");
  if (!dan_scheme_is_ibug (scheme, n_points))
    return dan_fail (error, DAN_ERROR_UNSUPPORTED,
        "no head is known for %zu points of the scheme \"%s\"", n_points,
        scheme);
  project_affinely (points, &u, &v);
  if (!make_orthogonal (&u, &v))
    return dan_fail (error, DAN_ERROR_BOX, "the landmarks are no face's");
  *pose = pose_of_axes (u, v);
  return dan_ok (error);
}
