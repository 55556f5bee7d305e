/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* F(4x4, 3x3) over the vectors of kernels-body.h, which includes this. */
#ifndef DAN_PER_WORD
#define DAN_PER_WORD 1
#define STORE_TILE store
#endif
#define DAN_PRECISION \
  (DAN_PER_WORD == 1 ? DAN_PRECISION_FP32 : DAN_PRECISION_BF16)
#define DAN_ROW_EXTRA 0
#define DAN_PANEL_EXTRA 0
#define DAN_TILE DAN_TILE_OUT

/* What a product adds up is what it stores. */
typedef Vector Sum;

static ALWAYS_INLINE Sum
begin_sum (const float *panel)
{
  return (Sum) {};
}

static ALWAYS_INLINE Vector
end_sum (Sum sum, const float *end, const float *panel)
{
  return sum;
}

/* As many additions as fused multiply-additions, which some CPUs do at the same
 * time. */
static ALWAYS_INLINE void
input_transform (const Vector *d, Vector *o)
{
  const Vector even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
  const Vector far = d[4] - d[2], near = d[3] - d[1];

  o[0] = 4 * (d[0] - d[2]) + far;
  o[1] = even + odd;
  o[2] = even - odd;
  o[3] = far + 2 * near;
  o[4] = far - 2 * near;
  o[5] = (d[5] - d[3]) - 4 * near;
}

/* F(2, 3), scaled to the weights of F(4, 3). */
static ALWAYS_INLINE void
half_input_transform (const Vector *d, Vector *o)
{
  o[0] = 4 * (d[0] - d[2]);
  o[1] = -3 * (d[1] + d[2]);
  o[2] = 3 * (d[1] - d[2]);
  o[5] = d[3] - d[1];
}

static ALWAYS_INLINE void
output_transform (const Vector *m, Vector *o)
{
  const Vector sum1 = m[1] + m[2], difference1 = m[1] - m[2];
  const Vector sum2 = m[3] + m[4], difference2 = m[3] - m[4];

  o[0] = m[0] + sum1 + sum2;
  o[1] = difference1 + 2 * difference2;
  o[2] = sum1 + 4 * sum2;
  o[3] = difference1 + 8 * difference2 + m[5];
}

static ALWAYS_INLINE void
half_output_transform (const Vector *m, Vector *o)
{
  o[0] = m[0] + m[1] + m[2];
  o[1] = m[1] - m[2] + m[5];
}

/* The rows of B' d are made in two passes, as registers hold only half of them:
 * 0, 3 and 4 share terms, and so do 1, 2 and 5. */
static ALWAYS_INLINE bool
is_of_pass (int pass, int y)
{
  return pass == (y == 0 || y == 3 || y == 4 ? 0 : 1);
}

/* The tiles' functions exist for each combination of halves, which are
 * constants there. */
static ALWAYS_INLINE void
tile_input_pass (const float *in, ptrdiff_t row, int channels, float *out,
    size_t step, const bool half_rows, const bool half_columns, const int pass)
{
  const int height = half_rows ? 4 : DAN_TILE_IN;
  const int width = half_columns ? 4 : DAN_TILE_IN;
  Vector half[DAN_TILE_IN][DAN_TILE_IN];

  UNROLL for (int x = 0; x < width; x++) {
    Vector d[DAN_TILE_IN], o[DAN_TILE_IN];

    UNROLL for (int y = 0; y < height; y++)
      d[y] = load (in + y * row + x * channels);
    (half_rows ? half_input_transform : input_transform) (d, o);
    UNROLL for (int y = 0; y < DAN_TILE_IN; y++)
      if (is_of_pass (pass, y) && !dan_tile_skips (half_rows, y))
        half[y][x] = o[y];
  }
  UNROLL for (int y = 0; y < DAN_TILE_IN; y++) {
    Vector o[DAN_TILE_IN];

    if (!is_of_pass (pass, y) || dan_tile_skips (half_rows, y))
      continue;
    (half_columns ? half_input_transform : input_transform) (half[y], o);
    UNROLL for (int x = 0; x < DAN_TILE_IN; x++)
      if (!dan_tile_skips (half_columns, x))
        STORE_TILE (out + (y * DAN_TILE_IN + x) * step, o[x]);
  }
}

static ALWAYS_INLINE void
tile_input_of (const float *in, ptrdiff_t row, int channels, float *out,
    size_t step, const bool half_rows, const bool half_columns)
{
  for (int c = 0; c < channels; c += LANES)
    UNROLL for (int pass = 0; pass < 2; pass++)
      tile_input_pass (in + c, row, channels, out + c / DAN_PER_WORD, step,
          half_rows, half_columns, pass);
}

#define WITH_HALVES(function, rows, columns, ...) \
  do { \
    if (!dan_tile_is_half (rows) && !dan_tile_is_half (columns)) \
      function (__VA_ARGS__, false, false); \
    else if (!dan_tile_is_half (rows)) \
      function (__VA_ARGS__, false, true); \
    else if (!dan_tile_is_half (columns)) \
      function (__VA_ARGS__, true, false); \
    else \
      function (__VA_ARGS__, true, true); \
  } while (0)

static void
tile_input (const float *in, ptrdiff_t row, int channels, float *out,
    size_t step, int rows, int columns)
{
  WITH_HALVES (tile_input_of, rows, columns, in, row, channels, out, step);
}

static ALWAYS_INLINE void
tile_output_of (const float *in, size_t step, const float *bias, float *out,
    ptrdiff_t row, ptrdiff_t pixel, int rows, int columns, bool pool,
    const bool half_rows, const bool half_columns)
{
  const int height = half_rows ? DAN_TILE_HALF : DAN_TILE_OUT;
  const int width = half_columns ? DAN_TILE_HALF : DAN_TILE_OUT;

  for (int c = 0; c < DAN_PRODUCT_PANEL; c += LANES) {
    Vector half[DAN_TILE_OUT][DAN_TILE_IN];
    Vector pixels[DAN_TILE_OUT][DAN_TILE_OUT];

    UNROLL for (int x = 0; x < DAN_TILE_IN; x++) {
      Vector m[DAN_TILE_IN], o[DAN_TILE_OUT];

      if (dan_tile_skips (half_columns, x))
        continue;
      UNROLL for (int y = 0; y < DAN_TILE_IN; y++)
        if (!dan_tile_skips (half_rows, y))
          m[y] = load (in + (y * DAN_TILE_IN + x) * step + c);
      (half_rows ? half_output_transform : output_transform) (m, o);
      UNROLL for (int y = 0; y < height; y++)
        half[y][x] = o[y];
    }
    UNROLL for (int y = 0; y < height; y++)
      (half_columns ? half_output_transform : output_transform) (half[y],
          pixels[y]);
    store_tile (pixels, height, width, load (bias + c), out + c, row, pixel, rows,
        columns, pool);
  }
}

static void
tile_output (const float *in, size_t step, const float *bias, float *out,
    ptrdiff_t row, ptrdiff_t pixel, int rows, int columns, bool pool)
{
  WITH_HALVES (tile_output_of, rows, columns, in, step, bias, out, row, pixel,
      rows, columns, pool);
}
