/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cascade.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "connect.h"
#include "memory.h"

bool
dan_cascade_init (DanCascade *cascade, const DanModel *model,
    const DanNetwork *network, int n_stages, DanPool *pool)
{
  const size_t side = model->image_size + 2;

  *cascade = (DanCascade) {
    .model = model,
    .network = network,
    .n_stages = n_stages,
    .image = dan_alloc_floats (side * side),
    .shape = calloc (model->n_points, sizeof (DanPoint)),
    .start = calloc (model->n_points, sizeof (DanPoint)),
  };
  return dan_workspace_init (&cascade->workspace, model, network, pool)
      && cascade->image && cascade->shape && cascade->start;
}

void
dan_cascade_clear (DanCascade *cascade)
{
  dan_workspace_clear (&cascade->workspace);
  free (cascade->image);
  free (cascade->shape);
  free (cascade->start);
  *cascade = (DanCascade) {};
}

float *
dan_cascade_image (DanCascade *cascade, int *stride)
{
  *stride = cascade->model->image_size + 2;
  return cascade->image + *stride + 1;
}

DanNorm
dan_cascade_norm (const DanCascade *cascade)
{
  const DanModel *model = cascade->model;

  return (DanNorm) { 1 / model->image_std,
    -model->image_mean / model->image_std };
}

static void
add_update (const float *update, DanPoint *points, int n)
{
  for (int i = 0; i < n; i++) {
    points[i].x += update[2 * i];
    points[i].y += update[2 * i + 1];
  }
}

static DanNorm
norm_of (const DanStage *stage, int plane)
{
  return (DanNorm) { stage->input_scale[plane], stage->input_shift[plane] };
}

/* The three planes of stage @s: the image and the landmarks turned upright by
 * @t, and the feature image. */
static void
connect (DanCascade *cascade, int s, DanSimilarity t, DanProfile *profile)
{
  const DanModel *model = cascade->model;
  const DanStage *stage = &model->stages[s];
  const int size = model->image_size;
  const DanImageKernels *kernels = cascade->network->kernels->image;
  DanWorkspace *workspace = &cascade->workspace;
  int stride;
  const float *image = dan_cascade_image (cascade, &stride);
  const size_t step = (size_t) stride * stride;
  float *plane = workspace->planes + stride + 1;

  dan_warp (kernels, image, t, norm_of (stage, 0), plane, size, stride);
  dan_profile_step (profile, s, "warp", 0);
  dan_similarity_apply (t, cascade->shape, cascade->start, model->n_points);
  kernels->heatmap (cascade->start, model->n_points, norm_of (stage, 1),
      plane + step, size, stride);
  dan_profile_step (profile, s, "heatmap", 0);
  dan_network_run_feature (cascade->network, workspace, s);
  dan_spread_feature (workspace->feature, norm_of (stage, 2), plane + 2 * step,
      size, stride);
  dan_profile_step (profile, s, "feature",
      (uint64_t) stage->feature.in * stage->feature.out);
}

static void
run_first_stage (DanCascade *cascade, DanProfile *profile)
{
  const DanModel *model = cascade->model;
  const size_t side = model->image_size + 2;

  memcpy (cascade->workspace.planes, cascade->image,
      side * side * sizeof (float));
  dan_network_run (cascade->network, &cascade->workspace, 0, profile);
  memcpy (cascade->shape, model->mean_shape,
      model->n_points * sizeof (DanPoint));
  add_update (cascade->workspace.update, cascade->shape, model->n_points);
}

static bool
run_later_stage (DanCascade *cascade, int s, DanProfile *profile)
{
  const DanModel *model = cascade->model;
  DanSimilarity t;

  if (!dan_similarity_fit (&t, cascade->shape, model->mean_shape,
          model->n_points))
    return false;
  connect (cascade, s, t, profile);
  dan_network_run (cascade->network, &cascade->workspace, s, profile);
  add_update (cascade->workspace.update, cascade->start, model->n_points);
  dan_similarity_apply (dan_similarity_invert (t), cascade->start,
      cascade->shape, model->n_points);
  return true;
}

bool
dan_cascade_run (DanCascade *cascade, DanProfile *profile)
{
  run_first_stage (cascade, profile);
  for (int s = 1; s < cascade->n_stages; s++)
    if (!run_later_stage (cascade, s, profile))
      return false;
  for (int i = 0; i < cascade->model->n_points; i++)
    if (!isfinite (cascade->shape[i].x) || !isfinite (cascade->shape[i].y))
      return false;
  return true;
}
