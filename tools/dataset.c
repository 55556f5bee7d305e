/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dataset.h"
#include "csv.h"

#include <string.h>

static void
annotation_free (gpointer data)
{
  Annotation *annotation = data;

  g_free (annotation->image);
  g_free (annotation->path);
  g_free (annotation->points);
  g_free (annotation);
}

/* Reads the first line, which must have @least to @most fields and be named by
 * @columns as far as those go. The number of fields; 0: *@error is set. */
static guint
read_header (CsvReader * reader, const gchar * const *columns, guint least,
    guint most, GError ** error)
{
  g_autoptr (GPtrArray) fields = csv_next (reader, error);

  if (!fields) {
    if (!*error)
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is empty",
          reader->name);
    return 0;
  }
  for (guint i = 0; columns[i] && i < MAX (fields->len, least); i++) {
    if (i >= fields->len
        || strcmp (g_ptr_array_index (fields, i), columns[i]) != 0) {
      csv_fail (reader, error, "the header's column %u is not \"%s\"", i + 1,
          columns[i]);
      return 0;
    }
  }
  if (fields->len < least || fields->len > most) {
    csv_fail (reader, error, "the header has %u columns instead of %u",
        fields->len, least);
    return 0;
  }
  return fields->len;
}

static Annotation *
read_annotation (const CsvReader * reader, const GPtrArray * fields,
    const gchar * folder, guint n_points, GError ** error)
{
  const gchar *image = g_ptr_array_index (fields, 0);
  Annotation *annotation = g_new0 (Annotation, 1);

  annotation->image = g_strdup (image);
  annotation->path = g_path_is_absolute (image) ? g_strdup (image)
      : g_build_filename (folder, image, NULL);
  annotation->line = reader->line;
  annotation->points = g_new (DanPoint, n_points);
  if (!csv_numbers (reader, fields, 1, 2 * n_points,
          (gfloat *) annotation->points, error)) {
    annotation_free (annotation);
    return NULL;
  }
  annotation->box = dan_box_around (annotation->points, n_points);
  return annotation;
}

GPtrArray *
dataset_read (const gchar * name, guint n_points, guint limit, GError ** error)
{
  static const gchar *const columns[] = { "image", "x0", "y0", NULL };
  g_autofree gchar *folder = g_path_get_dirname (name);
  GPtrArray *annotations;
  GPtrArray *fields;
  GError *reason = NULL;
  CsvReader reader;

  if (!csv_open (&reader, name, error))
    return NULL;
  annotations = g_ptr_array_new_with_free_func (annotation_free);
  if (read_header (&reader, columns, 1 + 2 * n_points, 1 + 2 * n_points,
          &reason)) {
    while (!reason && (limit == 0 || annotations->len < limit)
        && (fields = csv_next (&reader, &reason))) {
      Annotation *annotation = read_annotation (&reader, fields, folder,
          n_points, &reason);

      if (annotation)
        g_ptr_array_add (annotations, annotation);
      g_ptr_array_unref (fields);
    }
    if (!reason && annotations->len == 0)
      g_set_error (&reason, G_FILE_ERROR, G_FILE_ERROR_INVAL,
          "%s has a header but no faces", reader.name);
  }
  csv_close (&reader);
  if (reason) {
    g_propagate_error (error, reason);
    g_clear_pointer (&annotations, g_ptr_array_unref);
  }
  return annotations;
}

/* From a row of @n_columns, the last of which, the roll, may be missing. */
static gboolean
read_box (CsvReader * reader, guint n_columns, Annotation * annotation,
    GError ** error)
{
  g_autoptr (GPtrArray) fields = csv_next (reader, error);
  gfloat v[5] = { 0 };

  if (!fields) {
    if (!*error)
      csv_fail (reader, error, "the file ends before the box of %s",
          annotation->image);
    return FALSE;
  }
  if (strcmp (g_ptr_array_index (fields, 0), annotation->image) != 0) {
    csv_fail (reader, error, "a box of %s where one of %s is due",
        (const gchar *) g_ptr_array_index (fields, 0), annotation->image);
    return FALSE;
  }
  if (!csv_numbers (reader, fields, 1, n_columns - 1, v, error))
    return FALSE;
  annotation->box = (DanBox) { v[0], v[1], v[2], v[3] };
  annotation->roll = v[4];
  return TRUE;
}

gboolean
dataset_read_boxes (GPtrArray * annotations, const gchar * name,
    GError ** error)
{
  static const gchar *const columns[] =
      { "image", "x", "y", "width", "height", "roll", NULL };
  CsvReader reader;
  GError *reason = NULL;
  guint n_columns;

  if (!csv_open (&reader, name, error))
    return FALSE;
  if ((n_columns = read_header (&reader, columns, 5, 6, &reason)))
    for (guint i = 0; i < annotations->len && !reason; i++)
      read_box (&reader, n_columns, g_ptr_array_index (annotations, i), &reason);
  csv_close (&reader);
  if (reason)
    g_propagate_error (error, reason);
  return !reason;
}
