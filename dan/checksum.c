/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "checksum.h"

#include <string.h>

#define FNV_OFFSET UINT64_C (0xcbf29ce484222325)
#define FNV_PRIME UINT64_C (0x00000100000001b3)

uint64_t
dan_checksum (const void *data, size_t size)
{
  const uint8_t *bytes = data;
  uint64_t hash = FNV_OFFSET;

  for (; size >= sizeof (uint64_t); size -= sizeof (uint64_t)) {
    uint64_t word;

    memcpy (&word, bytes, sizeof word);
    hash = (hash ^ word) * FNV_PRIME;
    bytes += sizeof word;
  }
  for (; size > 0; size--)
    hash = (hash ^ *bytes++) * FNV_PRIME;
  return hash;
}
