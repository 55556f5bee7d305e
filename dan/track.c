/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Follows faces from frame to frame: which detection is whose, who is aligned,
 * who is told. What becomes of a single face is decided in track-face.c. */

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "box.h"
#include "context.h"
#include "error.h"
#include "luma.h"
#include "track-face.h"
#include "track-match.h"
#include "track-scene.h"

/* Seconds without a frame after which nothing is known of what follows. */
#define MAX_GAP 1.

/* Overlap from which a detection is of a face. */
#define SAME_BOX .3f

/* How far a lost face may turn up from where it should be, by the larger side
 * of its box: at once, and more for each second. */
#define NEAR .7f
#define FARTHER 1.f
/* And by which factor it may have grown or shrunk. */
#define MAX_GROWTH 1.6f

struct DanTracker {
  DanContext *context;
  DanScene scene;
  double time; /* of the last frame; NAN: there was none */
  uint32_t next_id;
  size_t max_faces; /* 0: no limit */
  bool recurrent; /* steady faces go through the recurrent stage alone */

  /* The faces, the oldest first; those from n_tracks on are spare. */
  DanTrack **tracks;
  size_t n_tracks, n_allocated;

  /* For one frame. */
  const DanDetection *detections;
  DanBox *boxes; /* where the tracks should be */
  DanFace *requests;
  float **hidden; /* what carries their faces on */
  int *chosen; /* the tracks' detections */
  DanTrackedFace *told;
  int *chosen_by; /* the detections' tracks */
  size_t n_chosen_by;
};

static int
n_points (const DanTracker *tracker)
{
  return dan_context_model (tracker->context)->n_points;
}

DanStatus
dan_tracker_open (DanTracker **tracker, DanContext *context, DanError *error)
{
  if (!tracker)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no place for the tracker");
  *tracker = NULL;
  if (!context)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no context was given");
  *tracker = calloc (1, sizeof **tracker);
  if (!*tracker)
    return dan_fail (error, DAN_ERROR_MEMORY, "no memory for a tracker");
  (*tracker)->context = context;
  (*tracker)->time = NAN;
  (*tracker)->recurrent = true;
  return dan_ok (error);
}

void
dan_tracker_close (DanTracker **tracker)
{
  DanTracker *old = *tracker;

  if (!old)
    return;
  for (size_t i = 0; i < old->n_allocated; i++)
    dan_track_free (old->tracks[i]);
  free (old->tracks);
  free (old->boxes);
  free (old->requests);
  free (old->hidden);
  free (old->chosen);
  free (old->told);
  free (old->chosen_by);
  free (old);
  *tracker = NULL;
}

void
dan_tracker_set_max_faces (DanTracker *tracker, size_t max_faces)
{
  tracker->max_faces = max_faces;
}

void
dan_tracker_set_recurrent (DanTracker *tracker, int recurrent)
{
  tracker->recurrent = recurrent;
}

void
dan_tracker_reset (DanTracker *tracker)
{
  tracker->n_tracks = 0;
  tracker->time = NAN;
  tracker->scene.known = false;
}

static bool
grow (void *array, size_t n, size_t size)
{
  void *larger = reallocarray (*(void **) array, n, size);

  if (larger)
    *(void **) array = larger;
  return larger != NULL;
}

/* Makes room for @n tracks. */
static bool
reserve_tracks (DanTracker *tracker, size_t n)
{
  if (n <= tracker->n_allocated)
    return true;
  if (!grow (&tracker->tracks, n, sizeof *tracker->tracks)
      || !grow (&tracker->boxes, n, sizeof *tracker->boxes)
      || !grow (&tracker->requests, n, sizeof *tracker->requests)
      || !grow (&tracker->hidden, n, sizeof *tracker->hidden)
      || !grow (&tracker->chosen, n, sizeof *tracker->chosen)
      || !grow (&tracker->told, n, sizeof *tracker->told))
    return false;
  while (tracker->n_allocated < n) {
    DanTrack *track
        = dan_track_new (dan_context_model (tracker->context)->mean_shape,
            n_points (tracker), dan_context_n_hidden (tracker->context));

    if (!track)
      return false;
    tracker->tracks[tracker->n_allocated++] = track;
  }
  return true;
}

static bool
reserve_detections (DanTracker *tracker, size_t n)
{
  if (n > tracker->n_chosen_by
      && !grow (&tracker->chosen_by, n, sizeof *tracker->chosen_by))
    return false;
  if (n > tracker->n_chosen_by)
    tracker->n_chosen_by = n;
  return true;
}

static void
remove_dead (DanTracker *tracker)
{
  size_t n = 0;

  for (size_t i = 0; i < tracker->n_tracks; i++)
    if (!tracker->tracks[i]->dead) {
      DanTrack *track = tracker->tracks[i];

      tracker->tracks[i] = tracker->tracks[n];
      tracker->tracks[n++] = track;
    }
  tracker->n_tracks = n;
}

/* Where the faces should be; nothing is known of what was long ago, or of
 * another scene. */
static void
foretell (DanTracker *tracker, const DanImage *image, double time)
{
  const double gap = time - tracker->time;

  if (!(gap >= 0 && gap <= MAX_GAP))
    dan_tracker_reset (tracker);
  if (dan_scene_cut (&tracker->scene,
          dan_context_image_kernels (tracker->context), image))
    tracker->n_tracks = 0;
  tracker->time = time;
  for (size_t i = 0; i < tracker->n_tracks; i++) {
    dan_track_foretell (tracker->tracks[i], time);
    tracker->boxes[i] = dan_box_around (tracker->tracks[i]->expected,
        n_points (tracker));
  }
}

/* How well a detection suits a face that was there a frame ago. */
static float
suits_present (const void *data, size_t a, size_t b)
{
  const DanTracker *tracker = data;
  const float overlap
      = dan_box_overlap (tracker->boxes[a], tracker->detections[b].box);

  if (tracker->tracks[a]->state == DAN_TRACK_LOST)
    return 0;
  return overlap > SAME_BOX ? overlap : 0;
}

/* How well a detection suits a face that is lost. */
static float
suits_lost (const void *data, size_t a, size_t b)
{
  const DanTracker *tracker = data;
  const DanTrack *track = tracker->tracks[a];
  const DanBox box = tracker->boxes[a], other = tracker->detections[b].box;
  const float size = fmaxf (box.width, box.height);
  const float growth = fmaxf (other.width, other.height) / size;
  const float distance = hypotf (
      other.x + other.width / 2 - box.x - box.width / 2,
      other.y + other.height / 2 - box.y - box.height / 2);
  const float reach
      = size * (NEAR + FARTHER * (float) (tracker->time - track->seen));

  if (track->state != DAN_TRACK_LOST || !(distance < reach)
      || !(growth < MAX_GROWTH && growth > 1 / MAX_GROWTH))
    return 0;
  return 1 - distance / reach;
}

static void
match (DanTracker *tracker, size_t n_detections)
{
  int *chosen = tracker->chosen, *by = tracker->chosen_by;

  for (size_t i = 0; i < tracker->n_tracks; i++)
    chosen[i] = -1;
  for (size_t i = 0; i < n_detections; i++)
    by[i] = -1;
  dan_match (suits_present, tracker, chosen, tracker->n_tracks, by,
      n_detections);
  dan_match (suits_lost, tracker, chosen, tracker->n_tracks, by, n_detections);
  for (size_t i = 0; i < tracker->n_tracks; i++) {
    DanTrack *track = tracker->tracks[i];

    track->detection = chosen[i];
    track->dead = track->state == DAN_TRACK_DOUBTED && chosen[i] < 0;
  }
  remove_dead (tracker);
}

static size_t
n_shown (const DanTracker *tracker)
{
  size_t n = 0;

  for (size_t i = 0; i < tracker->n_tracks; i++)
    n += dan_track_is_shown (tracker->tracks[i], tracker->time);
  return n;
}

static bool
is_full (const DanTracker *tracker)
{
  return tracker->max_faces > 0 && n_shown (tracker) >= tracker->max_faces;
}

/* Detections that are nobody's become faces of their own. FALSE without
 * memory. */
static bool
match_and_begin (DanTracker *tracker, size_t n_detections)
{
  match (tracker, n_detections);
  for (size_t i = 0; i < n_detections; i++) {
    if (tracker->chosen_by[i] >= 0 || is_full (tracker))
      continue;
    if (!reserve_tracks (tracker, tracker->n_tracks + 1))
      return false;
    dan_track_begin (tracker->tracks[tracker->n_tracks++], tracker->next_id++,
        (int) i, tracker->time);
  }
  return true;
}

/* Aligns the faces that step, or those that do not. */
static void
align_those (DanTracker *tracker, const DanImage *image, bool step)
{
  size_t n = 0;

  for (size_t i = 0; i < tracker->n_tracks; i++)
    if (dan_track_asks (tracker->tracks[i], step)) {
      tracker->requests[n]
          = dan_track_request (tracker->tracks[i], tracker->detections, step);
      tracker->hidden[n++] = dan_track_carrier (tracker->tracks[i], step);
    }
  /* What can fail is the faces' own: their status says it. */
  dan_context_align (tracker->context, image, tracker->requests,
      tracker->hidden, n, step, NULL);
  n = 0;
  for (size_t i = 0; i < tracker->n_tracks; i++)
    if (dan_track_asks (tracker->tracks[i], step))
      dan_track_answer (tracker->tracks[i], &tracker->requests[n++], step);
}

/* Those of a stage with a decoder are as exact as all stages: nothing is to be
 * learnt of what they differ by (docs/video.md). */
static bool
has_exact_steps (const DanTracker *tracker)
{
  const DanModel *model = dan_context_model (tracker->context);

  return model->stages[model->n_stages].share;
}

/* Who goes through which stages. One face at most compares, so that no frame costs
 * much more than others. */
static void
choose (DanTracker *tracker)
{
  const bool exact = has_exact_steps (tracker);
  bool compares = false;

  for (size_t i = 0; i < tracker->n_tracks; i++) {
    DanTrack *track = tracker->tracks[i];

    dan_track_choose (track, tracker->time, tracker->recurrent);
    track->compares = track->compares && !compares && !exact;
    /* Its turn is over, whatever comes of it: it is others' next. */
    if (track->compares)
      track->compared = tracker->time;
    compares = compares || track->compares;
  }
}

/* Faces whose step comes to nothing are among those that do not step then. */
static void
align (DanTracker *tracker, const DanImage *image)
{
  choose (tracker);
  align_those (tracker, image, true);
  align_those (tracker, image, false);
  for (size_t i = 0; i < tracker->n_tracks; i++)
    dan_track_correct (tracker->tracks[i]);
}

/* Whether @a, the older one, has more of a right to a face than @b. */
static bool
goes_first (const DanTrack *a, const DanTrack *b)
{
  if (a->state == DAN_TRACK_SURE && b->state == DAN_TRACK_SURE)
    return dan_track_surprise (a) <= dan_track_surprise (b);
  return b->state != DAN_TRACK_SURE;
}

/* Two that end on one face: one of them is wrong. */
static void
separate (DanTracker *tracker)
{
  for (size_t i = 0; i < tracker->n_tracks; i++)
    for (size_t j = i + 1; j < tracker->n_tracks; j++) {
      DanTrack *a = tracker->tracks[i], *b = tracker->tracks[j];

      if (dan_track_same_face (a, b))
        (goes_first (a, b) ? b : a)->aligned = false;
    }
}

static void
conclude (DanTracker *tracker)
{
  size_t shown = 0;

  for (size_t i = 0; i < tracker->n_tracks; i++) {
    DanTrack *track = tracker->tracks[i];

    dan_track_conclude (track, tracker->time);
    if (track->dead || !dan_track_is_shown (track, tracker->time))
      continue;
    track->dead = tracker->max_faces > 0 && shown >= tracker->max_faces;
    shown++;
  }
  remove_dead (tracker);
}

static DanTrackedFace
tell_face (const DanTrack *track, double time, DanTrackStatus status)
{
  return (DanTrackedFace) {
    .id = track->id,
    .status = status,
    .age = isfinite (time) ? time - track->born : 0,
    .landmarks = track->shown,
    .detection = track->detection,
    .expected_error = track->expected_error,
    .confidence = track->confidence,
  };
}

static DanTrackStatus
status_of (const DanTrack *track)
{
  if (track->state == DAN_TRACK_LOST)
    return DAN_TRACK_EXTRAPOLATED;
  return track->from_detection ? DAN_TRACK_DETECTED : DAN_TRACK_TRACKED;
}

static void
tell (DanTracker *tracker, DanTrackedFaces *faces)
{
  size_t n = 0;

  for (size_t i = 0; i < tracker->n_tracks; i++) {
    const DanTrack *track = tracker->tracks[i];

    if (dan_track_is_shown (track, tracker->time))
      tracker->told[n++]
          = tell_face (track, tracker->time, status_of (track));
  }
  *faces = (DanTrackedFaces) { tracker->told, n };
}

static DanStatus
check (const DanTracker *tracker, const DanImage *image,
    const DanDetection *detections, size_t n_detections, const DanTrackedFaces *faces,
    DanError *error)
{
  if (!tracker || !faces)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no %s",
        tracker ? "place for the faces" : "tracker was given");
  if ((!detections && n_detections > 0) || n_detections > INT_MAX)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "%zu detections at %p",
        n_detections, (const void *) detections);
  return dan_image_check (image, error);
}

DanStatus
dan_tracker_update (DanTracker *tracker, const DanImage *image, double time,
    const DanDetection *detections, size_t n_detections, DanTrackedFaces *faces,
    DanError *error)
{
  DanStatus status
      = check (tracker, image, detections, n_detections, faces, error);

  if (faces)
    *faces = (DanTrackedFaces) { NULL, 0 };
  if (status != DAN_OK)
    return status;
  tracker->detections = detections;
  foretell (tracker, image, time);
  if (!reserve_detections (tracker, n_detections)
      || !match_and_begin (tracker, n_detections)) {
    dan_tracker_reset (tracker);
    return dan_fail (error, DAN_ERROR_MEMORY, "no memory for another face");
  }
  align (tracker, image);
  separate (tracker);
  conclude (tracker);
  tell (tracker, faces);
  return dan_ok (error);
}

void
dan_tracker_extrapolate (DanTracker *tracker, double time,
    DanTrackedFaces *faces)
{
  const double gap = time - tracker->time;
  size_t n = 0;

  for (size_t i = 0; gap >= 0 && gap <= MAX_GAP && i < tracker->n_tracks;
       i++) {
    DanTrack *track = tracker->tracks[i];

    if (!dan_track_is_shown (track, time))
      continue;
    track->detection = -1;
    dan_track_foretell (track, time);
    tracker->told[n] = tell_face (track, time, DAN_TRACK_EXTRAPOLATED);
    tracker->told[n++].landmarks = track->expected;
  }
  *faces = (DanTrackedFaces) { tracker->told, n };
}
