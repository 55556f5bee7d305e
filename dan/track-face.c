/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "track-face.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Confidence below which a face is lost, above which one is believed that was
 * detected, and above which one is believed to be the lost one. */
#define KEEP .2f
#define TRUST .4f
#define FIND .5f

/* What a step has to come to, else all stages are asked: its confidence, and how
 * far its landmarks may be from where they were expected, by the face's size. */
#define STEP_TRUST .4f
#define MAX_STEP .3
/* How much a steady face moves at most from one frame to the next, by its size,
 * where it is to become steady, and to stay so: each change between steps and
 * all stages shows as jitter. One that is faster goes through all stages. */
#define STEADY .05
#define STILL_STEADY .1
/* What a step forgets of the last frame's expression. A step does to a shape what
 * the stage usually does, so that with nothing forgotten, errors of the shape add
 * up from step to step. These were measured: see docs/video.md. */
#define FORGET .55
/* Seconds from one comparison of a step with all stages to the next. */
#define COMPARE 1.

/* Seconds. How old what a step goes on from may be: frames are that far apart
 * where few are taken. A lost face is foretold for less than three frames of video of 25
 * frames a second, looked for as long as people are occluded for moments, and
 * if the model cannot tell faces from other things, believed as long as
 * detectors take a rest. */
#define MAX_CARRIED .1
#define MAX_SHOWN .1
#define MAX_LOST 2.
#define MAX_UNDETECTED 2.

/* The expected error that filters are made for, and how far noise is scaled. */
#define USUAL_ERROR .035
#define MIN_NOISE .7
#define MAX_NOISE 8.

/* Fractions of a face's size: how far a shape may be from the mean shape, how
 * near to each other the landmarks of one face are, and how far a face that
 * was seen a moment ago may be from where it should be. */
#define MAX_DEFORMATION .6
#define SAME_FACE .5
#define MAX_JUMP 1.

DanTrack *
dan_track_new (const DanPoint *mean, int n_points, int n_hidden)
{
  DanTrack *track = calloc (1, sizeof *track);

  if (!track)
    return NULL;
  track->expected = calloc (n_points, sizeof (DanPoint));
  track->found = calloc (n_points, sizeof (DanPoint));
  track->compared_to = calloc (n_points, sizeof (DanPoint));
  track->shown = calloc (n_points, sizeof (DanPoint));
  if (n_hidden > 0) {
    track->hidden = calloc (n_hidden, sizeof *track->hidden);
    track->hidden_compared = calloc (n_hidden, sizeof *track->hidden);
  }
  if (dan_track_filter_init (&track->filter, mean, n_points)
      && dan_track_bias_init (&track->bias, mean, n_points)
      && track->expected && track->found && track->compared_to && track->shown
      && ((track->hidden && track->hidden_compared) || n_hidden == 0))
    return track;
  dan_track_free (track);
  return NULL;
}

void
dan_track_free (DanTrack *track)
{
  if (!track)
    return;
  dan_track_filter_clear (&track->filter);
  dan_track_bias_clear (&track->bias);
  free (track->expected);
  free (track->found);
  free (track->compared_to);
  free (track->shown);
  free (track->hidden);
  free (track->hidden_compared);
  free (track);
}

void
dan_track_begin (DanTrack *track, uint32_t id, int detection, double time)
{
  track->id = id;
  track->state = DAN_TRACK_DOUBTED;
  track->dead = false;
  track->detection = detection;
  track->born = track->seen = track->detected = time;
  track->compared = -INFINITY;
  dan_track_bias_forget (&track->bias);
}

void
dan_track_foretell (DanTrack *track, double time)
{
  dan_track_filter_predict (&track->filter, time - track->seen,
      track->expected);
}

static double
distance (const DanPoint *a, const DanPoint *b, int n)
{
  double sum = 0;

  for (int i = 0; i < n; i++)
    sum += hypot (a[i].x - b[i].x, a[i].y - b[i].y);
  return sum / n;
}

static double
size_of (const DanTrack *track)
{
  return dan_track_size (track->found, track->filter.n_points);
}

/* `shown` is where it was in the frame before, and `steps` whether a step took it
 * there. */
static bool
is_steady (const DanTrack *track)
{
  return distance (track->shown, track->expected, track->filter.n_points)
      < (track->steps ? STILL_STEADY : STEADY) * size_of (track);
}

void
dan_track_choose (DanTrack *track, double time, bool recurrent)
{
  track->steps = recurrent && track->hidden && track->state == DAN_TRACK_SURE
      && time - track->seen < MAX_CARRIED && is_steady (track);
  track->compares = track->steps && time - track->compared >= COMPARE;
}

bool
dan_track_asks (const DanTrack *track, bool step)
{
  return track->steps == step || (track->compares && !step);
}

DanFace
dan_track_request (DanTrack *track, const DanDetection *detections, bool step)
{
  const size_t size = track->filter.n_points * sizeof *track->expected;
  const bool compares = track->compares && !step;
  DanFace face = { .landmarks = compares ? track->compared_to : track->found,
    .status = DAN_OK };

  track->from_detection
      = track->detection >= 0 && track->state != DAN_TRACK_SURE;
  track->look_back = track->state == DAN_TRACK_LOST && !track->look_back;
  face.shape = track->expected;
  if (track->from_detection) {
    face.box = detections[track->detection].box;
    face.roll = detections[track->detection].roll;
    face.shape = NULL;
  } else if (track->look_back) {
    dan_track_filter_predict (&track->filter, 0, track->found);
    face.shape = track->found;
  } else if (step) {
    memcpy (track->found, track->expected, size);
    dan_track_filter_flatten (&track->filter, FORGET, track->found);
    face.shape = track->found;
  }
  return face;
}

float *
dan_track_carrier (DanTrack *track, bool step)
{
  return track->compares && !step ? track->hidden_compared : track->hidden;
}

static double
surprise_of (const DanTrack *track, const DanPoint *found)
{
  const int n = track->filter.n_points;

  return distance (found, track->expected, n) / dan_track_size (found, n);
}

double
dan_track_surprise (const DanTrack *track)
{
  return surprise_of (track, track->found);
}

bool
dan_track_same_face (const DanTrack *a, const DanTrack *b)
{
  return a->aligned && b->aligned
      && distance (a->found, b->found, a->filter.n_points)
      < SAME_FACE * fmin (size_of (a), size_of (b));
}

static bool
is_face (const DanTrack *track)
{
  return dan_track_filter_deformation (&track->filter, track->found)
      < MAX_DEFORMATION
      && (track->state != DAN_TRACK_SURE
          || dan_track_surprise (track) < MAX_JUMP);
}

/* Whether the outcome of a step leaves nothing to ask all stages for. */
static bool
is_certain (const DanFace *step, double surprise)
{
  return step->confidence >= STEP_TRUST && surprise < MAX_STEP;
}

/* What all stages say of a frame in which a step was good enough. If they are
 * certain, the face goes on from what they made of it. */
static void
compare (DanTrack *track, const DanFace *face)
{
  float *const hidden = track->hidden;

  if (face->status != DAN_OK
      || !is_certain (face, surprise_of (track, track->compared_to)))
    return;
  dan_track_bias_learn (&track->bias, track->found, track->compared_to);
  track->hidden = track->hidden_compared;
  track->hidden_compared = hidden;
}

void
dan_track_answer (DanTrack *track, const DanFace *face, bool step)
{
  if (track->steps && !step) {
    compare (track, face);
    return;
  }
  track->aligned = face->status == DAN_OK && is_face (track);
  track->steps = step && track->aligned
      && is_certain (face, dan_track_surprise (track));
  track->compares = track->compares && track->steps;
  if (face->status != DAN_OK)
    return;
  track->expected_error = face->expected_error;
  track->confidence = face->confidence;
}

void
dan_track_correct (DanTrack *track)
{
  if (track->steps)
    dan_track_bias_correct (&track->bias, track->found);
}

/* The confidence that is asked of it in this frame. */
static float
needed_confidence (const DanTrack *track)
{
  if (track->state == DAN_TRACK_DOUBTED)
    return TRUST;
  if (track->state == DAN_TRACK_LOST && track->detection < 0)
    return FIND;
  return KEEP;
}

/* A model without an opinion leaves it to the detector. */
static bool
is_believed (const DanTrack *track, double time)
{
  if (!track->aligned)
    return false;
  if (track->confidence >= 0)
    return track->confidence >= needed_confidence (track);
  return track->detection >= 0
      || (track->state == DAN_TRACK_SURE
          && time - track->detected <= MAX_UNDETECTED);
}

static double
noise_of (const DanTrack *track)
{
  const double noise = track->expected_error / USUAL_ERROR;

  if (track->expected_error < 0)
    return 1;
  return fmin (fmax (noise, MIN_NOISE), MAX_NOISE);
}

static void
show_filtered (DanTrack *track, double time)
{
  if (track->state == DAN_TRACK_SURE)
    dan_track_filter_update (&track->filter, time - track->seen, track->found,
        noise_of (track));
  else
    dan_track_filter_start (&track->filter, track->found);
  track->seen = time;
  dan_track_filter_predict (&track->filter, 0, track->shown);
}

static void
show_found (DanTrack *track, double time)
{
  dan_track_filter_start (&track->filter, track->found);
  track->seen = time;
  memcpy (track->shown, track->found,
      track->filter.n_points * sizeof *track->shown);
}

void
dan_track_conclude (DanTrack *track, double time)
{
  if (track->detection >= 0)
    track->detected = time;
  if (is_believed (track, time)) {
    show_filtered (track, time);
    track->state = DAN_TRACK_SURE;
  } else if (track->state != DAN_TRACK_DOUBTED) {
    if (track->state == DAN_TRACK_SURE)
      dan_track_filter_walk (&track->filter);
    track->state = DAN_TRACK_LOST;
    track->dead = time - track->seen > MAX_LOST;
    memcpy (track->shown, track->expected,
        track->filter.n_points * sizeof *track->shown);
  } else if (track->aligned) {
    show_found (track, time);
  } else {
    track->dead = true;
  }
}

bool
dan_track_is_shown (const DanTrack *track, double time)
{
  return track->state != DAN_TRACK_LOST || time - track->seen < MAX_SHOWN;
}
