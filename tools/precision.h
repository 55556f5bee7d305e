/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names of precisions on command lines and in reports. */
#ifndef DAN_TOOLS_PRECISION_H
#define DAN_TOOLS_PRECISION_H

#include <glib.h>
#include <dan/dan.h>

#define PRECISION_NAMES "auto|fp32|bf16|int8"
#define PRECISION_HELP \
  "auto (default), the fastest that keeps the landmarks, fp32, bf16 or int8"

/* Static. */
const gchar *precision_name (DanPrecision precision);

/* NULL is the default; a bad name is an error of the domain G_OPTION_ERROR. */
gboolean precision_parse (const gchar * name, DanPrecision * precision,
    GError ** error);

#endif
