/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "track-match.h"

typedef struct {
  size_t a, b;
  float value;
} Pair;

static Pair
best_pair (DanMatchFunc suits, const void *data, const int *chosen, size_t n_a,
    const int *chosen_by, size_t n_b)
{
  Pair best = { 0, 0, 0 };

  for (size_t a = 0; a < n_a; a++)
    for (size_t b = 0; chosen[a] < 0 && b < n_b; b++) {
      const float value = chosen_by[b] < 0 ? suits (data, a, b) : 0;

      if (value > best.value)
        best = (Pair) { a, b, value };
    }
  return best;
}

void
dan_match (DanMatchFunc suits, const void *data, int *chosen, size_t n_a,
    int *chosen_by, size_t n_b)
{
  Pair pair;

  while ((pair = best_pair (suits, data, chosen, n_a, chosen_by, n_b)).value
      > 0) {
    chosen[pair.a] = (int) pair.b;
    chosen_by[pair.b] = (int) pair.a;
  }
}
