/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Random damage, mostly sealed so that it gets past the checksum. Each load
 * either gives a model that can be read to its last weight, or a reason.
 * usage: test-model-fuzz [COUNT [SEED [CASE]]]; CASE replays that one alone */
#include "tiny-model.h"

#include <time.h>

#define DEFAULT_COUNT 1000000
#define LARGEST_GROWTH 256

static uint64_t random_state;

/* splitmix64 */
static uint64_t
random_bits (void)
{
  uint64_t z = random_state += UINT64_C (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static uint64_t
random_below (uint64_t n)
{
  return random_bits () % n;
}

/* A value that sizes, offsets and counts go wrong at. */
static uint64_t
random_value (void)
{
  static const uint64_t bases[] = { 0, 1, 2, 4, 32, 64, 384, 4096, 0x7c00,
    INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX, 0x7f800000, 0x10000 };

  switch (random_below (3)) {
    case 0:
      return bases[random_below (sizeof bases / sizeof *bases)];
    case 1:
      return random_below (64);
    default:
      return random_bits () >> random_below (64);
  }
}

/* Overwrites or adds to 1, 2, 4 or 8 bytes within the first @within. */
static void
damage_field (Bytes file, size_t within)
{
  size_t size = 1 << random_below (4);
  size_t at = random_below (within / size) * size;
  uint64_t value = random_value (), old = 0;

  if (at + size > file.size)
    return;
  memcpy (&old, file.data + at, size);
  if (random_below (2))
    value = random_below (2) ? old + value : old - value;
  memcpy (file.data + at, &value, size);
}

/* Makes two entries alike in one field, or exchanges them. */
static void
damage_entries (Bytes file, uint32_t n_arrays)
{
  DanFileArray *a = &file_arrays (file)[random_below (n_arrays)];
  DanFileArray *b = &file_arrays (file)[random_below (n_arrays)], other = *b;

  switch (random_below (5)) {
    case 0:
      *b = *a;
      *a = other;
      break;
    case 1:
      memcpy (b->name, a->name, sizeof b->name);
      break;
    case 2:
      memcpy (b->dims, a->dims, sizeof b->dims);
      break;
    case 3:
      b->offset = a->offset;
      b->bytes = a->bytes;
      break;
    default: /* consistent with itself, so that later checks are reached */
      b->dims[random_below (4)] = random_value ();
      b->bytes = dan_file_array_bytes (b->dtype, b->rank % 5, b->dims);
  }
}

/* Copies @tiny into @room, which has LARGEST_GROWTH bytes more, and damages
 * it in one to four ways. */
static Bytes
damage (Bytes tiny, uint8_t *room)
{
  Bytes file = { room, tiny.size };
  uint32_t n_arrays = file_header (tiny)->n_arrays;
  size_t table_end = sizeof (DanFileHeader) + n_arrays * sizeof (DanFileArray);

  memcpy (room, tiny.data, tiny.size);
  for (uint64_t i = random_below (4) + 1; i > 0; i--)
    switch (random_below (6)) {
      case 0:
        damage_field (file, sizeof (DanFileHeader));
        break;
      case 1:
        damage_field (file, table_end);
        break;
      case 2:
        damage_field (file, file.size);
        break;
      case 3:
        damage_entries (file, n_arrays);
        break;
      case 4: /* a weight, often still a good one */
        file.data[table_end + random_below (file.size - table_end)]
            ^= 1 << random_below (8);
        break;
      default:
        if (random_below (8) == 0) {
          memset (room + tiny.size, random_below (2), LARGEST_GROWTH);
          file.size = random_below (2) ? random_below (tiny.size)
              : tiny.size + random_below (LARGEST_GROWTH + 1);
          if (file.size <= table_end)
            goto done; /* the other ways need a table */
        }
    }
done:
  if (file.size >= sizeof (DanFileHeader) && random_below (32) != 0) {
    file_header (file)->file_size = file.size;
    dan_model_seal (file.data, file.size);
  }
  return file;
}

/* So that sanitizers see a weight outside of the file. */
static unsigned
read_layer (const DanLayer *layer, int taps)
{
  unsigned sum = 0;

  for (int i = 0; i < layer->in * layer->out * taps; i++)
    sum += layer->weights[i];
  for (int i = 0; i < layer->out; i++)
    sum += layer->bias[i] > 0;
  return sum;
}

static unsigned
read_model (const DanModel *model)
{
  unsigned sum = dan_model_macs (model) + strlen (dan_model_name (model))
      + strlen (dan_model_scheme (model)) + strlen (dan_model_licence (model));

  for (size_t i = 0; i < dan_model_n_points (model); i++)
    sum += model->mean_shape[i].x > model->mean_shape[i].y;
  for (int s = 0; s < dan_model_all_stages (model); s++) {
    const DanStage *stage = &model->stages[s];

    for (int i = 0; i < DAN_N_CONVS; i++)
      sum += read_layer (&stage->conv[i], 9);
    sum += read_layer (&stage->fc1, 1) + read_layer (&stage->fc2, 1)
        + read_layer (&stage->error1, 1) + read_layer (&stage->error2, 1);
    if (s > 0)
      sum += read_layer (&stage->feature, 1)
          + (stage->input_scale[2] > stage->input_shift[2]);
  }
  return sum;
}

/* Each case has its own seed, so that any can be replayed alone. */
static bool
run_case (Bytes tiny, uint8_t *room, uint64_t seed, uint64_t number,
    volatile unsigned *sum, DanError *error)
{
  Bytes file;
  DanModel *model;
  DanStatus status;

  random_state = (seed << 40) ^ number * UINT64_C (0xd1342543de82ef95);
  file = damage (tiny, room);
  *error = (DanError) { 0 };
  status = dan_model_open_memory (&model, file.data, file.size, error);
  CHECK ((status == DAN_OK) == (model != NULL)
      && (status == DAN_OK || status == DAN_ERROR_MODEL)
      && error->status == status
      && (status == DAN_OK) == (*error->message == 0),
      "case %lu: status %d, model %p, '%s'", (unsigned long) number, status,
      (void *) model, error->message);
  if (model)
    *sum += read_model (model);
  dan_model_close (&model);
  return status == DAN_OK;
}

int
main (int argc, char **argv)
{
  uint64_t count = argc > 1 ? strtoull (argv[1], NULL, 0) : DEFAULT_COUNT;
  uint64_t seed = argc > 2 ? strtoull (argv[2], NULL, 0) : time (NULL);
  uint64_t first = argc > 3 ? strtoull (argv[3], NULL, 0) : 0, accepted = 0;
  Bytes tiny = make_tiny_model ();
  uint8_t *room = malloc (tiny.size + LARGEST_GROWTH);
  volatile unsigned sum = 0;
  DanError error;

  printf ("seed %lu\n", (unsigned long) seed);
  fflush (stdout);
  if (argc > 3)
    count = first + 1;
  for (uint64_t i = first; i < count; i++)
    accepted += run_case (tiny, room, seed, i, &sum, &error);
  if (argc > 3)
    printf ("case %lu: %s\n", (unsigned long) first,
        error.status == DAN_OK ? "a model" : error.message);
  else /* if either were 0, the damage would test nothing */
    CHECK (count < 1000 || (accepted > 0 && accepted < count),
        "%lu of %lu accepted", (unsigned long) accepted, (unsigned long) count);
  printf ("%lu of %lu accepted\n", (unsigned long) accepted,
      (unsigned long) (count - first));
  free (room);
  free (tiny.data);
  return check_summary ("model-fuzz");
}
