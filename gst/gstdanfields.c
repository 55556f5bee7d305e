/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Properties that are the fields of a struct. */

#include "gstdanfields.h"

static gpointer
field_of (gconstpointer fields, GParamSpec * pspec)
{
  return G_STRUCT_MEMBER_P (fields, pspec->param_id - 1);
}

/* Sets all of @object's own properties to their defaults. */
void
gst_dan_fields_init (gpointer fields, GObject * object)
{
  guint n;
  GParamSpec **specs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);

  for (guint i = 0; i < n; i++) {
    if (specs[i]->owner_type == G_OBJECT_TYPE (object))
      gst_dan_fields_set (fields,
          g_param_spec_get_default_value (specs[i]), specs[i]);
  }
  g_free (specs);
}

void
gst_dan_fields_set (gpointer fields, const GValue * value,
    GParamSpec * pspec)
{
  gpointer field = field_of (fields, pspec);

  switch (G_TYPE_FUNDAMENTAL (pspec->value_type)) {
    case G_TYPE_BOOLEAN:
      *(gboolean *) field = g_value_get_boolean (value);
      break;
    case G_TYPE_UINT:
      *(guint *) field = g_value_get_uint (value);
      break;
    case G_TYPE_UINT64:
      *(guint64 *) field = g_value_get_uint64 (value);
      break;
    case G_TYPE_FLOAT:
      *(gfloat *) field = g_value_get_float (value);
      break;
    case G_TYPE_DOUBLE:
      *(gdouble *) field = g_value_get_double (value);
      break;
    case G_TYPE_ENUM:
      *(gint *) field = g_value_get_enum (value);
      break;
    default:
      g_free (*(gchar **) field);
      *(gchar **) field = g_value_dup_string (value);
      break;
  }
}

void
gst_dan_fields_get (gconstpointer fields, GValue * value,
    GParamSpec * pspec)
{
  gconstpointer field = field_of (fields, pspec);

  switch (G_TYPE_FUNDAMENTAL (pspec->value_type)) {
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, *(const gboolean *) field);
      break;
    case G_TYPE_UINT:
      g_value_set_uint (value, *(const guint *) field);
      break;
    case G_TYPE_UINT64:
      g_value_set_uint64 (value, *(const guint64 *) field);
      break;
    case G_TYPE_FLOAT:
      g_value_set_float (value, *(const gfloat *) field);
      break;
    case G_TYPE_DOUBLE:
      g_value_set_double (value, *(const gdouble *) field);
      break;
    case G_TYPE_ENUM:
      g_value_set_enum (value, *(const gint *) field);
      break;
    default:
      g_value_set_string (value, *(gchar * const *) field);
      break;
  }
}
