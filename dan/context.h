/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the rest of the library may know of a context. */
#ifndef DAN_CONTEXT_H
#define DAN_CONTEXT_H

#include "image.h"
#include "model.h"

/* How many values carry a face on from one frame to the next; 0: nothing
 * does. */
int dan_context_n_hidden (const DanContext *context);

/* dan_align(), which leaves the values that carry face i on at @hidden[i]; or,
 * with @step, the recurrent stage alone, which goes on from there: the faces have
 * to have a shape then, the one expected from that frame. @hidden is NULL where
 * there are no such values, or nobody wants them. */
DanStatus dan_context_align (DanContext *context, const DanImage *image,
    DanFace *faces, float *const *hidden, size_t n_faces, bool step,
    DanError *error);

/* The context's own, valid as long as it. */
DanModel *dan_context_model (const DanContext *context);
const DanImageKernels *dan_context_image_kernels (const DanContext *context);

#endif
