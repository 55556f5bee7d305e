/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the rest of the library may know of a context. */
#ifndef DAN_CONTEXT_H
#define DAN_CONTEXT_H

#include "image.h"
#include "model.h"

/* The context's own, valid as long as it. */
DanModel *dan_context_model (const DanContext *context);
const DanImageKernels *dan_context_image_kernels (const DanContext *context);

#endif
