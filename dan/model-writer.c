/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model-writer.h"

#include "checksum.h"
#include "error.h"
#include "model-file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What random values an array gets: centre + spread * a normal variate. */
typedef struct {
  float centre, spread;
} Fill;

typedef struct {
  const DanModelSpec *spec;
  int n_arrays;
  DanFileArray arrays[DAN_MAX_ARRAYS];
  Fill fills[DAN_MAX_ARRAYS];
  uint64_t end; /* of the arrays so far, from the start of the arrays */
  uint64_t random;
} Writer;

/* splitmix64 */
static uint64_t
next_random (Writer *writer)
{
  uint64_t z = writer->random += UINT64_C (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* The sum of four uniform variates: near enough to normal, fast, and never
 * beyond 3.5 standard deviations. */
static float
next_normal (Writer *writer)
{
  uint64_t bits = next_random (writer);
  uint32_t sum = (bits & 0xffff) + (bits >> 16 & 0xffff)
      + (bits >> 32 & 0xffff) + (bits >> 48);

  return (sum / 65535.f - 2.f) * sqrtf (3.f);
}

/* For the writer's own values: what is too small becomes 0, and nothing is
 * too large. */
static uint16_t
half_from_float (float value)
{
  uint32_t bits, sign, magnitude;

  memcpy (&bits, &value, sizeof bits);
  sign = bits >> 16 & 0x8000;
  magnitude = bits & 0x7fffffff;
  if (magnitude < UINT32_C (113) << 23) /* 2^-14, the least normal half */
    return sign;
  return sign | ((magnitude - (UINT32_C (112) << 23) + 0x1000) >> 13);
}

static void
add (Writer *writer, int stage, const char *layer, const char *suffix,
    DanDtype dtype, uint32_t rank, const uint32_t dims[4], Fill fill)
{
  DanFileArray *array = &writer->arrays[writer->n_arrays];

  if (stage > writer->spec->n_stages)
    snprintf (array->name, sizeof array->name, "recurrent.%s%s", layer, suffix);
  else if (stage > 0)
    snprintf (array->name, sizeof array->name, "s%d.%s%s", stage, layer,
        suffix);
  else
    snprintf (array->name, sizeof array->name, "%s%s", layer, suffix);
  array->dtype = dtype;
  array->rank = rank;
  memcpy (array->dims, dims, rank * sizeof *dims);
  array->bytes = dan_file_array_bytes (dtype, rank, dims);
  array->offset = (writer->end + DAN_FILE_ALIGNMENT - 1)
      / DAN_FILE_ALIGNMENT * DAN_FILE_ALIGNMENT;
  writer->end = array->offset + array->bytes;
  writer->fills[writer->n_arrays++] = fill;
}

static void
add_vector (Writer *writer, int stage, const char *layer, const char *suffix,
    uint32_t n, Fill fill)
{
  add (writer, stage, layer, suffix, DAN_DTYPE_F32, 1, (uint32_t[4]) { n },
      fill);
}

/* The mean square of the outputs is @gain times that of the inputs: 2 makes
 * up for a ReLU. */
static void
add_layer (Writer *writer, int stage, const char *layer, double gain,
    uint32_t rank, const uint32_t dims[4])
{
  double in = 1;

  for (uint32_t d = 1; d < rank; d++)
    in *= dims[d];
  add (writer, stage, layer, ".w", DAN_DTYPE_F16, rank, dims,
      (Fill) { 0, sqrt (gain / in) });
  add_vector (writer, stage, layer, ".b", dims[0], (Fill) { 0, .05f });
}

static void
add_error_head (Writer *writer, int stage)
{
  const uint32_t hidden = writer->spec->error_hidden;

  add_layer (writer, stage, "error1", 2, 2,
      (uint32_t[4]) { hidden, writer->spec->hidden });
  add (writer, stage, "error2", ".w", DAN_DTYPE_F16, 2,
      (uint32_t[4]) { 1, hidden }, (Fill) { 0, sqrtf (1.f / hidden) });
  add_vector (writer, stage, "error2", ".b", 1, (Fill) { logf (.08f), 0 });
}

/* Two convolutions, @pair counting from 0; the planes of the result. */
static uint32_t
add_pair (Writer *writer, int stage, int pair, uint32_t in)
{
  const uint32_t out = writer->spec->channels[pair];

  for (int i = 0; i < 2; i++) {
    add_layer (writer, stage, dan_conv_names[2 * pair + i], 2, 4,
        (uint32_t[4]) { out, in, 3, 3 });
    in = out;
  }
  return out;
}

static void
add_detector (Writer *writer)
{
  uint32_t in = writer->spec->channels[0];

  add_layer (writer, 0, "stem", 2, 4,
      (uint32_t[4]) { in, DAN_DETECTOR_FOLD * DAN_DETECTOR_FOLD, 3, 3 });
  for (int level = 0; level < DAN_DETECTOR_LEVELS; level++) {
    const char name[] = { 'h', 'e', 'a', 'd', '1' + level, 0 };

    in = add_pair (writer, 0, level, in);
    add_layer (writer, 0, name, 1, 4,
        (uint32_t[4]) { DAN_DETECTOR_VALUES, in, 3, 3 });
  }
}

/* Its points come last, see fill_shape(). */
static void
add_shape (Writer *writer, const char *name)
{
  add (writer, 0, name, "", DAN_DTYPE_F32, 2,
      (uint32_t[4]) { writer->spec->n_points, 2 }, (Fill) { 0, 0 });
}

static void
add_decoder (Writer *writer, int stage)
{
  const DanModelSpec *spec = writer->spec;
  const uint32_t planes = spec->decoder;
  /* As dan_up_joins() has it. */
  const uint32_t joined[DAN_N_UPS]
      = { spec->channels[2], spec->channels[1], 0, spec->channels[0] };
  uint32_t in = spec->channels[3];

  for (int i = 0; i < DAN_N_UPS; i++) {
    add_layer (writer, stage, dan_up_names[i], 2, 4,
        (uint32_t[4]) { planes, in + joined[i], 3, 3 });
    in = planes;
  }
  add_layer (writer, stage, "heatmaps", 2, 4,
      (uint32_t[4]) { spec->n_points, planes, 3, 3 });
  add_vector (writer, stage, "share", "", spec->n_points, (Fill) { .5f, .05f });
}

static void
add_stage (Writer *writer, int stage)
{
  const DanModelSpec *spec = writer->spec;
  uint32_t side = spec->image_size / DAN_POOLING, half = spec->image_size / 2;
  uint32_t in = stage > 1 ? 3 : 1, hidden = spec->hidden;

  for (int pair = 0; pair < DAN_N_CONVS / 2; pair++)
    in = add_pair (writer, stage, pair, in);
  add_layer (writer, stage, "fc1", 2, 2,
      (uint32_t[4]) { hidden, in * side * side });
  /* Updates of about a pixel. */
  add_layer (writer, stage, "fc2", 1, 2,
      (uint32_t[4]) { 2 * spec->n_points, hidden });
  if (spec->error_hidden > 0)
    add_error_head (writer, stage);
  if (stage > 1) {
    add_layer (writer, stage, "feature", 2, 2,
        (uint32_t[4]) { half * half, hidden });
    add_vector (writer, stage, "input", ".scale", 3, (Fill) { 1, .1f });
    add_vector (writer, stage, "input", ".shift", 3, (Fill) { 0, .1f });
    if (spec->decoder > 0 && stage == spec->n_stages)
      add_decoder (writer, stage);
  }
}

static void
fill_array (Writer *writer, const DanFileArray *array, Fill fill, uint8_t *data)
{
  if (array->dtype == DAN_DTYPE_F16) {
    uint16_t *values = (uint16_t *) (data + array->offset);

    for (uint64_t i = 0; i < array->bytes / sizeof *values; i++)
      values[i] = half_from_float (fill.centre
          + fill.spread * next_normal (writer));
  } else {
    float *values = (float *) (data + array->offset);

    for (uint64_t i = 0; i < array->bytes / sizeof *values; i++)
      values[i] = fill.centre + fill.spread * next_normal (writer);
  }
}

/* A sunflower's seeds: spread evenly over a disc, however many there are. */
static void
fill_shape (const DanModelSpec *spec, float radius_of_all, float *xy)
{
  for (int i = 0; i < spec->n_points; i++) {
    float radius = radius_of_all * sqrtf ((i + .5f) / spec->n_points);

    xy[2 * i] = (spec->image_size - 1) / 2.f + radius * cosf (2.4f * i);
    xy[2 * i + 1] = (spec->image_size - 1) / 2.f + radius * sinf (2.4f * i);
  }
}

static void
fill_header (DanFileHeader *header, const Writer *writer, size_t size)
{
  const DanModelSpec *spec = writer->spec;

  memcpy (header->magic, DAN_FILE_MAGIC, sizeof header->magic);
  header->version = spec->n_stages == 0 ? DAN_FILE_VERSION_DETECTOR
      : spec->recurrent                 ? DAN_FILE_VERSION_RECURRENT
      : spec->error_hidden > 0          ? DAN_FILE_VERSION_ERRORS
                                        : DAN_FILE_VERSION;
  if (spec->upright)
    header->version += DAN_FILE_VERSION_UPRIGHT;
  if (spec->decoder > 0)
    header->version += DAN_FILE_VERSION_DECODERS;
  header->endianness = DAN_FILE_ENDIANNESS;
  header->file_size = size;
  header->n_points = spec->n_points;
  header->n_stages = spec->n_stages;
  header->image_size = spec->image_size;
  header->n_arrays = writer->n_arrays;
  header->image_mean = .5f;
  header->image_std = .25f;
  strcpy (header->scheme, "random");
  strcpy (header->boxes, DAN_FILE_BOXES);
  snprintf (header->name, sizeof header->name, "random %u",
      (unsigned) spec->seed);
  strcpy (header->licence, "none needed: random numbers");
}

static bool
has_valid_sizes (const DanModelSpec *spec)
{
  if (spec->n_stages == 0)
    return !spec->upright && spec->decoder == 0
        && spec->n_points == DAN_DETECTION_POINTS
        && spec->image_size == DAN_DETECTOR_STRIDE;
  return spec->n_points >= 2 && spec->n_points <= DAN_MAX_POINTS
      && spec->n_stages >= 1 && spec->n_stages <= DAN_MAX_STAGES
      && spec->image_size >= DAN_MIN_IMAGE_SIZE
      && spec->image_size <= DAN_MAX_IMAGE_SIZE
      && spec->image_size % DAN_POOLING == 0
      && spec->hidden >= 1 && spec->hidden <= DAN_MAX_WIDTH
      && spec->error_hidden >= 0 && spec->error_hidden <= DAN_MAX_WIDTH
      && (!spec->recurrent || (spec->n_stages > 1 && spec->error_hidden > 0))
      && spec->decoder >= 0 && spec->decoder <= DAN_MAX_WIDTH
      && (spec->decoder == 0 || (spec->n_stages > 1 && spec->upright));
}

static bool
is_valid (const DanModelSpec *spec)
{
  bool valid = has_valid_sizes (spec);

  for (int i = 0; i < 4; i++)
    valid = valid && spec->channels[i] >= 1
        && spec->channels[i] <= DAN_MAX_WIDTH;
  return valid;
}

DanStatus
dan_model_write_random (void **data, size_t *size, const DanModelSpec *spec,
    DanError *error)
{
  Writer writer = { .spec = spec, .random = spec->seed };
  uint64_t start; /* of the arrays */
  uint8_t *file;

  *data = NULL;
  *size = 0;
  if (!is_valid (spec))
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no model has such sizes");

  if (spec->n_stages == 0)
    add_detector (&writer);
  else
    add_shape (&writer, "mean_shape");
  if (spec->upright)
    add_shape (&writer, "upright_shape");
  for (int stage = 1; stage <= spec->n_stages + spec->recurrent; stage++)
    add_stage (&writer, stage);

  start = sizeof (DanFileHeader) + writer.n_arrays * sizeof (DanFileArray);
  start = (start + DAN_FILE_ALIGNMENT - 1)
      / DAN_FILE_ALIGNMENT * DAN_FILE_ALIGNMENT;
  if (writer.end > SIZE_MAX - start
      || !(file = calloc (1, start + writer.end)))
    return dan_fail (error, DAN_ERROR_MEMORY, "no memory for the model");

  for (int i = 0; i < writer.n_arrays; i++) {
    writer.arrays[i].offset += start;
    fill_array (&writer, &writer.arrays[i], writer.fills[i], file);
  }
  for (int i = 0; i < (spec->n_stages > 0) + spec->upright; i++)
    fill_shape (spec, spec->image_size / (i == 0 ? 4.f : 2.5f),
        (float *) (file + writer.arrays[i].offset));
  fill_header ((DanFileHeader *) file, &writer, start + writer.end);
  memcpy (file + sizeof (DanFileHeader), writer.arrays,
      writer.n_arrays * sizeof *writer.arrays);
  dan_model_seal (file, start + writer.end);
  *data = file;
  *size = start + writer.end;
  return dan_ok (error);
}

void
dan_model_seal (void *data, size_t size)
{
  DanFileHeader *header = data;

  if (size >= sizeof *header)
    header->checksum = dan_checksum ((uint8_t *) data + DAN_FILE_CHECKED_FROM,
        size - DAN_FILE_CHECKED_FROM);
}
