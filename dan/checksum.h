/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_CHECKSUM_H
#define DAN_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* 64-bit FNV-1a taken over 8-byte words, for speed, and over the last bytes
 * one by one. Against damage, not against forgery. */
uint64_t dan_checksum (const void *data, size_t size);

#endif
