/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inner loops, one table of them for each instruction set.
 *
 * Activations are interleaved: pixel by pixel, all channels of a pixel side by
 * side, a pixel being `channels` floats, a multiple of DAN_CHANNEL_UNIT, or if
 * only tiles are made of them, of DAN_NARROW_UNIT. */
#ifndef DAN_KERNELS_H
#define DAN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "activation.h"
#include "image.h"
#include "tiles.h"

#define DAN_CHANNEL_UNIT 32
#define DAN_NARROW_UNIT 16

/* Of words of four integers. */
#define DAN_BYTE_OFFSET 128
#define DAN_LARGEST_BYTE 127 /* magnitude */

/* Matrices of weights are stored as panels of so many columns. */
#define DAN_PRODUCT_PANEL 32
#define DAN_VECTOR_PANEL 256
/* Vectors that one pass over the weights serves. */
#define DAN_VECTORS 4

typedef struct DanKernels DanKernels;

struct DanKernels {
  const char *name;

  /* Layers of fewer input channels take the kernels of @narrow in the place of
   * these; 0 if there are no such. Kernels of integers have them: the layers that
   * see images, which have values below zero, take those. */
  int least_channels;
  const DanKernels *narrow;

  /* Transformed inputs and weights are words of four bytes: one float each,
   * two bfloat16 of neighbouring channels, the first in the low half, or four
   * integers of 8 bits, the first in the lowest byte. */
  DanPrecision precision;
  int per_word;

  /* Integers have scales. An input is its byte less DAN_BYTE_OFFSET, times the
   * float behind the words of its row: a tile has one for each product. A
   * weight is its signed byte times the float of its column in the second row
   * of its panel. In the first row is what takes the offset off the column's
   * sum, an integer of 32 bits. These are the words behind each row of inputs and the
   * rows in front of each panel's words; 0 where there are no scales. */
  int row_extra, panel_extra;

  /* Outputs of a tile in each direction: 4, F(4x4, 3x3), or 2, F(2x2, 3x3),
   * which needs fewer bits; its tiles are never half. */
  int tile;

  /* How many rows the product works on at once: tiles are best grouped in
   * multiples of it. */
  int product_rows;

  /* conv1a: @n_planes padded planes of @stride floats a row, @plane floats
   * apart, of which @planes is the top left *padding* pixel of the output row;
   * @weights[n_planes * 9][channels]. Writes one row of @width pixels. */
  void (*first_row) (const float *planes, size_t plane, size_t stride,
      int n_planes, const float *weights, const float *bias, float *out,
      int width, int channels);

  /* A last layer of one plane, without ReLU: @bias and the sums of @weights[9][
   * channels] times the 3 x 3 pixels around each of @width ones. @in is left of
   * and above the first, or padding; @channels are a multiple of
   * DAN_CHANNEL_UNIT. */
  void (*plane_row) (const float *in, ptrdiff_t row, int channels,
      const float *weights, float bias, float *out, int width);

  /* B' d B of one tile, of whose outputs @rows x @columns are needed, for all
   * channels: output i goes to the words from @out + i @step on, its scale
   * behind them. Where there are scales, no input is below zero. */
  void (*tile_input) (const float *in, ptrdiff_t row, int channels, float *out,
      size_t step, int rows, int columns);

  /* @c[rows][DAN_PRODUCT_PANEL] = @a[rows][depth] times the panel
   * @b[depth][DAN_PRODUCT_PANEL], of which @a and @b are words, and have scales
   * if those are integers; @c are floats. Asks for what the next product needs:
   * the panel after @b, and @next[rows][depth]. */
  void (*product) (const float *a, const float *b, float *c, int rows,
      int depth, const float *next);

  /* A' m A of one tile, bias and ReLU, for the DAN_PRODUCT_PANEL channels of a
   * panel: product i is at @in + i @step. The upper left @rows x @columns pixels
   * are written, or with @pool the maxima of its 2x2 squares that lie in there;
   * @row and @pixel floats apart. */
  void (*tile_output) (const float *in, size_t step, const float *bias,
      float *out, ptrdiff_t row, ptrdiff_t pixel, int rows, int columns,
      bool pool);

  /* @y[DAN_VECTOR_PANEL] = sum over @n inputs of @x[i] @weights[i][], for
   * @n_vectors <= DAN_VECTORS pairs of them that are @x_step and @y_step floats
   * apart. The weights are IEEE 754 halves, as models have them: this product
   * waits for memory alone, unless there are several vectors. */
  void (*vector_product) (const float *x, size_t x_step,
      const uint16_t *weights, float *y, size_t y_step, int n_vectors, int n);

  /* Where products are of integers, else NULL: @n inputs, a multiple of
   * DAN_CHANNEL_UNIT and none below zero, as bytes without an offset; returns
   * their scale. */
  float (*to_bytes) (const float *in, int n, uint8_t *bytes);

  const DanImageKernels *image;
};

/* Those that a layer of so many padded input channels takes. */
static inline const DanKernels *
dan_kernels_for (const DanKernels *kernels, int channels)
{
  return channels < kernels->least_channels ? kernels->narrow : kernels;
}

/* Words of a row of inputs, and of the panel that it is multiplied by. */
static inline size_t
dan_input_words (const DanKernels *kernels, int channels)
{
  return channels / kernels->per_word + kernels->row_extra;
}

static inline size_t
dan_panel_words (const DanKernels *kernels, int channels)
{
  return (size_t) (channels / kernels->per_word + kernels->panel_extra)
      * DAN_PRODUCT_PANEL;
}

/* The reference: written separately from all others, in the plainest way, and
 * their specification. */
extern const DanKernels dan_kernels_c;

/* The direct 3x3 convolution that every other way of convolving is judged by,
 * for the first face: zero padding, bias, ReLU and, if `pool`, 2x2 maxima;
 * weights [9][in->channels][out->channels]. Sums in double. */
void dan_convolve_c (const DanActivation *in, const DanActivation *out,
    const float *weights, const float *bias, bool pool);

#ifdef HAVE_OPENBLAS
extern const DanKernels dan_kernels_openblas;
#endif
#ifdef HAVE_AARCH64
extern const DanKernels dan_kernels_neon;
#endif
#ifdef HAVE_X86
extern const DanKernels dan_kernels_avx2;
extern const DanKernels dan_kernels_avx2_vnni;
extern const DanKernels dan_kernels_avx2_vnni_evex;
extern const DanKernels dan_kernels_avx512;
extern const DanKernels dan_kernels_avx512_vnni;
extern const DanKernels dan_kernels_avx512_bf16;
extern const DanKernels dan_kernels_avx512_mixed;
#endif

/* A rung of the ladder of tables, slowest first. `kernels` is NULL if this
 * build lacks them, `usable` says whether this CPU and system run them. */
typedef struct {
  const char *name;
  const DanKernels *kernels;
  bool usable;
} DanKernelChoice;

#define DAN_N_KERNELS 9
void dan_kernels_list (DanKernelChoice choices[DAN_N_KERNELS]);

/* The fastest usable table of @precision, or of any if that is automatic, that
 * the environment variable DAN_CPU allows. DAN_ERROR_ARGUMENT if that is set to
 * something unknown, DAN_ERROR_UNSUPPORTED if there is none. */
DanStatus dan_kernels_choose (const DanKernels **kernels,
    DanPrecision precision, DanError *error);

#endif
