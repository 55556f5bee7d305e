/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* When a followed face goes through the recurrent stage alone, in worlds where the
 * network's answers are known, and that it is never lost by that. */

#include "tracked.h"

/* Frames of one person, who was detected in the first. Returns how many of the
 * network's answers after that were steps', and how many there were. Once a second,
 * and the first time, a step is compared with all stages. */
static int
steps_of (int n_frames, int *n_requests)
{
  step (true);
  CHECK (world.n_requests == 1 && world.n_steps == 0,
      "%d of %d in the first frame", world.n_steps, world.n_requests);
  world.n_requests = 0;
  for (int t = 0; t < n_frames; t++) {
    step (false);
    check_face (0, 0, "followed");
    CHECK (face_of (0) && face_of (0)->status == DAN_TRACK_TRACKED
            && face_of (0)->confidence > .8f,
        "confidence %g", face_of (0) ? face_of (0)->confidence : 0);
  }
  *n_requests = world.n_requests;
  return world.n_steps;
}

static void
check_counts_of (int n_frames, int steps, int requests, const char *when)
{
  int n_requests;
  const int n_steps = steps_of (n_frames, &n_requests);

  CHECK (n_steps == steps && n_requests == requests,
      "%s: %d steps of %d, not %d of %d", when, n_steps, n_requests, steps,
      requests);
}

static void
test_steady (void)
{
  begin_world (1, LEFT, LEFT);
  check_counts_of (50, 50, 52, "steady");
  begin_world (1, LEFT, LEFT);
  dan_tracker_set_recurrent (tracker, 0);
  check_counts_of (50, 0, 50, "not asked for");
  dan_tracker_set_recurrent (tracker, 1);
  step (false);
  CHECK (world.n_steps == 1, "asked for later");
}

/* How far a face's landmarks are off at most, by its side. */
static double
error_of (int person)
{
  DanPoint truth[N];

  landmarks_of (model, person, truth);
  return face_of (person)
      ? farthest (truth, face_of (person)->landmarks) / world.people[person].side
      : INFINITY;
}

/* Steps that are always off end up where all stages are, and without a jump. */
static void
test_bias (void)
{
  double last = .1;

  begin_world (1, LEFT, LEFT);
  world.step_error = .1;
  for (int t = 0; t < 7 * FPS; t++) {
    step (t == 0);
    if (t == FPS / 2)
      CHECK (error_of (0) > .04, "off by %g already", error_of (0));
    CHECK (t < FPS || fabs (error_of (0) - last) < .02, "from %g to %g", last,
        error_of (0));
    last = error_of (0);
  }
  CHECK (last < .02, "off by %g", last);
}

/* What was learnt of one face is not another's. */
static void
test_bias_is_forgotten (void)
{
  begin_world (1, LEFT, LEFT);
  world.step_error = .1;
  for (int t = 0; t < 7 * FPS; t++)
    step (t == 0);
  dan_tracker_reset (tracker);
  world.step_error = 0;
  for (int t = 0; t < FPS; t++)
    step (t == 0);
  CHECK (error_of (0) < .01, "off by %g", error_of (0));
}

/* People who were found together do not compare together. */
static void
test_one_compares (void)
{
  int n_compared = 0;

  begin_world (3, LEFT, RIGHT);
  world.people[2] = (Person) { 60, 120, 30, false };
  step (true);
  for (int t = 0; t < FPS + FPS / 2; t++) {
    world.n_requests = world.n_steps = 0;
    step (false);
    n_compared += world.n_requests - world.n_steps;
    CHECK (world.n_steps == 3 && world.n_requests <= 4,
        "%d steps of %d in frame %d", world.n_steps, world.n_requests, t);
    CHECK (n_compared == (t < 3 ? t + 1 : 3) || t >= FPS,
        "%d compared until frame %d", n_compared, t);
  }
  CHECK (n_compared == 6, "%d compared in all", n_compared);
}

/* Nor do those whose steps have a decoder. */
static void
test_none_compares (void)
{
  static const float shares[1];
  DanStage *recurrent = &model->stages[model->n_stages];

  begin_world (2, LEFT, RIGHT);
  recurrent->share = shares;
  step (true);
  for (int t = 0; t < 2 * FPS; t++) {
    world.n_requests = world.n_steps = 0;
    step (false);
    CHECK (world.n_steps == 2 && world.n_requests == 2,
        "%d steps of %d in frame %d", world.n_steps, world.n_requests, t);
  }
  recurrent->share = NULL;
}

/* Nor does one whose steps are always doubted keep others from it. */
static void
test_all_get_to_compare (void)
{
  begin_world (2, LEFT, RIGHT);
  world.people[0].doubted = true;
  world.step_error = .1;
  for (int t = 0; t < 7 * FPS; t++)
    step (t == 0);
  CHECK (error_of (1) < .02, "off by %g", error_of (1));
}

/* What all stages doubt, where a step was good enough, is not gone on from. */
static void
test_doubtful_comparison (void)
{
  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 3 * FPS; t++) {
    step (t == 0);
    world.confidence = .3f;
  }
  CHECK (world.n_requests - world.n_steps == 4, "%d of %d steps",
      world.n_steps, world.n_requests);
  CHECK (world.n_strangers == 0, "%d steps from what was doubted",
      world.n_strangers);
}

/* Each goes on from what was made of itself, whoever comes and goes. */
static void
test_several (void)
{
  begin_world (3, LEFT, RIGHT);
  world.people[2] = (Person) { 60, 120, 30, false };
  for (int t = 0; t < 60; t++) {
    world.people[0].hidden = t >= 20 && t < 40;
    step (true);
    CHECK (faces.n >= 2 && faces.n <= 3, "%zu faces in frame %d", faces.n, t);
  }
  for (int person = 0; person < 3; person++)
    check_face (person, person, "at the end");
  CHECK (world.n_strangers == 0, "%d go on from others", world.n_strangers);
  CHECK (world.n_steps > 100, "%d steps", world.n_steps);
}

/* All stages are asked as well, and are the ones to be believed. */
static void
test_doubtful (void)
{
  begin_world (1, LEFT, LEFT);
  world.step_confidence = .3f;
  check_counts_of (20, 20, 40, "not trusted");
  begin_world (1, LEFT, LEFT);
  world.step_error = .3;
  check_counts_of (20, 20, 40, "off");
}

/* The steps of somebody who goes by @speed pixels a frame. */
static int
steps_at (double speed)
{
  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 20; t++) {
    step (t == 0);
    check_face (0, 0, "moving");
    world.people[0].x += speed;
  }
  return world.n_steps;
}

/* Who moves fast goes through all stages. */
static void
test_motion (void)
{
  CHECK (steps_at (.2) == 19, "%d steps of one who goes slowly",
      steps_at (.2));
  CHECK (steps_at (4) < 5, "%d steps of one who goes fast", steps_at (4));
}

/* A face that was not seen a moment ago is looked for by all stages. */
static void
test_lost (void)
{
  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 5; t++)
    step (t == 0);
  world.people[0].hidden = true;
  step (false);
  CHECK (faces.n == 1 && faces.faces[0].status == DAN_TRACK_EXTRAPOLATED,
      "%zu faces", faces.n);
  world.n_steps = 0;
  for (int t = 0; t < 10; t++)
    step (false);
  CHECK (world.n_steps == 0, "%d steps without a face", world.n_steps);
  world.people[0].hidden = false;
  for (int t = 0; t < 3; t++) /* it is looked for where it was by turns */
    step (false);
  check_face (0, 0, "found again");
  CHECK (world.n_steps >= 1 && world.n_steps <= 2, "%d steps", world.n_steps);
}

static void
test_gaps (void)
{
  begin_world (1, LEFT, LEFT);
  step (true);
  for (int t = 0; t < 10; t++) {
    now += .1;
    step (false);
    check_face (0, 0, "few frames a second");
  }
  CHECK (world.n_steps == 0, "%d steps", world.n_steps);
}

/* Nothing is carried over what separates one video from another. */
static void
test_reset (void)
{
  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 5; t++)
    step (t == 0);
  dan_tracker_reset (tracker);
  world.n_steps = 0;
  step (true);
  CHECK (world.n_steps == 0, "%d steps", world.n_steps);
  step (false);
  CHECK (world.n_steps == 1, "%d steps", world.n_steps);
}

/* What is only believed while it is detected does not step. */
static void
test_false_alarm (void)
{
  const DanDetection detection = { .box = { 130, 80, 30, 30 } };

  begin_world (0, LEFT, LEFT);
  for (int t = 0; t < 5; t++)
    look (&image, &detection, 1);
  CHECK (world.n_steps == 0 && world.n_requests == 5, "%d of %d",
      world.n_steps, world.n_requests);
}

/* Where there is nothing to carry on with, all is as if it were not asked
 * for. */
static void
test_other_models (void)
{
  static const int stages[] = { 2, 0, 1 };

  for (int i = 0; i < 3; i++) {
    dan_tracker_close (&tracker);
    dan_context_close (&context);
    dan_model_close (&model);
    model = i == 0 ? small_model (2) : small_recurrent_model ();
    context = open_context (model, 1, stages[i]);
    begin_world (1, LEFT, LEFT);
    check_counts_of (5, i == 1 ? 5 : 0, i == 1 ? 6 : 5, "another model");
  }
}

int
main (void)
{
  draw_pixels ();
  model = small_recurrent_model ();
  context = open_context (model, 1, 0);
  test_steady ();
  test_bias ();
  test_bias_is_forgotten ();
  test_one_compares ();
  test_none_compares ();
  test_all_get_to_compare ();
  test_doubtful_comparison ();
  test_several ();
  test_doubtful ();
  test_motion ();
  test_lost ();
  test_gaps ();
  test_reset ();
  test_false_alarm ();
  test_other_models ();
  dan_tracker_close (&tracker);
  dan_context_close (&context);
  dan_model_close (&model);
  return check_summary ("track-step");
}
