/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many faces in a call get what each gets alone, in one pass or more, some of
 * them cannot be placed, and none of them costs an allocation. */
#include <string.h>

#include "allocations.h"
#include "small-model.h"

#define MOST 21 /* more than two batches */

/* Every sixth box is impossible. */
static DanFace
make_face (int i, DanPoint *landmarks)
{
  const float side = i % 6 == 4 ? -1 : 30 + 3 * i;

  return (DanFace) { .box = { 5 * i, 4 * i, side, side },
    .landmarks = landmarks };
}

static void
test_batch (DanContext *context, int n)
{
  DanPoint together[MOST][N] = {}, alone[N];
  DanFace faces[MOST];
  DanError error;
  DanStatus status;

  for (int i = 0; i < n; i++)
    faces[i] = make_face (i, together[i]);
  n_allocations = 0;
  status = dan_align (context, &image, faces, n, &error);
  CHECK (n_allocations == 0, "%d faces: %d allocations", n, n_allocations);
  CHECK (status == (n > 4 ? DAN_ERROR_BOX : DAN_OK), "%d faces: %s", n,
      error.message);
  for (int i = 0; i < n; i++) {
    DanFace face = make_face (i, alone);

    CHECK (dan_align (context, &image, &face, 1, NULL) == faces[i].status,
        "face %d of %d: status %d", i, n, faces[i].status);
    if (face.status != DAN_OK)
      continue;
    CHECK (fabsf (face.expected_error - faces[i].expected_error)
            < 1e-4f * face.expected_error,
        "face %d of %d expects an error of %g, alone of %g", i, n,
        faces[i].expected_error, face.expected_error);
    CHECK (farthest (alone, together[i]) < 1e-3,
        "face %d of %d is %g px from itself alone", i, n,
        farthest (alone, together[i]));
  }
}

static void
test_model (const DanModelSpec *spec)
{
  static const int counts[] = { 0, 1, 3, 4, 5, 8, 9, MOST };
  DanModel *model = model_of (spec);

  for (int threads = 1; threads <= 3; threads++) {
    DanContext *context;

    n_allocations = 0;
    context = open_passes (model, threads, 0, threads == 2 ? 2 : 1);
    CHECK (n_allocations > 0, "allocations are not counted");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
      test_batch (context, counts[i]);
    dan_context_close (&context);
  }
  dan_model_close (&model);
}

int
main (void)
{
  DanModelSpec spec = small_spec (2);

  draw_pixels ();
  test_model (&spec);
  spec.upright = true;
  spec.decoder = 7;
  test_model (&spec);
  return check_summary ("batch");
}
