/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Small models some of whose weights the test chooses. */
#ifndef DAN_TESTS_MADE_MODEL_H
#define DAN_TESTS_MADE_MODEL_H

#include "small-model.h"
#include "tiny-model.h"

/* Frees @file. */
static inline DanModel *
open_bytes (Bytes file)
{
  DanModel *model;
  DanError error;

  dan_model_seal (file.data, file.size);
  CHECK (dan_model_open_memory (&model, file.data, file.size, &error)
          == DAN_OK, "%s", error.message);
  free (file.data);
  return model;
}

/* Floats that are @even and @odd in turns. */
static inline void
fill_floats (Bytes file, const char *name, float even, float odd)
{
  const DanFileArray *array = find_array (file, name);
  float *values = (float *) (file.data + array->offset);

  for (size_t i = 0; i < array->bytes / sizeof *values; i++)
    values[i] = i % 2 ? odd : even;
}

/* The same of IEEE halves, which are given as their bits. */
static inline void
fill_halves (Bytes file, const char *name, uint16_t even, uint16_t odd)
{
  const DanFileArray *array = find_array (file, name);
  uint16_t *values = (uint16_t *) (file.data + array->offset);

  for (size_t i = 0; i < array->bytes / sizeof *values; i++)
    values[i] = i % 2 ? odd : even;
}

#endif
