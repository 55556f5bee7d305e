/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the cells of the detector's network to faces. */
#ifndef DAN_DETECTIONS_H
#define DAN_DETECTIONS_H

#include "detector.h"

/* Detections of the network's image before any is dropped for another. */
#define DAN_MAX_CANDIDATES 1024

typedef struct {
  DanDetection items[DAN_MAX_CANDIDATES];
  int n;
} DanCandidates;

/* All cells of at least @threshold's confidence, as detections in pixels of the
 * network's image, the most confident first. If they are too many, the least
 * confident are left out. */
void dan_candidates_collect (DanCandidates *candidates,
    const DanDetectorNetwork *network, float threshold);

/* Greedy non-maximum suppression: drops each that overlaps a more confident one
 * by more than @overlap, intersection over union. */
void dan_candidates_suppress (DanCandidates *candidates, float overlap);

#endif
