/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "json-fields.h"

void
add_number (JsonBuilder * builder, const gchar * key, gdouble value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_double_value (builder, value);
}

void
add_count (JsonBuilder * builder, const gchar * key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, value);
}

void
add_text (JsonBuilder * builder, const gchar * key, const gchar * value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value);
}
