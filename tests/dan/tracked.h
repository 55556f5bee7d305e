/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tracker that looks at a world. */
#ifndef DAN_TESTS_TRACKED_H
#define DAN_TESTS_TRACKED_H

#include "world.h"

#define FPS 25
#define LEFT ((Person) { 60, 60, 40, false })
#define RIGHT ((Person) { 140, 90, 40, false })

static DanModel *model;
static DanContext *context;
static DanTracker *tracker;
static double now;
static DanTrackedFaces faces;

/* A tracker before its first frame, and @n people of whom it knows nothing. */
static inline void
begin_world (int n, Person first, Person second)
{
  DanError error;

  dan_tracker_close (&tracker);
  CHECK (dan_tracker_open (&tracker, context, &error) == DAN_OK, "%s",
      error.message);
  memset (&world, 0, sizeof world);
  world.confidence = .9f;
  world.expected_error = .03f;
  world.step_confidence = .9f;
  world.n_people = n;
  world.people[0] = first;
  world.people[1] = second;
  now = 10;
}

static inline void
look (const DanImage *frame, const DanDetection *detections, size_t n)
{
  DanError error;

  for (int i = 0; i < N; i++)
    world.noises[i] = (DanPoint) { random_value (VALUES_ORDINARY),
      random_value (VALUES_ORDINARY) };
  CHECK (dan_tracker_update (tracker, frame, now, detections, n, &faces, &error)
          == DAN_OK, "%s", error.message);
  now += 1. / FPS;
}

/* A frame in which the detector did not look, or found whom one can see. */
static inline void
step (bool detect)
{
  DanDetection detections[MAX_PEOPLE] = {};
  size_t n = 0;

  for (int i = 0; detect && i < world.n_people; i++)
    if (!world.people[i].hidden)
      detections[n++] = detection_of (i);
  look (&image, detections, n);
}

/* The tracked face at @person's place, NULL: none. */
static inline const DanTrackedFace *
face_of (int person)
{
  DanPoint truth[N];

  landmarks_of (model, person, truth);
  for (size_t i = 0; i < faces.n; i++)
    if (farthest (truth, faces.faces[i].landmarks) < 8)
      return &faces.faces[i];
  return NULL;
}

static inline void
check_face (int person, int id, const char *when)
{
  const DanTrackedFace *face = face_of (person);

  CHECK (face && (int) face->id == id, "%s: person %d has id %d, not %d", when,
      person, face ? (int) face->id : -1, id);
}

static inline void
check_n (size_t n, const char *when)
{
  CHECK (faces.n == n, "%s: %zu faces, not %zu", when, faces.n, n);
}

#endif
