/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a face's steps and all stages differ by: in its own frame, however it
 * leans, and a running mean. */

#include <math.h>
#include <string.h>

#include "check.h"
#include "track-bias.h"

#define N 5

static const DanPoint mean[N]
    = { { 20, 20 }, { 90, 22 }, { 55, 60 }, { 35, 85 }, { 78, 84 } };

/* The mean shape, turned and made @scale times as large, and a step that has two of
 * its points off by 2 and 3 of the mean shape's pixels. */
static void
look (double degrees, double scale, DanPoint *stages, DanPoint *step)
{
  const double angle = degrees * M_PI / 180;
  const DanSimilarity t
      = { scale * cos (angle), scale * sin (angle), 100, -50 };

  dan_similarity_apply (t, mean, stages, N);
  memcpy (step, mean, sizeof mean);
  step[1].x += 2;
  step[3].y -= 3;
  dan_similarity_apply (t, step, step, N);
}

/* How far points 1 and 3 of a step are off by, at worst and after the correction, of
 * what they were off by before. */
static double
left_over (const DanTrackBias *bias, double degrees, double scale)
{
  const int off[] = { 1, 3 };
  DanPoint stages[N], step[N], corrected[N];
  double worst = 0;

  look (degrees, scale, stages, step);
  memcpy (corrected, step, sizeof step);
  dan_track_bias_correct (bias, corrected);
  for (int k = 0; k < 2; k++) {
    const int i = off[k];

    worst = fmax (worst,
        hypot (corrected[i].x - stages[i].x, corrected[i].y - stages[i].y)
            / hypot (step[i].x - stages[i].x, step[i].y - stages[i].y));
  }
  return worst;
}

static void
learn (DanTrackBias *bias, double degrees, double scale)
{
  DanPoint stages[N], step[N];

  look (degrees, scale, stages, step);
  dan_track_bias_learn (bias, step, stages);
}

static void
test_running_mean (void)
{
  static const double left[] = { 1, 1 / 2., 1 / 3., 1 / 4., 3 / 16. };
  DanTrackBias bias;

  CHECK (dan_track_bias_init (&bias, mean, N), "no memory");
  for (int n = 0; n < 5; n++) {
    /* The step's own fit is a little off, too. */
    CHECK (fabs (left_over (&bias, -40, 3) - left[n]) < .06,
        "%g left after %d comparisons", left_over (&bias, -40, 3), n);
    learn (&bias, 25, .5);
  }
  dan_track_bias_forget (&bias);
  CHECK (left_over (&bias, 0, 1) == 1, "%g left, all forgotten",
      left_over (&bias, 0, 1));
  learn (&bias, 25, .5);
  CHECK (fabs (left_over (&bias, 0, 1) - left[1]) < .06, "%g left, begun anew",
      left_over (&bias, 0, 1));
  dan_track_bias_clear (&bias);
}

/* Onto what is no shape, nothing fits, and nothing happens. */
static void
test_no_shape (void)
{
  DanPoint nowhere[N] = {}, nan[N], step[N], stages[N];
  DanTrackBias bias;

  CHECK (dan_track_bias_init (&bias, mean, N), "no memory");
  for (int i = 0; i < N; i++)
    nan[i] = (DanPoint) { NAN, 0 };
  look (0, 1, stages, step);
  dan_track_bias_learn (&bias, step, nowhere);
  dan_track_bias_learn (&bias, step, nan);
  CHECK (left_over (&bias, 0, 1) == 1, "learnt from nothing");
  learn (&bias, 0, 1);
  dan_track_bias_correct (&bias, nowhere);
  CHECK (nowhere[1].x == 0 && nowhere[3].y == 0, "(%g, %g)", nowhere[1].x,
      nowhere[3].y);
  dan_track_bias_clear (&bias);
}

int
main (void)
{
  test_running_mean ();
  test_no_shape ();
  return check_summary ("track-bias");
}
