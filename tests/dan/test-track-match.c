/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who gets whom. */

#include <math.h>

#include "box.h"
#include "check.h"
#include "track-match.h"

static void
test_overlap (void)
{
  const DanBox box = { 10, 10, 20, 10 };
  static const DanBox any[] = { { 1e6f, 1e6f, .05f, .05f },
    { 4000.3f, 700.7f, 4.1f, 4.3f }, { 1, 2, 1e-6f, 1e-6f },
    { -5e5f, 0, 1e6f, 1e18f } };

  CHECK (dan_box_overlap (box, box) == 1, "%g", dan_box_overlap (box, box));
  CHECK (dan_box_overlap (box, (DanBox) { 30, 10, 20, 10 }) == 0, "beside");
  CHECK (fabsf (dan_box_overlap (box, (DanBox) { 20, 10, 20, 10 }) - 1 / 3.f)
          < 1e-6f, "half beside");
  CHECK (dan_box_overlap (box, (DanBox) { NAN, 10, 20, 10 }) == 0, "nowhere");
  CHECK (dan_box_overlap ((DanBox) { 0 }, (DanBox) { 0 }) == 0, "nothing");
  for (size_t i = 0; i < sizeof any / sizeof *any; i++)
    CHECK (fabsf (dan_box_overlap (any[i], any[i]) - 1) < 1e-6f,
        "%g of a box of %g at %g", dan_box_overlap (any[i], any[i]),
        any[i].width, any[i].x);
}

static float
value_of (const void *data, size_t a, size_t b)
{
  return ((const float *) data)[3 * a + b];
}

/* The best pair first, whoever stands in front; partners are kept. */
static void
test_match (void)
{
  static const float values[2][3] = { { .6f, .5f, 0 }, { .9f, 0, .1f } };
  int chosen[2] = { -1, -1 }, by[3] = { -1, -1, -1 };

  dan_match (value_of, values, chosen, 2, by, 3);
  CHECK (chosen[0] == 1 && chosen[1] == 0, "%d and %d", chosen[0], chosen[1]);
  CHECK (by[0] == 1 && by[1] == 0 && by[2] == -1, "%d %d %d", by[0], by[1],
      by[2]);

  chosen[0] = 2;
  chosen[1] = by[0] = by[1] = -1;
  by[2] = 0;
  dan_match (value_of, values, chosen, 2, by, 3);
  CHECK (chosen[0] == 2 && chosen[1] == 0, "%d and %d", chosen[0], chosen[1]);
}

int
main (void)
{
  test_overlap ();
  test_match ();
  return check_summary ("track-match");
}
