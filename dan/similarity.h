/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Similarities of the plane: rotation, uniform scale and translation. */
#ifndef DAN_SIMILARITY_H
#define DAN_SIMILARITY_H

#include <stdbool.h>

#include "dan/dan.h"

/* x' = a x - b y + tx,  y' = b x + a y + ty */
typedef struct {
  double a, b, tx, ty;
} DanSimilarity;

/* The similarity that maps @from onto @to with the smallest sum of squared
 * distances, in closed form (see "transform estimation" in DAN's connection
 * layers). FALSE if @from is a single place or the result is not finite or
 * collapses. */
bool dan_similarity_fit (DanSimilarity *t, const DanPoint *from,
    const DanPoint *to, int n);

/* @t must not collapse the plane, as none from dan_similarity_fit() does. */
DanSimilarity dan_similarity_invert (DanSimilarity t);

/* @first, then @second. */
DanSimilarity dan_similarity_compose (DanSimilarity first,
    DanSimilarity second);

/* @to may be @from. */
void dan_similarity_apply (DanSimilarity t, const DanPoint *from, DanPoint *to,
    int n);

/* Pixels of the target per pixel of the source. */
double dan_similarity_scale (DanSimilarity t);

#endif
