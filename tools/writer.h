/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Landmarks as JSON lines, CSV or iBUG .pts files. */
#ifndef DAN_TOOLS_WRITER_H
#define DAN_TOOLS_WRITER_H

#include <glib.h>
#include <dan/dan.h>

typedef struct {
  guint id;
  DanBox box;                   /* as given, before any box map */
  const DanPoint *points;
  gfloat confidence;            /* the network's, negative: unknown */
} FoundFace;

typedef struct {
  const gchar *file;            /* the input, as it was named */
  gboolean picture;
  guint64 index;
  gdouble time;                 /* NAN: none */
  gint width, height;
  const FoundFace *faces;
  guint n_faces;
} FoundFrame;

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
