/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The filter of a tracked face: exact where nothing jitters, without lag where
 * it moves, steadier than what it gets. */

#include <math.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "track-filter.h"

#define N 10
#define FRAME (1 / 25.)

static const DanPoint mean[N] = { { 20, 20 }, { 90, 22 }, { 55, 60 },
  { 35, 85 }, { 78, 84 }, { 55, 100 }, { 30, 30 }, { 80, 31 }, { 54, 40 },
  { 56, 80 } };

/* The mean shape after @seconds of a motion, its mouth open or not. */
static void
motion (double seconds, double degrees, double speed, DanPoint *shape)
{
  const double angle = degrees * M_PI / 180;
  const DanSimilarity t = { 2 * cos (angle), 2 * sin (angle),
    100 + speed * seconds, 50 - speed / 2 * seconds };

  dan_similarity_apply (t, mean, shape, N);
  shape[5].y += 5;
}

static double
farthest (const DanPoint *a, const DanPoint *b)
{
  double worst = 0;

  for (int i = 0; i < N; i++)
    worst = fmax (worst, hypot (a[i].x - b[i].x, a[i].y - b[i].y));
  return worst;
}

static DanTrackFilter
new_filter (void)
{
  DanTrackFilter filter;

  CHECK (dan_track_filter_init (&filter, mean, N), "no memory");
  return filter;
}

static void
test_start (void)
{
  DanTrackFilter filter = new_filter ();
  DanPoint shape[N], out[N];

  motion (0, 25, 0, shape);
  CHECK (dan_track_filter_start (&filter, shape), "it is a shape");
  dan_track_filter_predict (&filter, 0, out);
  CHECK (farthest (shape, out) < 1e-3, "off by %g", farthest (shape, out));
  dan_track_filter_predict (&filter, 3, out);
  CHECK (farthest (shape, out) < 1e-3, "at rest, but off by %g",
      farthest (shape, out));
  dan_track_filter_clear (&filter);
}

/* What is flat is the mean shape at the shape's place; half flat is half way. */
static void
test_flatten (void)
{
  DanTrackFilter filter = new_filter ();
  DanPoint shape[N], half[N], flat[N], middle[N];

  motion (1, 25, 30, shape);
  memcpy (half, shape, sizeof shape);
  memcpy (flat, shape, sizeof shape);
  dan_track_filter_flatten (&filter, .5, half);
  dan_track_filter_flatten (&filter, 1, flat);
  CHECK (dan_track_filter_deformation (&filter, shape) > .01,
      "it is the mean shape");
  CHECK (dan_track_filter_deformation (&filter, flat) < 1e-4, "off by %g",
      dan_track_filter_deformation (&filter, flat));
  for (int i = 0; i < N; i++)
    middle[i] = (DanPoint) { (shape[i].x + flat[i].x) / 2,
      (shape[i].y + flat[i].y) / 2 };
  CHECK (farthest (half, middle) < 1e-3, "%g px", farthest (half, middle));
  CHECK (farthest (shape, flat) < 6, "elsewhere by %g px",
      farthest (shape, flat));
  dan_track_filter_clear (&filter);
}

/* What moves steadily is followed without lag, and foretold. */
static void
test_steady_motion (void)
{
  DanTrackFilter filter = new_filter ();
  DanPoint shape[N], out[N];
  double t = 0;

  motion (0, 0, 200, shape);
  dan_track_filter_start (&filter, shape);
  for (int i = 1; i <= 50; i++) {
    t += i % 3 ? FRAME : FRAME / 2; /* at no constant rate */
    motion (t, 0, 200, shape);
    dan_track_filter_update (&filter, i % 3 ? FRAME : FRAME / 2, shape, 1);
  }
  dan_track_filter_predict (&filter, 0, out);
  CHECK (farthest (shape, out) < .1, "behind by %g", farthest (shape, out));
  dan_track_filter_predict (&filter, .2, out);
  motion (t + .2, 0, 200, shape);
  CHECK (farthest (shape, out) < 1, "foretold %g off", farthest (shape, out));

  /* Sideways for ever, downwards not. */
  for (int i = 0; i < N; i++)
    shape[i] = (DanPoint) { out[i].x + 160, out[i].y };
  dan_track_filter_predict (&filter, 1, out);
  CHECK (farthest (shape, out) < 3, "foretold %g off", farthest (shape, out));
  dan_track_filter_clear (&filter);
}

/* The second differences of noisy landmarks of a still face. */
static void
test_jitter (void)
{
  DanTrackFilter filter = new_filter ();
  DanPoint truth[N], noisy[3][N], out[3][N];
  double before = 0, after = 0;

  motion (0, -10, 0, truth);
  for (int t = 0; t < 200; t++) {
    DanPoint *now = noisy[t % 3], *told = out[t % 3];
    const DanPoint *last = noisy[(t + 2) % 3], *old = noisy[(t + 1) % 3];
    const DanPoint *last_told = out[(t + 2) % 3], *old_told = out[(t + 1) % 3];

    for (int i = 0; i < N; i++)
      now[i] = (DanPoint) { truth[i].x + random_value (VALUES_ORDINARY),
        truth[i].y + random_value (VALUES_ORDINARY) };
    if (t == 0)
      dan_track_filter_start (&filter, now);
    else
      dan_track_filter_update (&filter, FRAME, now, 1);
    dan_track_filter_predict (&filter, 0, told);
    for (int i = 0; t > 10 && i < N; i++) {
      before += pow (now[i].x - 2 * last[i].x + old[i].x, 2);
      after += pow (told[i].x - 2 * last_told[i].x + old_told[i].x, 2);
    }
  }
  CHECK (after < before / 3, "%g of the jitter is left", sqrt (after / before));
  dan_track_filter_clear (&filter);
}

/* A head that turns past half a turn does not spin back. */
static void
test_full_turn (void)
{
  DanTrackFilter filter = new_filter ();
  DanPoint shape[N], out[N];

  motion (0, 170, 0, shape);
  dan_track_filter_start (&filter, shape);
  for (int i = 1; i <= 20; i++) {
    motion (0, 170 + i, 0, shape);
    dan_track_filter_update (&filter, FRAME, shape, 1);
    dan_track_filter_predict (&filter, 0, out);
    CHECK (farthest (shape, out) < 3, "%d degrees: off by %g", 170 + i,
        farthest (shape, out));
  }
  dan_track_filter_clear (&filter);
}

/* What is expected to be off moves the face less. */
static void
test_noise (void)
{
  double moved[2];

  for (int k = 0; k < 2; k++) {
    DanTrackFilter filter = new_filter ();
    DanPoint shape[N], out[N];

    motion (0, 0, 0, shape);
    dan_track_filter_start (&filter, shape);
    for (int i = 0; i < 20; i++)
      dan_track_filter_update (&filter, FRAME, shape, 1);
    for (int i = 0; i < N; i++)
      out[i] = (DanPoint) { shape[i].x + 10, shape[i].y };
    dan_track_filter_update (&filter, FRAME, out, k ? 8 : 1);
    dan_track_filter_predict (&filter, 0, out);
    moved[k] = farthest (shape, out);
    dan_track_filter_clear (&filter);
  }
  CHECK (moved[0] > 3 && moved[1] < moved[0] / 4, "moved by %g and %g",
      moved[0], moved[1]);
}

/* Something in front holds the landmarks fast, but people walk on. */
static void
test_walk (void)
{
  DanTrackFilter filter = new_filter ();
  DanPoint shape[N], out[N];
  double walked;

  motion (0, 0, 80, shape);
  dan_track_filter_start (&filter, shape);
  for (int i = 1; i <= 40; i++) {
    motion (i * FRAME, 0, 80, shape);
    dan_track_filter_update (&filter, FRAME, shape, .7);
  }
  for (int i = 0; i < 8; i++)
    dan_track_filter_update (&filter, FRAME, shape, 1 + i * .2);
  dan_track_filter_walk (&filter);
  dan_track_filter_predict (&filter, 1, out);
  walked = out[0].x - shape[0].x;
  CHECK (walked > 50 && walked < 90, "walks on by %g in a second", walked);
  dan_track_filter_start (&filter, shape);
  dan_track_filter_walk (&filter);
  dan_track_filter_predict (&filter, 1, out);
  CHECK (farthest (shape, out) < 1e-3, "it was forgotten");
  dan_track_filter_clear (&filter);
}

static void
test_no_shape (void)
{
  DanTrackFilter filter = new_filter ();
  DanPoint shape[N], none[N] = { { 0, 0 } }, out[N];

  motion (0, 0, 0, shape);
  dan_track_filter_start (&filter, shape);
  CHECK (!dan_track_filter_start (&filter, none), "a single place");
  CHECK (!dan_track_filter_update (&filter, FRAME, none, 1), "a single place");
  CHECK (!(dan_track_filter_deformation (&filter, none) < 1), "%g",
      dan_track_filter_deformation (&filter, none));
  dan_track_filter_predict (&filter, FRAME, out);
  CHECK (farthest (shape, out) < 1e-3, "it moved by %g", farthest (shape, out));

  CHECK (dan_track_filter_deformation (&filter, shape) < .1, "%g",
      dan_track_filter_deformation (&filter, shape));
  for (int i = 0; i < N; i++)
    out[i] = shape[i * 7 % N];
  CHECK (dan_track_filter_deformation (&filter, out) > .6, "%g",
      dan_track_filter_deformation (&filter, out));
  dan_track_filter_clear (&filter);
}

int
main (void)
{
  test_start ();
  test_flatten ();
  test_steady_motion ();
  test_jitter ();
  test_full_turn ();
  test_noise ();
  test_walk ();
  test_no_shape ();
  return check_summary ("track-filter");
}
