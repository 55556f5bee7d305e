/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers of 16 bits. */
#ifndef DAN_HALF_H
#define DAN_HALF_H

#include <stdint.h>
#include <string.h>

/* The value of a finite IEEE 754 half. */
static inline float
dan_half_to_float (uint16_t half)
{
  const uint32_t sign = (uint32_t) (half & 0x8000) << 16;
  const uint32_t magnitude = (uint32_t) (half & 0x7fff) << 13;
  const float rebias = 0x1p112f; /* exponents count from 127, not from 15 */
  uint32_t bits = magnitude;
  float value;

  memcpy (&value, &bits, sizeof value);
  value *= rebias;
  memcpy (&bits, &value, sizeof bits);
  bits |= sign;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* @value to the nearest bfloat16, ties to even; it is no NaN. */
static inline uint16_t
dan_float_to_bf16 (float value)
{
  uint32_t bits;

  memcpy (&bits, &value, sizeof bits);
  return (uint16_t) ((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

#endif
