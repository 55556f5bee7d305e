/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

#include <math.h>

#include "angle.h"
#include "crop.h"
#include "error.h"

/* Larger than any frame by far, small enough for exact float arithmetic. */
#define MAX_COORDINATE 1e6f
#define MIN_SIDE 4.f
/* Degrees that are left to the network, which learnt from upright starts: turned
 * by all of the detector's rolls, it found AFW's faces 0.03 points worse. */
#define USUAL_ROLL 10.f

DanBox
dan_box_map (DanBox box, DanBoxMap map)
{
  const float center_x = box.x + box.width * (.5f + map.offset_x);
  const float center_y = box.y + box.height * (.5f + map.offset_y);
  const float width = box.width * map.scale_x;
  const float height = box.height * map.scale_y;

  return (DanBox) { center_x - width / 2, center_y - height / 2, width, height };
}

DanBox
dan_box_around (const DanPoint *points, size_t n_points)
{
  DanPoint low, high;

  if (n_points == 0)
    return (DanBox) { 0, 0, 0, 0 };
  low = high = points[0];
  for (size_t i = 1; i < n_points; i++) {
    low.x = fminf (low.x, points[i].x);
    low.y = fminf (low.y, points[i].y);
    high.x = fmaxf (high.x, points[i].x);
    high.y = fmaxf (high.y, points[i].y);
  }
  return (DanBox) { low.x, low.y, high.x - low.x, high.y - low.y };
}

/* The length that two intervals have in common, or something not above 0;
 * unlike fminf() and fmaxf(), this does not hide what is no number. */
static double
common_length (double a, double a_length, double b, double b_length)
{
  const double a_end = a + a_length, b_end = b + b_length;

  return (a_end < b_end ? a_end : b_end) - (a > b ? a : b);
}

float
dan_box_overlap (DanBox a, DanBox b)
{
  const double width = common_length (a.x, a.width, b.x, b.width);
  const double height = common_length (a.y, a.height, b.y, b.height);
  const double common = width * height;
  const double all
      = (double) a.width * a.height + (double) b.width * b.height - common;

  if (!(width > 0 && height > 0 && all > 0))
    return 0;
  return (float) fmin (common / all, 1);
}

/* Also false for NaN. */
static bool
is_sane (DanBox box)
{
  return fabsf (box.x) <= MAX_COORDINATE && fabsf (box.y) <= MAX_COORDINATE
      && box.width >= 0 && box.width <= MAX_COORDINATE && box.height >= 0
      && box.height <= MAX_COORDINATE
      && fmaxf (box.width, box.height) >= MIN_SIDE;
}

static bool
overlaps (DanBox box, const DanImage *image)
{
  return box.x < image->width && box.y < image->height
      && box.x + box.width > -1 && box.y + box.height > -1;
}

/* The tight box of S0, turned by @turn about the origin. */
static DanBox
turned_mean_box (const DanModel *model, DanSimilarity turn)
{
  DanPoint turned[DAN_MAX_POINTS];

  dan_similarity_apply (turn, model->mean_shape, turned, model->n_points);
  return dan_box_around (turned, model->n_points);
}

/* S0 is turned by what is unusual about @roll, scaled by the mean of the ratios
 * of the sides and centred on @box. */
static DanSimilarity
canonical_from_box (const DanModel *model, DanBox box, float roll)
{
  const double angle
      = DAN_RADIAN * copysignf (fmaxf (fabsf (roll) - USUAL_ROLL, 0), roll);
  const DanSimilarity turn = { cos (angle), sin (angle), 0, 0 };
  const DanBox mean = turned_mean_box (model, turn);
  const double scale
      = (box.width / mean.width + (double) box.height / mean.height) / 2;
  DanSimilarity to_frame = { scale * turn.a, scale * turn.b, 0, 0 };

  to_frame.tx = box.x + box.width / 2 - scale * (mean.x + mean.width / 2);
  to_frame.ty = box.y + box.height / 2 - scale * (mean.y + mean.height / 2);
  return dan_similarity_invert (to_frame);
}

static bool
all_sane (const DanPoint *points, int n)
{
  for (int i = 0; i < n; i++)
    if (!(fabsf (points[i].x) <= MAX_COORDINATE
            && fabsf (points[i].y) <= MAX_COORDINATE))
      return false;
  return true;
}

DanStatus
dan_place_face (DanSimilarity *to_canonical, const DanModel *model,
    const DanPoint *onto, const DanImage *image, const DanFace *face,
    DanError *error)
{
  const int n = model->n_points;
  const DanBox box = face->shape ? dan_box_around (face->shape, n) : face->box;

  if ((face->shape && !all_sane (face->shape, n)) || !is_sane (box))
    return dan_fail (error, DAN_ERROR_BOX,
        "no face fits the box x=%g y=%g width=%g height=%g: the larger side is "
        "%g to %g pixels",
        box.x, box.y, box.width, box.height, MIN_SIDE, MAX_COORDINATE);
  if (!face->shape && !isfinite (face->roll))
    return dan_fail (error, DAN_ERROR_BOX, "a face turned by %g degrees",
        face->roll);
  if (!overlaps (box, image))
    return dan_fail (error, DAN_ERROR_BOX,
        "the box x=%g y=%g width=%g height=%g lies outside of the %dx%d image",
        box.x, box.y, box.width, box.height, image->width, image->height);
  if (!face->shape)
    *to_canonical = canonical_from_box (model, box, face->roll);
  else if (!dan_similarity_fit (to_canonical, face->shape, onto, n))
    return dan_fail (error, DAN_ERROR_BOX,
        "the earlier landmarks do not look like a face at all");
  /* A mean shape may be no wider than a line, if seen along it. */
  if (!dan_crop_can_run (*to_canonical))
    return dan_fail (error, DAN_ERROR_BOX,
        "the model's mean shape does not fit the box x=%g y=%g width=%g "
        "height=%g",
        box.x, box.y, box.width, box.height);
  return DAN_OK;
}
