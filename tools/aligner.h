/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tools share on the way to dan_align(): the options that choose a
 * model and how it runs, the loaded model, and what boxes enclose. */
#ifndef DAN_TOOLS_ALIGNER_H
#define DAN_TOOLS_ALIGNER_H

#include <glib.h>
#include <dan/dan.h>

#include "output.h"

typedef struct {
  gchar *model;
  gchar *box_map;
  gchar *precision;
  gint threads;
  gint stages;
  gint passes;
  gboolean version;
} AlignerOptions;

typedef struct {
  DanModel *model;
  DanContext *context;
  /* Of boxes that are said to be the tight ones of landmarks, and of others. */
  DanBoxMap tight_map, map;
} Aligner;

/* Parses the shared options, @entries and --version, in the tool's name.
 * FALSE: the tool is done and shall exit with *@exit_code. */
gboolean aligner_options_parse (AlignerOptions * options,
    const GOptionEntry * entries, const gchar * arguments,
    const gchar * summary, gint * argc, gchar *** argv, gint * exit_code);
void aligner_options_clear (AlignerOptions * options);

/* Prints "tool: message" on standard error. */
void complain (const gchar * format, ...) G_GNUC_PRINTF (1, 2);

/* A bad option is an error of the domain G_OPTION_ERROR. */
gboolean aligner_open (Aligner * aligner, const AlignerOptions * options,
    GError ** error);
void aligner_close (Aligner * aligner);

/* Where the network starts from @box. @tight: who gave it says that it encloses
 * the landmarks. */
DanBox aligner_map_box (const Aligner * aligner, DanBox box, gboolean tight);

/* @n finite numbers between commas. */
gboolean numbers_parse (const gchar * text, gdouble * values, guint n);

/* Turns @error into an exit code and frees it. */
gint exit_code_of (GError * error);

#endif
