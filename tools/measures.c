/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "measures.h"
#include "correlation.h"

#include <math.h>
#include <string.h>

/* The outer eye corners, and each eye's points. */
enum { OUTER_RIGHT = 36, OUTER_LEFT = 45, RIGHT_EYE = 36, LEFT_EYE = 42, EYE_POINTS = 6 };

static gdouble
distance (DanPoint a, DanPoint b)
{
  return hypot ((gdouble) a.x - b.x, (gdouble) a.y - b.y);
}

static DanPoint
centre (const DanPoint * points, guint n)
{
  gdouble x = 0, y = 0;

  for (guint k = 0; k < n; k++) {
    x += points[k].x;
    y += points[k].y;
  }
  return (DanPoint) { x / n, y / n };
}

static gdouble
mean_distance (const DanPoint * a, const DanPoint * b, guint first, guint last)
{
  gdouble sum = 0;

  for (guint k = first; k <= last; k++)
    sum += distance (a[k], b[k]);
  return sum / (last - first + 1);
}

gboolean
measure_face (const DanPoint * truth, const DanPoint * points,
    FaceErrors * errors)
{
  DanBox box = dan_box_around (truth, PARTS_N_POINTS);
  gdouble error = mean_distance (truth, points, 0, PARTS_N_POINTS - 1);
  const gdouble norms[N_NORMS] = {
    [NORM_INTER_OCULAR] = distance (truth[OUTER_RIGHT], truth[OUTER_LEFT]),
    [NORM_INTER_PUPIL] = distance (centre (&truth[RIGHT_EYE], EYE_POINTS),
        centre (&truth[LEFT_EYE], EYE_POINTS)),
    [NORM_DIAGONAL] = hypot (box.width, box.height),
  };

  for (guint i = 0; i < N_NORMS; i++) {
    if (norms[i] <= 0)
      return FALSE;
    errors->nme[i] = error / norms[i];
  }
  for (guint i = 0; i < N_PARTS; i++)
    errors->parts[i] = mean_distance (truth, points, parts[i].first,
        parts[i].last) / norms[NORM_INTER_OCULAR];
  return TRUE;
}

static gint
compare_doubles (gconstpointer a, gconstpointer b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

GArray *
measure_sorted (const GArray * faces, guint norm)
{
  GArray *sorted = g_array_sized_new (FALSE, FALSE, sizeof (gdouble),
      faces->len);

  for (guint i = 0; i < faces->len; i++)
    g_array_append_val (sorted, g_array_index (faces, FaceErrors, i).nme[norm]);
  g_array_sort (sorted, compare_doubles);
  return sorted;
}

static gdouble
median (const GArray * faces, guint norm)
{
  g_autoptr (GArray) sorted = measure_sorted (faces, norm);
  guint n = sorted->len;

  return (g_array_index (sorted, gdouble, (n - 1) / 2)
      + g_array_index (sorted, gdouble, n / 2)) / 2;
}

static gdouble
expected_correlation (const GArray * faces)
{
  g_autofree gdouble *expected = g_new (gdouble, faces->len);
  g_autofree gdouble *true_ones = g_new (gdouble, faces->len);

  for (guint i = 0; i < faces->len; i++) {
    const FaceErrors *face = &g_array_index (faces, FaceErrors, i);

    if (face->expected < 0)
      return NAN;
    expected[i] = face->expected;
    true_ones[i] = face->nme[NORM_INTER_OCULAR];
  }
  return correlation_of_ranks (expected, true_ones, faces->len);
}

void
measure_all (const GArray * faces, Summary * summary)
{
  memset (summary, 0, sizeof *summary);
  summary->n_faces = faces->len;
  for (guint i = 0; i < faces->len; i++) {
    const FaceErrors *face = &g_array_index (faces, FaceErrors, i);
    gdouble error = face->nme[NORM_INTER_OCULAR];

    for (guint k = 0; k < N_NORMS; k++)
      summary->mean[k] += face->nme[k] / faces->len;
    for (guint k = 0; k < N_PARTS; k++)
      summary->parts[k] += face->parts[k] / faces->len;
    /* The CED is a stair: a face adds the area right of its own error. */
    if (error <= MEASURES_LIMIT)
      summary->auc += (1 - error / MEASURES_LIMIT) / faces->len;
    else
      summary->failures += 1. / faces->len;
  }
  for (guint k = 0; k < N_NORMS; k++)
    summary->median[k] = median (faces, k);
  summary->expected_correlation = expected_correlation (faces);
}
