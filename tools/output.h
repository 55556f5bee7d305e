/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tools print, and how they end. */
#ifndef DAN_TOOLS_OUTPUT_H
#define DAN_TOOLS_OUTPUT_H

#include <glib.h>

/* Exit codes of the tools. */
enum { EXIT_CODE_OK = 0, EXIT_CODE_FAILED = 1, EXIT_CODE_USAGE = 2 };

/* From here on g_print() heeds whether it can write. */
void output_begin (void);

/* @code, or EXIT_CODE_FAILED, with a complaint, if g_print() could not write all. */
gint output_finish (gint code);

#endif
