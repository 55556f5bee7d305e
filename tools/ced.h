/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The cumulative error distribution as an SVG picture. */
#ifndef DAN_TOOLS_CED_H
#define DAN_TOOLS_CED_H

#include "measures.h"

/* Draws the inter-ocular errors of @faces. @title: plain text. */
gboolean ced_write (const GArray * faces, const Summary * summary,
    const gchar * title, const gchar * name, GError ** error);

#endif
