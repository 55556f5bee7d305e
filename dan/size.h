/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_SIZE_H
#define DAN_SIZE_H

typedef struct {
  int width, height; /* pixels */
} DanSize;

static inline DanSize
dan_size_square (int side)
{
  return (DanSize) { side, side };
}

/* What 2x2 pooling leaves. */
static inline DanSize
dan_size_halved (DanSize size)
{
  return (DanSize) { size.width / 2, size.height / 2 };
}

#endif
