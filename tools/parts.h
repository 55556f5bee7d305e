/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The facial parts of the iBUG-68 scheme. */
#ifndef DAN_TOOLS_PARTS_H
#define DAN_TOOLS_PARTS_H

#include <glib.h>

#define PARTS_SCHEME "ibug-68"
#define PARTS_N_POINTS 68

enum { PART_JAW, PART_BROWS, PART_NOSE, PART_EYES, PART_MOUTH, N_PARTS };

/* The points @first to @last, both included. */
typedef struct {
  const gchar *name;
  guint first, last;
} Part;

extern const Part parts[N_PARTS];

#endif
