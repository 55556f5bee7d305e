/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the landmarks of the frames go: standard output, a file or a folder. */
#ifndef DAN_TOOLS_WRITER_H
#define DAN_TOOLS_WRITER_H

#include "formats.h"

typedef struct Writer Writer;

/* @format: "json", "csv" or "pts". @output: NULL for standard output, else
 * a file, or a folder for "pts". @model: whose landmarks they are; it has to
 * stay open. A format that does not exist is an error of the domain
 * G_OPTION_ERROR. */
Writer *writer_open (const gchar * format, const gchar * output,
    const DanModel * model, GError ** error);
gboolean writer_write (Writer * writer, const FoundFrame * frame,
    GError ** error);
/* FALSE: the last of the output could not be written. */
gboolean writer_close (Writer * writer, GError ** error);

#endif
