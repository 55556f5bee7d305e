/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The last stage's output of a whole network of random weights, by one table of
 * kernels and by the reference that sums in double.
 *
 * usage: test-network TABLE [WIDTH]; WIDTH is 1 for the paper's network, 0.25
 * if not given. Exits with 77 (skipped) where TABLE cannot run. */
#include <math.h>
#include <stdlib.h>

#include "cascade.h"
#include "check.h"
#include "model-writer.h"
#include "random.h"
#include "table.h"

#define N_FACES 2
#define SIZE 112

static DanModel *
random_model (double width)
{
  DanModelSpec spec = { .n_points = 68, .n_stages = 2, .image_size = SIZE,
    .hidden = 256, .seed = 1 };
  DanModel *model = NULL;
  void *data;
  size_t size;

  for (int i = 0; i < 4; i++)
    spec.channels[i] = (int) (64 * width) << i;
  CHECK (dan_model_write_random (&data, &size, &spec, NULL) == DAN_OK
          && dan_model_open_memory (&model, data, size, NULL) == DAN_OK,
      "no model");
  free (data);
  return model;
}

static void
run (DanCascade *cascade, DanModel *model, const DanKernels *kernels)
{
  DanPool *pool = dan_pool_new (2);
  DanProfile quiet = {};
  const DanNetwork *network = dan_network_get (model, kernels);
  static uint8_t images[N_FACES][SIZE * SIZE];
  DanImage frames[N_FACES];

  CHECK (dan_cascade_init (cascade, model, network, model->n_stages, pool),
      "no memory");
  random_state = 1;
  for (int i = 0; i < N_FACES; i++) {
    for (int pixel = 0; pixel < SIZE * SIZE; pixel++)
      images[i][pixel] = random_below (256);
    frames[i] = (DanImage) { .format = DAN_FORMAT_GRAY8, .width = SIZE,
      .height = SIZE, .stride = SIZE, .data = images[i] };
    dan_cascade_show (cascade, i, &frames[i], (DanSimilarity) { .a = 1 });
  }
  dan_cascade_run (cascade, N_FACES, &quiet);
  dan_pool_free (pool);
}

/* The largest difference over the largest value. */
static double
relative_error (DanVectors a, DanVectors b, int face, int n)
{
  double error = 0, most = 0;

  for (int i = 0; i < n; i++) {
    const double value = b.values[face * b.face + i];

    const double difference = fabs (a.values[face * a.face + i] - value);

    /* Not fmax(), on which gcc 12 for aarch64 fails. NaN counts as an error. */
    error = difference <= error ? error : difference;
    most = fabs (value) > most ? fabs (value) : most;
  }
  return error / most;
}

int
main (int argc, char **argv)
{
  const DanKernels *kernels = require_table (argc, argv);
  DanCascade cascade, reference;
  DanModel *model;
  double allowed;

  if (!kernels)
    return CHECK_EXIT_SKIPPED;
  /* The first is what is asked of single precision; bfloat16 rounds each factor
   * by 2^-9, which F(4x4) magnifies about ten times. */
  allowed = kernels->precision == DAN_PRECISION_FP32 ? 1e-5 : 6e-2;
  model = random_model (argc > 2 ? atof (argv[2]) : .25);
  run (&cascade, model, kernels);
  run (&reference, model, &dan_kernels_c);
  for (int i = 0; i < N_FACES; i++) {
    const double error = relative_error (cascade.workspace.update,
        reference.workspace.update, i, 2 * model->n_points);

    printf ("face %d: relative error %.2g\n", i, error);
    CHECK (error <= allowed, "%s: face %d is off by %g, allowed are %g",
        kernels->name, i, error, allowed);
  }
  dan_cascade_clear (&cascade);
  dan_cascade_clear (&reference);
  dan_model_close (&model);
  return check_summary ("network");
}
