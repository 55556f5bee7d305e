/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* F(2x2, 3x3) with inputs of 8 bits, over the vectors of kernels-body.h, which
 * includes this where a file defines DAN_INT8 and
 *   LARGER_INTEGERS(a, b)  the larger of each two integers of two vectors
 *   LARGEST_INTEGER(v)     the largest of one
 *   STORE_BYTES(p, v)      how to store the lowest byte of each of v's */
#define DAN_PRECISION DAN_PRECISION_INT8
#define DAN_PER_WORD 4
#define DAN_ROW_EXTRA 1
#define DAN_PANEL_EXTRA 2
#define DAN_TILE 2

#define SIDE (DAN_TILE + 2)
#define PRODUCTS (SIDE * SIDE)
/* Floats of this size are 1 apart: the lowest byte is that of the sum rounded
 * to an integer. */
#define TO_BYTE 0x1.8p23f
#define LARGEST_UNSIGNED 255.f /* of bytes without an offset */
/* Inputs that are no larger are zero: the quotient of less may be
 * infinite. */
#define LEAST_INPUT 1e-30f

/* What a product adds up for one row of inputs and a vector of columns: from
 * what @panel has for its offset to floats, by the scales at the @end of the
 * row and of @panel. */
typedef Mask Sum;

static ALWAYS_INLINE Sum
begin_sum (const float *panel)
{
  return (Mask) load (panel);
}

static ALWAYS_INLINE Vector
end_sum (Sum sum, const float *end, const float *panel)
{
  return __builtin_convertvector (sum, Vector)
      * (*end * load (panel + DAN_PRODUCT_PANEL));
}

/* For the points 0, 1, -1 and infinity. */
static ALWAYS_INLINE void
input_transform (const Vector *d, Vector *o)
{
  o[0] = d[0] - d[2];
  o[1] = d[1] + d[2];
  o[2] = d[2] - d[1];
  o[3] = d[3] - d[1];
}

static ALWAYS_INLINE void
output_transform (const Vector *m, Vector *o)
{
  o[0] = m[0] + m[1] + m[2];
  o[1] = m[1] - m[2] + m[3];
}

/* Row @y of a transformed tile. */
static ALWAYS_INLINE void
transform_row (const float *in, ptrdiff_t row, int channels, const int y,
    Vector o[SIDE])
{
  Vector half[SIDE];

  UNROLL for (int x = 0; x < SIDE; x++) {
    Vector d[SIDE], column[SIDE];

    UNROLL for (int i = 0; i < SIDE; i++)
      d[i] = load (in + i * row + x * channels);
    input_transform (d, column);
    half[x] = column[y];
  }
  input_transform (half, o);
}

/* @largest of non-negative floats, which are in the order of their bits. */
static ALWAYS_INLINE float
largest_lane (Mask largest)
{
  const int32_t bits = LARGEST_INTEGER (largest);
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static ALWAYS_INLINE float
largest_input (const float *in, ptrdiff_t row, int channels)
{
  Mask largest = {};

  for (int c = 0; c < channels; c += LANES)
    UNROLL for (int i = 0; i < PRODUCTS; i++)
      largest = LARGER_INTEGERS (largest,
          (Mask) load (in + c + i / SIDE * row + i % SIDE * channels));
  return largest_lane (largest);
}

/* What the largest byte of product (@y, @x) stands for, where inputs are up to
 * 1: each of the two transforms adds two of them in its second row, and takes
 * two from each other in the others. The largest of the products themselves would
 * be a finer scale, but to find it is to transform everything twice. */
static ALWAYS_INLINE float
range_of (const int y, const int x)
{
  return y == 1 && x == 1 ? 4 : 2;
}

/* The inputs, which a ReLU left, are not below zero. */
static void
tile_input (const float *in, ptrdiff_t row, int channels, float *out,
    size_t step, int rows, int columns)
{
  const float largest = largest_input (in, row, channels);
  const float factor = largest > LEAST_INPUT ? DAN_LARGEST_BYTE / largest : 0;

  for (int c = 0; c < channels; c += LANES) {
    float *word = out + c / DAN_PER_WORD;

    UNROLL for (int y = 0; y < SIDE; y++) {
      Vector o[SIDE];

      transform_row (in + c, row, channels, y, o);
      UNROLL for (int x = 0; x < SIDE; x++, word += step)
        STORE_BYTES (word, o[x] * (factor / range_of (y, x))
                + (TO_BYTE + DAN_BYTE_OFFSET));
    }
  }
  UNROLL for (int i = 0; i < PRODUCTS; i++)
    out[i * step + channels / DAN_PER_WORD]
        = largest * (range_of (i / SIDE, i % SIDE) / DAN_LARGEST_BYTE);
}

static void
tile_output (const float *in, size_t step, const float *bias, float *out,
    ptrdiff_t row, ptrdiff_t pixel, int rows, int columns, bool pool)
{
  for (int c = 0; c < DAN_PRODUCT_PANEL; c += LANES) {
    Vector half[DAN_TILE][SIDE], pixels[DAN_TILE_OUT][DAN_TILE_OUT];

    UNROLL for (int x = 0; x < SIDE; x++) {
      Vector m[SIDE], column[DAN_TILE];

      UNROLL for (int y = 0; y < SIDE; y++)
        m[y] = load (in + (y * SIDE + x) * step + c);
      output_transform (m, column);
      UNROLL for (int y = 0; y < DAN_TILE; y++)
        half[y][x] = column[y];
    }
    UNROLL for (int y = 0; y < DAN_TILE; y++)
      output_transform (half[y], pixels[y]);
    store_tile (pixels, DAN_TILE, DAN_TILE, load (bias + c), out + c, row, pixel, rows,
        columns, pool);
  }
}

static float
to_bytes (const float *in, int n, uint8_t *bytes)
{
  Mask integers = {};
  float largest, factor;

  for (int i = 0; i < n; i += LANES)
    integers = LARGER_INTEGERS (integers, (Mask) load (in + i));
  largest = largest_lane (integers);
  factor = largest > LEAST_INPUT ? LARGEST_UNSIGNED / largest : 0;
  for (int i = 0; i < n; i += LANES)
    STORE_BYTES (bytes + i, load (in + i) * factor + TO_BYTE);
  return largest * (1 / LARGEST_UNSIGNED);
}
