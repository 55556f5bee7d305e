/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A model file that is small enough to be broken in every way. */
#ifndef DAN_TESTS_TINY_MODEL_H
#define DAN_TESTS_TINY_MODEL_H

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "model-file.h"
#include "model-writer.h"

typedef struct {
  uint8_t *data;
  size_t size;
} Bytes;

static inline DanFileHeader *
file_header (Bytes file)
{
  return (DanFileHeader *) file.data;
}

static inline DanFileArray *
file_arrays (Bytes file)
{
  return (DanFileArray *) (file.data + sizeof (DanFileHeader));
}

/* Loads @file and expects a refusal whose message has @reason in it. */
static inline void
check_refused (Bytes file, const char *reason, const char *what, long detail)
{
  DanModel *model = (DanModel *) &model;
  DanError error = { 0 };
  DanStatus status;

  status = dan_model_open_memory (&model, file.data, file.size, &error);
  CHECK (status == DAN_ERROR_MODEL && error.status == status && !model,
      "%s (%ld): status %d, model %p", what, detail, status, (void *) model);
  CHECK (strstr (error.message, reason) && !strchr (error.message, '\n'),
      "%s (%ld): '%s', should have '%s'", what, detail, error.message, reason);
  dan_model_close (&model);
}

static inline DanFileArray *
find_array (Bytes file, const char *name)
{
  for (uint32_t i = 0; i < file_header (file)->n_arrays; i++)
    if (strcmp (file_arrays (file)[i].name, name) == 0)
      return &file_arrays (file)[i];
  CHECK (false, "no array %s", name);
  exit (check_summary ("model"));
}

static inline Bytes
make_model (const DanModelSpec *spec)
{
  DanError error = { 0 };
  Bytes file = { 0 };
  void *data;

  if (!CHECK (dan_model_write_random (&data, &file.size, spec, &error)
          == DAN_OK, "%s", error.message))
    exit (check_summary ("cannot write a model"));
  file.data = data;
  return file;
}

static const DanModelSpec tiny_spec = { .n_points = 2, .n_stages = 2,
  .image_size = 32, .channels = { 1, 2, 1, 1 }, .hidden = 1, .error_hidden = 2,
  .seed = 1, .upright = true, .recurrent = true, .decoder = 1 };

static inline Bytes
make_tiny_model (void)
{
  return make_model (&tiny_spec);
}

static inline Bytes
copy_bytes (Bytes from)
{
  Bytes to = { malloc (from.size), from.size };

  memcpy (to.data, from.data, from.size);
  return to;
}

#endif
