/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <unistd.h>

#include "box.h"
#include "cascade.h"
#include "crop.h"
#include "error.h"
#include "luma.h"

struct DanContext {
  DanModel *model;
  DanPool *pool;
  DanCrop *crop;
  DanCascade cascade;
  DanProfile profile;
};

void
dan_settings_default (DanSettings *settings)
{
  *settings = (DanSettings) { .threads = 1, .precision = DAN_PRECISION_AUTO };
}

static DanStatus
check_settings (const DanSettings *settings, const DanModel *model,
    DanError *error)
{
  if (settings->threads < 0 || settings->threads > DAN_MAX_THREADS)
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "%d threads: there can be 1 to %d, or 0 for one per CPU",
        settings->threads, DAN_MAX_THREADS);
  if (settings->stages < 0 || settings->stages > model->n_stages)
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "%d stages: the model \"%s\" has %d", settings->stages, model->name,
        model->n_stages);
  if (settings->precision != DAN_PRECISION_AUTO
      && settings->precision != DAN_PRECISION_FP32)
    return dan_fail (error, DAN_ERROR_UNSUPPORTED,
        "this build has no precision %d", (int) settings->precision);
  return DAN_OK;
}

static int
n_threads (const DanSettings *settings)
{
  const long cpus = sysconf (_SC_NPROCESSORS_ONLN);

  if (settings->threads > 0)
    return settings->threads;
  return cpus < 1 ? 1 : cpus > DAN_MAX_THREADS ? DAN_MAX_THREADS : (int) cpus;
}

static DanStatus
context_init (DanContext *context, DanModel *model, const DanSettings *settings,
    DanError *error)
{
  const DanKernels *kernels = dan_kernels_choose (error);
  const DanNetwork *network;

  if (!kernels)
    return DAN_ERROR_ARGUMENT;
  context->model = dan_model_ref (model);
  network = dan_network_get (model, kernels);
  context->pool = dan_pool_new (n_threads (settings));
  context->crop = dan_crop_new (model->image_size, kernels->image);
  if (!network || !context->pool || !context->crop
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
  dan_crop_free (old->crop);
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

void
dan_context_set_profile (DanContext *context, DanProfileFunc func,
    void *user_data)
{
  context->profile = (DanProfile) { .func = func, .user_data = user_data };
}

static DanStatus
align_face (DanContext *context, const DanImage *image, const DanFace *face,
    DanError *error)
{
  DanCascade *cascade = &context->cascade;
  DanSimilarity to_canonical;
  int stride;
  float *canonical = dan_cascade_image (cascade, &stride);
  const DanStatus status
      = dan_place_face (&to_canonical, context->model, image, face, error);

  if (status != DAN_OK)
    return status;
  dan_profile_start (&context->profile);
  dan_crop_run (context->crop, image, to_canonical,
      dan_cascade_norm (cascade), canonical, stride);
  dan_profile_step (&context->profile, 0, "crop", 0);
  if (!dan_cascade_run (cascade, &context->profile))
    return dan_fail (error, DAN_ERROR_MODEL,
        "the model \"%s\" gave landmarks that are no shape",
        context->model->name);
  dan_similarity_apply (dan_similarity_invert (to_canonical), cascade->shape,
      face->landmarks, context->model->n_points);
  return DAN_OK;
}

DanStatus
dan_align (DanContext *context, const DanImage *image, DanFace *faces,
    size_t n_faces, DanError *error)
{
  DanStatus status, first = DAN_OK;

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
    faces[i].status = align_face (context, image, &faces[i],
        first == DAN_OK ? error : NULL);
    if (first == DAN_OK)
      first = faces[i].status;
  }
  return first == DAN_OK ? dan_ok (error) : first;
}
