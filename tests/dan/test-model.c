/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Model files: good ones are read back exactly, and each way of being bad is
 * refused with its own reason. */
#include "tiny-model.h"

#include "checksum.h"
#include "half.h"

#include <math.h>

static const Bytes *tiny;

/* Round trip */

static void
check_array (Bytes file, const char *name, const void *values, size_t bytes)
{
  const DanFileArray *array = find_array (file, name);

  CHECK (array->bytes == bytes, "%s: %zu of %zu bytes", name, bytes,
      (size_t) array->bytes);
  CHECK (memcmp (values, file.data + array->offset, bytes) == 0, "%s", name);
  CHECK ((uintptr_t) values % DAN_FILE_ALIGNMENT == 0, "%s at %p", name,
      values);
}

static void
check_layer (Bytes file, const DanModelSpec *spec, int s, const char *name,
    const DanLayer *layer, int in, int out, int taps)
{
  char array[32], full[24];

  if (s < spec->n_stages)
    snprintf (full, sizeof full, "s%d.%s", s + 1, name);
  else
    snprintf (full, sizeof full, "recurrent.%s", name);
  CHECK (layer->in == in && layer->out == out, "%s: %d to %d, not %d to %d",
      full, layer->in, layer->out, in, out);
  snprintf (array, sizeof array, "%s.w", full);
  check_array (file, array, layer->weights, 2ul * in * out * taps);
  snprintf (array, sizeof array, "%s.b", full);
  check_array (file, array, layer->bias, 4ul * out);
}

/* Returns what it costs: that of the last stage alone is ever run. */
static uint64_t
check_error_head (Bytes file, const DanModel *model, const DanModelSpec *spec,
    int s)
{
  const DanStage *stage = &model->stages[s];
  const int hidden = spec->error_hidden;

  if (hidden == 0) {
    CHECK (!stage->error1.weights && !stage->error2.weights,
        "stage %d has an error head", s + 1);
    return 0;
  }
  check_layer (file, spec, s, "error1", &stage->error1, spec->hidden, hidden, 1);
  check_layer (file, spec, s, "error2", &stage->error2, hidden, 1, 1);
  return s + 1 == spec->n_stages ? (spec->hidden + 1ul) * hidden : 0;
}

/* The planes of @spec's decoder beside each pair's, from the coarsest on. */
static uint64_t
check_decoder (Bytes file, const DanModel *model, const DanModelSpec *spec, int s)
{
  const DanStage *stage = &model->stages[s];
  const int out = spec->decoder, *planes = spec->channels;
  const int in[DAN_N_UPS] = { planes[3] + planes[2], out + planes[1], out,
    out + planes[0] };
  const int sides[DAN_N_UPS] = { spec->image_size / 8, spec->image_size / 4,
    spec->image_size / 4, spec->image_size / 2 };
  uint64_t macs = 9ul * out * spec->n_points * sides[3] * sides[3];

  for (int i = 0; i < DAN_N_UPS; i++) {
    check_layer (file, spec, s, dan_up_names[i], &stage->up[i], in[i], out, 9);
    macs += 9ul * in[i] * out * sides[i] * sides[i];
  }
  check_layer (file, spec, s, "heatmaps", &stage->heatmaps, out, spec->n_points,
      9);
  check_array (file, "s3.share", stage->share, 4ul * spec->n_points);
  return macs;
}

static uint64_t
check_stage (Bytes file, const DanModel *model, const DanModelSpec *spec, int s)
{
  const DanStage *stage = &model->stages[s];
  int in = s == 0 ? 1 : 3, side = spec->image_size;
  uint64_t macs = 0;

  for (int i = 0; i < DAN_N_CONVS; i++) {
    int out = spec->channels[i / 2];

    check_layer (file, spec, s, dan_conv_names[i], &stage->conv[i], in, out, 9);
    macs += 9ul * in * out * side * side;
    in = out;
    side /= 1 + i % 2;
  }
  in *= side * side;
  check_layer (file, spec, s, "fc1", &stage->fc1, in, spec->hidden, 1);
  check_layer (file, spec, s, "fc2", &stage->fc2, spec->hidden,
      2 * spec->n_points, 1);
  macs += (in + 2ul * spec->n_points) * spec->hidden;
  macs += check_error_head (file, model, spec, s);
  if (s > 0) {
    int features = spec->image_size * spec->image_size / 4;

    check_layer (file, spec, s, "feature", &stage->feature, spec->hidden,
        features, 1);
    macs += (uint64_t) features * spec->hidden;
  } else {
    CHECK (!stage->feature.weights && !stage->input_scale
        && !stage->input_shift, "stage 1 has connection layers");
  }
  if (spec->decoder > 0 && s + 1 == spec->n_stages)
    macs += check_decoder (file, model, spec, s);
  else
    CHECK (!stage->share && !stage->up[0].weights, "stage %d has a decoder",
        s + 1);
  return macs;
}

static void
test_round_trip (int error_hidden, bool upright, bool recurrent, int decoder)
{
  const DanModelSpec spec = { .n_points = 5, .n_stages = 3, .image_size = 48,
    .channels = { 2, 3, 4, 5 }, .hidden = 7, .error_hidden = error_hidden,
    .seed = 42, .upright = upright, .recurrent = recurrent,
    .decoder = decoder };
  Bytes file = make_model (&spec);
  DanModel *model, *other;
  DanError error = { .status = DAN_ERROR_IO, .message = "old" };
  uint64_t macs = 0;

  CHECK (dan_model_open_memory (&model, file.data, file.size, &error)
      == DAN_OK && error.status == DAN_OK && !*error.message, "%s",
      error.message);
  if (!model)
    return;
  CHECK (dan_model_n_points (model) == 5, "%zu", dan_model_n_points (model));
  CHECK (dan_model_n_stages (model) == 3, "%zu", dan_model_n_stages (model));
  CHECK (dan_model_image_size (model) == 48, "%d",
      dan_model_image_size (model));
  CHECK (strcmp (dan_model_name (model), "random 42") == 0, "%s",
      dan_model_name (model));
  CHECK (strcmp (dan_model_scheme (model), "random") == 0, "%s",
      dan_model_scheme (model));
  CHECK (strstr (dan_model_licence (model), "random"), "%s",
      dan_model_licence (model));
  CHECK (model->image_mean == .5f && model->image_std == .25f, "%g %g",
      model->image_mean, model->image_std);
  check_array (file, "mean_shape", dan_model_mean_shape (model),
      5 * sizeof (DanPoint));
  check_array (file, upright ? "upright_shape" : "mean_shape",
      model->upright_shape, 5 * sizeof (DanPoint));
  CHECK (model->looks_again == upright, "looks again or not");
  for (int s = 0; s < 3; s++)
    macs += check_stage (file, model, &spec, s);
  CHECK (model->recurrent == recurrent, "a recurrent stage or not");
  if (recurrent)
    check_stage (file, model, &spec, 3);
  check_array (file, "s3.input.scale", model->stages[2].input_scale, 12);
  check_array (file, "s3.input.shift", model->stages[2].input_shift, 12);
  CHECK (dan_model_macs (model) == macs, "%lu, not %lu",
      (unsigned long) dan_model_macs (model), (unsigned long) macs);

  other = dan_model_ref (model);
  dan_model_close (&model);
  CHECK (!model && other->references == 1, "%d", other->references);
  dan_model_close (&other);
  dan_model_close (&other);
  dan_model_close (NULL);
  free (file.data);
}

static void
test_random_weights (void)
{
  Bytes file = make_model (&(DanModelSpec) { 68, 1, 32, { 2, 2, 2, 16 }, 128 });
  const DanFileArray *array = find_array (file, "s1.fc1.w");
  const uint16_t *values = (uint16_t *) (file.data + array->offset);
  size_t n = array->bytes / 2;
  double sum = 0, squares = 0, expected = 2. / 64;

  for (size_t i = 0; i < n; i++) {
    double value = dan_half_to_float (values[i]);

    sum += value;
    squares += value * value;
  }
  CHECK (fabs (sum / n) < 4 * sqrt (expected / n), "mean %g", sum / n);
  CHECK (fabs (squares / n / expected - 1) < .05, "variance %g, not %g",
      squares / n, expected);
  free (file.data);
}

static void
test_checksum (void)
{
  uint64_t word = UINT64_C (0x0807060504030201), expected;
  uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 'a' };

  CHECK (dan_checksum ("", 0) == UINT64_C (0xcbf29ce484222325), "of nothing");
  CHECK (dan_checksum ("a", 1) == UINT64_C (0xaf63dc4c8601ec8c), "of a");
  expected = (UINT64_C (0xcbf29ce484222325) ^ word) * UINT64_C (1099511628211);
  expected = (expected ^ 'a') * UINT64_C (1099511628211);
  CHECK (dan_checksum (bytes, 9) == expected, "of a word and a byte");
}

/* Refusals */

#define FIELD(name) offsetof (DanFileHeader, name), sizeof ((DanFileHeader *) 0)->name

static void
test_header (void)
{
  static const struct {
    size_t at, size;
    uint64_t value;
    const char *reason;
  } cases[] = {
    { FIELD (magic), 0, "not a model file" },
    { FIELD (version), 0, "format version 0" },
    { FIELD (version), 3, "a detector with 2 points, 2 stages" },
    { FIELD (version), 4, "array upright_shape belongs to no layer" },
    { FIELD (version), 5, "array s1.error1.w belongs to no layer" },
    { FIELD (version), 6, "array s2.up1.w belongs to no layer" },
    { FIELD (version), 7, "format version 7, only 1 to 6, 8, 13, 14 and 16" },
    { FIELD (version), 8, "array s2.up1.w belongs to no layer" },
    { FIELD (version), 9, "format version 9, only" },
    { FIELD (version), 11, "format version 11, only" },
    { FIELD (version), 12, "format version 12, only" },
    { FIELD (version), 13, "array s1.error1.w belongs to no layer" },
    { FIELD (version), 14, "array recurrent.conv1a.w belongs to no layer" },
    { FIELD (version), 15, "format version 15, only" },
    { FIELD (version), 17, "format version 17, only" },
    { FIELD (version), UINT32_MAX, "format version 4294967295, only" },
    { FIELD (endianness), 0x04030201, "byte order" },
    { FIELD (file_size), 0, "bytes too many" },
    { FIELD (file_size), UINT64_MAX, "truncated" },
    { FIELD (n_points), 1, "1 points" },
    { FIELD (n_points), 3, "array mean_shape has the shape" },
    { FIELD (n_points), 1025, "1025 points" },
    { FIELD (n_points), UINT32_MAX, "4294967295 points" },
    { FIELD (n_stages), 0, "0 stages" },
    { FIELD (n_stages), 1, "a recurrent stage beside 1 stage" },
    { FIELD (n_stages), 3, "array s3.conv1a.w is missing" },
    { FIELD (n_stages), 9, "9 stages" },
    { FIELD (image_size), 0, "image size 0" },
    { FIELD (image_size), 16, "image size 16" },
    { FIELD (image_size), 40, "image size 40" },
    { FIELD (image_size), 48, "array s1.fc1.w has the shape" },
    { FIELD (image_size), 528, "image size 528" },
    { FIELD (n_arrays), 0, "0 arrays" },
    { FIELD (n_arrays), 54, "stray bytes before array mean_shape" },
    { FIELD (n_arrays), DAN_MAX_ARRAYS, "the table of" },
    { FIELD (n_arrays), UINT32_MAX, "4294967295 arrays" },
    { FIELD (image_mean), 0x7fc00000, "image mean" },
    { FIELD (image_mean), 0xbf800000, "image mean -1" },
    { FIELD (image_mean), 0x40000000, "image mean 2" },
    { FIELD (image_std), 0, "image standard deviation 0" },
    { FIELD (image_std), 1, "image standard deviation 1.4" },
    { FIELD (image_std), 0xbf800000, "image standard deviation -1" },
    { FIELD (image_std), 0x7f800000, "image standard deviation inf" },
    { FIELD (image_std), 0x7fc00000, "image standard deviation nan" },
    { FIELD (reserved), 1, "reserved" },
  };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Bytes file = copy_bytes (*tiny);
    bool envelope = cases[i].at < DAN_FILE_CHECKED_FROM;

    memcpy (file.data + cases[i].at, &cases[i].value, cases[i].size);
    check_refused (file, envelope ? cases[i].reason : "checksum",
        "a header field, not sealed", i);
    dan_model_seal (file.data, file.size);
    check_refused (file, cases[i].reason, "a header field", i);
    free (file.data);
  }
}

static void
test_strings (void)
{
  static const struct {
    size_t at, size;
    const char *reason;
  } strings[] = {
    { FIELD (scheme), "its scheme is" },
    { FIELD (boxes), "its box convention is" },
    { FIELD (name), "its name is" },
    { FIELD (licence), "its licence is" },
    { sizeof (DanFileHeader), 32, "the name of array 0 is" },
  };

  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
    for (int way = 0; way < 5; way++) {
      Bytes file = copy_bytes (*tiny);
      uint8_t *field = file.data + strings[i].at;

      switch (way) {
        case 0:
          memset (field, 0, strings[i].size);
          break;
        case 1:
          memset (field, 'a', strings[i].size);
          break;
        case 2:
          field[1] = '\n';
          break;
        case 3:
          field[1] = 0xff;
          break;
        default:
          field[strings[i].size - 1] = 'a';
      }
      dan_model_seal (file.data, file.size);
      check_refused (file, strings[i].reason, "a string", 10 * i + way);
      free (file.data);
    }
}

static void
test_box_convention (void)
{
  Bytes file = copy_bytes (*tiny);

  file_header (file)->boxes[0] = 'L';
  dan_model_seal (file.data, file.size);
  check_refused (file, "box convention 'Landmarks'", "box convention", 0);
  free (file.data);
}

/* Any change that the checksum guards, one bit at a time. */
static void
test_bit_flips (void)
{
  Bytes file = copy_bytes (*tiny);

  for (size_t bit = 0; bit < 8 * file.size; bit++) {
    file.data[bit / 8] ^= 1 << bit % 8;
    check_refused (file, "", "bit", bit);
    file.data[bit / 8] ^= 1 << bit % 8;
  }
  free (file.data);
}

static void
test_lengths (void)
{
  check_refused ((Bytes) { tiny->data, 0 }, "empty", "length", 0);
  for (size_t size = 1; size < tiny->size; size++) {
    Bytes file = copy_bytes ((Bytes) { tiny->data, size });

    check_refused (file, size < 8 ? "not a model" : "truncated", "length", size);
    if (size >= sizeof (DanFileHeader)) {
      file_header (file)->file_size = size;
      dan_model_seal (file.data, size);
      check_refused (file, "reaches beyond the end", "sealed length", size);
    }
    free (file.data);
  }
  for (size_t more = 1; more <= 64; more++) {
    Bytes file = { calloc (1, tiny->size + more), tiny->size + more };

    memcpy (file.data, tiny->data, tiny->size);
    check_refused (file, "bytes too many", "trailing", more);
    file_header (file)->file_size = file.size;
    dan_model_seal (file.data, file.size);
    check_refused (file, "stray bytes behind", "sealed trailing", more);
    free (file.data);
  }
}

static void
test_arguments (void)
{
  const DanModelSpec bad = { 68, 1, 100, { 1, 1, 1, 1 }, 1, 0 };
  DanModel *model;
  DanError error;
  void *data;
  size_t size;

  CHECK (dan_model_open_memory (&model, NULL, 5, &error) == DAN_ERROR_ARGUMENT
      && !model && *error.message, "no data");
  CHECK (dan_model_open_memory (NULL, "", 0, NULL) == DAN_ERROR_ARGUMENT,
      "no place");
  CHECK (dan_model_open_memory (&model, "DANMODEL", 8, NULL)
      == DAN_ERROR_MODEL && !model, "no error wanted");
  CHECK (dan_model_write_random (&data, &size, &bad, &error)
      == DAN_ERROR_ARGUMENT && !data && *error.message, "%p", data);
}

int
main (void)
{
  Bytes file = make_tiny_model ();

  tiny = &file;
  test_checksum ();
  test_round_trip (0, false, false, 0);
  test_round_trip (0, true, false, 0);
  test_round_trip (0, true, false, 8);
  test_round_trip (6, false, false, 0);
  test_round_trip (6, false, true, 0);
  test_round_trip (6, true, true, 0);
  test_round_trip (6, true, true, 8);
  test_random_weights ();
  test_arguments ();
  test_header ();
  test_strings ();
  test_box_convention ();
  test_bit_flips ();
  test_lengths ();
  free (file.data);
  return check_summary ("model");
}
