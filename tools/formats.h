/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The landmarks of a frame as text: JSON, CSV, iBUG .pts. */
#ifndef DAN_TOOLS_FORMATS_H
#define DAN_TOOLS_FORMATS_H

#include "finder.h"

typedef struct {
  const gchar *file;            /* the input, as it was named */
  gboolean picture;
  guint64 index;
  gdouble time;                 /* NAN: none */
  gint width, height;
  const FoundFace *faces;
  guint n_faces;
} FoundFrame;

typedef struct {
  const gchar *name;
  /* What comes before the first frame, NULL: nothing. */
  void (*append_header) (GString * text, const DanModel * model);
  /* @model: whose landmarks they are. */
  void (*append) (GString * text, const DanModel * model,
      const FoundFrame * frame);
  gboolean file_per_face;       /* where there is a folder for them */
} Format;

/* NULL: there is no such format. */
const Format *format_find (const gchar * name);

#endif
