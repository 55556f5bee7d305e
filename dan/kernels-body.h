/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The kernels over GCC's vectors, compiled once for each instruction set by
 * the files that include this. They define:
 *   DAN_VECTOR_BYTES   16, 32 or 64
 *   DAN_PRODUCT_ROWS   rows that the product works on at once; for that of
 *                      kernels-product.h as many accumulators as the registers
 *                      hold beside one row of the panel and a broadcast
 *   DAN_FIRST_PIXELS   pixels of the first layer's register block, and of that of
 *                      a layer of one plane
 * and may define
 *   LOAD_HALVES(p)     the values of a vector's number of halves at p
 *   LARGER(a, b)       maxima of two vectors
 *   FETCH_PAIRS        see image-body.h
 *   DAN_PER_WORD       values in a word of a transformed tile, if not one, and
 *   STORE_TILE(p, v)   how to store a vector of them there
 *   DAN_INT8           for words of kernels-tiles-int8.h, which see
 * Loops over rows and pixels have constant bounds, so that the compiler
 * unrolls them and keeps the accumulators in registers. */
#if !defined(DAN_VECTOR_BYTES) || !defined(DAN_PRODUCT_ROWS) \
    || !defined(DAN_FIRST_PIXELS)
#error "define the shape of the kernels before including kernels-body.h"
#endif

#include <string.h>

#include "image-body.h"
#include "kernels.h"

#define CACHE_LINE 64
#define LANES (DAN_VECTOR_BYTES / (int) sizeof (float))
#define PANEL_VECTORS (DAN_PRODUCT_PANEL / LANES)
#define VECTOR_SUMS (DAN_VECTOR_BYTES == 64 ? 16 : 8) /* registers */
#define VECTOR_ROWS 32
#define ALWAYS_INLINE inline __attribute__ ((always_inline))
#ifdef __clang__
#define UNROLL _Pragma ("clang loop unroll(full)")
#else
#define UNROLL _Pragma ("GCC unroll 16")
#endif

typedef float Vector __attribute__ ((vector_size (DAN_VECTOR_BYTES)));
typedef float Unaligned
    __attribute__ ((vector_size (DAN_VECTOR_BYTES), aligned (4), may_alias));
typedef int32_t Mask __attribute__ ((vector_size (DAN_VECTOR_BYTES)));

/* Into the second level of cache: more lines can be on their way there than to
 * the first. */
static ALWAYS_INLINE void
prefetch_line (const void *p)
{
  __builtin_prefetch (p, 0, 2);
}

static ALWAYS_INLINE Vector
load (const float *p)
{
  return *(const Unaligned *) p;
}

static ALWAYS_INLINE void
store (float *p, Vector v)
{
  *(Unaligned *) p = v;
}

#ifndef LOAD_HALVES
#define LOAD_HALVES load_halves

typedef uint16_t Halves __attribute__ ((vector_size (DAN_VECTOR_BYTES / 2),
    aligned (2), may_alias));

/* As dan_half_to_float(), which see. */
static ALWAYS_INLINE Vector
load_halves (const uint16_t *p)
{
  const Mask half = __builtin_convertvector (*(const Halves *) p, Mask);
  const Vector magnitude = (Vector) ((half & 0x7fff) << 13) * 0x1p112f;

  return (Vector) ((Mask) magnitude | (half & 0x8000) << 16);
}
#endif

#ifndef LARGER
#define LARGER larger

static ALWAYS_INLINE Vector
larger (Vector a, Vector b)
{
  const Mask first = a > b;

  return (Vector) (((Mask) a & first) | ((Mask) b & ~first));
}
#endif

/* Of a tile of @height x @width outputs, which are constants, the first @rows x
 * @columns are stored. The conditions leave the outputs in registers, where
 * loops up to @rows and @columns would put them into memory. */
static ALWAYS_INLINE void
store_pixels (Vector pixels[DAN_TILE_OUT][DAN_TILE_OUT], const int height,
    const int width, Vector bias, float *out, ptrdiff_t row, ptrdiff_t pixel,
    int rows, int columns)
{
  UNROLL for (int y = 0; y < height; y++) {
    UNROLL for (int x = 0; x < width; x++)
      if (y < rows && x < columns)
        store (out + y * row + x * pixel,
            LARGER (pixels[y][x] + bias, (Vector) {}));
  }
}

static ALWAYS_INLINE void
store_maxima (Vector pixels[DAN_TILE_OUT][DAN_TILE_OUT], const int height,
    const int width, Vector bias, float *out, ptrdiff_t row, ptrdiff_t pixel,
    int rows, int columns)
{
  UNROLL for (int y = 0; y < height; y += 2) {
    UNROLL for (int x = 0; x < width; x += 2) {
      const Vector upper = LARGER (pixels[y][x], pixels[y][x + 1]);
      const Vector lower = LARGER (pixels[y + 1][x], pixels[y + 1][x + 1]);

      if (y + 1 < rows && x + 1 < columns)
        store (out + y / 2 * row + x / 2 * pixel,
            LARGER (LARGER (upper, lower) + bias, (Vector) {}));
    }
  }
}

static ALWAYS_INLINE void
store_tile (Vector pixels[DAN_TILE_OUT][DAN_TILE_OUT], const int height,
    const int width, Vector bias, float *out, ptrdiff_t row, ptrdiff_t pixel,
    int rows, int columns, bool pool)
{
  if (pool)
    store_maxima (pixels, height, width, bias, out, row, pixel, rows, columns);
  else
    store_pixels (pixels, height, width, bias, out, row, pixel, rows, columns);
}

#ifdef DAN_INT8
#include "kernels-tiles-int8.h"
#else
#include "kernels-tiles.h"
#endif

static ALWAYS_INLINE void
first_pixels (const float *planes, size_t plane, size_t stride, int n_planes,
    const float *weights, const float *bias, float *out, int channels,
    const int n)
{
  for (int c = 0; c < channels; c += 2 * LANES) {
    const float *w = weights + c;
    Vector sums[DAN_FIRST_PIXELS][2];

    UNROLL for (int i = 0; i < n; i++) {
      sums[i][0] = load (bias + c);
      sums[i][1] = load (bias + c + LANES);
    }
    for (int row = 0; row < n_planes * 3; row++) {
      const float *in = planes + row / 3 * plane + row % 3 * stride;

      UNROLL for (int x = 0; x < 3; x++, w += channels) {
        const Vector w0 = load (w), w1 = load (w + LANES);

        UNROLL for (int i = 0; i < n; i++) {
          sums[i][0] += in[x + i] * w0;
          sums[i][1] += in[x + i] * w1;
        }
      }
    }
    UNROLL for (int i = 0; i < n; i++) {
      store (out + i * channels + c, LARGER (sums[i][0], (Vector) {}));
      store (out + i * channels + c + LANES, LARGER (sums[i][1], (Vector) {}));
    }
  }
}

static void
first_row (const float *planes, size_t plane, size_t stride, int n_planes,
    const float *weights, const float *bias, float *out, int width,
    int channels)
{
  int x = 0;

  for (; x + DAN_FIRST_PIXELS <= width; x += DAN_FIRST_PIXELS)
    first_pixels (planes + x, plane, stride, n_planes, weights, bias,
        out + (size_t) x * channels, channels, DAN_FIRST_PIXELS);
  for (; x < width; x++)
    first_pixels (planes + x, plane, stride, n_planes, weights, bias,
        out + (size_t) x * channels, channels, 1);
}

static ALWAYS_INLINE float
sum_of (Vector v)
{
  float lanes[LANES];

  store (lanes, v);
  UNROLL for (int half = LANES / 2; half > 0; half /= 2) {
    UNROLL for (int i = 0; i < half; i++)
      lanes[i] += lanes[half + i];
  }
  return lanes[0];
}

static ALWAYS_INLINE void
plane_pixels (const float *in, ptrdiff_t row, int channels,
    const float *weights, float bias, float *out, const int n)
{
  Vector sums[DAN_FIRST_PIXELS][2] = {};

  for (int y = 0; y < 3; y++, in += row)
    for (int i = 0; i < 3 * channels; i += 2 * LANES, weights += 2 * LANES) {
      const Vector w0 = load (weights), w1 = load (weights + LANES);

      UNROLL for (int x = 0; x < n; x++) {
        const float *pixel = in + x * channels + i;

        sums[x][0] += load (pixel) * w0;
        sums[x][1] += load (pixel + LANES) * w1;
      }
    }
  UNROLL for (int x = 0; x < n; x++)
    out[x] = bias + sum_of (sums[x][0] + sums[x][1]);
}

static void
plane_row (const float *in, ptrdiff_t row, int channels, const float *weights,
    float bias, float *out, int width)
{
  int x = 0;

  for (; x + DAN_FIRST_PIXELS <= width; x += DAN_FIRST_PIXELS)
    plane_pixels (in + (ptrdiff_t) x * channels, row, channels, weights, bias,
        out + x, DAN_FIRST_PIXELS);
  for (; x < width; x++)
    plane_pixels (in + (ptrdiff_t) x * channels, row, channels, weights, bias,
        out + x, 1);
}

/* Adds @n inputs to the sums of as many columns as the registers hold for
 * @n_vectors. Where those are not all of a panel, the hardware does not see that
 * memory is read in order, and the next block of rows is asked for here. */
static ALWAYS_INLINE void
vector_columns (const float *x, size_t x_step, const uint16_t *weights,
    float *y, size_t y_step, int n, const int n_vectors, const int columns)
{
  Vector sums[DAN_VECTORS][VECTOR_SUMS];

  UNROLL for (int v = 0; v < n_vectors; v++) {
    UNROLL for (int k = 0; k < columns; k++)
      sums[v][k] = load (y + v * y_step + k * LANES);
  }
  for (int i = 0; i < n; i++, weights += DAN_VECTOR_PANEL) {
    if (columns * LANES < DAN_VECTOR_PANEL)
      for (int k = 0; k < columns * LANES; k += CACHE_LINE / 2)
        prefetch_line (weights + VECTOR_ROWS * DAN_VECTOR_PANEL + k);
    UNROLL for (int k = 0; k < columns; k++) {
      const Vector w = LOAD_HALVES (weights + k * LANES);

      UNROLL for (int v = 0; v < n_vectors; v++)
        sums[v][k] += x[v * x_step + i] * w;
    }
  }
  UNROLL for (int v = 0; v < n_vectors; v++) {
    UNROLL for (int k = 0; k < columns; k++)
      store (y + v * y_step + k * LANES, sums[v][k]);
  }
}

/* Blocks of rows fit the first level of cache. */
static ALWAYS_INLINE void
vector_rows (const float *x, size_t x_step, const uint16_t *weights, float *y,
    size_t y_step, int n, const int n_vectors, const int columns)
{
  for (int v = 0; v < n_vectors; v++)
    memset (y + v * y_step, 0, DAN_VECTOR_PANEL * sizeof *y);
  for (int i = 0; i < n; i += VECTOR_ROWS)
    for (int k = 0; k < DAN_VECTOR_PANEL; k += columns * LANES)
      vector_columns (x + i, x_step,
          weights + (size_t) i * DAN_VECTOR_PANEL + k, y + k, y_step,
          n - i < VECTOR_ROWS ? n - i : VECTOR_ROWS, n_vectors, columns);
}

static void
vector_product (const float *x, size_t x_step, const uint16_t *weights,
    float *y, size_t y_step, int n_vectors, int n)
{
  /* Narrow columns spread the requests for the next rows over more time. */
  const int columns = VECTOR_SUMS * LANES < DAN_VECTOR_PANEL
      ? VECTOR_SUMS / 4 : VECTOR_SUMS;

  if (n_vectors == 1)
    vector_rows (x, x_step, weights, y, y_step, n, 1, columns);
  else if (n_vectors == 2)
    vector_rows (x, x_step, weights, y, y_step, n, 2, VECTOR_SUMS / 2);
  else if (n_vectors == 3)
    vector_rows (x, x_step, weights, y, y_step, n, 3, VECTOR_SUMS / 4);
  else
    vector_rows (x, x_step, weights, y, y_step, n, 4, VECTOR_SUMS / 4);
}

/* The table, where there is a product() too; what follows the name is added. */
#define KERNELS(label, ...) \
  { \
    .name = label, \
    .precision = DAN_PRECISION, \
    .per_word = DAN_PER_WORD, \
    .row_extra = DAN_ROW_EXTRA, \
    .panel_extra = DAN_PANEL_EXTRA, \
    .tile = DAN_TILE, \
    .product_rows = DAN_PRODUCT_ROWS, \
    .first_row = first_row, \
    .plane_row = plane_row, \
    .tile_input = tile_input, \
    .product = product, \
    .tile_output = tile_output, \
    .vector_product = vector_product, \
    .image = &image_kernels, \
    __VA_ARGS__ \
  }
