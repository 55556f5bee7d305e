/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The core and danalign in turns, on the same frame. */
#ifndef DAN_TOOLS_ELEMENT_TRIAL_H
#define DAN_TOOLS_ELEMENT_TRIAL_H

#include "aligner.h"
#include "element-rig.h"

/* Those that take turns. */
typedef enum {
  SUBJECT_CORE,     /* dan_align() alone */
  SUBJECT_DISABLED, /* the element with enabled=false */
  SUBJECT_PLAIN,    /* landmarks as data */
  SUBJECT_BLENDED,  /* drawn into the frame */
  SUBJECT_ATTACHED, /* drawn into an overlay composition */
  N_SUBJECTS
} Subject;

/* What is the same for all formats. */
typedef struct {
  AlignerOptions options;
  gint width, height; /* of the frame */
  gint face;          /* the side of the face's box */
  gboolean cpu_time;  /* of the calling thread, in place of wall time */
} TrialSetup;

typedef struct {
  const TrialSetup *setup;
  GstVideoInfo info;
  gpointer original, frame; /* the pixels, and a copy for each turn */
  GArray *seconds[N_SUBJECTS];  /* round by round */
  /* Between start and stop. */
  Aligner aligner;
  DanPoint *landmarks;          /* the core's */
  ElementRig *rigs[N_SUBJECTS]; /* none for the core */
} Trial;

void trial_init (Trial * trial, const TrialSetup * setup,
    GstVideoFormat format);
void trial_clear (Trial * trial);

/* Makes the core and the elements. FALSE: *@error is set; stop it all the
 * same. */
gboolean trial_start (Trial * trial, GError ** error);
void trial_stop (Trial * trial);

/* Gives each subject a turn, in the other order every other @round. Round -1
 * is not counted. */
gboolean trial_run_round (Trial * trial, gint round, GError ** error);

/* Seconds, the median of the rounds. */
gdouble trial_median (const Trial * trial, Subject subject);
/* Seconds more than the core took in the same round, the median of that. */
gdouble trial_median_added (const Trial * trial, Subject subject);

#endif
