/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the boxes of faces to their landmarks: each frame for itself, or
 * tracked through a video. */
#ifndef DAN_TOOLS_FINDER_H
#define DAN_TOOLS_FINDER_H

#include "aligner.h"
#include "gstdanfaces.h"

typedef struct {
  guint id;
  DanTrackStatus status;
  gdouble age;                  /* s since it was first seen; NAN: not tracked */
  const GstDanFace *detection;  /* of it in this frame; NULL: there is none */
  const DanPoint *points;
  gfloat confidence;            /* the network's, negative: unknown */
} FoundFace;

typedef struct {
  const Aligner *aligner;
  guint max_faces;              /* 0: any number */
  DanTracker *tracker;          /* NULL: nothing is tracked yet */
  GArray *found;                /* of FoundFace, of the last frame */
  /* Kept for their memory. */
  GArray *starts;               /* of DanDetection: boxes and rolls */
  GArray *requests;             /* of DanFace */
  GArray *points;               /* of DanPoint */
} Finder;

/* @aligner has to outlive the finder. */
void finder_open (Finder * finder, const Aligner * aligner, guint max_faces);
void finder_close (Finder * finder);

/* What comes next is another video, whose faces are counted from 0. */
void finder_forget (Finder * finder);

/* Both fill finder->found, which is valid until the next call and as long as
 * @detections, an array of GstDanFace, are. */

/* Finds the landmarks of @detections, faces of @image. FALSE: some have none,
 * and *@error says why the first has not. */
gboolean finder_align (Finder * finder, const DanImage * image,
    const GArray * detections, GError ** error);
/* Follows the faces of the frames before to @image, at @time seconds (NAN: it
 * has none and stands for itself). Detections that are nobody's begin new ones;
 * those that no face can be placed in are left out. */
gboolean finder_track (Finder * finder, const DanImage * image, gdouble time,
    const GArray * detections, GError ** error);

#endif
