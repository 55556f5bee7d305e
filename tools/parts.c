/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "parts.h"

const Part parts[N_PARTS] = {
  [PART_JAW] = { "jaw", 0, 16 },
  [PART_BROWS] = { "brows", 17, 26 },
  [PART_NOSE] = { "nose", 27, 35 },
  [PART_EYES] = { "eyes", 36, 47 },
  [PART_MOUTH] = { "mouth", 48, 67 },
};

const Contour contours[N_CONTOURS] = {
  { PART_JAW, 0, 16, FALSE },
  { PART_BROWS, 17, 21, FALSE },
  { PART_BROWS, 22, 26, FALSE },
  { PART_NOSE, 27, 30, FALSE },
  { PART_NOSE, 31, 35, FALSE },
  { PART_EYES, 36, 41, TRUE },
  { PART_EYES, 42, 47, TRUE },
  { PART_MOUTH, 48, 59, TRUE },
  { PART_MOUTH, 60, 67, TRUE },
};
