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

/* With what a ReLU leaves, which kernels of integers need. */
static void
fill_activation (DanActivation activation, int real)
{
  const float least
      = fast->precision == DAN_PRECISION_INT8 ? 0 : -INFINITY;

  for (int y = 0; y < activation.size.height; y++)
    for (int x = 0; x < activation.size.width; x++) {
      float *pixel = activation.pixels + y * activation.row
          + (ptrdiff_t) x * activation.channels;

      for (int i = 0; i < real; i++)
        pixel[i] = fmaxf (random_value (VALUES_ORDINARY), least);
    }
}

/* Of one value. Winograd's transforms magnify rounding: F(4x4) by about 100 in
 * the worst case (Lavin and Gray measure 1e-5 relative for networks). For less
 * precision that bound says nothing; this one is many standard deviations. */
static double
worst_error (DanPrecision precision, int in)
{
  return precision == DAN_PRECISION_FP32 ? 100 * 9. * in * FLT_EPSILON
                                         : sqrt (in) / 2;
}

/* Of a whole layer, relative. bfloat16 rounds both factors by 2^-9 / sqrt(3)
 * in the mean; F(4x4)'s transforms magnify that by about ten. Integers round by
 * 1 / (127 sqrt(12)) of the largest value, 3 to 4 standard deviations: 1 % for
 * both factors, which F(2x2) hardly magnifies. */
static double
mean_error (DanPrecision precision)
{
  switch (precision) {
    case DAN_PRECISION_BF16:
      return 4e-2;
    case DAN_PRECISION_INT8:
      return 2.5e-2;
    default:
      return 3e-6;
  }
}

/* The zeros around the result are the next layer's padding, so they are
 * compared as well. */
static void
compare_activations (DanActivation a, DanActivation b, DanPrecision precision,
    int real, int in, const char *what)
{
  const int width = a.size.width, height = a.size.height;
  double errors = 0, squares = 0;

  for (int y = -1; y <= height; y++)
    for (int x = -1; x <= width; x++)
      for (int k = 0; k < real; k++) {
        const ptrdiff_t i = y * a.row + (ptrdiff_t) x * a.channels + k;
        const double error = (double) a.pixels[i] - b.pixels[i];
        const bool inside = x >= 0 && x < width && y >= 0 && y < height;
        const double allowed = inside ? worst_error (precision, in) : 0;

        if (!CHECK (fabs (error) <= allowed,
                "%s: channel %d of (%d, %d) is %g, not %g; allowed are %g",
                what, k, x, y, a.pixels[i], b.pixels[i], allowed))
          return;
        errors += error * error;
        squares += b.pixels[i] * b.pixels[i];
      }
  CHECK (sqrt (errors / squares) <= mean_error (precision),
      "%s: the error is %g of the result; allowed are %g", what,
      sqrt (errors / squares), mean_error (precision));
}

static DanTiles
alloc_tiles (DanTilesSize n)
{
  return (DanTiles) { malloc (n.input * sizeof (float)),
    malloc (n.output * sizeof (float)), malloc (n.band * sizeof (float)) };
}

static void
free_tiles (DanTiles tiles)
{
  free (tiles.input);
  free (tiles.output);
  free (tiles.band);
}

static void
test_conv (DanSize size, int in, int out, bool pool, int n_faces,
    int n_workers)
{
  const DanSize out_size = pool ? dan_size_halved (size) : size;
  DanPool *workers = dan_pool_new (n_workers);
  DanConv convs[2] = {};
  DanActivation input, outputs[2];
  DanTiles tiles[DAN_MAX_THREADS];
  DanLayer layer;
  char what[80];

  snprintf (what, sizeof what, "%s %dx%d, %d to %d%s, %d faces", fast->name,
      size.width, size.height, in, out, pool ? ", pooled" : "", n_faces);
  random_layer (&layer, in, out, 9);
  CHECK (dan_conv_pack (&convs[0], &layer, size, pool, false, fast)
          && dan_conv_pack (&convs[1], &layer, size, pool, false,
              &dan_kernels_c)
          && dan_activation_init (&input, size, convs[0].in, n_faces, true)
          && dan_activation_init (&outputs[0], out_size, convs[0].out, n_faces,
              true)
          && dan_activation_init (&outputs[1], out_size, convs[0].out, n_faces,
              true),
      "no memory");
  for (int i = 0; i < dan_pool_n_workers (workers); i++) {
    DanTilesSize n = {};

    dan_conv_tiles_size (&convs[0], fast, n_faces,
        dan_pool_n_workers (workers), i, &n);
    tiles[i] = alloc_tiles (n);
  }
  for (int i = 0; i < n_faces; i++)
    fill_activation (dan_activation_of (&input, i), in);
  dan_conv_run (&convs[0], fast, &input, &outputs[0], n_faces, tiles, workers);
  dan_conv_run (&convs[1], &dan_kernels_c, &input, &outputs[1], n_faces, NULL,
      workers);
  for (int i = 0; i < n_faces; i++)
    compare_activations (dan_activation_of (&outputs[0], i),
        dan_activation_of (&outputs[1], i),
        dan_kernels_for (fast, convs[0].in)->precision, out, in, what);
  for (int i = 0; i < dan_pool_n_workers (workers); i++)
    free_tiles (tiles[i]);
  for (int i = 0; i < 2; i++) {
    dan_conv_clear (&convs[i]);
    dan_activation_clear (&outputs[i]);
  }
  dan_activation_clear (&input);
  free_layer (&layer);
  dan_pool_free (workers);
}

/* The first two layers as one, against one after the other. */
static void
test_front (DanSize size, int n_planes, int middle, int out, int n_workers)
{
  const size_t stride = size.width + 2, plane = stride * (size.height + 2);
  DanPool *workers = dan_pool_new (n_workers);
  DanConv first, convs[2];
  DanActivation between, outputs[2];
  DanTiles tiles[DAN_MAX_THREADS];
  DanLayer layers[2];
  float *planes = calloc (n_planes * plane, sizeof *planes);
  char what[80];

  snprintf (what, sizeof what, "%s front %dx%d, %d to %d to %d, %d workers",
      fast->name, size.width, size.height, n_planes, middle, out, n_workers);
  random_layer (&layers[0], n_planes, middle, 9);
  random_layer (&layers[1], middle, out, 9);
  CHECK (dan_conv_pack (&first, &layers[0], size, false, true, fast)
          && dan_conv_pack (&convs[0], &layers[1], size, true, false, fast)
          && dan_conv_pack (&convs[1], &layers[1], size, true, false,
              &dan_kernels_c)
          && dan_activation_init (&between, size, first.out, 1, true)
          && dan_activation_init (&outputs[0], dan_size_halved (size),
              convs[0].out, 1, true)
          && dan_activation_init (&outputs[1], dan_size_halved (size),
              convs[0].out, 1, true),
      "no memory");
  for (int i = 0; i < n_planes; i++)
    for (int y = 1; y <= size.height; y++)
      random_fill (planes + i * plane + y * stride + 1, size.width,
          VALUES_ORDINARY);
  for (int i = 0; i < dan_pool_n_workers (workers); i++) {
    DanTilesSize n = {};

    dan_conv_rows_tiles_size (&convs[0], fast, &n);
    tiles[i] = alloc_tiles (n);
  }
  dan_conv_run_front (&first, &convs[0], fast, planes, &outputs[0], tiles,
      workers);
  for (int y = 0; y < size.height; y++)
    dan_kernels_c.first_row (planes + y * stride, plane, stride, n_planes,
        first.weights, first.bias, between.pixels + y * between.row,
        size.width, first.out);
  dan_convolve_c (&between, &outputs[1], convs[1].weights, convs[1].bias,
      true);
  compare_activations (outputs[0], outputs[1],
      dan_kernels_for (fast, convs[0].in)->precision, out,
      middle * n_planes * 9, what);
  for (int i = 0; i < dan_pool_n_workers (workers); i++)
    free_tiles (tiles[i]);
  for (int i = 0; i < 2; i++) {
    dan_conv_clear (&convs[i]);
    dan_activation_clear (&outputs[i]);
    free_layer (&layers[i]);
  }
  dan_conv_clear (&first);
  dan_activation_clear (&between);
  free (planes);
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

/* A fully connected layer on images, as after the last convolution. */
typedef struct {
  DanLayer layer;
  int pixels, padded;
} ImageLayer;

static double
weight_of (const ImageLayer *dense, int output, int i)
{
  return half_value (
      dense->layer.weights[(size_t) output * dense->layer.in + i]);
}

static double
input_of (const ImageLayer *dense, const float *image, int i)
{
  return image[i % dense->pixels * dense->padded + i / dense->pixels];
}

/* What rounding to bytes may change of an output: inputs and weights of a part
 * by half a step, of which the largest has 255 and 127. */
static double
rounding_to_bytes (const ImageLayer *dense, const float *image, int output)
{
  const int channels = dense->layer.in / dense->pixels;
  double sum = 0;

  for (int first = 0; first < dense->pixels * dense->padded;
      first += DAN_DENSE_PART) {
    double inputs = 0, weights = 0, input = 0, weight = 0;

    for (int p = first; p < first + DAN_DENSE_PART; p++) {
      const int pixel = p / dense->padded, channel = p % dense->padded;

      if (pixel < dense->pixels && channel < channels) {
        const int i = channel * dense->pixels + pixel;
        const double x = fabs (input_of (dense, image, i));
        const double w = fabs (weight_of (dense, output, i));

        inputs += x;
        weights += w;
        input = fmax (input, x);
        weight = fmax (weight, w);
      }
    }
    sum += inputs * weight / 254 + weights * input / 510
        + DAN_DENSE_PART * weight / 254 * input / 510;
  }
  return sum;
}

static void
check_dense (const ImageLayer *dense, DanVectors image, DanVectors result,
    int n_faces)
{
  const DanLayer *layer = &dense->layer;
  const bool bytes = fast->precision == DAN_PRECISION_INT8;
  double errors = 0, squares = 0;

  for (int i = 0; i < n_faces * layer->out; i++) {
    const int face = i / layer->out, k = i % layer->out;
    const float *x = image.values + face * image.face;
    const float value = result.values[face * result.face + k];
    double sum = layer->bias[k], allowed = layer->in * FLT_EPSILON * layer->in;

    for (int j = 0; j < layer->in; j++)
      sum += weight_of (dense, k, j) * input_of (dense, x, j);
    if (bytes)
      allowed += rounding_to_bytes (dense, x, k);
    errors += (value - fmax (sum, 0)) * (value - fmax (sum, 0));
    squares += sum * sum;
    CHECK (fabs (value - fmax (sum, 0)) <= allowed,
        "%s dense %dx%d to %d: output %d of face %d is %g, not %g", fast->name,
        dense->pixels, layer->in / dense->pixels, layer->out, k, face, value,
        fmax (sum, 0));
  }
  CHECK (!bytes || sqrt (errors / squares) < mean_error (fast->precision),
      "%s dense: rms error %g", fast->name, sqrt (errors / squares));
}

static void
test_dense (int pixels, int channels, int out, int n_faces)
{
  const int padded = dan_pad_channels (channels), in = pixels * channels;
  DanPool *workers = dan_pool_new (2);
  ImageLayer image_layer = { .pixels = pixels, .padded = padded };
  DanDense dense;
  DanVectors image = { NULL, (size_t) pixels * padded }, result;
  float *scratch;

  random_layer (&image_layer.layer, in, out, 1);
  CHECK (dan_dense_pack_image (&dense, &image_layer.layer, fast, channels,
             padded),
      "no memory");
  image.values = calloc (image.face * n_faces, sizeof (float));
  for (int p = 0; p < pixels * n_faces; p++)
    for (int i = 0; i < channels; i++)
      image.values[p * padded + i] = fabsf (random_value (VALUES_SPARSE));
  result = (DanVectors) { malloc (dense.out * n_faces * sizeof (float)),
    dense.out };
  scratch
      = malloc (dan_dense_scratch_size (&dense, fast) * n_faces * sizeof *scratch);
  dan_dense_run (&dense, fast, image, result, n_faces, true, scratch, workers);
  check_dense (&image_layer, image, result, n_faces);
  free (scratch);
  free (result.values);
  free (image.values);
  dan_dense_clear (&dense);
  free_layer (&image_layer.layer);
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
      test_conv (dan_size_square (sizes[i]), 32, 64, pool, 1, 1);
      test_conv (dan_size_square (sizes[i]), 20, 33, pool, 3, 3);
      test_conv (dan_size_square (sizes[i]), 100, 33, pool, 2, 2); /* not narrow */
      test_conv ((DanSize) { sizes[i], 9 }, 32, 32, pool, 2, 2);
      test_conv ((DanSize) { 22, sizes[i] }, 32, 32, pool, 1, 2);
    }
  test_conv (dan_size_square (112), 8, 16, true, 1, 3);
  test_conv (dan_size_square (14), 200, 200, true, 1, 4); /* more than the cache */
  test_conv (dan_size_square (14), 200, 200, false, 3, 2);
  test_conv (dan_size_square (28), 130, 64, false, 1, 5); /* less than a block each */
  test_front (dan_size_square (16), 1, 20, 33, 1);
  test_front (dan_size_square (48), 3, 32, 40, 2);
  test_front (dan_size_square (112), 3, 8, 16, 3);
  test_front (dan_size_square (32), 1, 40, 32, 9);
  test_front ((DanSize) { 44, 16 }, 16, 32, 32, 1);
  test_front ((DanSize) { 12, 60 }, 2, 32, 32, 3);
  test_dense (49, 40, 256, 1);
  test_dense (1, 1, 136, 3);
  test_dense (49, 96, 600, 7);
  return check_summary ("layers");
}
