/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "detections.h"

#include <math.h>
#include <stdlib.h>

#include "angle.h"
#include "similarity.h"

#define MAX_LOG_SIZE 4.f /* of a side in strides: nothing overflows */

enum { SCORE, CENTRE, SIZE = CENTRE + 2, POINTS = SIZE + 2 };

static DanPoint
place_of (const float *values, DanPoint centre, float stride)
{
  return (DanPoint) { centre.x + stride * values[0],
    centre.y + stride * values[1] };
}

static float
side_of (float log_size, float stride)
{
  return stride * expf (fminf (fmaxf (log_size, -MAX_LOG_SIZE), MAX_LOG_SIZE));
}

/* The points of the average face about their middle, in its sizes. */
static const DanPoint mean_points[DAN_DETECTION_POINTS] = { { -.223f, -.2404f },
  { .223f, -.2404f }, { 0, .0104f }, { -.1953f, .2352f }, { .1953f, .2352f } };

/* In degrees; of the similarity that puts the average face closest. */
static float
roll_of (const DanPoint *points)
{
  DanSimilarity t;

  if (!dan_similarity_fit (&t, mean_points, points, DAN_DETECTION_POINTS))
    return 0;
  return (float) (DAN_DEGREE * atan2 (t.b, t.a));
}

static DanDetection
decode (const float *values, DanPoint centre, float stride)
{
  const DanPoint middle = place_of (values + CENTRE, centre, stride);
  const float width = side_of (values[SIZE], stride);
  const float height = side_of (values[SIZE + 1], stride);
  DanDetection detection = {
    .box = { middle.x - width / 2, middle.y - height / 2, width, height },
    .confidence = 1 / (1 + expf (-values[SCORE])),
  };

  for (int i = 0; i < DAN_DETECTION_POINTS; i++)
    detection.points[i] = place_of (values + POINTS + 2 * i, centre, stride);
  detection.roll = roll_of (detection.points);
  return detection;
}

/* Of a heap with the least confident on top, whose item @i alone may be out of
 * place. */
static void
sift_down (DanCandidates *candidates, int i)
{
  DanDetection *items = candidates->items;

  for (int child = 2 * i + 1; child < candidates->n; child = 2 * i + 1) {
    const DanDetection item = items[i];

    if (child + 1 < candidates->n
        && items[child + 1].confidence < items[child].confidence)
      child++;
    if (item.confidence <= items[child].confidence)
      return;
    items[i] = items[child];
    items[child] = item;
    i = child;
  }
}

/* Full candidates are a heap: a better one takes the place of the worst. */
static void
add (DanCandidates *candidates, DanDetection detection)
{
  if (candidates->n < DAN_MAX_CANDIDATES) {
    candidates->items[candidates->n++] = detection;
    if (candidates->n == DAN_MAX_CANDIDATES)
      for (int i = candidates->n / 2; i-- > 0;)
        sift_down (candidates, i);
  } else if (detection.confidence > candidates->items[0].confidence) {
    candidates->items[0] = detection;
    sift_down (candidates, 0);
  }
}

static void
collect_cell (DanCandidates *candidates, const DanDetectorNetwork *network,
    int l, int x, int y)
{
  const float stride = (float) (2 * DAN_DETECTOR_FOLD << l);
  const DanPoint centre
      = { x * stride + (stride - 1) / 2, y * stride + (stride - 1) / 2 };
  float values[DAN_DETECTOR_VALUES];

  dan_detector_network_read (network, l, x, y, values);
  add (candidates, decode (values, centre, stride));
}

static void
collect_level (DanCandidates *candidates, const DanDetectorNetwork *network,
    int l, float logit)
{
  const DanActivation *scores = &network->levels[l].scores;

  for (int y = 0; y < scores->size.height; y++)
    for (int x = 0; x < scores->size.width; x++)
      /* No NaN is. */
      if (scores->pixels[y * scores->row + x] >= logit)
        collect_cell (candidates, network, l, x, y);
}

/* The most confident first; equal ones in a fixed order. */
static int
compare (const void *a, const void *b)
{
  const DanDetection *left = a, *right = b;

  if (left->confidence != right->confidence)
    return left->confidence > right->confidence ? -1 : 1;
  if (left->box.y != right->box.y)
    return left->box.y < right->box.y ? -1 : 1;
  return (left->box.x > right->box.x) - (left->box.x < right->box.x);
}

void
dan_candidates_collect (DanCandidates *candidates,
    const DanDetectorNetwork *network, float threshold)
{
  const float logit = logf (threshold / (1 - threshold));

  candidates->n = 0;
  for (int l = 0; l < DAN_DETECTOR_LEVELS; l++)
    collect_level (candidates, network, l, logit);
  qsort (candidates->items, candidates->n, sizeof *candidates->items, compare);
}

void
dan_candidates_suppress (DanCandidates *candidates, float overlap)
{
  int n = 0;

  for (int i = 0; i < candidates->n; i++) {
    const DanDetection detection = candidates->items[i];
    int k = 0;

    while (k < n
        && dan_box_overlap (detection.box, candidates->items[k].box)
            <= overlap)
      k++;
    if (k == n)
      candidates->items[n++] = detection;
  }
  candidates->n = n;
}
