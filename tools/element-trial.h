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
  Aligner aligner;
  AlignerOptions options; /* that the aligner was opened with */
  gint width, height;     /* of the frame */
  gint face;              /* the side of the face's box */
} TrialSetup;

typedef struct {
  const TrialSetup *setup;
  GstVideoInfo info;
  gpointer original, frame; /* the pixels, and a copy for each turn */
  DanPoint *landmarks;      /* the core's */
  ElementRig *rigs[N_SUBJECTS]; /* none for the core */
  GArray *seconds[N_SUBJECTS];  /* round by round */
} Trial;

/* FALSE: *@error is set; the trial is to be cleared all the same. */
gboolean trial_init (Trial * trial, const TrialSetup * setup,
    GstVideoFormat format, GError ** error);
void trial_clear (Trial * trial);

/* Gives each subject a turn, in the other order every other @round. */
gboolean trial_run_round (Trial * trial, gint round, GError ** error);

/* As if no round had been. */
void trial_forget (Trial * trial);

/* Seconds, the median of the rounds. */
gdouble trial_median (const Trial * trial, Subject subject);
/* Seconds more than the core took in the same round, the median of that. */
gdouble trial_median_added (const Trial * trial, Subject subject);

#endif
