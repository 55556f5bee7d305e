/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The upright face: from the frame to the canonical image. */
#ifndef DAN_CROP_H
#define DAN_CROP_H

#include "dan/dan.h"
#include "image.h"

typedef struct DanCrop DanCrop;

/* Scratch memory for canonical images of @size x @size pixels, made by
 * @kernels, which have to outlive it; NULL without memory. */
DanCrop *dan_crop_new (int size, const DanImageKernels *kernels);
void dan_crop_free (DanCrop *crop);

/* Warps @image by @to_canonical to @canonical, @size rows of @size pixels
 * that are @stride floats apart: luma from 0 to 1, bilinear, black outside of
 * the image (as in training), and then normalised by @norm. Where the frame is
 * more than twice as fine as the canonical image, it is averaged over squares
 * first, so that nothing aliases. Costs as much as the face's part of the frame
 * has pixels. */
void dan_crop_run (DanCrop *crop, const DanImage *image,
    DanSimilarity to_canonical, DanNorm norm, float *canonical, int stride);

#endif
