/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How far landmarks are from their annotation. */
#ifndef DAN_TOOLS_MEASURES_H
#define DAN_TOOLS_MEASURES_H

#include <glib.h>
#include <dan/dan.h>
#include "parts.h"

/* The error up to which the CED is integrated and above which a face counts
 * as a failure, in inter-ocular distances. */
#define MEASURES_LIMIT .08

/* What an error in pixels is divided by. */
enum {
  NORM_INTER_OCULAR,            /* the outer eye corners */
  NORM_INTER_PUPIL,             /* the centres of the eyes' points */
  NORM_DIAGONAL,                /* of the tight box of the annotation */
  N_NORMS
};

/* Fractions, not per cent. */
typedef struct {
  gdouble nme[N_NORMS];
  gdouble parts[N_PARTS];       /* by the inter-ocular distance */
  gdouble expected;             /* by the network, as nme[NORM_INTER_OCULAR];
                                 * negative: unknown */
} FaceErrors;

typedef struct {
  guint n_faces;
  gdouble mean[N_NORMS];
  gdouble median[N_NORMS];
  gdouble parts[N_PARTS];       /* means */
  gdouble auc;
  gdouble failures;
  /* Spearman's, of expected and true inter-ocular errors; NAN: unknown. */
  gdouble expected_correlation;
} Summary;

/* Fills all of @errors but what is expected. Both are of 68 points. FALSE: the annotation has no extent that an error
 * could be divided by. */
gboolean measure_face (const DanPoint * truth, const DanPoint * points,
    FaceErrors * errors);

/* @faces: an array of FaceErrors, not empty. */
void measure_all (const GArray * faces, Summary * summary);

/* The @norm errors of @faces in rising order, an array of gdouble. */
GArray *measure_sorted (const GArray * faces, guint norm);

#endif
