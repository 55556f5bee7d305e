/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "writer.h"
#include "csv.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

typedef void (*FormatFunc) (Writer * writer, const FoundFrame * frame);

struct Writer
{
  FormatFunc format;
  const gchar *scheme;
  guint n_points;
  GString *text;                /* of the current frame */
  FILE *file;                   /* NULL: a file per face in @folder */
  gchar *output;                /* NULL: standard output */
  GHashTable *written;          /* names in the folder */
};

/* FALSE: landmarks in an order that libdan does not know. */
static gboolean
measure_head (const Writer * writer, const FoundFace * face, DanPose * pose,
    DanOpenings * openings)
{
  return dan_pose_estimate (writer->scheme, face->points, writer->n_points,
      pose, NULL) == DAN_OK
      && dan_openings_measure (writer->scheme, face->points, writer->n_points,
      pose, openings, NULL) == DAN_OK;
}

static void
append_json_head (Writer * writer, const FoundFace * face)
{
  DanPose pose;
  DanOpenings openings;

  if (measure_head (writer, face, &pose, &openings))
    g_string_append_printf (writer->text, ",\"pose\":{\"yaw\":%.2f,"
        "\"pitch\":%.2f,\"roll\":%.2f},\"openings\":{\"right_eye\":%.4f,"
        "\"left_eye\":%.4f,\"mouth\":%.4f}", pose.yaw, pose.pitch, pose.roll,
        openings.right_eye, openings.left_eye, openings.mouth);
}

/* json-glib's own generator gives numbers 17 digits, most of them noise;
 * a thousandth of a pixel is plenty. */
static void
append_json (Writer * writer, const FoundFrame * frame)
{
  GString *text = writer->text;
  g_autofree gchar *name = g_filename_display_name (frame->file);
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), name);
  g_autofree gchar *quoted = json_to_string (node, FALSE);

  g_string_append_printf (text, "{\"file\":%s,\"frame\":%" G_GUINT64_FORMAT
      ",\"time\":", quoted, frame->index);
  if (isnan (frame->time))
    g_string_append (text, "null");
  else
    g_string_append_printf (text, "%.6f", frame->time);
  g_string_append_printf (text, ",\"width\":%d,\"height\":%d,\"faces\":[",
      frame->width, frame->height);

  for (guint i = 0; i < frame->n_faces; i++) {
    const FoundFace *face = &frame->faces[i];

    g_string_append_printf (text, "%s{\"id\":%u,\"box\":{\"x\":%.3f,"
        "\"y\":%.3f,\"width\":%.3f,\"height\":%.3f}", i > 0 ? "," : "",
        face->id, face->box.x, face->box.y, face->box.width, face->box.height);
    if (face->confidence >= 0)
      g_string_append_printf (text, ",\"confidence\":%.6f", face->confidence);
    append_json_head (writer, face);
    g_string_append (text, ",\"landmarks\":[");
    for (guint k = 0; k < writer->n_points; k++)
      g_string_append_printf (text, "%s[%.3f,%.3f]", k > 0 ? "," : "",
          face->points[k].x, face->points[k].y);
    g_string_append (text, "]}");
  }
  g_string_append (text, "]}\n");
}

static void
append_csv_header (Writer * writer)
{
  g_string_append (writer->text, "file,frame,time,face,confidence,"
      "yaw,pitch,roll,right_eye,left_eye,mouth");
  for (guint k = 0; k < writer->n_points; k++)
    g_string_append_printf (writer->text, ",x%u,y%u", k, k);
  g_string_append_c (writer->text, '\n');
}

static void
append_csv_head (Writer * writer, const FoundFace * face)
{
  DanPose pose;
  DanOpenings openings;

  if (measure_head (writer, face, &pose, &openings))
    g_string_append_printf (writer->text, ",%.2f,%.2f,%.2f,%.4f,%.4f,%.4f",
        pose.yaw, pose.pitch, pose.roll, openings.right_eye,
        openings.left_eye, openings.mouth);
  else
    g_string_append (writer->text, ",,,,,,");
}

static void
append_csv (Writer * writer, const FoundFrame * frame)
{
  GString *text = writer->text;
  g_autofree gchar *quoted = csv_quote (frame->file);

  for (guint i = 0; i < frame->n_faces; i++) {
    const FoundFace *face = &frame->faces[i];

    g_string_append_printf (text, "%s,%" G_GUINT64_FORMAT ",", quoted,
        frame->index);
    if (!isnan (frame->time))
      g_string_append_printf (text, "%.6f", frame->time);
    g_string_append_printf (text, ",%u,", face->id);
    if (face->confidence >= 0)
      g_string_append_printf (text, "%.6f", face->confidence);
    append_csv_head (writer, face);
    for (guint k = 0; k < writer->n_points; k++)
      g_string_append_printf (text, ",%.3f,%.3f", face->points[k].x,
          face->points[k].y);
    g_string_append_c (text, '\n');
  }
}

/* 300-W counts pixels from 1. */
static void
append_pts_face (Writer * writer, const FoundFace * face)
{
  g_string_append_printf (writer->text, "version: 1\nn_points: %u\n{\n",
      writer->n_points);
  for (guint k = 0; k < writer->n_points; k++)
    g_string_append_printf (writer->text, "%.3f %.3f\n",
        face->points[k].x + 1, face->points[k].y + 1);
  g_string_append (writer->text, "}\n");
}

static void
append_pts (Writer * writer, const FoundFrame * frame)
{
  for (guint i = 0; i < frame->n_faces; i++)
    append_pts_face (writer, &frame->faces[i]);
}

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
      != writer->text->len || fflush (writer->file) != 0)
    return fail_with_errno (writer->output, error);
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

    if (!g_hash_table_add (writer->written, g_strdup (name))) {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
          "%s was already written for another input of the same name", path);
      return FALSE;
    }
    g_string_truncate (writer->text, 0);
    append_pts_face (writer, &frame->faces[i]);
    if (!g_file_set_contents (path, writer->text->str, writer->text->len,
            error))
      return FALSE;
  }
  return TRUE;
}

static FormatFunc
find_format (const gchar * name)
{
  static const struct
  {
    const gchar *name;
    FormatFunc func;
  } formats[] = { {"json", append_json}, {"csv", append_csv}, {"pts", append_pts} };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (strcmp (name, formats[i].name) == 0)
      return formats[i].func;
  return NULL;
}

static gboolean
open_output (Writer * writer, GError ** error)
{
  if (!writer->output) {
    writer->file = stdout;
  } else if (writer->format == append_pts) {
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
  FormatFunc func = find_format (format);
  Writer *writer;

  if (!func) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "\"%s\" is not a format: json, csv or pts expected", format);
    return NULL;
  }
  writer = g_new0 (Writer, 1);
  writer->format = func;
  writer->scheme = dan_model_scheme (model);
  writer->n_points = dan_model_n_points (model);
  writer->output = g_strdup (output);
  writer->text = g_string_new (NULL);
  writer->written = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  if (!open_output (writer, error)) {
    writer_close (writer, NULL);
    return NULL;
  }
  if (func == append_csv)
    append_csv_header (writer);
  return writer;
}

gboolean
writer_write (Writer * writer, const FoundFrame * frame, GError ** error)
{
  if (!writer->file)
    return write_pts_files (writer, frame, error);
  writer->format (writer, frame);
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
    written = flush_text (writer, error);
    if (writer->file != stdout && fclose (writer->file) != 0 && written)
      written = fail_with_errno (writer->output, error);
  }
  g_hash_table_unref (writer->written);
  g_string_free (writer->text, TRUE);
  g_free (writer->output);
  g_free (writer);
  return written;
}
