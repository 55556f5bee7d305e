/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cascade.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "connect.h"
#include "memory.h"

/* An error head's answer that is no number means this too. */
#define MAX_EXPECTED_ERROR 10.f

static bool
face_init (DanCascadeFace *face, const DanModel *model)
{
  const size_t side = model->image_size + 2;

  face->image = dan_alloc_floats (side * side);
  face->shape = calloc (model->n_points, sizeof (DanPoint));
  face->start = calloc (model->n_points, sizeof (DanPoint));
  face->decoded = calloc (model->n_points, sizeof (DanPoint));
  return face->image && face->shape && face->start && face->decoded;
}

bool
dan_cascade_init (DanCascade *cascade, const DanModel *model,
    const DanNetwork *network, int n_stages, DanPool *pool)
{
  *cascade = (DanCascade) {
    .model = model,
    .network = network,
    .n_stages = n_stages,
    .crop = dan_crop_new (dan_size_square (model->image_size),
        network->kernels->image),
  };
  if (!cascade->crop)
    return false;
  for (int i = 0; i < DAN_BATCH; i++)
    if (!face_init (&cascade->faces[i], model))
      return false;
  return dan_workspace_init (&cascade->workspace, model, network, pool);
}

void
dan_cascade_clear (DanCascade *cascade)
{
  dan_workspace_clear (&cascade->workspace);
  dan_crop_free (cascade->crop);
  for (int i = 0; i < DAN_BATCH; i++) {
    dan_free (cascade->faces[i].image);
    free (cascade->faces[i].shape);
    free (cascade->faces[i].start);
    free (cascade->faces[i].decoded);
  }
  *cascade = (DanCascade) {};
}

/* Where the pixels of face @i's canonical image begin. */
static float *
image_of (const DanCascade *cascade, int i, int *stride)
{
  *stride = cascade->model->image_size + 2;
  return cascade->faces[i].image + *stride + 1;
}

void
dan_cascade_show (DanCascade *cascade, int i, const DanImage *frame,
    DanSimilarity to_canonical)
{
  int stride;
  float *image = image_of (cascade, i, &stride);

  cascade->faces[i].frame = frame;
  cascade->faces[i].to_canonical = to_canonical;
  dan_crop_run (cascade->crop, frame, to_canonical,
      dan_model_luma_norm (cascade->model), image, stride);
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

static const DanSimilarity identity = { .a = 1 };

/* Where the pixels of input plane @plane of face @i begin. */
static float *
plane_of (const DanCascade *cascade, int i, int plane)
{
  const size_t stride = cascade->model->image_size + 2;
  const DanVectors planes = cascade->workspace.planes;

  return planes.values + i * planes.face + plane * stride * stride + stride + 1;
}

static DanSimilarity
placed_upright (const DanCascadeFace *face)
{
  return dan_similarity_compose (face->to_canonical, face->upright);
}

/* By the landmarks so far. */
static void
find_upright (const DanModel *model, DanCascadeFace *face)
{
  if (dan_similarity_fit (&face->upright, face->shape, model->upright_shape,
          model->n_points)
      && dan_crop_can_run (placed_upright (face)))
    return;
  face->upright = identity;
  face->lost = true;
}

/* The face as the frame shows it, upright: the first plane of stage @s. */
static void
look_again (DanCascade *cascade, int s, int i)
{
  const DanModel *model = cascade->model;
  const DanCascadeFace *face = &cascade->faces[i];
  const DanNorm luma = dan_model_luma_norm (model);
  const DanNorm norm = norm_of (&model->stages[s], 0);

  dan_crop_run (cascade->crop, face->frame, placed_upright (face),
      (DanNorm) { luma.scale * norm.scale,
          luma.shift * norm.scale + norm.shift },
      plane_of (cascade, i, 0), model->image_size + 2);
}

/* The canonical image, upright: the same plane of a model that sees no more of
 * the frame. */
static void
warp_image (DanCascade *cascade, int s, int i)
{
  const DanModel *model = cascade->model;
  int stride;
  const float *image = image_of (cascade, i, &stride);

  dan_warp (cascade->network->kernels->image, image,
      cascade->faces[i].upright, norm_of (&model->stages[s], 0),
      plane_of (cascade, i, 0), model->image_size, stride);
}

static void
turn_upright (DanCascade *cascade, int s, int i, DanProfile *profile)
{
  find_upright (cascade->model, &cascade->faces[i]);
  if (cascade->model->looks_again)
    look_again (cascade, s, i);
  else
    warp_image (cascade, s, i);
  dan_profile_step (profile, s, "warp", 0);
}

void
dan_cascade_show_upright (DanCascade *cascade, int i, const DanImage *frame,
    DanSimilarity to_upright)
{
  DanCascadeFace *face = &cascade->faces[i];

  face->frame = frame;
  face->to_canonical = to_upright;
  face->upright = identity;
  look_again (cascade, cascade->model->n_stages, i);
}

/* The landmarks so far, in that image: the second plane. */
static void
draw_landmarks (DanCascade *cascade, int s, int i, DanProfile *profile)
{
  const DanModel *model = cascade->model;
  const int size = model->image_size;
  DanCascadeFace *face = &cascade->faces[i];

  dan_similarity_apply (face->upright, face->shape, face->start,
      model->n_points);
  cascade->network->kernels->image->heatmap (face->start, model->n_points,
      norm_of (&model->stages[s], 1), plane_of (cascade, i, 1), size, size + 2);
  dan_profile_step (profile, s, "heatmap", 0);
}

/* The third planes: images made of the activations so far. */
static void
connect_features (DanCascade *cascade, int s, int n_faces, DanProfile *profile)
{
  const DanStage *stage = &cascade->model->stages[s];
  const int size = cascade->model->image_size;
  const DanVectors images = cascade->workspace.feature;

  dan_network_run_feature (cascade->network, &cascade->workspace, s, n_faces);
  for (int i = 0; i < n_faces; i++)
    dan_spread_feature (images.values + i * images.face, norm_of (stage, 2),
        plane_of (cascade, i, 2), size, size + 2);
  dan_profile_step (profile, s, "feature",
      cascade->network->stages[s].feature.macs * n_faces);
}

static void
run_first_stage (DanCascade *cascade, int n_faces, DanProfile *profile)
{
  const DanModel *model = cascade->model;
  const DanWorkspace *workspace = &cascade->workspace;
  const size_t side = model->image_size + 2;

  for (int i = 0; i < n_faces; i++)
    memcpy (workspace->planes.values + i * workspace->planes.face,
        cascade->faces[i].image, side * side * sizeof (float));
  dan_network_run (cascade->network, &cascade->workspace, 0, n_faces, profile);
  for (int i = 0; i < n_faces; i++) {
    DanPoint *shape = cascade->faces[i].shape;

    memcpy (shape, model->mean_shape, model->n_points * sizeof *shape);
    add_update (workspace->update.values + i * workspace->update.face, shape,
        model->n_points);
  }
}

/* Mixes what the decoder of stage @s sees, if there is one, into its landmarks. */
static void
decode (DanCascade *cascade, int s, int i, DanProfile *profile)
{
  const float *share = cascade->model->stages[s].share;
  DanCascadeFace *face = &cascade->faces[i];

  if (!dan_network_run_decoder (cascade->network, &cascade->workspace, s, i,
          face->decoded, profile))
    return;
  for (int p = 0; p < cascade->model->n_points; p++) {
    DanPoint *point = &face->start[p];

    point->x += share[p] * (face->decoded[p].x - point->x);
    point->y += share[p] * (face->decoded[p].y - point->y);
  }
}

/* Stage @s on images whose first planes are there. */
static void
run_upright (DanCascade *cascade, int s, int n_faces, DanProfile *profile)
{
  const DanVectors update = cascade->workspace.update;
  const int n_points = cascade->model->n_points;

  for (int i = 0; i < n_faces; i++)
    draw_landmarks (cascade, s, i, profile);
  connect_features (cascade, s, n_faces, profile);
  dan_network_run (cascade->network, &cascade->workspace, s, n_faces, profile);
  for (int i = 0; i < n_faces; i++) {
    DanCascadeFace *face = &cascade->faces[i];

    add_update (update.values + i * update.face, face->start, n_points);
    decode (cascade, s, i, profile);
    dan_similarity_apply (dan_similarity_invert (face->upright), face->start,
        face->shape, n_points);
  }
}

static void
run_later_stage (DanCascade *cascade, int s, int n_faces, DanProfile *profile)
{
  for (int i = 0; i < n_faces; i++)
    turn_upright (cascade, s, i, profile);
  run_upright (cascade, s, n_faces, profile);
}

/* By the error head of stage @s, which was run last. */
static void
tell_errors (DanCascade *cascade, int s, int n_faces, DanProfile *profile)
{
  const DanStage *stage = &cascade->model->stages[s];
  const DanVectors log_error = cascade->workspace.log_error;
  const uint64_t macs = (uint64_t) stage->error1.in * stage->error1.out
      + (uint64_t) stage->error2.in * stage->error2.out;

  dan_network_run_error (cascade->network, &cascade->workspace, s, n_faces);
  for (int i = 0; i < n_faces; i++) {
    const float value = log_error.values[i * log_error.face];

    cascade->faces[i].expected_error = value < logf (MAX_EXPECTED_ERROR)
        ? expf (value)
        : MAX_EXPECTED_ERROR;
  }
  dan_profile_step (profile, s, "error", macs * n_faces);
}

static bool
is_finite (const DanPoint *points, int n)
{
  for (int i = 0; i < n; i++)
    if (!isfinite (points[i].x) || !isfinite (points[i].y))
      return false;
  return true;
}

static void
begin (DanCascade *cascade, int n_faces)
{
  for (int i = 0; i < n_faces; i++) {
    cascade->faces[i].lost = false;
    cascade->faces[i].expected_error = -1;
  }
}

static void
finish (DanCascade *cascade, int last, int n_faces, DanProfile *profile)
{
  if (cascade->model->stages[last].error1.weights)
    tell_errors (cascade, last, n_faces, profile);
  for (int i = 0; i < n_faces; i++)
    cascade->faces[i].lost |= !is_finite (cascade->faces[i].shape,
        cascade->model->n_points);
}

void
dan_cascade_run (DanCascade *cascade, int n_faces, DanProfile *profile)
{
  begin (cascade, n_faces);
  run_first_stage (cascade, n_faces, profile);
  for (int s = 1; s < cascade->n_stages; s++)
    run_later_stage (cascade, s, n_faces, profile);
  finish (cascade, cascade->n_stages - 1, n_faces, profile);
}

int
dan_cascade_n_hidden (const DanCascade *cascade)
{
  const DanModel *model = cascade->model;

  if (!model->recurrent || cascade->n_stages < model->n_stages)
    return 0;
  return model->stages[model->n_stages].feature.in;
}

float *
dan_cascade_hidden (DanCascade *cascade, int i)
{
  const DanVectors hidden = cascade->workspace.hidden;

  return hidden.values + i * hidden.face;
}

void
dan_cascade_step (DanCascade *cascade, int n_faces, DanProfile *profile)
{
  const int recurrent = cascade->model->n_stages;

  begin (cascade, n_faces);
  run_upright (cascade, recurrent, n_faces, profile);
  finish (cascade, recurrent, n_faces, profile);
}
