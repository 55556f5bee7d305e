/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef GST_DAN_FIELDS_H
#define GST_DAN_FIELDS_H

#include <glib-object.h>

G_BEGIN_DECLS

/* The number of the property that is @field of a struct of @type: its offset,
 * plus one because 0 is not a property's number. Fields are gboolean, guint,
 * guint64, gfloat, gdouble, gint for enums, and gchar * for strings. */
#define GST_DAN_FIELD(type, field) (G_STRUCT_OFFSET (type, field) + 1)

void gst_dan_fields_init (gpointer fields, GObject * object);
void gst_dan_fields_set (gpointer fields, const GValue * value,
    GParamSpec * pspec);
void gst_dan_fields_get (gconstpointer fields, GValue * value,
    GParamSpec * pspec);

G_END_DECLS

#endif /* GST_DAN_FIELDS_H */
