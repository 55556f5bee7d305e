/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tells cuts, where one scene ends and another begins, from motion. */
#ifndef DAN_TRACK_SCENE_H
#define DAN_TRACK_SCENE_H

#include <stdbool.h>

#include "image.h"

#define DAN_SCENE_COLUMNS 32
#define DAN_SCENE_ROWS 24
#define DAN_SCENE_CELLS (DAN_SCENE_COLUMNS * DAN_SCENE_ROWS)

typedef struct {
  bool known;                   /* there was a frame before */
  float cells[DAN_SCENE_CELLS]; /* its luma, of mean 0 and length 1 */
} DanScene;

/* Whether @image, valid, begins another scene than the image before it. Reads
 * few rows of it. Images without contrast, as in a fade, tell nothing. */
bool dan_scene_cut (DanScene *scene, const DanImageKernels *kernels,
    const DanImage *image);

#endif
