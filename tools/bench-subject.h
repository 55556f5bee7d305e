/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What dan-bench aligns: a model, and faces of an image. */
#ifndef DAN_TOOLS_BENCH_SUBJECT_H
#define DAN_TOOLS_BENCH_SUBJECT_H

#include <glib.h>

#include "dan/dan.h"

typedef struct {
  DanModel *model;
  double open_seconds; /* that dan_model_open() took */
  int n_stages;  /* that are run */
  guint64 macs;  /* of a face, over these stages */
  double width;  /* of random weights; 0 for a model file */
  int n_faces;
  DanFace *faces;
  DanPoint *points;
  DanImage image;
  guint8 *pixels;
} BenchSubject;

/* The widths that random weights can have. */
#define BENCH_MAX_WIDTH 8
#define BENCH_MAX_FACES 1000

/* Opens the model at @path, or if that is NULL makes one of random weights,
 * @width times as wide as the paper's, with @n_stages stages (0: 2). FALSE:
 * @error says why; the subject is to be cleared all the same. */
gboolean bench_subject_init (BenchSubject *subject, const char *path,
    double width, int n_stages, int n_faces, GError **error);
void bench_subject_clear (BenchSubject *subject);

/* Turns the library's error into GLib's: what the user asked for and cannot
 * be is G_OPTION_ERROR_BAD_VALUE. Returns FALSE. */
gboolean bench_fail (GError **error, const DanError *reason);

#endif
