/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <string.h>

#include "box.h"
#include "cascade.h"
#include "context.h"
#include "error.h"
#include "luma.h"

#define MAX_PASSES 4

struct DanContext {
  DanModel *model;
  int passes;
  DanPool *pool;
  DanCascade cascade;
  DanProfile profile;
};

void
dan_settings_default (DanSettings *settings)
{
  *settings = (DanSettings) { .threads = 1, .precision = DAN_PRECISION_AUTO,
    .passes = 1 };
}

static DanStatus
check_settings (const DanSettings *settings, const DanModel *model,
    DanError *error)
{
  if (settings->stages < 0 || settings->stages > model->n_stages)
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "%d stages: the model \"%s\" has %d", settings->stages, model->name,
        model->n_stages);
  if (settings->passes < 0 || settings->passes > MAX_PASSES)
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "%d passes: there can be 1 to %d", settings->passes, MAX_PASSES);
  return DAN_OK;
}

static DanStatus
context_init (DanContext *context, DanModel *model, const DanSettings *settings,
    DanError *error)
{
  const DanKernels *kernels;
  const DanNetwork *network;
  DanStatus status = dan_kernels_choose (&kernels, settings->precision, error);

  if (status == DAN_OK)
    status = dan_pool_open (&context->pool, settings->threads, error);
  if (status != DAN_OK)
    return status;
  context->model = dan_model_ref (model);
  context->passes = settings->passes > 0 ? settings->passes : 1;
  network = dan_network_get (model, kernels);
  if (!network
      || !dan_cascade_init (&context->cascade, model, network,
          settings->stages ? settings->stages : model->n_stages,
          context->pool))
    return dan_fail (error, DAN_ERROR_MEMORY,
        "no memory for the model \"%s\"", model->name);
  return dan_ok (error);
}

DanStatus
dan_context_open (DanContext **context, DanModel *model,
    const DanSettings *settings, DanError *error)
{
  DanSettings defaults;
  DanStatus status;

  if (!context)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no place for the context");
  *context = NULL;
  if (!model)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no model was given");
  if (model->n_stages == 0)
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "the model \"%s\" detects faces, and has no landmarks", model->name);
  dan_settings_default (&defaults);
  if (!settings)
    settings = &defaults;
  status = check_settings (settings, model, error);
  if (status != DAN_OK)
    return status;
  *context = calloc (1, sizeof **context);
  if (!*context)
    return dan_fail (error, DAN_ERROR_MEMORY, "no memory for a context");
  status = context_init (*context, model, settings, error);
  if (status != DAN_OK)
    dan_context_close (context);
  return status;
}

void
dan_context_close (DanContext **context)
{
  DanContext *old = *context;

  if (!old)
    return;
  dan_cascade_clear (&old->cascade);
  dan_pool_free (old->pool);
  dan_model_close (&old->model);
  free (old);
  *context = NULL;
}

const char *
dan_context_kernels (const DanContext *context)
{
  return context->cascade.network->kernels->name;
}

DanModel *
dan_context_model (const DanContext *context)
{
  return context->model;
}

const DanImageKernels *
dan_context_image_kernels (const DanContext *context)
{
  return context->cascade.network->kernels->image;
}

void
dan_context_set_profile (DanContext *context, DanProfileFunc func,
    void *user_data)
{
  context->profile = (DanProfile) { .func = func, .user_data = user_data };
}

int
dan_context_n_hidden (const DanContext *context)
{
  return dan_cascade_n_hidden (&context->cascade);
}

typedef struct {
  DanFace *face;
  float *hidden; /* or NULL */
  DanSimilarity to_canonical;
} Member;

/* Faces that go through the cascade, or a step, together. */
typedef struct {
  DanContext *context;
  const DanImage *image;
  bool step;
  Member members[DAN_BATCH];
  int n;
} Batch;

static size_t
hidden_bytes (const DanContext *context)
{
  return dan_context_n_hidden (context) * sizeof (float);
}

/* What a step of the batch's last face goes on from. */
static void
batch_carry (Batch *batch, const DanPoint *expected)
{
  DanCascade *cascade = &batch->context->cascade;
  const int i = batch->n - 1;
  const Member *member = &batch->members[i];

  dan_similarity_apply (member->to_canonical, expected,
      cascade->faces[i].shape, cascade->model->n_points);
  memcpy (dan_cascade_hidden (cascade, i), member->hidden,
      hidden_bytes (batch->context));
}

/* Crops what is the batch's next face. */
static void
batch_show (Batch *batch, DanSimilarity to_canonical)
{
  DanContext *context = batch->context;

  dan_profile_start (&context->profile);
  if (batch->step)
    dan_cascade_show_upright (&context->cascade, batch->n, batch->image,
        to_canonical);
  else
    dan_cascade_show (&context->cascade, batch->n, batch->image, to_canonical);
  dan_profile_step (&context->profile, 0, "crop", 0);
}

/* Crops one more face, which starts at @start, if it can be placed. */
static DanStatus
batch_add (Batch *batch, DanFace *face, float *hidden, const DanFace *start)
{
  DanContext *context = batch->context;
  const DanModel *model = context->model;
  Member member = { .face = face, .hidden = hidden };
  const DanStatus status = dan_place_face (&member.to_canonical, model,
      batch->step ? model->upright_shape : model->mean_shape, batch->image,
      start, NULL);

  if (status != DAN_OK)
    return status;
  batch_show (batch, member.to_canonical);
  batch->members[batch->n++] = member;
  if (batch->step)
    batch_carry (batch, start->shape);
  return DAN_OK;
}

/* An error of 8 % of the inter-ocular distance, where customarily a failure
 * begins, is a confidence of one half. */
static float
confidence_of (float expected_error)
{
  const float ratio = expected_error / .08f;

  return expected_error < 0 ? -1 : 1 / (1 + ratio * ratio);
}

/* What the cascade made of its face @i, which is @member. */
static void
store_result (DanContext *context, int i, const Member *member)
{
  const DanCascadeFace *result = &context->cascade.faces[i];
  DanFace *face = member->face;

  dan_similarity_apply (dan_similarity_invert (member->to_canonical),
      result->shape, face->landmarks, context->model->n_points);
  face->expected_error = result->expected_error;
  face->confidence = confidence_of (result->expected_error);
  face->status = DAN_OK;
  if (member->hidden)
    memcpy (member->hidden, dan_cascade_hidden (&context->cascade, i),
        hidden_bytes (context));
}

/* Faces that get no landmarks leave the batch. */
static void
batch_run_once (Batch *batch)
{
  DanContext *context = batch->context;
  DanCascade *cascade = &context->cascade;
  int n = 0;

  dan_profile_start (&context->profile);
  if (batch->step)
    dan_cascade_step (cascade, batch->n, &context->profile);
  else
    dan_cascade_run (cascade, batch->n, &context->profile);
  for (int i = 0; i < batch->n; i++)
    if (!cascade->faces[i].lost) {
      store_result (context, i, &batch->members[i]);
      batch->members[n++] = batch->members[i];
    }
  batch->n = n;
}

/* Crops the faces anew by their landmarks. Those that cannot be placed any more
 * leave the batch. */
static void
batch_crop_again (Batch *batch)
{
  const int n = batch->n;

  batch->n = 0;
  for (int i = 0; i < n; i++) {
    const Member member = batch->members[i];
    const DanFace start = { .shape = member.face->landmarks };

    batch_add (batch, member.face, member.hidden, &start);
  }
}

/* Empties the batch; a face keeps what its last pass that did not fail gave. */
static void
batch_run (Batch *batch)
{
  const int passes = batch->step ? 1 : batch->context->passes;

  for (int pass = 0; pass < passes && batch->n > 0; pass++) {
    if (pass > 0)
      batch_crop_again (batch);
    if (batch->n > 0)
      batch_run_once (batch);
  }
  batch->n = 0;
}

/* Says why the first face that failed did so. */
static DanStatus
explain (const DanContext *context, const DanImage *image,
    const DanFace *faces, size_t n_faces, DanError *error)
{
  DanSimilarity unused;

  for (size_t i = 0; i < n_faces; i++)
    if (faces[i].status == DAN_ERROR_MODEL)
      return dan_fail (error, DAN_ERROR_MODEL,
          "the model \"%s\" gave landmarks that are no shape",
          context->model->name);
    else if (faces[i].status != DAN_OK)
      return dan_place_face (&unused, context->model,
          context->model->mean_shape, image, &faces[i], error);
  return dan_ok (error);
}

DanStatus
dan_context_align (DanContext *context, const DanImage *image, DanFace *faces,
    float *const *hidden, size_t n_faces, bool step, DanError *error)
{
  Batch batch = { .context = context, .image = image, .step = step };
  DanStatus status;

  if (!context || (!faces && n_faces > 0))
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no %s given",
        context ? "faces were" : "context was");
  status = dan_image_check (image, error);
  if (status != DAN_OK)
    return status;
  for (size_t i = 0; i < n_faces; i++)
    if (!faces[i].landmarks)
      return dan_fail (error, DAN_ERROR_ARGUMENT,
          "face %zu has no room for its landmarks", i);
  for (size_t i = 0; i < n_faces; i++) {
    faces[i].status = batch_add (&batch, &faces[i],
        hidden ? hidden[i] : NULL, &faces[i]);
    if (faces[i].status == DAN_OK)
      faces[i].status = DAN_ERROR_MODEL; /* until it has landmarks */
    if (batch.n == DAN_BATCH || i + 1 == n_faces)
      batch_run (&batch);
  }
  return explain (context, image, faces, n_faces, error);
}

DanStatus
dan_align (DanContext *context, const DanImage *image, DanFace *faces,
    size_t n_faces, DanError *error)
{
  return dan_context_align (context, image, faces, NULL, n_faces, false, error);
}
