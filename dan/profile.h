/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_PROFILE_H
#define DAN_PROFILE_H

#include "dan/dan.h"

typedef struct {
  DanProfileFunc func;
  void *user_data;
  double last;
} DanProfile;

/* Steps are timed from the end of the one before. */
void dan_profile_start (DanProfile *profile);
void dan_profile_step (DanProfile *profile, int stage, const char *layer,
    uint64_t macs);

#endif
