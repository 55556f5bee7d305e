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

/* Warps @image by @to_crop to @out, rows of pixels that are @stride floats
 * apart: luma from 0 to 1, bilinear, black outside of
 * the image (as in training), and then normalised by @norm. Where the frame is
 * more than twice as fine as the crop, it is averaged over squares first, so
 * that nothing aliases. Costs as much as that part of the frame has pixels. */
void dan_crop_run (DanCrop *crop, const DanImage *image,
    DanSimilarity to_crop, DanNorm norm, float *out, int stride);

#endif
