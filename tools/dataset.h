/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Annotated faces from a CSV file, and boxes for them from another. */
#ifndef DAN_TOOLS_DATASET_H
#define DAN_TOOLS_DATASET_H

#include <glib.h>
#include <dan/dan.h>

typedef struct {
  gchar *image;                 /* as in the file */
  gchar *path;                  /* to open it */
  guint line;
  DanPoint *points;
  DanBox box;
  gfloat roll;                  /* degrees, as in DanFace; 0 unless read */
} Annotation;

/* Rows "image,x0,y0,x1,y1,..." with @n_points points under a header, at most
 * @limit of them (0: all). Images are relative to the file's folder; boxes
 * are the tight ones. An array of Annotation. */
GPtrArray *dataset_read (const gchar * name, guint n_points, guint limit,
    GError ** error);

/* Replaces the boxes by those of rows "image,x,y,width,height" or
 * "image,x,y,width,height,roll" under a header, which are in the order of @annotations. */
gboolean dataset_read_boxes (GPtrArray * annotations, const gchar * name,
    GError ** error);

#endif
