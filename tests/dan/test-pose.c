/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Poses and openings: of the mean head itself, turned, for which they are
 * exact, and of landmarks that are no face's. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "check.h"
#include "dan/dan.h"
#include "head.h"
#include "random.h"

#define N DAN_IBUG_POINTS
#define SCHEME "ibug-68"

static const double radian = .017453292519943295769;

/* p Y P R for row vectors p: tests/people/README.md has the matrices. */
static void
turn (const double p[3], DanPose pose, double turned[3])
{
  const double yaw = radian * pose.yaw, pitch = radian * pose.pitch;
  const double roll = radian * pose.roll;
  const double x = cos (yaw) * p[0] - sin (yaw) * p[2];
  const double z = sin (yaw) * p[0] + cos (yaw) * p[2];
  const double y = cos (pitch) * p[1] + sin (pitch) * z;

  turned[0] = cos (roll) * x - sin (roll) * y;
  turned[1] = sin (roll) * x + cos (roll) * y;
  turned[2] = cos (pitch) * z - sin (pitch) * p[1];
}

static void
picture (double head[N][3], DanPose pose, double scale, DanPoint *points)
{
  for (int i = 0; i < N; i++) {
    double turned[3];

    turn (head[i], pose, turned);
    points[i].x = (float) (scale * (turned[0] + 3));
    points[i].y = (float) (scale * (turned[1] + 2));
  }
}

static void
copy_head (double head[N][3])
{
  memcpy (head, dan_head, sizeof dan_head);
}

static void
test_head (void)
{
  double products[3][3] = { { 0 } };

  for (int i = 0; i < N; i++)
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++)
        products[a][b] += dan_head[i][a] * dan_head[i][b];
  for (int a = 0; a < 3; a++) {
    double sum = 0;

    for (int i = 0; i < N; i++)
      sum += dan_head[i][a];
    CHECK (fabs (sum) < 1e-3, "axis %d: sum %g", a, sum);
    for (int b = 0; b < 3; b++) {
      double one = 0;

      for (int k = 0; k < 3; k++)
        one += products[a][k] * dan_head_inverse[k][b];
      CHECK (fabs (one - (a == b)) < 1e-9, "%d, %d: %g", a, b, one);
    }
  }
  CHECK (fabs (dan_head[45][0] - dan_head[36][0] - 1) < 1e-4, "%g apart",
      dan_head[45][0] - dan_head[36][0]);
  CHECK (dan_head[30][2] < dan_head[27][2] && dan_head[27][2] < dan_head[0][2],
      "the nose's tip is not in front");
}

/* Symmetric and positive definite: of the turned heads, the closest is the one
 * that was stretched. */
static void
stretch (DanPoint *points)
{
  for (int i = 0; i < N; i++)
    points[i] = (DanPoint) { 1.2f * points[i].x + .15f * points[i].y,
      .15f * points[i].x + .9f * points[i].y };
}

static void
check_pose (DanPose wanted, double scale, bool stretched)
{
  double head[N][3];
  DanPoint points[N];
  DanPose found;
  DanError error;

  copy_head (head);
  picture (head, wanted, scale, points);
  if (stretched)
    stretch (points);
  if (!CHECK (dan_pose_estimate (SCHEME, points, N, &found, &error) == DAN_OK,
          "%s", error.message))
    return;
  CHECK (fabs (found.yaw - wanted.yaw) < .02
      && fabs (found.pitch - wanted.pitch) < .02
      && fabs (found.roll - wanted.roll) < .02,
      "%g, %g, %g at %g: found %g, %g, %g", wanted.yaw, wanted.pitch,
      wanted.roll, scale, found.yaw, found.pitch, found.roll);
}

static void
test_turned (void)
{
  for (int yaw = -160; yaw <= 160; yaw += 20)
    for (int pitch = -80; pitch <= 80; pitch += 20)
      for (int roll = -170; roll <= 170; roll += 34)
        for (int stretched = 0; stretched < 2; stretched++)
          check_pose ((DanPose) { yaw, pitch, roll }, 1 << (roll + 170) / 34,
              stretched);
}

/* That what the other tests turn, turns as dan.h says. */
static void
test_signs (void)
{
  double head[N][3];
  DanPoint points[N];

  copy_head (head);
  picture (head, (DanPose) { 20, 10, 0 }, 100, points);
  CHECK (points[30].x > (points[36].x + points[45].x) / 2, "yaw");
  CHECK (points[30].y - points[36].y < 100 * (head[30][1] - head[36][1]),
      "pitch");
  picture (head, (DanPose) { 0, 0, 10 }, 100, points);
  CHECK (points[45].y > points[36].y, "roll");
}

/* The lids of @head meet in pairs, one above the other, so far apart. */
static void
open_lids (double head[N][3], const int (*pairs)[2], int n, double opening)
{
  for (int i = 0; i < n; i++) {
    const int upper = pairs[i][0], lower = pairs[i][1];

    memcpy (head[lower], head[upper], sizeof head[lower]);
    head[lower][1] += opening;
  }
}

static void
check_openings (DanPose pose, double across, DanOpenings wanted)
{
  static const int right[][2] = { { 37, 41 }, { 38, 40 } };
  static const int left[][2] = { { 43, 47 }, { 44, 46 } };
  static const int mouth[][2] = { { 61, 67 }, { 62, 66 }, { 63, 65 } };
  double head[N][3];
  DanPoint points[N];
  DanOpenings found = { -1, -1, -1 };

  copy_head (head);
  head[36][0] *= across;
  head[45][0] *= across;
  open_lids (head, right, 2, across * wanted.right_eye);
  open_lids (head, left, 2, across * wanted.left_eye);
  open_lids (head, mouth, 3, across * wanted.mouth);
  picture (head, pose, 150, points);
  CHECK (dan_openings_measure (SCHEME, points, N, &pose, &found, NULL)
      == DAN_OK, "%g, %g", pose.yaw, pose.pitch);
  CHECK (fabs (found.right_eye - wanted.right_eye) < 1e-4
      && fabs (found.left_eye - wanted.left_eye) < 1e-4
      && fabs (found.mouth - wanted.mouth) < 1e-4,
      "%g, %g: found %g, %g, %g", pose.yaw, pose.pitch, found.right_eye,
      found.left_eye, found.mouth);
}

static void
test_openings (void)
{
  for (int yaw = -60; yaw <= 60; yaw += 20)
    for (int pitch = -60; pitch <= 60; pitch += 20)
      for (int roll = -90; roll <= 180; roll += 45) {
        const DanPose pose = { yaw, pitch, roll };

        check_openings (pose, 1, (DanOpenings) { .02f, .09f, .3f });
        check_openings (pose, 1.2, (DanOpenings) { .08f, 0, 0 });
      }
}

static void
check_refusal (const DanPoint *points, const char *what)
{
  const DanPose untouched = { 1, 2, 3 };
  DanPose pose = untouched;
  DanError error;

  dan_pose_estimate (SCHEME, points, N, &pose, &error);
  CHECK (error.status == DAN_ERROR_BOX && error.message[0], "%s: status %d",
      what, error.status);
  CHECK (memcmp (&pose, &untouched, sizeof pose) == 0, "%s: changed", what);
}

static void
test_degenerate (void)
{
  const float values[] = { 0, 17, NAN, INFINITY, -INFINITY, FLT_MAX };
  const DanPose front = { 0, 0, 0 };
  double head[N][3];
  DanPoint points[N];
  DanOpenings openings = { 1, 2, 3 };

  for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
    for (int i = 0; i < N; i++)
      points[i] = (DanPoint) { values[k], values[k] };
    check_refusal (points, "one place");
    CHECK (dan_openings_measure (SCHEME, points, N, &front, &openings, NULL)
        == DAN_ERROR_BOX && openings.mouth == 3, "openings of %g", values[k]);
  }
  for (int i = 0; i < N; i++)
    points[i] = (DanPoint) { 100 + i, 50 - .37f * i };
  check_refusal (points, "a line");

  copy_head (head);
  for (size_t k = 2; k < 5; k++)
    for (int i = 0; i < N; i++) {
      picture (head, front, 100, points);
      points[i].y = values[k];
      check_refusal (points, "one point is nowhere");
    }
}

/* An eye's corner or an angle that is no number spoils all openings. */
static void
test_openings_of_no_numbers (void)
{
  const float values[] = { NAN, INFINITY, -INFINITY };
  const DanPose front = { 0, 0, 0 };
  double head[N][3];
  DanPoint points[N];
  DanOpenings openings = { 1, 2, 3 };

  copy_head (head);
  for (size_t k = 0; k < 3; k++) {
    const DanPose yaw = { .yaw = values[k] }, pitch = { .pitch = values[k] };

    picture (head, front, 100, points);
    CHECK (dan_openings_measure (SCHEME, points, N, &yaw, &openings, NULL)
            == DAN_ERROR_BOX
        && dan_openings_measure (SCHEME, points, N, &pitch, &openings, NULL)
            == DAN_ERROR_BOX, "an angle of %g", values[k]);
    points[36].x = values[k];
    CHECK (dan_openings_measure (SCHEME, points, N, &front, &openings, NULL)
        == DAN_ERROR_BOX, "a corner at %g", values[k]);
  }
  CHECK (openings.mouth == 3, "changed");
}

/* Up to 2^@spread. */
static float
random_number (int spread)
{
  return ldexpf (random_value (VALUES_ORDINARY),
      random_below (2 * spread + 1) - spread);
}

/* Numbers of any size: an error, or angles and openings that are numbers. */
static void
test_any_numbers (void)
{
  for (int round = 0; round < 20000; round++) {
    DanPoint points[N];
    DanPose pose = { 0, 0, 0 };
    DanOpenings openings = { 0, 0, 0 };

    for (int i = 0; i < N; i++)
      points[i] = (DanPoint) { random_number (round % 128),
        random_number (round % 128) };
    dan_pose_estimate (SCHEME, points, N, &pose, NULL);
    CHECK (fabsf (pose.yaw) <= 180 && fabsf (pose.pitch) <= 90
        && fabsf (pose.roll) <= 180, "round %d: %g, %g, %g", round, pose.yaw,
        pose.pitch, pose.roll);
    dan_openings_measure (SCHEME, points, N, &pose, &openings, NULL);
    CHECK (openings.right_eye <= FLT_MAX && openings.left_eye <= FLT_MAX
        && openings.mouth <= FLT_MAX, "round %d: %g, %g, %g", round,
        openings.right_eye, openings.left_eye, openings.mouth);
  }
}

static void
test_arguments (void)
{
  DanPoint points[N + 1] = { { 0, 0 } };
  DanPose pose = { 1, 2, 3 };
  DanOpenings openings = { 1, 2, 3 };

  CHECK (dan_pose_estimate (NULL, points, N, &pose, NULL)
      == DAN_ERROR_ARGUMENT, "no scheme");
  CHECK (dan_pose_estimate (SCHEME, NULL, N, &pose, NULL)
      == DAN_ERROR_ARGUMENT, "no points");
  CHECK (dan_pose_estimate (SCHEME, points, N, NULL, NULL)
      == DAN_ERROR_ARGUMENT, "no pose");
  CHECK (dan_openings_measure (NULL, points, N, &pose, &openings, NULL)
      == DAN_ERROR_ARGUMENT, "no scheme");
  CHECK (dan_openings_measure (SCHEME, NULL, N, &pose, &openings, NULL)
      == DAN_ERROR_ARGUMENT, "no points");
  CHECK (dan_openings_measure (SCHEME, points, N, NULL, &openings, NULL)
      == DAN_ERROR_ARGUMENT, "no pose");
  CHECK (dan_openings_measure (SCHEME, points, N, &pose, NULL, NULL)
      == DAN_ERROR_ARGUMENT, "no openings");
  for (size_t n = N - 1; n <= N + 1; n++) {
    const char *scheme = n == N ? "random" : SCHEME;

    CHECK (dan_pose_estimate (scheme, points, n, &pose, NULL)
        == DAN_ERROR_UNSUPPORTED, "%s %zu", scheme, n);
    CHECK (dan_openings_measure (scheme, points, n, &pose, &openings, NULL)
        == DAN_ERROR_UNSUPPORTED, "%s %zu", scheme, n);
  }
  CHECK (pose.yaw == 1 && openings.mouth == 3, "changed");
}

int
main (void)
{
  test_head ();
  test_turned ();
  test_signs ();
  test_openings ();
  test_degenerate ();
  test_openings_of_no_numbers ();
  test_any_numbers ();
  test_arguments ();
  return check_summary ("pose");
}
