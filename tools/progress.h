/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One line on standard error that says how far a long run has come. */
#ifndef DAN_TOOLS_PROGRESS_H
#define DAN_TOOLS_PROGRESS_H

#include <glib.h>

typedef struct {
  gboolean active;
  gboolean terminal;
  gboolean shown;
  const gchar *unit;
  gint64 start, last;
} Progress;

/* Shows nothing unless standard error is a terminal or @forced is set.
 * @unit: what is counted, "frames"; not copied. */
void progress_start (Progress * progress, const gchar * unit, gboolean forced);
/* @fraction: 0 to 1, or below 0 if the end is not known. */
void progress_update (Progress * progress, guint64 count, gdouble fraction);
/* Clears the line, so that other output may follow. */
void progress_end (Progress * progress);

#endif
