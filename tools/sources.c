/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sources.h"

#include <glib/gstdio.h>

struct _Sources
{
  GHashTable *files;            /* what they are, as file_id() */
};

/* Which file @name is, by whatever name; NULL: none. */
static gchar *
file_id (const gchar * name)
{
  GStatBuf info;

  if (g_stat (name, &info) != 0)
    return NULL;
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
      (guint64) info.st_dev, (guint64) info.st_ino);
}

Sources *
sources_new (void)
{
  Sources *sources = g_new0 (Sources, 1);

  sources->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  return sources;
}

void
sources_free (Sources * sources)
{
  if (!sources)
    return;
  g_hash_table_unref (sources->files);
  g_free (sources);
}

void
sources_add (Sources * sources, const gchar * input)
{
  g_autofree gchar *name = input ? g_filename_from_uri (input, NULL, NULL)
      : NULL;
  gchar *id = input ? file_id (name ? name : input) : NULL;

  if (id)
    g_hash_table_add (sources->files, id);
}

gboolean
sources_spared (Sources * sources, const gchar * output, GError ** error)
{
  g_autofree gchar *id = output ? file_id (output) : NULL;
  g_autofree gchar *display = NULL;

  if (!id || !g_hash_table_contains (sources->files, id))
    return TRUE;
  display = g_filename_display_name (output);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
      "%s is an input, and is not overwritten", display);
  return FALSE;
}
