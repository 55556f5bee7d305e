/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* People that a tracker looks at, and a network that always finds the nearest
 * of them: for programs linked with --wrap=dan_context_align. */
#ifndef DAN_TESTS_WORLD_H
#define DAN_TESTS_WORLD_H

#include <string.h>

#include "context.h"
#include "small-model.h"

#define MAX_PEOPLE 4

typedef struct {
  double x, y; /* of the face's centre */
  double side; /* of its box */
  bool hidden;
  bool doubted; /* in steps */
} Person;

static struct {
  Person people[MAX_PEOPLE];
  int n_people;
  double noise;   /* of the landmarks, pixels */
  DanPoint noises[N]; /* of this frame, by that: a step and all stages, which look
                       * at the same pixels, have most of theirs in common */
  double jump;    /* how far to the right everybody is found, by the face's side */
  float expected_error; /* of faces that are found */
  bool headless;  /* the network does not tell its confidence */
  int n_requests; /* faces that it was asked for */
  int n_steps;    /* those of them that were to go on by a step */
  float confidence;      /* of all stages, when they find somebody */
  float step_confidence; /* and of steps, at most */
  double step_error;     /* how far they are off, by the face's side */
  int n_strangers; /* steps to one face that went on from another's */
  float roll;     /* of the last one */
} world;

static inline DanDetection
detection_of (int person)
{
  const Person *p = &world.people[person];

  return (DanDetection) { .box = { (float) (p->x - p->side / 2),
    (float) (p->y - p->side / 2), (float) p->side, (float) p->side } };
}

/* The true landmarks: the mean shape in the middle of the face. */
static inline void
landmarks_of (const DanModel *model, int person, DanPoint *landmarks)
{
  const DanPoint *mean = dan_model_mean_shape (model);
  const DanBox from = dan_box_around (mean, N);
  const Person *p = &world.people[person];
  const double scale = 2 * p->side / (from.width + from.height);

  for (int i = 0; i < N; i++)
    landmarks[i] = (DanPoint) {
      (float) (p->x + scale * (mean[i].x - from.x - from.width / 2)),
      (float) (p->y + scale * (mean[i].y - from.y - from.height / 2)) };
}

/* The person whose face the network would find from @start, or -1. */
static inline int
person_near (DanBox start)
{
  double nearest = 0;
  int found = -1;

  for (int i = 0; i < world.n_people; i++) {
    const Person *p = &world.people[i];
    const double distance = hypot (start.x + start.width / 2 - p->x,
        start.y + start.height / 2 - p->y);

    if (!p->hidden && distance < p->side * .5
        && (found < 0 || distance < nearest)) {
      found = i;
      nearest = distance;
    }
  }
  return found;
}

/* What a network does with a box that is none. */
static inline bool
fits (DanBox box)
{
  return fabsf (box.x) < 1e6f && fabsf (box.y) < 1e6f && box.width >= 4
      && box.width < 1e6f && box.height >= 4 && box.height < 1e6f;
}

/* The person that was found, or -1. */
static inline int
find_face (const DanModel *model, DanFace *face)
{
  const DanBox start
      = face->shape ? dan_box_around (face->shape, N) : face->box;
  const int person = person_near (start);

  face->status = fits (start) ? DAN_OK : DAN_ERROR_BOX;
  if (face->status != DAN_OK)
    return -1;
  if (person >= 0) {
    landmarks_of (model, person, face->landmarks);
    for (int i = 0; i < N; i++) {
      face->landmarks[i].x += world.noise * world.noises[i].x
          + world.jump * world.people[person].side;
      face->landmarks[i].y += world.noise * world.noises[i].y;
    }
  } else {
    const Person nobody = { start.x + start.width / 2,
      start.y + start.height / 2, (start.width + start.height) / 2, false };
    const Person first = world.people[0];

    world.people[0] = nobody;
    landmarks_of (model, 0, face->landmarks);
    world.people[0] = first;
  }
  face->expected_error = world.headless ? -1 : person >= 0 ? world.expected_error : 1;
  face->confidence = world.headless ? -1 : person >= 0 ? world.confidence : .01f;
  return person;
}

/* What a step makes of @person's face, which all stages would find. */
static inline void
spoil_step (DanFace *face, int person)
{
  if (!world.headless)
    face->confidence
        = world.people[person].doubted ? .3f : world.step_confidence;
  for (int i = 0; i < N; i++)
    face->landmarks[i].x += world.step_error * world.people[person].side;
}

DanStatus __wrap_dan_context_align (DanContext *context, const DanImage *frame,
    DanFace *faces, float *const *hidden, size_t n_faces, bool step,
    DanError *error);

DanStatus
__wrap_dan_context_align (DanContext *context, const DanImage *frame,
    DanFace *faces, float *const *hidden, size_t n_faces, bool step,
    DanError *error)
{
  (void) frame;
  (void) error;
  world.n_requests += (int) n_faces;
  world.n_steps += step ? (int) n_faces : 0;
  for (size_t i = 0; i < n_faces; i++) {
    const int person = find_face (dan_context_model (context), &faces[i]);

    if (step && person >= 0) {
      world.n_strangers += *hidden[i] != person;
      spoil_step (&faces[i], person);
    }
    if (hidden[i])
      /* So much the network knows of it; what is doubted is nobody's. */
      *hidden[i] = (float) (world.confidence < .4f && !step ? -1 : person);
  }
  if (n_faces > 0)
    world.roll = faces[n_faces - 1].roll;
  return DAN_OK;
}

#endif
