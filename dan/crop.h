/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the frame to what a network sees of it, as the upright face in the
 * canonical image. */
#ifndef DAN_CROP_H
#define DAN_CROP_H

#include "dan/dan.h"
#include "image.h"

typedef struct DanCrop DanCrop;

/* Scratch memory for images of @size, made by @kernels, which have to outlive
 * it; NULL without memory. */
DanCrop *dan_crop_new (DanSize size, const DanImageKernels *kernels);
void dan_crop_free (DanCrop *crop);

/* Whether dan_crop_run() can follow @to_crop, which may be anything. */
bool dan_crop_can_run (DanSimilarity to_crop);

/* Reads what @to_crop takes from @image into the crop: luma from 0 to 1, black
 * outside of the image (as in training). Where the frame is more than twice as
 * fine as the crop, it is averaged over squares first, so that nothing aliases.
 * Costs as much as that part of the frame has pixels. */
void dan_crop_read (DanCrop *crop, const DanImage *image,
    DanSimilarity to_crop);

/* Writes @n rows of the crop that was read, from row @y on, to @out, rows of
 * pixels that are @stride floats apart: bilinear, and then normalised by
 * @norm. */
void dan_crop_write (const DanCrop *crop, DanNorm norm, int y, int n,
    float *out, int stride);

/* All of it at once. */
void dan_crop_run (DanCrop *crop, const DanImage *image,
    DanSimilarity to_crop, DanNorm norm, float *out, int stride);

#endif
