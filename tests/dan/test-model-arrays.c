/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Model files that are sound but for one array: its entry, its place or its
 * values. All are sealed, so that the checksum cannot be what refuses them. */
#include "tiny-model.h"

static Bytes tiny;

typedef void Change (Bytes file, DanFileArray *array);

static void
check_changed (const char *name, Change *change, const char *reason)
{
  Bytes file = copy_bytes (tiny);

  change (file, find_array (file, name));
  dan_model_seal (file.data, file.size);
  check_refused (file, reason, name, 0);
  free (file.data);
}

#define FIELD(name) \
  offsetof (DanFileArray, name), sizeof ((DanFileArray *) 0)->name

static void
test_entries (void)
{
  /* What is added to a field, so that no case depends on the layout. */
  static const struct {
    const char *name;
    size_t at, size;
    int64_t more;
    const char *reason;
  } cases[] = {
    { "s1.fc1.w", FIELD (dtype), 1, "unknown type 3" },
    { "s1.fc1.w", FIELD (dtype), -2, "unknown type 0" },
    { "s1.fc1.w", FIELD (dtype), -1, "claims" },
    { "s1.fc1.w", FIELD (rank), -2, "rank 0" },
    { "s1.conv1a.w", FIELD (rank), 1, "rank 5" },
    { "s1.conv1a.w", FIELD (rank), INT32_MIN, "rank 2147483652" },
    { "s1.conv1a.w", FIELD (rank), -1, "beyond its rank 3" },
    { "s1.fc1.b", FIELD (rank), 1, "zero dimension" },
    { "s1.fc1.b", FIELD (dims[3]), 1, "beyond its rank" },
    { "s1.fc1.b", FIELD (dims[0]), -1, "zero dimension" },
    { "s1.fc1.b", FIELD (dims[0]), 1, "claims" },
    { "s1.fc1.b", FIELD (dims[0]), 0x40000000, "claims" },
    { "s1.fc1.b", FIELD (bytes), 1, "claims 5 bytes" },
    { "s1.fc1.b", FIELD (bytes), -4, "claims 0 bytes" },
    { "s1.fc1.b", FIELD (offset), 1, "not aligned" },
    { "s1.fc1.b", FIELD (offset), 4, "not aligned" },
    { "s1.fc1.b", FIELD (offset), -32, "not aligned" },
    { "s1.fc1.b", FIELD (offset), -64, "overlaps" },
    { "s1.fc1.b", FIELD (offset), -128, "overlaps" },
    { "s1.fc1.b", FIELD (offset), 64, "stray bytes before" },
    { "mean_shape", FIELD (offset), -64, "overlaps" },
    { "s1.fc1.b", FIELD (offset), 1 << 20, "beyond the end" },
    { "s1.fc1.b", FIELD (offset), INT64_MIN, "beyond the end" },
    { "recurrent.input.shift", FIELD (offset), 64, "beyond the end" },
    { "s2.fc2.b", FIELD (name[1]), 1, "array s2.fc2.b is missing" },
    { "mean_shape", FIELD (name[0]), 1, "array mean_shape is missing" },
    { "upright_shape", FIELD (name[0]), 1, "array upright_shape is missing" },
    { "s1.error1.b", FIELD (name[1]), 6, "array s1.error1.b is missing" },
    { "s2.error2.w", FIELD (name[3]), 1, "array s2.error2.w is missing" },
    { "s2.up1.w", FIELD (name[3]), 1, "no stage has a decoder" },
    { "s2.up1.b", FIELD (name[3]), 1, "array s2.up1.b is missing" },
    { "s2.up4.w", FIELD (name[3]), 1, "array s2.up4.w is missing" },
    { "s2.heatmaps.w", FIELD (name[3]), 1, "array s2.heatmaps.w is missing" },
    { "s2.share", FIELD (name[3]), 1, "array s2.share is missing" },
    { "recurrent.feature.w", FIELD (name[0]), 1,
        "array recurrent.feature.w is missing" },
    { "recurrent.feature.b", FIELD (name[0]), 1,
        "array recurrent.feature.b is missing" },
  };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Bytes file = copy_bytes (tiny);
    uint8_t *field = (uint8_t *) find_array (file, cases[i].name) + cases[i].at;
    uint64_t value = 0;

    memcpy (&value, field, cases[i].size);
    value += cases[i].more;
    memcpy (field, &value, cases[i].size);
    dan_model_seal (file.data, file.size);
    check_refused (file, cases[i].reason, cases[i].name, i);
    free (file.data);
  }
}

/* 2^63 + 18 values of two bytes are 36 bytes modulo 2^64, which is just what
 * the array has. */
static void
overflow (Bytes file, DanFileArray *array)
{
  const uint32_t dims[4] = { 2 * 13 * 97 * 997, 25873, 141775993, 1 };

  memcpy (array->dims, dims, sizeof dims);
}

static void
huge (Bytes file, DanFileArray *array)
{
  array->dims[0] = array->dims[1] = 0x7fffffff;
  array->bytes = 2 * UINT64_C (0x7fffffff) * 0x7fffffff;
}

static void
rename_duplicate (Bytes file, DanFileArray *array)
{
  memcpy (array->name, array[-2].name, sizeof array->name);
}

static void
swap_entries (Bytes file, DanFileArray *array)
{
  DanFileArray other = array[1];

  array[1] = array[0];
  array[0] = other;
}

static void
same_place (Bytes file, DanFileArray *array)
{
  array->offset = array[-1].offset;
}

static void
transpose (Bytes file, DanFileArray *array)
{
  uint32_t *last = &array->dims[array->rank - 1], other = *last;

  *last = array->dims[0];
  array->dims[0] = other;
}

static void
flatten (Bytes file, DanFileArray *array)
{
  array->dims[0] *= array->dims[1];
  array->dims[1] = 0;
  array->rank = 1;
}

static void
as_half (Bytes file, DanFileArray *array)
{
  array->dtype = DAN_DTYPE_F16;
  array->dims[array->rank - 1] *= 2;
}

static void
as_float (Bytes file, DanFileArray *array)
{
  array->dtype = DAN_DTYPE_F32;
  array->dims[1] /= 2;
}

/* The last padding byte before the array. */
static void
dirty_padding (Bytes file, DanFileArray *array)
{
  file.data[array->offset - 1] = 1;
}

static void
test_structure (void)
{
  check_changed ("s1.conv2a.w", overflow, "too large");
  check_changed ("s1.fc1.w", huge, "beyond the end");
  check_changed ("s1.conv2a.w", rename_duplicate, "s1.conv1b.w is there twice");
  check_changed ("s1.conv2a.w", swap_entries, "before array s1.conv2a.b");
  check_changed ("s1.conv2a.b", same_place, "overlaps");
  check_changed ("s1.conv1a.w", transpose, "s1.conv1a.w has the shape 3 1 3 1");
  check_changed ("s1.fc1.w", flatten, "s1.fc1.w has the shape");
  check_changed ("s1.fc1.b", as_half, "s1.fc1.b is fp16, should be fp32");
  check_changed ("mean_shape", as_half, "mean_shape is fp16, should be fp32");
  check_changed ("s1.error2.b", as_half, "s1.error2.b is fp16, should be fp32");
  check_changed ("s2.error2.w", as_float, "s2.error2.w is fp32, should be fp16");
  check_changed ("s1.error1.w", transpose, "s1.error1.w has the shape 1 2 0 0, "
      "should be 0 1 0 0");
  check_changed ("s2.error2.w", transpose, "s2.error2.w has the shape 2 1 0 0, "
      "should be 1 2 0 0");
  check_changed ("recurrent.feature.w", flatten,
      "recurrent.feature.w has the shape 256 0 0 0, should be 256 1 0 0");
  check_changed ("s1.fc1.w", as_float, "s1.fc1.w is fp32, should be fp16");
  check_changed ("s1.conv1b.w", dirty_padding, "stray bytes before");
}

/* The first and the last value of every array in turn. */
static void
test_not_finite (void)
{
  static const uint16_t halves[] = { 0x7c00, 0xfc00, 0x7e00, 0x7c01, 0xffff };
  static const uint32_t floats[] = { 0x7f800000, 0xff800000, 0x7fc00000,
    0x7f800001, 0xffffffff };

  for (uint32_t i = 0; i < 10 * file_header (tiny)->n_arrays; i++) {
    Bytes file = copy_bytes (tiny);
    const DanFileArray *array = &file_arrays (file)[i / 10];
    bool half = array->dtype == DAN_DTYPE_F16;
    size_t size = half ? 2 : 4;
    uint8_t *value = file.data + array->offset;

    if (i % 2)
      value += array->bytes - size;
    memcpy (value, half ? (void *) &halves[i / 2 % 5] : &floats[i / 2 % 5],
        size);
    dan_model_seal (file.data, file.size);
    check_refused (file, "not finite", array->name, i);
    free (file.data);
  }
}

static void
test_shape (const char *name)
{
  static const struct {
    float xy[4];
    const char *reason;
  } cases[] = {
    { { 9, 9, 9, 9 }, "shape is 0 x 0 pixels" },
    { { 9, 9, 20, 9 }, "shape is 11 x 0 pixels" },
    { { 9, 9, 9.5f, 20 }, "shape is 0.5 x 11 pixels" },
    { { -1, 9, 20, 20 }, "leaves the image of 32" },
    { { 9, -1, 20, 20 }, "leaves the image" },
    { { 9, 9, 31.5f, 20 }, "leaves the image" },
    { { 9, 9, 20, 31.5f }, "leaves the image" },
    { { 9, 3e38f, 20, -3e38f }, "leaves the image" },
    { { 0, 0, 31, 31 }, NULL },
  };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Bytes file = copy_bytes (tiny);
    DanModel *model;
    DanError error;

    memcpy (file.data + find_array (file, name)->offset, cases[i].xy,
        sizeof cases[i].xy);
    dan_model_seal (file.data, file.size);
    if (cases[i].reason) {
      check_refused (file, cases[i].reason, name, i);
    } else {
      CHECK (dan_model_open_memory (&model, file.data, file.size, &error)
          == DAN_OK, "%s", error.message);
      dan_model_close (&model);
    }
    free (file.data);
  }
}

static void
widen (DanFileArray *array, uint32_t dimension)
{
  array->dims[dimension] *= 2;
  array->bytes *= 2;
}

/* Doubles the second stage's activations. The tiny model's arrays can grow into
 * their padding. */
static void
widen_last_stage (Bytes file)
{
  widen (find_array (file, "s2.fc1.w"), 0);
  widen (find_array (file, "s2.fc1.b"), 0);
  widen (find_array (file, "s2.fc2.w"), 1);
  widen (find_array (file, "s2.error1.w"), 1);
  dan_model_seal (file.data, file.size);
}

/* Stages may have different widths. */
static void
test_own_width (void)
{
  DanModelSpec spec = tiny_spec;
  DanModel *model;
  DanError error;
  Bytes file;

  spec.recurrent = false;
  file = make_model (&spec);
  widen_last_stage (file);
  CHECK (dan_model_open_memory (&model, file.data, file.size, &error)
      == DAN_OK, "%s", error.message);
  if (model)
    CHECK (model->stages[1].fc2.in == 2 && model->stages[1].feature.in == 1,
        "%d and %d", model->stages[1].fc2.in, model->stages[1].feature.in);
  dan_model_close (&model);
  free (file.data);
}

/* The recurrent stage goes on from the last one's activations, and from its own. */
static void
test_recurrent_width (void)
{
  Bytes file = copy_bytes (tiny);

  widen_last_stage (file);
  check_refused (file,
      "recurrent.fc1.w has the shape 1 4 0 0, should be 2 4 0 0",
      "width of the recurrent stage", 0);
  free (file.data);
}

static void
test_share (void)
{
  static const float shares[] = { -.001f, 1.001f, 3e38f };

  for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
    Bytes file = copy_bytes (tiny);

    memcpy (file.data + find_array (file, "s2.share")->offset + sizeof *shares,
        &shares[i], sizeof *shares);
    dan_model_seal (file.data, file.size);
    check_refused (file, "the decoder of stage 2 has a share of", "share", i);
    free (file.data);
  }
}

/* All stages have error heads, or none has: the version says which. */
static void
test_promised_heads (void)
{
  Bytes file = make_model (&(DanModelSpec) { .n_points = 2, .n_stages = 2,
          .image_size = 32, .channels = { 1, 1, 1, 1 }, .hidden = 1 });

  for (uint32_t version = 2; version <= 4; version += 2) {
    file_header (file)->version = version;
    dan_model_seal (file.data, file.size);
    check_refused (file, "array s1.error1.w is missing", "no heads", version);
  }
  free (file.data);
}

/* The width of fc1 is the file's choice, up to a limit. Halving the image of a
 * finished file quarters the columns of fc1.w, so that the same bytes are four
 * times the rows. */
static void
test_width_limit (void)
{
  static const float mean_shape[] = { 1, 1, 9, 9 };

  for (uint32_t rows = 4096; rows <= 4100; rows += 4) {
    Bytes file = make_model (&(DanModelSpec) { .n_points = 2, .n_stages = 1,
            .image_size = 64, .channels = { 1, 1, 1, 1 }, .hidden = rows / 4 });
    DanFileArray *weights = find_array (file, "s1.fc1.w");

    file_header (file)->image_size = 32;
    memcpy (file.data + find_array (file, "mean_shape")->offset, mean_shape,
        sizeof mean_shape);
    weights->dims[0] *= 4;
    weights->dims[1] /= 4;
    dan_model_seal (file.data, file.size);
    check_refused (file, rows > 4096 ? "s1.fc1.w has the shape 4100 4"
        : "s1.fc1.b has the shape 1024", "width", rows);
    free (file.data);
  }
}

int
main (void)
{
  tiny = make_tiny_model ();
  test_entries ();
  test_structure ();
  test_not_finite ();
  test_shape ("mean_shape");
  test_shape ("upright_shape");
  test_own_width ();
  test_recurrent_width ();
  test_promised_heads ();
  test_share ();
  test_width_limit ();
  free (tiny.data);
  return check_summary ("model-arrays");
}
