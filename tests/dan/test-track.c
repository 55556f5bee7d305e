/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who is who, in worlds where the network's answers are known. */

#include "tracked.h"

/* Detections are only needed once. */
static void
test_follow (void)
{
  begin_world (2, LEFT, RIGHT);
  step (true);
  check_n (2, "first frame");
  for (size_t i = 0; i < faces.n; i++)
    CHECK (faces.faces[i].status == DAN_TRACK_DETECTED
            && faces.faces[i].detection == (int) i && faces.faces[i].age == 0,
        "status %d, detection %d", faces.faces[i].status,
        faces.faces[i].detection);
  for (int t = 1; t < 100; t++) {
    world.people[0].x += sin (t * .1) * 3;
    world.people[1].y += cos (t * .1) * 3;
    step (t % 30 == 0);
    check_n (2, "followed");
    check_face (0, 0, "followed");
    check_face (1, 1, "followed");
    for (size_t i = 0; i < faces.n; i++) {
      const DanTrackedFace *face = &faces.faces[i];

      CHECK (face->status == DAN_TRACK_TRACKED
              && fabs (face->age - t / (double) FPS) < 1e-6
              && (face->detection >= 0) == (t % 30 == 0),
          "status %d, age %g, detection %d in frame %d", face->status,
          face->age, face->detection, t);
    }
  }
}

/* Before there is anything to go by, landmarks are what dan_align() gives. */
static void
test_first_frame (void)
{
  DanPoint truth[N];

  begin_world (1, LEFT, LEFT);
  step (true);
  landmarks_of (model, 0, truth);
  CHECK (face_of (0) && farthest (face_of (0)->landmarks, truth) < 1e-3,
      "they are others");
}

/* A face is first looked for as it was detected, and then as it is. */
static void
test_roll (void)
{
  DanDetection detection;

  begin_world (1, LEFT, LEFT);
  detection = detection_of (0);
  detection.roll = 40;
  look (&image, &detection, 1);
  CHECK (world.roll == 40, "asked for one turned by %g", world.roll);
  look (&image, &detection, 1);
  CHECK (world.roll == 0, "followed as turned by %g", world.roll);
}

/* Told as extrapolated for two frames, then not at all. */
static void
test_loss (void)
{
  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 10; t++)
    step (t == 0);
  world.people[0].hidden = true;
  for (int t = 1; t <= 2; t++) {
    step (false);
    check_n (1, "just lost");
    CHECK (faces.n && faces.faces[0].status == DAN_TRACK_EXTRAPOLATED,
        "status %d", faces.faces[0].status);
  }
  step (false);
  check_n (0, "lost");
}

/* Hides a person for @seconds, who moves on by @speed pixels per frame.
 * Returns the id that it then has, or -1. */
static int
id_after_occlusion (double seconds, double speed, bool detect)
{
  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 10; t++, world.people[0].x += speed)
    step (t == 0);
  world.people[0].hidden = true;
  for (int t = 0; t < seconds * FPS; t++, world.people[0].x += speed)
    step (false);
  world.people[0].hidden = false;
  for (int t = 0; t < 2; t++, world.people[0].x += speed)
    step (detect && t == 0);
  world.people[0].x -= speed;
  return face_of (0) ? (int) face_of (0)->id : -1;
}

/* The id of somebody who was going, and comes out where he went in. */
static int
stopped_behind (void)
{
  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 10; t++, world.people[0].x += 3)
    step (t == 0);
  world.people[0].hidden = true;
  for (int t = 0; t < FPS; t++)
    step (false);
  world.people[0].hidden = false;
  for (int t = 0; t < 2; t++)
    step (false);
  return face_of (0) ? (int) face_of (0)->id : -1;
}

static void
test_occlusion (void)
{
  CHECK (id_after_occlusion (1, 0, false) == 0, "still, behind something");
  CHECK (stopped_behind () == 0, "stopped behind something");
  CHECK (id_after_occlusion (.5, 2, false) == 0, "going on behind something");
  CHECK (id_after_occlusion (1, 2, true) == 0, "going on, and detected");
  CHECK (id_after_occlusion (3, 0, false) == -1, "away");
  CHECK (id_after_occlusion (3, 0, true) == 1, "back after a long time");
}

/* Two that cross, one hiding the other, keep their numbers, though the network
 * at first takes the one in front for both. */
static void
test_crossing (int detect_every, int behind)
{
  begin_world (2, (Person) { 40, 70, 40, false },
      (Person) { 160, 72, 40, false });
  for (int t = 0; t < 60; t++) {
    Person *left = &world.people[0], *right = &world.people[1];
    Person *back = &world.people[behind];

    step (t % detect_every == 0);
    check_face (1 - behind, 1 - behind, "in front");
    if (t < 20 || t > 42)
      check_face (behind, behind, "behind");
    CHECK (faces.n <= 2, "%zu faces of two people", faces.n);
    CHECK (faces.n < 2 || farthest (faces.faces[0].landmarks,
            faces.faces[1].landmarks) > 8 || back->hidden,
        "two on one face in frame %d", t);
    left->x += 2;
    right->x -= 2;
    back->hidden = fabs (left->x - right->x) < 18;
  }
}

/* The same places, but other people. */
static void
test_cut (void)
{
  static uint8_t other_pixels[WIDTH * HEIGHT];
  const DanImage other
      = { other_pixels, WIDTH, WIDTH, HEIGHT, DAN_FORMAT_GRAY8 };
  DanDetection detection;

  for (int i = 0; i < WIDTH * HEIGHT; i++)
    other_pixels[i] = (uint8_t) (128 + 90 * cos (i % WIDTH * .05));
  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 10; t++)
    step (true);
  detection = detection_of (0);
  look (&other, &detection, 1);
  check_n (1, "after a cut");
  check_face (0, 1, "after a cut");
  look (&other, NULL, 0);
  check_face (0, 1, "a frame later");
}

/* Whatever is detected twice or at the wrong place, a face is one face. */
static void
test_one_face_each (void)
{
  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 5; t++) {
    DanDetection detections[3]
        = { detection_of (0), detection_of (0), detection_of (0) };

    detections[1].box.x += 6;
    detections[2].box.y -= 15;
    look (&image, detections, 3);
    check_n (1, "detected three times");
    check_face (0, 0, "detected three times");
  }
}

/* Where the network sees no face there is one only while one is detected. */
static void
test_false_alarm (void)
{
  const DanDetection detection = { .box = { 130, 80, 30, 30 } };

  begin_world (1, LEFT, LEFT);
  step (true);
  for (int t = 0; t < 5; t++) {
    look (&image, &detection, 1);
    check_n (2, "with a false alarm");
    CHECK (faces.n == 2 && faces.faces[1].id == 1
            && faces.faces[1].status == DAN_TRACK_DETECTED
            && faces.faces[1].detection == 0, "another every time");
  }
  step (false);
  check_n (1, "without it");
}

/* A detection that overlaps a face by half is its own, one that does by a fifth is
 * not. */
static void
test_detections_beside (void)
{
  DanDetection detection;

  for (int half = 0; half < 2; half++) {
    begin_world (1, LEFT, LEFT);
    for (int t = 0; t < 10; t++)
      step (t == 0);
    detection = detection_of (0);
    detection.box.x += LEFT.side * (half ? 1 / 3. : 2 / 3.);
    look (&image, &detection, 1);
    check_face (0, 0, "a detection beside");
    check_n (half ? 1 : 2, "a detection beside");
    CHECK (face_of (0)->detection == (half ? 0 : -1), "detection %d",
        face_of (0)->detection);
  }
}

/* Whether somebody of @side, who was hidden for @seconds, is taken for the same
 * person when detected @distance of his sizes further on. */
static bool
is_known_again (double seconds, double distance, double side)
{
  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 10; t++)
    step (t == 0);
  world.people[0].hidden = true;
  for (int t = 0; t < seconds * FPS; t++)
    step (false);
  world.people[0].hidden = false;
  world.people[0].x += distance * LEFT.side;
  world.people[0].side = side;
  step (true);
  return face_of (0) && face_of (0)->id == 0 && face_of (0)->detection == 0;
}

static void
test_lost_and_found (void)
{
  CHECK (is_known_again (1, 1.5, 40), "far, but long ago");
  CHECK (!is_known_again (.2, 1.5, 40), "far");
  CHECK (!is_known_again (1, 3, 40), "too far");
  CHECK (is_known_again (1, .6, 55), "larger");
  CHECK (!is_known_again (1, .6, 80), "too large");
  CHECK (!is_known_again (1, .6, 20), "too small");
}

/* How sure of a face the network has to be: least where it was a moment ago. */
static void
test_trust (void)
{
  begin_world (1, LEFT, LEFT);
  world.confidence = .3f;
  step (true);
  check_n (1, "detected");
  step (false);
  check_n (0, "detected before, and doubtful");
  world.confidence = .9f;
  step (true);
  world.confidence = .3f;
  for (int t = 0; t < FPS; t++)
    step (false);
  check_n (1, "followed");
  world.people[0].hidden = true;
  for (int t = 0; t < FPS / 2; t++)
    step (false);
  world.people[0].hidden = false;
  step (false);
  check_n (0, "lost, and doubtful");
  world.confidence = .9f;
  step (false);
  check_n (1, "lost, and found");
}

/* Nobody is two sizes away from one frame to the next, however sure the network
 * is. */
static void
test_jump (void)
{
  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 10; t++)
    step (t == 0);
  world.jump = 2;
  step (false);
  check_n (1, "jumped");
  check_face (0, 0, "where it was");
  CHECK (faces.faces[0].status == DAN_TRACK_EXTRAPOLATED, "status %d",
      faces.faces[0].status);
}

/* How far the told face follows one frame in which it is found a quarter of its
 * side away. */
static double
moved_by (float expected_error)
{
  DanPoint before[N];

  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < FPS; t++)
    step (t == 0);
  check_n (1, "followed");
  memcpy (before, faces.faces[0].landmarks, sizeof before);
  world.jump = .25;
  world.expected_error = expected_error;
  step (false);
  check_n (1, "found beside");
  return farthest (before, faces.faces[0].landmarks);
}

static void
test_expected_errors (void)
{
  const double sure = moved_by (.03f), doubtful = moved_by (.3f);

  CHECK (doubtful < .5 * sure, "%g and %g pixels", sure, doubtful);
}

static void
test_max_faces (void)
{
  begin_world (3, LEFT, RIGHT);
  world.people[2] = (Person) { 60, 120, 30, false };
  dan_tracker_set_max_faces (tracker, 2);
  for (int t = 0; t < 5; t++) {
    step (true);
    check_n (2, "two at most");
    check_face (0, 0, "two at most");
    check_face (1, 1, "two at most");
  }
  dan_tracker_set_max_faces (tracker, 0);
  step (true);
  check_n (3, "no limit");
  dan_tracker_set_max_faces (tracker, 1);
  step (true);
  check_n (1, "one at most");
  check_face (0, 0, "the oldest");
}

/* A face that is lost counts while it is told; one that turns up again goes
 * before those that came later. */
static void
test_max_faces_lost (void)
{
  size_t most = 0;

  begin_world (2, LEFT, RIGHT);
  dan_tracker_set_max_faces (tracker, 1);
  step (true);
  for (int t = 0; t < FPS / 2; t++) {
    world.people[0].hidden = true;
    step (true);
    most = faces.n > most ? faces.n : most;
  }
  CHECK (most == 1, "%zu faces", most);
  check_face (1, 1, "the other's turn");
  world.people[0].hidden = false;
  step (true);
  check_n (1, "both");
  check_face (0, 0, "back again");

  begin_world (2, LEFT, RIGHT);
  dan_tracker_set_max_faces (tracker, 2);
  step (true);
  world.people[0].hidden = true;
  for (int t = 0; t < FPS / 2; t++)
    step (true);
  check_n (1, "the other one");
  check_face (1, 1, "nobody had to go");
}

/* Where time makes no sense, no frame has one before it. */
static void
test_time (void)
{
  static const double jumps[] = { -5, 1.5, NAN, INFINITY, -INFINITY };

  for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
    begin_world (1, LEFT, LEFT);
    step (true);
    now += jumps[i];
    step (false);
    check_n (0, "after a jump in time");
    step (true);
    step (true);
    check_face (0, isfinite (now) ? 1 : 2, "in another time");
    CHECK (faces.n == 1 && faces.faces[0].age >= 0
            && faces.faces[0].age < .1, "age %g", faces.faces[0].age);
  }
  begin_world (1, LEFT, LEFT);
  step (true);
  now -= 1. / FPS; /* the same frame again */
  step (false);
  check_face (0, 0, "a frame twice");
  dan_tracker_reset (tracker);
  step (false);
  check_n (0, "after a reset");
  step (true);
  check_face (0, 1, "after a reset");
}

/* Moving on, without looking. */
static void
test_extrapolate (void)
{
  begin_world (1, LEFT, LEFT);
  dan_tracker_extrapolate (tracker, now, &faces);
  check_n (0, "nothing was there");
  for (int t = 0; t < 20; t++, world.people[0].x += 2)
    step (t == 0);
  world.n_requests = 0;
  for (int t = 0; t < 5; t++, now += 1. / FPS, world.people[0].x += 2) {
    dan_tracker_extrapolate (tracker, now, &faces);
    check_n (1, "extrapolated");
    check_face (0, 0, "extrapolated");
    CHECK (faces.n && faces.faces[0].status == DAN_TRACK_EXTRAPOLATED,
        "status %d", faces.faces[0].status);
  }
  CHECK (world.n_requests == 0, "%d were aligned", world.n_requests);
  step (false);
  check_face (0, 0, "seen again");
  dan_tracker_extrapolate (tracker, now + 2, &faces);
  check_n (0, "long afterwards");
  dan_tracker_extrapolate (tracker, now - 2, &faces);
  check_n (0, "before");
}

/* Without confidences, detections tell faces. */
static void
test_headless (void)
{
  begin_world (1, LEFT, LEFT);
  world.headless = true;
  for (int t = 0; t < 100; t++) {
    step (t % 30 == 0);
    check_face (0, 0, "detected now and then");
  }
  for (int t = 0; t < 3 * FPS; t++)
    step (false);
  check_n (0, "not detected any more");
}

static void
test_jitter (void)
{
  DanPoint truth[N];
  double worst = 0, sum = 0;

  begin_world (1, LEFT, LEFT);
  world.noise = 1;
  landmarks_of (model, 0, truth);
  for (int t = 0; t < 100; t++) {
    step (t == 0);
    CHECK (faces.n == 1, "lost in frame %d", t);
    for (int i = 0; faces.n == 1 && t > 20 && i < N; i++) {
      const DanPoint p = faces.faces[0].landmarks[i];

      worst = fmax (worst, hypot (p.x - truth[i].x, p.y - truth[i].y));
      sum += pow (p.x - truth[i].x, 2) + pow (p.y - truth[i].y, 2);
    }
  }
  /* That of the network is 2 / 3. */
  CHECK (sum / (79 * N) < .5, "mean square error %g", sum / (79 * N));
  CHECK (worst < 2, "off by %g", worst);
}

static void
test_arguments (void)
{
  DanTracker *none = NULL;
  DanDetection detection = detection_of (0);
  DanImage bad = image;
  DanError error;

  begin_world (1, LEFT, LEFT);
  bad.width = 0;
  CHECK (dan_tracker_open (NULL, context, &error) == DAN_ERROR_ARGUMENT,
      "no place for it");
  CHECK (dan_tracker_open (&none, NULL, &error) == DAN_ERROR_ARGUMENT && !none,
      "no context");
  CHECK (dan_tracker_update (NULL, &image, 0, NULL, 0, &faces, &error)
          == DAN_ERROR_ARGUMENT, "no tracker");
  CHECK (dan_tracker_update (tracker, &image, 0, NULL, 0, NULL, &error)
          == DAN_ERROR_ARGUMENT, "no place for faces");
  CHECK (dan_tracker_update (tracker, &image, 0, NULL, 1, &faces, &error)
          == DAN_ERROR_ARGUMENT && faces.n == 0, "no detections");
  CHECK (dan_tracker_update (tracker, &bad, 0, &detection, 1, &faces, &error)
          == DAN_ERROR_ARGUMENT && faces.n == 0, "no image");
  dan_tracker_close (&none);
}

/* Boxes that no face fits in are left out. */
static void
test_bad_boxes (void)
{
  DanDetection detections[] = { { .box = { NAN, 0, 10, 10 } },
    { .box = { 0, 0, INFINITY, 10 } }, { .box = { 1e30f, 0, 1e30f, 1 } },
    { .box = { 0, 0, 0, 0 } }, { .box = { 10, 10, -50, -50 } } };

  begin_world (1, LEFT, LEFT);
  for (int t = 0; t < 4; t++) {
    look (&image, detections, sizeof detections / sizeof *detections);
    check_n (0, "no box at all");
  }
}

static void
test_model (DanModel *of)
{
  model = of;
  context = open_context (model, 1, 0);
  test_follow ();
  test_first_frame ();
  test_roll ();
  test_loss ();
  test_occlusion ();
  for (int behind = 0; behind < 2; behind++) {
    test_crossing (1, behind);
    test_crossing (15, behind);
  }
  test_cut ();
  test_one_face_each ();
  test_false_alarm ();
  test_detections_beside ();
  test_lost_and_found ();
  test_trust ();
  test_jump ();
  test_expected_errors ();
  test_max_faces ();
  test_max_faces_lost ();
  test_time ();
  test_extrapolate ();
  test_headless ();
  test_jitter ();
  test_arguments ();
  test_bad_boxes ();
  dan_tracker_close (&tracker);
  dan_context_close (&context);
  dan_model_close (&model);
}

int
main (void)
{
  draw_pixels ();
  test_model (small_model (1));
  test_model (small_recurrent_model ());
  return check_summary ("track");
}
