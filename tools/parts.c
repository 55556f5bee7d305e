/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "parts.h"

const Part parts[N_PARTS] = {
  [PART_JAW] = { "jaw", 0, 16 },
  [PART_BROWS] = { "brows", 17, 26 },
  [PART_NOSE] = { "nose", 27, 35 },
  [PART_EYES] = { "eyes", 36, 47 },
  [PART_MOUTH] = { "mouth", 48, 67 },
};
