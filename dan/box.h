/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a face is: the mean shape placed by a box. */
#ifndef DAN_BOX_H
#define DAN_BOX_H

#include "model.h"
#include "similarity.h"

/* The similarity from the frame to the canonical image for a face of
 * @image: by its shape if it has one, which is fitted @onto, a shape in
 * the canonical image, else by its box. Fails with DAN_ERROR_BOX if no face can
 * be placed there. */
DanStatus dan_place_face (DanSimilarity *to_canonical, const DanModel *model,
    const DanPoint *onto, const DanImage *image, const DanFace *face,
    DanError *error);

#endif
