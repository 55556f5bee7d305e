/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The noise of dan-eval's starts: what it is made of, taken apart again. */

#include "start-noise.h"

#include <math.h>
#include <string.h>

#define N_DRAWS 20000
/* Five standard errors of what is compared. */
#define TOLERANCE(deviation) (5 * (deviation) / sqrt (N_DRAWS))

/* A shape and a box of one form, so that the scale has one value. The box has
 * twice the size, and its centre is at (130, 240). */
static const DanPoint mean[] = { {10, 10}, {40, 10}, {40, 30}, {10, 30} };
static const DanBox box = { 100, 220, 60, 40 };

enum { SHIFT_X, SHIFT_Y, FACTOR, DEGREES, N_VALUES };

static void
take_apart (const DanPoint * shape, gdouble values[N_VALUES])
{
  const gdouble x = (shape[0].x + shape[2].x) / 2;
  const gdouble y = (shape[0].y + shape[2].y) / 2;
  const gdouble dx = shape[1].x - shape[0].x, dy = shape[1].y - shape[0].y;

  values[SHIFT_X] = (x - 130) / box.width;
  values[SHIFT_Y] = (y - 240) / box.height;
  values[FACTOR] = hypot (dx, dy) / box.width;
  values[DEGREES] = atan2 (dy, dx) * 180 / G_PI;
}

static void
test_moments (void)
{
  const StartNoise noise = {.shift = .1,.scale = .05,.degrees = 12 };
  const gdouble means[N_VALUES] = {[FACTOR] = 1 };
  const gdouble deviations[N_VALUES] = { .1, .1, .05, 12 };
  gdouble sums[N_VALUES] = { 0 }, squares[N_VALUES] = { 0 };
  GRand *rand = g_rand_new_with_seed (1);

  for (gint i = 0; i < N_DRAWS; i++) {
    DanPoint shape[G_N_ELEMENTS (mean)];
    gdouble values[N_VALUES];

    start_noise_place (&noise, rand, box, mean, shape, G_N_ELEMENTS (mean));
    take_apart (shape, values);
    for (gint k = 0; k < N_VALUES; k++) {
      sums[k] += values[k] - means[k];
      squares[k] += (values[k] - means[k]) * (values[k] - means[k]);
    }
  }
  for (gint k = 0; k < N_VALUES; k++) {
    g_assert_cmpfloat_with_epsilon (sums[k] / N_DRAWS, 0,
        TOLERANCE (deviations[k]));
    g_assert_cmpfloat_with_epsilon (sqrt (squares[k] / N_DRAWS),
        deviations[k], TOLERANCE (deviations[k]));
  }
  g_rand_free (rand);
}

static void
test_none (void)
{
  const StartNoise none = { 0 };
  DanPoint shape[G_N_ELEMENTS (mean)];
  GRand *rand = g_rand_new_with_seed (1);
  DanBox around;

  start_noise_place (&none, rand, box, mean, shape, G_N_ELEMENTS (mean));
  around = dan_box_around (shape, G_N_ELEMENTS (mean));
  g_assert_cmpfloat_with_epsilon (around.x, box.x, 1e-4);
  g_assert_cmpfloat_with_epsilon (around.y, box.y, 1e-4);
  g_assert_cmpfloat_with_epsilon (around.width, box.width, 1e-4);
  g_assert_cmpfloat_with_epsilon (around.height, box.height, 1e-4);
  g_rand_free (rand);
}

/* A start never turns inside out or collapses, however wide the noise. */
static void
test_wide (void)
{
  const StartNoise wide = {.scale = 1 };
  GRand *rand = g_rand_new_with_seed (1);

  for (gint i = 0; i < N_DRAWS; i++) {
    DanPoint shape[G_N_ELEMENTS (mean)];
    gdouble values[N_VALUES];

    start_noise_place (&wide, rand, box, mean, shape, G_N_ELEMENTS (mean));
    take_apart (shape, values);
    g_assert_cmpfloat (values[FACTOR], >, .09);
    g_assert_cmpfloat (fabs (values[DEGREES]), <, 1);
  }
  g_rand_free (rand);
}

static void
test_parse (void)
{
  static const gchar *const bad[] = { "", "0.1", "0.1,0.1", "0.1,0.1,10,1",
    "0.1,0.1,ten", "-0.1,0.1,10", "0.1,1.5,10", "0.1,0.1,181", "nan,0,0",
    "0.1,0.1,inf"
  };
  StartNoise noise;

  g_assert_true (start_noise_parse ("0.1,0.2,10", &noise, NULL));
  g_assert_cmpfloat (noise.shift, ==, .1);
  g_assert_cmpfloat (noise.scale, ==, .2);
  g_assert_cmpfloat (noise.degrees, ==, 10);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    GError *error = NULL;

    g_assert_false (start_noise_parse (bad[i], &noise, &error));
    g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
    g_assert_nonnull (strstr (error->message, "SHIFT,SCALE,DEGREES"));
    g_error_free (error);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/start-noise/moments", test_moments);
  g_test_add_func ("/start-noise/none", test_none);
  g_test_add_func ("/start-noise/wide", test_wide);
  g_test_add_func ("/start-noise/parse", test_parse);
  return g_test_run ();
}
