/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whole layers of one table of kernels against the direct reference: sizes
 * that are no multiple of a tile, several workers, packing included.
 *
 * usage: test-layers TABLE; exits with 77 (skipped) where it cannot run. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "conv.h"
#include "dense.h"
#include "random.h"
#include "table.h"

static const DanKernels *fast;

/* A half from -1 to 1 with an exact value in few bits. */
static uint16_t
random_half (void)
{
  return (uint16_t) ((random_below (2) << 15) | (random_below (15) << 10)
      | random_below (1024));
}

static void
random_layer (DanLayer *layer, int in, int out, int taps)
{
  const size_t n = (size_t) in * out * taps;
  uint16_t *weights = malloc (n * sizeof *weights);
  float *bias = malloc (out * sizeof *bias);

  for (size_t i = 0; i < n; i++)
    weights[i] = random_half ();
  random_fill (bias, out, VALUES_ORDINARY);
  *layer = (DanLayer) { weights, bias, in, out };
}

static void
free_layer (DanLayer *layer)
{
  free ((void *) layer->weights);
  free ((void *) layer->bias);
}

static void
fill_activation (DanActivation *activation, int real)
{
  for (int y = 0; y < activation->height; y++)
    for (int x = 0; x < activation->width; x++)
      random_fill (activation->pixels + y * activation->row
              + (ptrdiff_t) x * activation->channels,
          real, VALUES_ORDINARY);
}

/* The zeros around the result are the next layer's padding, so they are
 * compared as well. */
static void
compare_activations (const DanActivation *a, const DanActivation *b, int real,
    double tolerance, const char *what)
{
  for (int y = -1; y <= a->height; y++)
    for (int x = -1; x <= a->width; x++)
      for (int k = 0; k < real; k++) {
        const ptrdiff_t i = y * a->row + (ptrdiff_t) x * a->channels + k;

        if (!CHECK (fabs ((double) a->pixels[i] - b->pixels[i]) <= tolerance,
                "%s: channel %d of (%d, %d) is %g, not %g; allowed are %g",
                what, k, x, y, a->pixels[i], b->pixels[i], tolerance))
          return;
      }
}

/* Winograd's transforms magnify rounding: F(4x4) by about 100 in the worst
 * case (Lavin and Gray measure 1e-5 relative for networks). */
static double
conv_bound (int in)
{
  return 100 * 9. * in * FLT_EPSILON;
}

static void
test_conv (int size, int in, int out, bool pool, int n_workers)
{
  DanPool *workers = dan_pool_new (n_workers);
  DanConv convs[2] = {};
  DanActivation input, outputs[2];
  DanTiles tiles[DAN_MAX_THREADS];
  DanLayer layer;
  size_t n_input, n_output;
  char what[64];

  snprintf (what, sizeof what, "%s %dx%d, %d to %d%s", fast->name, size, size,
      in, out, pool ? ", pooled" : "");
  random_layer (&layer, in, out, 9);
  CHECK (dan_conv_pack (&convs[0], &layer, size, pool, false, fast)
          && dan_conv_pack (&convs[1], &layer, size, pool, false,
              &dan_kernels_c)
          && dan_activation_init (&input, size, convs[0].in)
          && dan_activation_init (&outputs[0], pool ? size / 2 : size,
              convs[0].out)
          && dan_activation_init (&outputs[1], pool ? size / 2 : size,
              convs[0].out),
      "no memory");
  dan_conv_tiles_size (&convs[0], fast, &n_input, &n_output);
  for (int i = 0; i < dan_pool_n_workers (workers); i++)
    tiles[i] = (DanTiles) { malloc (n_input * 4), malloc (n_output * 4) };
  fill_activation (&input, in);
  dan_conv_run (&convs[0], fast, &input, &outputs[0], tiles, workers);
  dan_conv_run (&convs[1], &dan_kernels_c, &input, &outputs[1], NULL, workers);
  compare_activations (&outputs[0], &outputs[1], out, conv_bound (in), what);
  for (int i = 0; i < dan_pool_n_workers (workers); i++) {
    free (tiles[i].input);
    free (tiles[i].output);
  }
  for (int i = 0; i < 2; i++) {
    dan_conv_clear (&convs[i]);
    dan_activation_clear (&outputs[i]);
  }
  dan_activation_clear (&input);
  free_layer (&layer);
  dan_pool_free (workers);
}

static double
half_value (uint16_t half)
{
  const int exponent = half >> 10 & 31, fraction = half & 1023;
  const double value = exponent ? ldexp (1024 + fraction, exponent - 25)
                                : ldexp (fraction, -24);

  return half & 0x8000 ? -value : value;
}

/* An image of @channels channels, as after the last convolution. */
static void
test_dense (int pixels, int channels, int out)
{
  const int padded = dan_pad_channels (channels), in = pixels * channels;
  DanPool *workers = dan_pool_new (2);
  DanLayer layer;
  DanDense dense;
  DanSparse sparse;
  float *image = calloc ((size_t) pixels * padded, sizeof *image), *result;

  random_layer (&layer, in, out, 1);
  CHECK (dan_dense_pack (&dense, &layer, channels, padded)
          && dan_sparse_init (&sparse, pixels * padded + 1),
      "no memory");
  for (int p = 0; p < pixels; p++)
    random_fill (image + p * padded, channels, VALUES_SPARSE);
  dan_sparse_append (&sparse, image, pixels * padded, 0);
  result = malloc (dense.out * sizeof *result);
  dan_dense_run (&dense, fast, &sparse, result, true, workers);
  for (int k = 0; k < out; k++) {
    double sum = layer.bias[k];

    for (int i = 0; i < in; i++)
      sum += half_value (layer.weights[(size_t) k * in + i])
          * image[i % pixels * padded + i / pixels];
    CHECK (fabs (result[k] - fmax (sum, 0)) <= in * FLT_EPSILON * in,
        "%s dense %dx%d to %d: output %d is %g, not %g", fast->name, pixels,
        channels, out, k, result[k], fmax (sum, 0));
  }
  free (result);
  free (image);
  dan_sparse_clear (&sparse);
  dan_dense_clear (&dense);
  free_layer (&layer);
  dan_pool_free (workers);
}

int
main (int argc, char **argv)
{
  static const int sizes[] = { 2, 3, 4, 5, 7, 14, 18, 28, 33 };

  if (!(fast = require_table (argc, argv)))
    return CHECK_EXIT_SKIPPED;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (int pool = 0; pool < 2; pool++) {
      test_conv (sizes[i], 32, 64, pool, 1);
      test_conv (sizes[i], 20, 33, pool, 3);
    }
  test_conv (112, 8, 16, true, 3);
  test_conv (14, 100, 200, true, 4); /* weights larger than the cache */
  test_dense (49, 40, 256);
  test_dense (1, 1, 136);
  test_dense (49, 96, 10);
  return check_summary ("layers");
}
