/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "progress.h"

#include <stdio.h>
#include <unistd.h>

/* Short runs show nothing. A log file gets a line less often. */
#define TERMINAL_INTERVAL (G_TIME_SPAN_SECOND / 4)
#define LOG_INTERVAL (2 * G_TIME_SPAN_SECOND)

void
progress_start (Progress * progress, const gchar * unit, gboolean forced)
{
  progress->terminal = isatty (STDERR_FILENO);
  progress->active = forced || progress->terminal;
  progress->shown = FALSE;
  progress->unit = unit;
  progress->start = progress->last = g_get_monotonic_time ();
}

void
progress_update (Progress * progress, guint64 count, gdouble fraction)
{
  gint64 now = g_get_monotonic_time ();
  gdouble seconds = (now - progress->start) / (gdouble) G_TIME_SPAN_SECOND;

  if (!progress->active || now - progress->last <
      (progress->terminal ? TERMINAL_INTERVAL : LOG_INTERVAL))
    return;
  progress->last = now;
  progress->shown = TRUE;
  fprintf (stderr, "%s%" G_GUINT64_FORMAT " %s, %.1f/s",
      progress->terminal ? "\r\033[K" : "", count, progress->unit,
      count / seconds);
  if (fraction > 0) {
    guint left = seconds / fraction * (1 - fraction) + .5;

    fprintf (stderr, ", %.0f %%, %u:%02u left", 100 * fraction, left / 60,
        left % 60);
  }
  fputs (progress->terminal ? "" : "\n", stderr);
}

void
progress_end (Progress * progress)
{
  if (progress->shown && progress->terminal)
    fputs ("\r\033[K", stderr);
  progress->shown = FALSE;
}
