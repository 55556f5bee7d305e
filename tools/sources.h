/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The files that a tool reads, which none of its outputs may overwrite. */
#ifndef DAN_TOOLS_SOURCES_H
#define DAN_TOOLS_SOURCES_H

#include <glib.h>

typedef struct _Sources Sources;

Sources *sources_new (void);
void sources_free (Sources * sources);

/* @input: a file's name or URI; NULL, or what is no file, is left out. */
void sources_add (Sources * sources, const gchar * input);

/* FALSE: @output (NULL: there is none) is one of them, under whatever name. */
gboolean sources_spared (Sources * sources, const gchar * output,
    GError ** error);

#endif
