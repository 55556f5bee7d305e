/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the second stage sees of a face: the frame itself, upright, if the model
 * has an upright shape, else the canonical image. */
#include <string.h>

#include "cascade.h"
#include "kernels.h"
#include "small-model.h"

#define SIZE 48

/* Twice as fine as the canonical image. */
static const DanSimilarity placed = { .a = .5, .b = .05, .tx = -20, .ty = -12 };

static DanModel *
open_model (bool upright)
{
  DanModelSpec spec = small_spec (2);

  spec.upright = upright;
  return model_of (&spec);
}

/* The image that the second stage saw of face @i, without what is made of its
 * values. */
static void
seen (const DanCascade *cascade, int i, float *out)
{
  const DanModel *model = cascade->model;
  const DanStage *stage = &model->stages[1];
  const float *plane = cascade->workspace.planes.values
      + i * cascade->workspace.planes.face + SIZE + 2 + 1;

  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      out[y * SIZE + x] = model->image_mean + model->image_std
              * (plane[y * (SIZE + 2) + x] - stage->input_shift[0])
              / stage->input_scale[0];
}

static void
cropped (const DanKernels *kernels, DanSimilarity t, float *out)
{
  DanCrop *crop = dan_crop_new (dan_size_square (SIZE), kernels->image);

  dan_crop_run (crop, &image, t, (DanNorm) { 1, 0 }, out, SIZE);
  dan_crop_free (crop);
}

static double
mean_difference (const float *a, const float *b)
{
  double sum = 0;

  for (int i = 0; i < SIZE * SIZE; i++)
    sum += fabs (a[i] - b[i]);
  return sum / (SIZE * SIZE);
}

/* The second face of a batch. */
static void
test_what_is_seen (bool upright)
{
  const DanKernels *kernels;
  DanModel *model = open_model (upright);
  DanPool *pool = dan_pool_new (1);
  DanProfile quiet = {};
  DanCascade cascade;
  float found[SIZE * SIZE], expected[SIZE * SIZE];
  double difference;

  dan_kernels_choose (&kernels, DAN_PRECISION_FP32, NULL);
  CHECK (dan_cascade_init (&cascade, model, dan_network_get (model, kernels), 2,
             pool),
      "no memory");
  dan_cascade_show (&cascade, 0, &image, (DanSimilarity) { .a = 1 });
  dan_cascade_show (&cascade, 1, &image, placed);
  dan_cascade_run (&cascade, 2, &quiet);
  CHECK (!cascade.faces[1].lost, "lost");
  seen (&cascade, 1, found);
  cropped (kernels,
      dan_similarity_compose (placed, cascade.faces[1].upright), expected);
  difference = mean_difference (found, expected);
  printf ("upright shape: %d, %g off\n", upright, difference);
  if (upright)
    CHECK (difference < 1e-5, "not what the frame shows: %g off", difference);
  else
    CHECK (difference > 5e-3, "what the frame shows: %g off", difference);
  dan_cascade_clear (&cascade);
  dan_pool_free (pool);
  dan_model_close (&model);
}

/* On the upright shape, which is larger than the mean shape by 1.6. */
static void
test_how_large (void)
{
  DanModel *model = open_model (true);
  const DanBox mean = dan_box_around (model->mean_shape, N);
  const DanBox upright = dan_box_around (model->upright_shape, N);

  CHECK (fabs (upright.width / mean.width - 1.6) < 1e-3, "%g px, %g px",
      upright.width, mean.width);
  dan_model_close (&model);
}

/* Landmarks that no frame is large enough for: the face is lost, and the others
 * are not. */
static void
test_huge_shape (void)
{
  const DanKernels *kernels;
  DanModel *model = open_model (true);
  DanPool *pool = dan_pool_new (1);
  DanCascade cascade;
  DanProfile quiet = {};

  dan_kernels_choose (&kernels, DAN_PRECISION_FP32, NULL);
  dan_cascade_init (&cascade, model, dan_network_get (model, kernels), 2, pool);
  dan_cascade_show (&cascade, 0, &image,
      (DanSimilarity) { .a = 1e-6, .tx = 10, .ty = 10 });
  dan_cascade_show (&cascade, 1, &image, placed);
  cascade.faces[0].to_canonical.a = 1e-9;
  dan_cascade_run (&cascade, 2, &quiet);
  CHECK (cascade.faces[0].lost && !cascade.faces[1].lost, "%d and %d",
      cascade.faces[0].lost, cascade.faces[1].lost);
  dan_cascade_clear (&cascade);
  dan_pool_free (pool);
  dan_model_close (&model);
}

int
main (void)
{
  draw_pixels ();
  test_what_is_seen (true);
  test_what_is_seen (false);
  test_how_large ();
  test_huge_shape ();
  return check_summary ("upright");
}
