/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "similarity.h"

#include <math.h>

typedef struct {
  double x, y;
} Mean;

static Mean
mean_of (const DanPoint *points, int n)
{
  Mean mean = { 0, 0 };

  for (int i = 0; i < n; i++) {
    mean.x += points[i].x;
    mean.y += points[i].y;
  }
  mean.x /= n;
  mean.y /= n;
  return mean;
}

bool
dan_similarity_fit (DanSimilarity *t, const DanPoint *from, const DanPoint *to,
    int n)
{
  const Mean f = mean_of (from, n), g = mean_of (to, n);
  double dot = 0, cross = 0, norm = 0;

  for (int i = 0; i < n; i++) {
    const double sx = from[i].x - f.x, sy = from[i].y - f.y;
    const double dx = to[i].x - g.x, dy = to[i].y - g.y;

    dot += sx * dx + sy * dy;
    cross += sx * dy - sy * dx;
    norm += sx * sx + sy * sy;
  }
  t->a = dot / norm;
  t->b = cross / norm;
  t->tx = g.x - t->a * f.x + t->b * f.y;
  t->ty = g.y - t->b * f.x - t->a * f.y;
  return isfinite (t->a) && isfinite (t->b) && isfinite (t->tx)
      && isfinite (t->ty) && dan_similarity_scale (*t) > 1e-6;
}

DanSimilarity
dan_similarity_invert (DanSimilarity t)
{
  const double square = t.a * t.a + t.b * t.b;
  DanSimilarity inverse = { t.a / square, -t.b / square, 0, 0 };

  inverse.tx = -(inverse.a * t.tx - inverse.b * t.ty);
  inverse.ty = -(inverse.b * t.tx + inverse.a * t.ty);
  return inverse;
}

DanSimilarity
dan_similarity_compose (DanSimilarity first, DanSimilarity second)
{
  return (DanSimilarity) {
    .a = second.a * first.a - second.b * first.b,
    .b = second.a * first.b + second.b * first.a,
    .tx = second.a * first.tx - second.b * first.ty + second.tx,
    .ty = second.b * first.tx + second.a * first.ty + second.ty,
  };
}

void
dan_similarity_apply (DanSimilarity t, const DanPoint *from, DanPoint *to,
    int n)
{
  for (int i = 0; i < n; i++) {
    const double x = from[i].x, y = from[i].y;

    to[i].x = (float) (t.a * x - t.b * y + t.tx);
    to[i].y = (float) (t.b * x + t.a * y + t.ty);
  }
}

double
dan_similarity_scale (DanSimilarity t)
{
  return hypot (t.a, t.b);
}
