/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "start-noise.h"
#include "aligner.h"

#include <math.h>

#define MAX_FRACTION 1.
#define MAX_DEGREES 180.
/* Below this a start is no face any more: the draw is repeated. */
#define MIN_FACTOR .1

static gboolean
is_within (gdouble value, gdouble limit)
{
  return value >= 0 && value <= limit;
}

gboolean
start_noise_parse (const gchar * text, StartNoise * noise, GError ** error)
{
  gdouble v[3];

  if (!numbers_parse (text, v, G_N_ELEMENTS (v))
      || !is_within (v[0], MAX_FRACTION) || !is_within (v[1], MAX_FRACTION)
      || !is_within (v[2], MAX_DEGREES)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "\"%s\" is no noise: SHIFT,SCALE,DEGREES expected, 0 to %g, %g and %g",
        text, MAX_FRACTION, MAX_FRACTION, MAX_DEGREES);
    return FALSE;
  }
  *noise = (StartNoise) { v[0], v[1], v[2] };
  return TRUE;
}

/* Box and Muller's transform. */
static gdouble
draw_normal (GRand * rand)
{
  gdouble radius = sqrt (-2 * log (1 - g_rand_double (rand)));

  return radius * cos (2 * G_PI * g_rand_double (rand));
}

static gdouble
draw_factor (GRand * rand, gdouble deviation)
{
  gdouble factor;

  do
    factor = 1 + deviation * draw_normal (rand);
  while (factor < MIN_FACTOR);
  return factor;
}

void
start_noise_place (const StartNoise * noise, GRand * rand, DanBox box,
    const DanPoint * mean, DanPoint * shape, gsize n_points)
{
  const DanBox from = dan_box_around (mean, n_points);
  const gdouble factor = draw_factor (rand, noise->scale);
  const gdouble angle = noise->degrees * draw_normal (rand) * G_PI / 180;
  const gdouble x = box.x + box.width
      * (.5 + noise->shift * draw_normal (rand));
  const gdouble y = box.y + box.height
      * (.5 + noise->shift * draw_normal (rand));
  /* Without noise the start is dan_align()'s own. */
  const gdouble scale = factor
      * ((gdouble) box.width / from.width + (gdouble) box.height / from.height)
      / 2;
  const gdouble a = scale * cos (angle), b = scale * sin (angle);

  for (gsize i = 0; i < n_points; i++) {
    gdouble u = mean[i].x - (from.x + from.width / 2);
    gdouble v = mean[i].y - (from.y + from.height / 2);

    shape[i] = (DanPoint) { x + a * u - b * v, y + b * u + a * v };
  }
}
