/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "profile.h"

#include <time.h>

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec + time.tv_nsec * 1e-9;
}

void
dan_profile_start (DanProfile *profile)
{
  if (profile->func)
    profile->last = now ();
}

void
dan_profile_step (DanProfile *profile, int stage, const char *layer,
    uint64_t macs)
{
  if (profile->func) {
    profile->func (profile->user_data, stage, layer, now () - profile->last,
        macs);
    profile->last = now ();
  }
}
