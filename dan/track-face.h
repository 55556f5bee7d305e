/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One tracked face: when it is believed, when it is lost, and where it is. */
#ifndef DAN_TRACK_FACE_H
#define DAN_TRACK_FACE_H

#include "track-bias.h"
#include "track-filter.h"

typedef enum {
  /** Aligned from a detection, and not believed to be a face without one. */
  DAN_TRACK_DOUBTED,
  DAN_TRACK_SURE, /**< carries over from frame to frame */
  DAN_TRACK_LOST, /**< was sure, and is looked for where it should be */
} DanTrackState;

typedef struct {
  uint32_t id;
  DanTrackState state;
  bool dead;
  bool aligned;        /* it has landmarks of this frame in `found` */
  bool from_detection; /* and these started from a detection's box */
  bool steps;  /* by the recurrent stage alone, from what the frame before left */
  bool compares; /* and then by all stages as well, to learn what they differ by */
  int detection;       /* its own in this frame, or -1 */
  bool look_back; /* for it, while it is lost, where it was */
  double born;        /* seconds */
  double seen;        /* when it was last believed */
  double detected;    /* when it last was a detection's */
  double compared;    /* when it last was to be */
  float expected_error, confidence; /* the network's last answer */
  float *hidden; /* what carries a sure face on from the frame where it was seen
                  * to the next; NULL: nothing does */
  float *hidden_compared; /* the same of all stages, in a frame in which it
                           * compares */
  DanTrackFilter filter;
  DanTrackBias bias;
  DanPoint *expected; /* where the landmarks should be in this frame */
  DanPoint *found;    /* where the network finds them */
  DanPoint *compared_to; /* where all stages do, in a frame in which it compares */
  DanPoint *shown;    /* what is told */
} DanTrack;

/* @n_hidden: values that carry a face on, or 0. NULL without memory. */
DanTrack *dan_track_new (const DanPoint *mean, int n_points, int n_hidden);
void dan_track_free (DanTrack *track);

/* Makes @track, whatever it was, the face of @detection. */
void dan_track_begin (DanTrack *track, uint32_t id, int detection, double time);

/* Foretells the landmarks, `expected`, at @time. */
void dan_track_foretell (DanTrack *track, double time);

/* Decides who is to align it at @time. The recurrent stage alone, so that it
 * `steps`, may do so if it is sure, was seen a moment ago, and hardly moves. */
void dan_track_choose (DanTrack *track, double time, bool recurrent);

/* Whether the recurrent stage, @step, or all stages are to be asked for it. */
bool dan_track_asks (const DanTrack *track, bool step);

/* How to align it in this frame: from its detection, or where it is sure or has
 * none, from where it should be, for a @step with less of an expression; a lost
 * face is also looked for where it was. The landmarks go to `found`, or where
 * it compares, those of all stages to `compared_to`. */
DanFace dan_track_request (DanTrack *track, const DanDetection *detections,
    bool step);

/* Where what carries it on from this frame goes, or NULL. */
float *dan_track_carrier (DanTrack *track, bool step);

/* Takes what became of the request; `aligned` says whether it is a face's shape
 * and where one may be. If it `steps`, but not with certainty, it does no more:
 * another request is to be made, to all stages. */
void dan_track_answer (DanTrack *track, const DanFace *face, bool step);

/* Moves what steps have found to where all stages would be expected to. */
void dan_track_correct (DanTrack *track);

/* Draws the conclusions for the frame at @time: `state`, `dead`, `shown`. */
void dan_track_conclude (DanTrack *track, double time);

/* Whether there is something to tell about it @time. */
bool dan_track_is_shown (const DanTrack *track, double time);

/* How far its landmarks are from where they were expected, by its size. */
double dan_track_surprise (const DanTrack *track);

/* Whether both have found the same face in this frame. */
bool dan_track_same_face (const DanTrack *a, const DanTrack *b);

#endif
