/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A member of the object that a builder is in, name and value in one. */
#ifndef JSON_FIELDS_H
#define JSON_FIELDS_H

#include <json-glib/json-glib.h>

void add_number (JsonBuilder * builder, const gchar * key, gdouble value);
void add_count (JsonBuilder * builder, const gchar * key, gint64 value);
void add_text (JsonBuilder * builder, const gchar * key, const gchar * value);

#endif
