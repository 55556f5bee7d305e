/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The matrix product over the vectors of kernels-body.h, included after it by
 * the files of those instruction sets where it beats OpenBLAS. They may define
 *   MULTIPLY_ADD(sum, word, panel)  where a word is more than a float
 *   DAN_PRODUCT_BY_ELEMENT          if they multiply by an element of a vector:
 *                                   they load a vector of a row's values, where
 *                                   others broadcast each from memory */
#ifndef MULTIPLY_ADD
#define MULTIPLY_ADD(sum, word, panel) ((sum) + (word) * (panel))
#endif
#ifdef DAN_PRODUCT_BY_ELEMENT
#define STEP LANES
#else
#define STEP 1
#endif
#define BLOCK_VECTORS 2 /* columns of the register block, of the most rows */

/* Few rows leave registers for all columns: a panel is then read in one go. */
#define VECTORS_OF(rows) \
  ((rows) * PANEL_VECTORS <= DAN_PRODUCT_ROWS * BLOCK_VECTORS \
      ? PANEL_VECTORS : BLOCK_VECTORS)

/* Adds the products of @n columns of @a with as many rows of the panel, and
 * asks for the same rows of the next panel, unless it is all about memory: a
 * single row of inputs takes a panel as fast as the hardware can foresee it. */
static ALWAYS_INLINE void
add_products (Sum sums[DAN_PRODUCT_ROWS][PANEL_VECTORS], const float *a,
    const float *panel, const int rows, int depth, const int n)
{
  const int ahead = (depth + DAN_PANEL_EXTRA) * DAN_PRODUCT_PANEL;
  const int vectors = VECTORS_OF (rows);

  UNROLL for (int i = 0; i < n; i++, panel += DAN_PRODUCT_PANEL) {
    Vector b[PANEL_VECTORS];

    UNROLL for (int k = 0; k < vectors; k++) {
      b[k] = load (panel + k * LANES);
      if (rows > 1 && k * DAN_VECTOR_BYTES % CACHE_LINE == 0)
        prefetch_line (panel + ahead + k * LANES);
    }
    UNROLL for (int r = 0; r < rows; r++) {
      const float *row = a + (size_t) r * (depth + DAN_ROW_EXTRA);
      const float word = n > 1 ? load (row)[i] : row[i];

      UNROLL for (int k = 0; k < vectors; k++)
        sums[r][k] = MULTIPLY_ADD (sums[r][k], word, b[k]);
    }
  }
}

static ALWAYS_INLINE void
product_block (const float *a, const float *b, float *c, const int rows,
    int depth, const float *next)
{
  const int vectors = VECTORS_OF (rows);

  for (int first = 0; first < PANEL_VECTORS; first += vectors) {
    Sum sums[DAN_PRODUCT_ROWS][PANEL_VECTORS];
    const float *columns = b + first * LANES;
    const float *panel = columns + DAN_PANEL_EXTRA * DAN_PRODUCT_PANEL;
    int d = 0;

    UNROLL for (int r = 0; r < rows; r++) {
      UNROLL for (int k = 0; k < vectors; k++)
        sums[r][k] = begin_sum (columns + k * LANES);
    }
    /* What does not fill a step comes first: gcc would move the sums to other
     * registers for a loop that follows the main one. */
    for (; d < depth % STEP; d++, panel += DAN_PRODUCT_PANEL)
      add_products (sums, a + d, panel, rows, depth, 1);
    for (; d < depth; d += STEP, panel += STEP * DAN_PRODUCT_PANEL) {
      /* A line for each row of the panel is at least what @rows rows are. */
      if (rows > 1)
        __builtin_prefetch (next + d * (CACHE_LINE / sizeof (float)));
      add_products (sums, a + d, panel, rows, depth, STEP);
    }
    UNROLL for (int r = 0; r < rows; r++) {
      const float *end = a + (size_t) r * (depth + DAN_ROW_EXTRA) + depth;

      UNROLL for (int k = 0; k < vectors; k++)
        store (c + r * DAN_PRODUCT_PANEL + (first + k) * LANES,
            end_sum (sums[r][k], end, columns + k * LANES));
    }
  }
}

#define PRODUCT_ROWS(n) \
  static void product_##n (const float *a, const float *b, float *c, \
      int depth, const float *next) \
  { \
    product_block (a, b, c, n, depth, next); \
  }
PRODUCT_ROWS (1)
PRODUCT_ROWS (2)
PRODUCT_ROWS (3)
PRODUCT_ROWS (4)
PRODUCT_ROWS (5)
PRODUCT_ROWS (6)
#if DAN_PRODUCT_ROWS > 6
PRODUCT_ROWS (7)
PRODUCT_ROWS (8)
#endif
#if DAN_PRODUCT_ROWS > 8
PRODUCT_ROWS (9)
PRODUCT_ROWS (10)
PRODUCT_ROWS (11)
PRODUCT_ROWS (12)
PRODUCT_ROWS (13)
PRODUCT_ROWS (14)
#endif
#undef PRODUCT_ROWS

static void (*const products[DAN_PRODUCT_ROWS + 1]) (const float *,
    const float *, float *, int, const float *)
    = {
        NULL, product_1, product_2, product_3, product_4, product_5, product_6,
#if DAN_PRODUCT_ROWS > 6
        product_7, product_8,
#endif
#if DAN_PRODUCT_ROWS > 8
        product_9, product_10, product_11, product_12, product_13, product_14,
#endif
      };

/* Blocks of equal height: 16 rows are cheaper as 8 + 8 than as 14 + 2, for a
 * low block does not hide the latency of its sums. */
static void
product (const float *a, const float *b, float *c, int rows, int depth,
    const float *next)
{
  int blocks = (rows + DAN_PRODUCT_ROWS - 1) / DAN_PRODUCT_ROWS;

  for (; rows > 0; blocks--) {
    const int n = (rows + blocks - 1) / blocks;

    products[n](a, b, c, depth, next);
    a += (size_t) n * (depth + DAN_ROW_EXTRA);
    next += (size_t) n * (depth + DAN_ROW_EXTRA);
    c += n * DAN_PRODUCT_PANEL;
    rows -= n;
  }
}
