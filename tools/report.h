/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A summary of dan-eval for people and for programs. */
#ifndef DAN_TOOLS_REPORT_H
#define DAN_TOOLS_REPORT_H

#include "measures.h"

typedef struct {
  Summary summary;
  const gchar *data;
  const gchar *model;
  const gchar *kernels;
  guint n_skipped;              /* faces that were not measured */
  gdouble seconds;              /* in dan_align() */
} Report;

void report_print_text (const Report * report);
void report_print_json (const Report * report);

#endif
