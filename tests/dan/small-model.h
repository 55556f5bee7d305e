/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A model that is aligned in an instant, a frame for it, and contexts. */
#ifndef DAN_TESTS_SMALL_MODEL_H
#define DAN_TESTS_SMALL_MODEL_H

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "dan/dan.h"
#include "model-writer.h"
#include "random.h"

#define N 12 /* points of the small model */
#define WIDTH 200
#define HEIGHT 160

static uint8_t pixels[WIDTH * HEIGHT];
static const DanImage image
    = { pixels, WIDTH, WIDTH, HEIGHT, DAN_FORMAT_GRAY8 };

static inline void
draw_pixels (void)
{
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    pixels[i] = (uint8_t) (128 + 90 * sin (i % WIDTH * .13)
        * cos (i / WIDTH * .09) + random_below (20));
}

static inline DanModelSpec
small_spec (int n_stages)
{
  return (DanModelSpec) { .n_points = N, .n_stages = n_stages,
    .image_size = 48, .channels = { 3, 5, 8, 10 }, .hidden = 20,
    .error_hidden = 6, .seed = 3 };
}

static inline DanModel *
model_of (const DanModelSpec *spec)
{
  DanModel *model = NULL;
  DanError error;
  void *data;
  size_t size;

  if (dan_model_write_random (&data, &size, spec, &error) != DAN_OK
      || dan_model_open_memory (&model, data, size, &error) != DAN_OK)
    printf ("%s\n", error.message);
  CHECK (model != NULL, "no model with %d stages", spec->n_stages);
  free (data);
  return model;
}

static inline DanModel *
small_model (int n_stages)
{
  const DanModelSpec spec = small_spec (n_stages);

  return model_of (&spec);
}

/* Two stages, and a recurrent one. */
static inline DanModel *
small_recurrent_model (void)
{
  DanModelSpec spec = small_spec (2);

  spec.recurrent = true;
  return model_of (&spec);
}

static inline DanContext *
open_passes (DanModel *model, int threads, int stages, int passes)
{
  DanSettings settings;
  DanContext *context;
  DanError error;

  dan_settings_default (&settings);
  settings.threads = threads;
  settings.stages = stages;
  settings.passes = passes;
  CHECK (dan_context_open (&context, model, &settings, &error) == DAN_OK, "%s",
      error.message);
  return context;
}

static inline DanContext *
open_context (DanModel *model, int threads, int stages)
{
  return open_passes (model, threads, stages, 1);
}

static inline double
farthest (const DanPoint *a, const DanPoint *b)
{
  double worst = 0;

  for (int i = 0; i < N; i++) {
    const double distance = hypot (a[i].x - b[i].x, a[i].y - b[i].y);

    worst = distance > worst ? distance : worst;
  }
  return worst;
}

#endif
