/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From named arrays to the layers of a network. */
#include "model-file.h"

#include "error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const dan_conv_names[] = {
  "conv1a", "conv1b", "conv2a", "conv2b", "conv3a", "conv3b",
  "conv4a", "conv4b",
};

const char *const dan_up_names[] = { "up1", "up2", "up3", "up4" };

typedef struct {
  DanFile file;
  DanModel *model;
  DanError *error;
  DanStatus status; /* the first failure; nothing more is bound after it */
} Binder;

/* The rank and dimensions of a wanted array; 0 stands for any width. */
typedef struct {
  uint32_t rank;
  uint32_t dims[4];
} Shape;

static void __attribute__ ((format (printf, 2, 3)))
fail (Binder *binder, const char *format, ...)
{
  char reason[sizeof binder->error->message];
  va_list args;

  va_start (args, format);
  vsnprintf (reason, sizeof reason, format, args);
  va_end (args);
  binder->status = dan_fail (binder->error, DAN_ERROR_MODEL, "%s", reason);
}

static bool
has_shape (const DanFileArray *array, Shape shape)
{
  if (array->rank != shape.rank)
    return false;
  for (uint32_t d = 0; d < shape.rank; d++)
    if (shape.dims[d] == 0 ? array->dims[d] > DAN_MAX_WIDTH
        : array->dims[d] != shape.dims[d])
      return false;
  return true;
}

typedef char Name[sizeof ((DanFileArray *) NULL)->name];

/* What the array @layer @suffix of stage @stage is called (0: of none; the one after
 * the last: of the recurrent stage). */
static void
spell (const Binder *binder, int stage, const char *layer, const char *suffix,
    Name name)
{
  if (stage > binder->model->n_stages)
    snprintf (name, sizeof (Name), "recurrent.%s%s", layer, suffix);
  else if (stage > 0)
    snprintf (name, sizeof (Name), "s%d.%s%s", stage, layer, suffix);
  else
    snprintf (name, sizeof (Name), "%s%s", layer, suffix);
}

/* Finds that array. */
static const DanFileArray *
find (Binder *binder, int stage, const char *layer, const char *suffix,
    DanDtype dtype, Shape shape)
{
  const DanFileArray *array;
  Name name;

  if (binder->status != DAN_OK)
    return NULL;
  spell (binder, stage, layer, suffix, name);
  array = dan_file_find (&binder->file, name, binder->error);
  if (!array) {
    binder->status = DAN_ERROR_MODEL;
  } else if (array->dtype != dtype) {
    fail (binder, "array %s is %s, should be %s", name,
        array->dtype == DAN_DTYPE_F16 ? "fp16" : "fp32",
        dtype == DAN_DTYPE_F16 ? "fp16" : "fp32");
    array = NULL;
  } else if (!has_shape (array, shape)) {
    const uint32_t *is = array->dims, *want = shape.dims;

    fail (binder, "array %s has the shape %" PRIu32 " %" PRIu32 " %" PRIu32
        " %" PRIu32 ", should be %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32
        " (first 0: any up to %d)", name, is[0], is[1], is[2], is[3],
        want[0], want[1], want[2], want[3], DAN_MAX_WIDTH);
    array = NULL;
  }
  return array;
}

static const void *
contents (const Binder *binder, const DanFileArray *array)
{
  return array ? (const uint8_t *) binder->file.header + array->offset : NULL;
}

static const float *
bind_vector (Binder *binder, int stage, const char *layer, const char *suffix,
    int n)
{
  return contents (binder, find (binder, stage, layer, suffix, DAN_DTYPE_F32,
          (Shape) { 1, { n } }));
}

/* Binds the weights, of @shape, and the bias; the width is what the file
 * says. @in counts values, of a convolution planes. */
static DanLayer
bind_layer (Binder *binder, int stage, const char *name, int in, Shape shape)
{
  DanLayer layer = { .in = in };
  const DanFileArray *weights;

  weights = find (binder, stage, name, ".w", DAN_DTYPE_F16, shape);
  if (!weights)
    return layer;
  layer.out = weights->dims[0];
  layer.weights = contents (binder, weights);
  layer.bias = bind_vector (binder, stage, name, ".b", layer.out);
  return layer;
}

static void
bind_error_head (Binder *binder, int number)
{
  DanStage *stage = &binder->model->stages[number - 1];
  int in = stage->fc1.out;

  stage->error1 = bind_layer (binder, number, "error1", in,
      (Shape) { 2, { 0, in } });
  in = stage->error1.out;
  stage->error2 = bind_layer (binder, number, "error2", in,
      (Shape) { 2, { 1, in } });
}

/* Planes of the result. */
static int
bind_conv (Binder *binder, int stage, const char *name, int in,
    DanLayer *layer)
{
  *layer = bind_layer (binder, stage, name, in,
      (Shape) { 4, { 0, in, 3, 3 } });
  return layer->out;
}

static void
bind_detector (Binder *binder)
{
  static const char *const head_names[DAN_DETECTOR_LEVELS]
      = { "head1", "head2", "head3", "head4" };
  DanDetectorLayers *layers = &binder->model->detector;
  int in = bind_conv (binder, 0, "stem", DAN_DETECTOR_FOLD * DAN_DETECTOR_FOLD,
      &layers->stem);

  for (int l = 0; l < DAN_DETECTOR_LEVELS; l++) {
    DanDetectorLevel *level = &layers->levels[l];

    for (int i = 0; i < 2; i++)
      in = bind_conv (binder, 0, dan_conv_names[2 * l + i], in,
          &level->conv[i]);
    level->head = bind_layer (binder, 0, head_names[l], in,
        (Shape) { 4, { DAN_DETECTOR_VALUES, in, 3, 3 } });
  }
}

static bool
has_decoder (const Binder *binder, int number)
{
  Name name;

  if (!dan_file_has_decoders (binder->file.header))
    return false;
  spell (binder, number, dan_up_names[0], ".w", name);
  return dan_file_has (&binder->file, name);
}

/* What each landmark has of the decoder's: a share. */
static const float *
bind_share (Binder *binder, int number)
{
  const int n = binder->model->n_points;
  const float *share = bind_vector (binder, number, "share", "", n);

  for (int i = 0; share && i < n; i++)
    if (!(share[i] >= 0 && share[i] <= 1)) {
      fail (binder, "the decoder of stage %d has a share of %g, should be 0 to 1",
          number, share[i]);
      return NULL;
    }
  return share;
}

static void
bind_decoder (Binder *binder, int number)
{
  DanStage *stage = &binder->model->stages[number - 1];
  int planes = stage->conv[DAN_N_CONVS - 1].out;

  for (int i = 0; i < DAN_N_UPS; i++)
    planes = bind_conv (binder, number, dan_up_names[i],
        planes + dan_up_joins (stage, i), &stage->up[i]);
  stage->heatmaps = bind_layer (binder, number, "heatmaps", planes,
      (Shape) { 4, { binder->model->n_points, planes, 3, 3 } });
  stage->share = bind_share (binder, number);
}

static void
bind_stage (Binder *binder, int number)
{
  const DanModel *model = binder->model;
  DanStage *stage = &binder->model->stages[number - 1];
  int side = model->image_size / DAN_POOLING;
  int in = number > 1 ? 3 : 1;

  for (int i = 0; i < DAN_N_CONVS; i++)
    in = bind_conv (binder, number, dan_conv_names[i], in, &stage->conv[i]);
  in *= side * side;
  /* The recurrent stage goes on from the last one's activations and from its
   * own. */
  stage->fc1 = bind_layer (binder, number, "fc1", in,
      (Shape) { 2, { number > model->n_stages ? stage[-1].fc1.out : 0, in } });
  in = stage->fc1.out;
  stage->fc2 = bind_layer (binder, number, "fc2", in,
      (Shape) { 2, { 2 * model->n_points, in } });
  if (dan_file_kind (binder->file.header) != DAN_FILE_VERSION)
    bind_error_head (binder, number);

  if (number > 1) {
    int features = model->image_size / 2 * (model->image_size / 2);

    in = stage[-1].fc1.out;
    stage->feature = bind_layer (binder, number, "feature", in,
        (Shape) { 2, { features, in } });
    stage->input_scale = bind_vector (binder, number, "input", ".scale", 3);
    stage->input_shift = bind_vector (binder, number, "input", ".shift", 3);
    if (has_decoder (binder, number))
      bind_decoder (binder, number);
  }
}

/* A shape that a face can be placed by: inside of the image, at least a pixel
 * wide and high. */
static const DanPoint *
bind_shape (Binder *binder, const char *name, const char *what)
{
  const DanModel *model = binder->model;
  float low[2], high[2], last = model->image_size - 1;
  const float *xy;

  xy = contents (binder, find (binder, 0, name, "", DAN_DTYPE_F32,
          (Shape) { 2, { model->n_points, 2 } }));
  if (!xy)
    return NULL;
  for (int axis = 0; axis < 2; axis++) {
    low[axis] = high[axis] = xy[axis];
    for (int i = 1; i < model->n_points; i++) {
      float value = xy[2 * i + axis];

      low[axis] = value < low[axis] ? value : low[axis];
      high[axis] = value > high[axis] ? value : high[axis];
    }
  }
  if (low[0] < 0 || low[1] < 0 || high[0] > last || high[1] > last)
    fail (binder, "the %s shape leaves the image of %d pixels", what,
        model->image_size);
  else if (high[0] - low[0] < 1 || high[1] - low[1] < 1)
    fail (binder, "the %s shape is %g x %g pixels, should be at least 1 x 1",
        what, high[0] - low[0], high[1] - low[1]);
  return (const DanPoint *) xy;
}

static void
bind_shapes (Binder *binder)
{
  DanModel *model = binder->model;

  model->mean_shape = model->upright_shape
      = bind_shape (binder, "mean_shape", "mean");
  model->looks_again = dan_file_has_upright_shape (binder->file.header);
  if (model->looks_again)
    model->upright_shape = bind_shape (binder, "upright_shape", "upright");
}

DanStatus
dan_model_bind (DanModel *model, const void *data, size_t size,
    DanError *error)
{
  Binder binder = { .model = model, .error = error };
  const DanFileHeader *header = data;
  DanStatus status;

  status = dan_file_check (&binder.file, data, size, error);
  if (status != DAN_OK)
    return status;

  model->name = header->name;
  model->scheme = header->scheme;
  model->licence = header->licence;
  model->n_points = header->n_points;
  model->n_stages = header->n_stages;
  model->recurrent = dan_file_kind (header) == DAN_FILE_VERSION_RECURRENT;
  model->image_size = header->image_size;
  model->image_mean = header->image_mean;
  model->image_std = header->image_std;

  if (model->n_stages == 0)
    bind_detector (&binder);
  else
    bind_shapes (&binder);
  for (int i = 1; i <= dan_model_all_stages (model); i++)
    bind_stage (&binder, i);
  if (binder.status == DAN_OK && dan_file_has_decoders (header)
      && !dan_model_has_decoders (model))
    fail (&binder, "no stage has a decoder");
  if (binder.status != DAN_OK)
    return binder.status;
  return dan_file_check_all_used (&binder.file, error);
}
