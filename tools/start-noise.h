/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Starts as a bad detector would give them: the mean shape, moved, scaled and
 * rotated at random from where the box has it. */
#ifndef DAN_TOOLS_START_NOISE_H
#define DAN_TOOLS_START_NOISE_H

#include <glib.h>
#include <dan/dan.h>

/* Standard deviations. */
typedef struct {
  gdouble shift;                /* of the box's width and height */
  gdouble scale;                /* of the factor on its size, which has mean 1 */
  gdouble degrees;              /* of the rotation about its centre */
} StartNoise;

/* "SHIFT,SCALE,DEGREES" */
gboolean start_noise_parse (const gchar * text, StartNoise * noise,
    GError ** error);

/* Fills @shape, as long as @mean, with a start for a face in @box. */
void start_noise_place (const StartNoise * noise, GRand * rand, DanBox box,
    const DanPoint * mean, DanPoint * shape, gsize n_points);

#endif
