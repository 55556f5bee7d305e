/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <glib/gstdio.h>

struct Writer
{
  const Format *format;
  const DanModel *model;
  GString *text;                /* of the current frame */
  FILE *file;                   /* NULL: a file per face in @output */
  gchar *output;                /* NULL: standard output */
  GHashTable *written;          /* names in the folder */
  gboolean failed;              /* and whoever wrote was told */
};

static gboolean
fail_with_errno (const gchar * name, GError ** error)
{
  gint code = errno;
  g_autofree gchar *display = name ? g_filename_display_name (name) : NULL;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
      "%s cannot be written: %s", display ? display : "standard output",
      g_strerror (code));
  return FALSE;
}

static gboolean
flush_text (Writer * writer, GError ** error)
{
  if (fwrite (writer->text->str, 1, writer->text->len, writer->file)
      != writer->text->len || fflush (writer->file) != 0) {
    writer->failed = TRUE;
    return fail_with_errno (writer->output, error);
  }
  g_string_truncate (writer->text, 0);
  return TRUE;
}

/* NAME.pts; videos: NAME-000001.pts; a face after the first: ...-2.pts */
static gchar *
pts_name (const FoundFrame * frame, const FoundFace * face)
{
  g_autofree gchar *base = g_path_get_basename (frame->file);
  gchar *dot = strrchr (base, '.');
  g_autoptr (GString) name = NULL;

  if (dot && dot != base)
    *dot = '\0';
  name = g_string_new (base);
  if (!frame->picture)
    g_string_append_printf (name, "-%06" G_GUINT64_FORMAT, frame->index + 1);
  if (face->id > 0)
    g_string_append_printf (name, "-%u", face->id + 1);
  g_string_append (name, ".pts");
  return g_strdup (name->str);
}

static gboolean
write_pts_files (Writer * writer, const FoundFrame * frame, GError ** error)
{
  for (guint i = 0; i < frame->n_faces; i++) {
    g_autofree gchar *name = pts_name (frame, &frame->faces[i]);
    g_autofree gchar *path = g_build_filename (writer->output, name, NULL);
    FoundFrame one = *frame;

    if (!g_hash_table_add (writer->written, g_strdup (name))) {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
          "%s was already written for another input of the same name", path);
      return FALSE;
    }
    g_string_truncate (writer->text, 0);
    one.faces = &frame->faces[i];
    one.n_faces = 1;
    writer->format->append (writer->text, writer->model, &one);
    if (!g_file_set_contents (path, writer->text->str, writer->text->len,
            error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
open_output (Writer * writer, GError ** error)
{
  if (!writer->output) {
    writer->file = stdout;
  } else if (writer->format->file_per_face) {
    if (g_mkdir_with_parents (writer->output, 0777) != 0)
      return fail_with_errno (writer->output, error);
  } else if (!(writer->file = g_fopen (writer->output, "w"))) {
    return fail_with_errno (writer->output, error);
  }
  return TRUE;
}

Writer *
writer_open (const gchar * format, const gchar * output,
    const DanModel * model, GError ** error)
{
  const Format *found = format_find (format);
  Writer *writer;

  if (!found) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "\"%s\" is not a format: json, csv or pts expected", format);
    return NULL;
  }
  writer = g_new0 (Writer, 1);
  writer->format = found;
  writer->model = model;
  writer->output = g_strdup (output);
  writer->text = g_string_new (NULL);
  writer->written = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  if (!open_output (writer, error)) {
    writer_close (writer, NULL);
    return NULL;
  }
  if (found->append_header)
    found->append_header (writer->text, model);
  return writer;
}

gboolean
writer_write (Writer * writer, const FoundFrame * frame, GError ** error)
{
  if (!writer->file)
    return write_pts_files (writer, frame, error);
  writer->format->append (writer->text, writer->model, frame);
  return flush_text (writer, error);
}

gboolean
writer_close (Writer * writer, GError ** error)
{
  gboolean written = TRUE;

  if (!writer)
    return TRUE;
  if (writer->file) {
    /* The header of a CSV without a face is still there. */
    written = writer->failed || flush_text (writer, error);
    if (writer->file != stdout && fclose (writer->file) != 0 && written
        && !writer->failed)
      written = fail_with_errno (writer->output, error);
  }
  g_hash_table_unref (writer->written);
  g_string_free (writer->text, TRUE);
  g_free (writer->output);
  g_free (writer);
  return written;
}
