/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of comma-separated values. */
#ifndef DAN_TOOLS_CSV_H
#define DAN_TOOLS_CSV_H

#include <glib.h>

typedef struct {
  gchar *name;
  gchar *text;
  gchar *next;
  guint line;                   /* of the row that was read last, from 1 */
} CsvReader;

/* @text in quotes if it needs them. */
gchar *csv_quote (const gchar * text);

gboolean csv_open (CsvReader * reader, const gchar * name, GError ** error);
void csv_close (CsvReader * reader);
/* The fields of the next line that is not empty; NULL: the end, or *@error
 * is set. Quoted fields may hold commas, but no line break. */
GPtrArray *csv_next (CsvReader * reader, GError ** error);
/* Reads @n numbers from the fields @first on. */
gboolean csv_numbers (const CsvReader * reader, const GPtrArray * fields,
    guint first, guint n, gfloat * values, GError ** error);
/* Sets "NAME, line N: message". */
void csv_fail (const CsvReader * reader, GError ** error,
    const gchar * format, ...) G_GNUC_PRINTF (3, 4);

#endif
