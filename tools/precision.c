/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "precision.h"

static const gchar *const names[] = {
  [DAN_PRECISION_AUTO] = "auto",
  [DAN_PRECISION_FP32] = "fp32",
  [DAN_PRECISION_BF16] = "bf16",
  [DAN_PRECISION_INT8] = "int8",
};

const gchar *
precision_name (DanPrecision precision)
{
  return names[precision];
}

gboolean
precision_parse (const gchar * name, DanPrecision * precision, GError ** error)
{
  *precision = DAN_PRECISION_AUTO;
  if (!name)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], name)) {
      *precision = (DanPrecision) i;
      return TRUE;
    }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "\"%s\" is no precision: auto, fp32, bf16 or int8 expected", name);
  return FALSE;
}
