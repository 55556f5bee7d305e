/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Steps of a network: where they put a face, that each face of a call goes on
 * from its own values, what runs, and that nothing is allocated. What a step
 * computes is test-golden's. */
#include <string.h>

#include "allocations.h"
#include "context.h"
#include "made-model.h"
#include "model.h"

#define MOST 11 /* more than a batch */

static DanFace
make_face (int i, DanPoint *landmarks)
{
  return (DanFace) { .box = { 9 * i, 7 * i, 40 + 3 * i, 40 + 3 * i },
    .landmarks = landmarks };
}

/* Faces of the first frame, and what carries them on. */
typedef struct {
  DanPoint points[MOST][N];
  float *hidden[MOST];
} Found;

static void
find (Found *found, DanContext *context, int n)
{
  DanFace faces[MOST];

  for (int i = 0; i < n; i++) {
    found->hidden[i] = malloc (dan_context_n_hidden (context) * sizeof (float));
    faces[i] = make_face (i, found->points[i]);
  }
  CHECK (dan_context_align (context, &image, faces, found->hidden, n, false,
             NULL) == DAN_OK, "no faces");
}

static void
found_clear (Found *found, int n)
{
  for (int i = 0; i < n; i++)
    free (found->hidden[i]);
}

/* One more frame. Its landmarks become those that the next expects. */
static void
go_on (DanContext *context, Found *found, int first, int n)
{
  DanFace faces[MOST];
  DanError error;

  for (int i = 0; i < n; i++)
    faces[i] = (DanFace) { .shape = found->points[first + i],
      .landmarks = found->points[first + i] };
  n_allocations = 0;
  CHECK (dan_context_align (context, &image, faces, found->hidden + first, n,
             true, &error) == DAN_OK, "%s", error.message);
  CHECK (n_allocations == 0, "%d allocations", n_allocations);
  for (int i = 0; i < n; i++)
    CHECK (faces[i].expected_error > 0, "face %d has no error", first + i);
}

/* All in one call, and each in its own, two steps on. */
static void
test_batch (int n, int threads)
{
  DanModel *model = small_recurrent_model ();
  DanContext *context = open_passes (model, threads, 0, threads);
  Found together, alone;

  find (&together, context, n);
  find (&alone, context, n);
  for (int t = 0; t < 2; t++) {
    go_on (context, &together, 0, n);
    for (int i = 0; i < n; i++)
      go_on (context, &alone, i, 1);
  }
  for (int i = 0; i < n; i++) {
    CHECK (farthest (together.points[i], alone.points[i]) < 1e-3,
        "face %d of %d is %g px from itself alone", i, n,
        farthest (together.points[i], alone.points[i]));
    for (int k = 0; k < dan_context_n_hidden (context); k++)
      CHECK (fabsf (together.hidden[i][k] - alone.hidden[i][k]) < 1e-3f,
          "value %d of face %d of %d", k, i, n);
  }
  found_clear (&together, n);
  found_clear (&alone, n);
  dan_context_close (&context);
  dan_model_close (&model);
}

/* What was carried on tells. */
static void
test_memory (void)
{
  DanModel *model = small_recurrent_model ();
  DanContext *context = open_context (model, 1, 0);
  Found found, forgotten;

  find (&found, context, 1);
  find (&forgotten, context, 1);
  memset (forgotten.hidden[0], 0,
      dan_context_n_hidden (context) * sizeof (float));
  go_on (context, &found, 0, 1);
  go_on (context, &forgotten, 0, 1);
  CHECK (farthest (found.points[0], forgotten.points[0]) > .01,
      "%g px from one that knows nothing",
      farthest (found.points[0], forgotten.points[0]));
  found_clear (&found, 1);
  found_clear (&forgotten, 1);
  dan_context_close (&context);
  dan_model_close (&model);
}

/* Whatever it sees, its stages leave the mean shape where it is put, and its recurrent
 * stage moves the landmarks to the right by @move pixels of the canonical image,
 * and is sure of them. */
static DanModel *
mover (float move, bool upright)
{
  DanModelSpec spec = small_spec (2);
  Bytes file;

  spec.upright = upright;
  spec.recurrent = true;
  file = make_model (&spec);
  for (int s = 0; s < 2; s++) {
    fill_halves (file, s ? "s2.fc2.w" : "s1.fc2.w", 0, 0);
    fill_floats (file, s ? "s2.fc2.b" : "s1.fc2.b", 0, 0);
  }
  fill_halves (file, "recurrent.fc2.w", 0, 0);
  fill_floats (file, "recurrent.fc2.b", move, 0);
  fill_halves (file, "recurrent.error2.w", 0, 0);
  fill_floats (file, "recurrent.error2.b", logf (.02f), 0);
  return open_bytes (file);
}

/* The expected landmarks are the start, moved in the face's own directions and
 * by its own size, as the upright shape measures it. */
static void
test_place (bool upright)
{
  DanModel *model = mover (2, upright);
  DanContext *context = open_context (model, 1, 0);
  const double scale = 1.3, angle = .7;
  DanPoint expected[N], wanted[N], points[N];
  float *hidden = calloc (dan_context_n_hidden (context), sizeof *hidden);
  DanFace face = { .shape = expected, .landmarks = points };

  for (int i = 0; i < N; i++) {
    const DanPoint p = model->upright_shape[i];
    const double a = scale * cos (angle), b = scale * sin (angle);

    expected[i] = (DanPoint) { (float) (80 + a * p.x - b * p.y),
      (float) (20 + b * p.x + a * p.y) };
    wanted[i] = (DanPoint) { (float) (expected[i].x + 2 * a),
      (float) (expected[i].y + 2 * b) };
  }
  CHECK (dan_context_align (context, &image, &face, &hidden, 1, true, NULL)
          == DAN_OK, "no step");
  CHECK (farthest (points, wanted) < 1e-3, "%g px off",
      farthest (points, wanted));
  CHECK (face.confidence > .9f, "confidence %g", face.confidence);
  free (hidden);
  dan_context_close (&context);
  dan_model_close (&model);
}

/* A face that cannot be placed is left out. */
static void
test_refused (void)
{
  DanModel *model = small_recurrent_model ();
  DanContext *context = open_context (model, 1, 0);
  DanPoint nowhere[N] = {};
  Found found;

  find (&found, context, 3);
  {
    DanFace faces[]
        = { { .shape = found.points[0], .landmarks = found.points[0] },
            { .shape = nowhere, .landmarks = nowhere },
            { .shape = found.points[2], .landmarks = found.points[2] } };

    CHECK (dan_context_align (context, &image, faces, found.hidden, 3, true,
               NULL) == DAN_ERROR_BOX, "all is well");
    CHECK (faces[0].status == DAN_OK && faces[1].status == DAN_ERROR_BOX
            && faces[2].status == DAN_OK,
        "%d %d %d", faces[0].status, faces[1].status, faces[2].status);
  }
  found_clear (&found, 3);
  dan_context_close (&context);
  dan_model_close (&model);
}

static int n_runs[3]; /* of each stage's fc1, the recurrent one's last */

static void
count (void *user_data, int stage, const char *layer, double seconds,
    uint64_t macs)
{
  (void) user_data;
  (void) seconds;
  (void) macs;
  n_runs[stage] += strcmp (layer, "fc1") == 0;
}

/* A tracker has the recurrent stage run alone, but for one comparison, and allocates
 * nothing. */
static void
test_tracker (void)
{
  const DanDetection detection = { .box = { 60, 50, 60, 60 } };
  DanModel *model = mover (0, false);
  DanContext *context = open_context (model, 1, 0);
  DanTracker *tracker;
  DanTrackedFaces faces;

  CHECK (dan_tracker_open (&tracker, context, NULL) == DAN_OK, "no tracker");
  dan_context_set_profile (context, count, NULL);
  dan_tracker_update (tracker, &image, 0, &detection, 1, &faces, NULL);
  CHECK (faces.n == 1 && n_runs[0] == 1 && n_runs[1] == 1 && n_runs[2] == 0,
      "%zu faces, %d, %d and %d runs", faces.n, n_runs[0], n_runs[1], n_runs[2]);
  n_allocations = 0;
  for (int t = 1; t <= 10; t++) {
    dan_tracker_update (tracker, &image, t * .04, NULL, 0, &faces, NULL);
    CHECK (faces.n == 1 && faces.faces[0].status == DAN_TRACK_TRACKED,
        "%zu faces in frame %d", faces.n, t);
  }
  CHECK (n_allocations == 0, "%d allocations", n_allocations);
  CHECK (n_runs[0] == 2 && n_runs[1] == 2 && n_runs[2] == 10,
      "%d, %d and %d runs", n_runs[0], n_runs[1], n_runs[2]);
  dan_tracker_close (&tracker);
  dan_context_close (&context);
  dan_model_close (&model);
}

int
main (void)
{
  draw_pixels ();
  for (int threads = 1; threads <= 2; threads++)
    for (int n = 1; n <= MOST; n += 5)
      test_batch (n, threads);
  test_memory ();
  test_place (false);
  test_place (true);
  test_refused ();
  test_tracker ();
  return check_summary ("step");
}
