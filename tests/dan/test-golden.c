/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The whole network, from the canonical image to the landmarks, and recurrent
 * steps after it, against vectors that reference.py computed in float64.
 *
 * usage: test-golden MODEL GOLDEN; exits with 77 (skipped) if the file GOLDEN
 * does not exist. DAN_CPU chooses the kernels. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cascade.h"
#include "check.h"
#include "kernels.h"

/* How much larger faces are where they are upright. */
static double
enlargement (const DanModel *model)
{
  return dan_box_around (model->upright_shape, model->n_points).height
      / dan_box_around (model->mean_shape, model->n_points).height;
}

/* Canonical pixels of a landmark; bfloat16 and 8-bit integers move them by about
 * 0.05, the worst of them, in the picture of noise, by 0.30 where faces are upright
 * 1.2 times as large, and 0.33. Decoders see several places for each landmark in
 * noise, whose mean moves by up to 0.62. */
static double
tolerance (const DanCascade *cascade)
{
  const double decoders = dan_model_has_decoders (cascade->model) ? 2 : 1;

  switch (cascade->network->kernels->precision) {
    case DAN_PRECISION_BF16:
      return .3 * decoders * enlargement (cascade->model);
    case DAN_PRECISION_INT8:
      return .5 * decoders;
    default:
      return .02;
  }
}

typedef struct {
  char magic[8];
  uint32_t n_cases, n_points, size, n_hidden;
} Header;

static void
read_exactly (FILE *file, void *data, size_t size)
{
  if (fread (data, 1, size, file) != size) {
    fprintf (stderr, "the golden file ends early\n");
    exit (1);
  }
}

static double
farthest (const DanPoint *a, const DanPoint *b, int n)
{
  double worst = 0;

  for (int i = 0; i < n; i++)
    worst = fmax (worst, hypot (a[i].x - b[i].x, a[i].y - b[i].y));
  return worst;
}

/* Every other case comes second in a batch, after the one before it. */
static int
place_of (int index)
{
  return index % 2;
}

static void
check_shape (const DanCascade *cascade, const DanPoint *wanted, int index,
    const char *what, int number)
{
  const DanCascadeFace *face = &cascade->faces[place_of (index)];
  const double distance
      = farthest (face->shape, wanted, cascade->model->n_points);

  CHECK (!face->lost, "case %d: %s %d fails", index, what, number);
  CHECK (distance <= tolerance (cascade),
      "case %d: %s %d is %g px off, allowed are %g", index, what, number,
      distance, tolerance (cascade));
  printf ("case %d: %s %d within %.2g px\n", index, what, number, distance);
}

static void
check_hidden (DanCascade *cascade, const float *wanted, uint32_t n, int index)
{
  const float *found = dan_cascade_hidden (cascade, place_of (index));

  for (uint32_t i = 0; i < n; i++)
    CHECK (fabsf (found[i] - wanted[i])
            <= tolerance (cascade) / 4 * (1 + fabsf (wanted[i])),
        "case %d: activation %u of fc1 is %g, not %g", index, i, found[i],
        wanted[i]);
}

/* What the error head says, as a number that is the model's own, and what
 * becomes of it. */
static void
check_error (const DanCascade *cascade, float wanted, int index)
{
  const DanVectors found = cascade->workspace.log_error;
  const float value = found.values[place_of (index) * found.face];
  const float expected = cascade->faces[place_of (index)].expected_error;

  CHECK (fabsf (value - wanted) <= tolerance (cascade) / 4,
      "case %d, stage %d: the error's logarithm is %g, not %g", index,
      cascade->n_stages, value, wanted);
  CHECK (fabsf (expected - fminf (expf (value), 10)) <= 1e-5f * expected,
      "case %d, stage %d: the error is %g", index, cascade->n_stages, expected);
}

/* Runs @n_stages on @grey and compares the landmarks with @wanted. */
static void
check_stages (DanCascade *cascade, int n_stages, const DanImage *grey,
    const DanPoint *wanted, const float *log_error, int index)
{
  DanProfile quiet = {};

  cascade->n_stages = n_stages;
  dan_cascade_show (cascade, place_of (index), grey,
      (DanSimilarity) { .a = 1 });
  dan_cascade_run (cascade, place_of (index) + 1, &quiet);
  check_shape (cascade, wanted, index, "stage", n_stages);
  if (log_error)
    check_error (cascade, *log_error, index);
}

static bool
has_errors (const Header *header)
{
  return header->magic[7] >= '2';
}

static bool
has_steps (const Header *header)
{
  return header->magic[7] >= '3';
}

/* Goes on from what the cascade, or the step before, left, in @grey as it is. */
static void
check_step (DanCascade *cascade, FILE *file, const Header *header,
    const DanImage *grey, int index, int number)
{
  const int n = header->n_points;
  DanPoint result[n];
  float hidden[header->n_hidden], log_error;
  DanProfile quiet = {};

  read_exactly (file, cascade->faces[place_of (index)].shape, sizeof result);
  read_exactly (file, result, sizeof result);
  read_exactly (file, hidden, sizeof hidden);
  read_exactly (file, &log_error, sizeof log_error);
  dan_cascade_show_upright (cascade, place_of (index), grey,
      (DanSimilarity) { .a = 1 });
  dan_cascade_step (cascade, place_of (index) + 1, &quiet);
  check_shape (cascade, result, index, "step", number);
  check_error (cascade, log_error, index);
  check_hidden (cascade, hidden, header->n_hidden, index);
}

static void
check_case (DanCascade *cascade, FILE *file, const Header *header, int index)
{
  const int n = header->n_points;
  const int size = header->size;
  uint8_t pixels[size * size];
  const DanImage image = { .format = DAN_FORMAT_GRAY8, .width = size,
    .height = size, .stride = size, .data = pixels };
  DanPoint first[n], start[n], result[n];
  float hidden[header->n_hidden], similarity[6], log_errors[2];
  const bool errors = has_errors (header);

  read_exactly (file, pixels, sizeof pixels);
  read_exactly (file, first, sizeof first);
  read_exactly (file, hidden, sizeof hidden);
  read_exactly (file, similarity, sizeof similarity);
  read_exactly (file, start, sizeof start);
  read_exactly (file, result, sizeof result);
  read_exactly (file, hidden, sizeof hidden);
  if (errors)
    read_exactly (file, log_errors, sizeof log_errors);

  check_stages (cascade, 1, &image, first, errors ? log_errors : NULL, index);
  check_stages (cascade, cascade->model->n_stages, &image, result,
      errors ? log_errors + 1 : NULL, index);
  check_hidden (cascade, hidden, header->n_hidden, index);
  for (int step = 1; has_steps (header) && step <= 2; step++)
    check_step (cascade, file, header, &image, index, step);
}

static void
check_file (DanModel *model, const DanKernels *kernels, const char *path)
{
  FILE *file = fopen (path, "rb");
  DanPool *pool = dan_pool_new (2);
  DanCascade cascade;
  Header header;

  read_exactly (file, &header, sizeof header);
  CHECK (memcmp (header.magic, "DANGOLD", 7) == 0 && header.magic[7] >= '1'
          && header.magic[7] <= '3',
      "%s is no golden file", path);
  if (!CHECK ((int) header.n_points == model->n_points
              && (int) header.size == model->image_size,
          "%u points in %u pixels, not %d in %d", header.n_points, header.size,
          model->n_points, model->image_size)
      || !CHECK (!has_errors (&header) || model->stages[0].error1.weights,
          "the model has no error heads")
      || !CHECK (!has_steps (&header) || model->recurrent,
          "the model has no recurrent stage"))
    exit (1);
  CHECK (dan_cascade_init (&cascade, model, dan_network_get (model, kernels),
             model->n_stages, pool),
      "no memory");
  for (uint32_t i = 0; i < header.n_cases; i++)
    check_case (&cascade, file, &header, i);
  dan_cascade_clear (&cascade);
  dan_pool_free (pool);
  fclose (file);
}

int
main (int argc, char **argv)
{
  DanError error;
  DanModel *model;
  const DanKernels *kernels = NULL;
  DanStatus status;

  if (argc != 3 || access (argv[2], R_OK) != 0)
    return CHECK_EXIT_SKIPPED;
  status = dan_kernels_choose (&kernels, DAN_PRECISION_AUTO, &error);
  if (kernels && getenv ("DAN_CPU")
      && strcmp (getenv ("DAN_CPU"), kernels->name) != 0) {
    printf ("this machine has no %s\n", getenv ("DAN_CPU"));
    return CHECK_EXIT_SKIPPED;
  }
  if (status != DAN_OK || dan_model_open (&model, argv[1], &error) != DAN_OK) {
    fprintf (stderr, "%s\n", error.message);
    return 1;
  }
  printf ("kernels: %s\n", kernels->name);
  check_file (model, kernels, argv[2]);
  dan_model_close (&model);
  return check_summary ("golden");
}
