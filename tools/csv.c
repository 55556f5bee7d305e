/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "csv.h"

#include <math.h>
#include <string.h>

gchar *
csv_quote (const gchar * text)
{
  GString *quoted;

  if (!strpbrk (text, ",\"\r\n"))
    return g_strdup (text);
  quoted = g_string_new ("\"");
  for (; *text; text++) {
    if (*text == '"')
      g_string_append_c (quoted, '"');
    g_string_append_c (quoted, *text);
  }
  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}

void
csv_fail (const CsvReader * reader, GError ** error, const gchar * format, ...)
{
  g_autofree gchar *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s, line %u: %s",
      reader->name, reader->line, message);
}

gboolean
csv_open (CsvReader * reader, const gchar * name, GError ** error)
{
  gsize size;

  memset (reader, 0, sizeof *reader);
  if (!g_file_get_contents (name, &reader->text, &size, error))
    return FALSE;
  reader->name = g_filename_display_name (name);
  reader->next = reader->text;
  if (strlen (reader->text) != size) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "%s is not text: it contains a zero byte", reader->name);
    csv_close (reader);
    return FALSE;
  }
  if (g_str_has_prefix (reader->text, "\xef\xbb\xbf"))
    reader->next += 3;
  return TRUE;
}

void
csv_close (CsvReader * reader)
{
  g_free (reader->name);
  g_free (reader->text);
}

static gchar *
take_line (CsvReader * reader)
{
  gchar *line = reader->next;
  gchar *end = strchr (line, '\n');

  if (*line == '\0')
    return NULL;
  reader->next = end ? end + 1 : line + strlen (line);
  if (end)
    *end = '\0';
  reader->line++;
  return g_strchomp (line);
}

/* Unquotes the field at *@cursor and moves behind it and its comma, or to
 * NULL after the last one. FALSE: a quote is not closed as it should be. */
static gboolean
take_field (gchar ** cursor, gchar ** field)
{
  gchar *in = *cursor, *out = in;

  *field = in;
  if (*in == '"') {
    for (in++; *in && (*in != '"' || in[1] == '"'); in++) {
      if (*in == '"')
        in++;
      *out++ = *in;
    }
    if (*in++ != '"' || (*in && *in != ','))
      return FALSE;
  } else {
    out = in += strcspn (in, ",");
  }
  *cursor = *in ? in + 1 : NULL;
  *out = '\0';
  return TRUE;
}

GPtrArray *
csv_next (CsvReader * reader, GError ** error)
{
  GPtrArray *fields;
  gchar *line, *field;

  do {
    if (!(line = take_line (reader)))
      return NULL;
  } while (*line == '\0');

  fields = g_ptr_array_new ();
  while (line) {
    if (!take_field (&line, &field)) {
      csv_fail (reader, error, "a quote is not closed");
      g_ptr_array_unref (fields);
      return NULL;
    }
    g_ptr_array_add (fields, field);
  }
  return fields;
}

gboolean
csv_numbers (const CsvReader * reader, const GPtrArray * fields, guint first,
    guint n, gfloat * values, GError ** error)
{
  if (fields->len != first + n) {
    csv_fail (reader, error, "%u columns instead of %u", fields->len,
        first + n);
    return FALSE;
  }
  for (guint i = 0; i < n; i++) {
    const gchar *text = g_ptr_array_index (fields, first + i);
    gchar *end;

    values[i] = g_ascii_strtod (text, &end);
    if (end == text || *end != '\0' || !isfinite (values[i])) {
      csv_fail (reader, error, "\"%s\" in column %u is not a number", text,
          first + i + 1);
      return FALSE;
    }
  }
  return TRUE;
}
