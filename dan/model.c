/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

#include "error.h"
#include "model-file.h"
#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST_PATH 100 /* in messages, so that the reason fits */

const char *
dan_version (void)
{
  return DAN_VERSION;
}

static const char *
path_or_default (const char *variable, const char *installed)
{
  const char *path = getenv (variable);

  return path && *path ? path : installed;
}

const char *
dan_default_model_path (void)
{
  return path_or_default ("DAN_MODEL", DAN_MODEL_PATH);
}

const char *
dan_default_detector_path (void)
{
  return path_or_default ("DAN_FACE_MODEL", DAN_FACE_MODEL_PATH);
}

/* Puts the file's name before the reason: the end of a long one. */
static void
prefix_path (DanError *error, const char *path)
{
  char reason[sizeof error->message];
  size_t length = strlen (path), skipped = 0;

  if (!error)
    return;
  if (length > LONGEST_PATH)
    skipped = length - LONGEST_PATH;
  while (((unsigned char) path[skipped] & 0xc0) == 0x80)
    skipped++; /* not into the middle of a UTF-8 character */

  strcpy (reason, error->message);
  dan_fail (error, error->status, "%s%s: %s", skipped ? "..." : "",
      path + skipped, reason);
}

static DanStatus
fail_errno (DanError *error, int number)
{
  char reason[128];

  if (strerror_r (number, reason, sizeof reason) != 0)
    return dan_fail (error, DAN_ERROR_IO, "error %d", number);
  return dan_fail (error, DAN_ERROR_IO, "%s", reason);
}

/* Checks and binds the bytes that @model has taken over; gives @model up,
 * with them, if they are no model. */
static DanStatus
finish_open (DanModel **result, DanModel *model, DanError *error)
{
  DanStatus status;

  status = dan_model_bind (model, model->mapping, model->mapping_size, error);
  if (status != DAN_OK) {
    dan_model_close (&model);
    return status;
  }
  *result = model;
  return dan_ok (error);
}

static DanModel *
new_model (size_t size, DanError *error)
{
  DanModel *model = calloc (1, sizeof *model);

  if (!model) {
    dan_fail (error, DAN_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  atomic_init (&model->references, 1);
  pthread_mutex_init (&model->networks_lock, NULL);
  model->mapping_size = size;
  return model;
}

static DanStatus
open_descriptor (DanModel **result, int fd, DanError *error)
{
  DanModel *model;
  struct stat info;

  if (fstat (fd, &info) < 0)
    return fail_errno (error, errno);
  if (S_ISDIR (info.st_mode))
    return fail_errno (error, EISDIR);
  if (!S_ISREG (info.st_mode))
    return dan_fail (error, DAN_ERROR_IO, "not a regular file");
  if (info.st_size == 0) /* which mmap() refuses */
    return dan_fail (error, DAN_ERROR_MODEL, "the file is empty");
  if ((uintmax_t) info.st_size > SIZE_MAX)
    return fail_errno (error, EFBIG);

  model = new_model (info.st_size, error);
  if (!model)
    return DAN_ERROR_MEMORY;
  model->mapping = mmap (NULL, model->mapping_size, PROT_READ, MAP_PRIVATE, fd,
      0);
  if (model->mapping == MAP_FAILED) {
    DanStatus status = fail_errno (error, errno);

    model->mapping = NULL;
    dan_model_close (&model);
    return status;
  }
  model->mapped = true;
  return finish_open (result, model, error);
}

DanStatus
dan_model_open (DanModel **model, const char *path, DanError *error)
{
  DanStatus status;
  int fd;

  if (!model)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no place for the model");
  *model = NULL;
  if (!path)
    path = dan_default_model_path ();

  /* Opening a fifo must not wait for its writer. */
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    status = fail_errno (error, errno);
  } else {
    status = open_descriptor (model, fd, error);
    close (fd);
  }
  if (status != DAN_OK)
    prefix_path (error, path);
  return status;
}

DanStatus
dan_model_open_memory (DanModel **result, const void *data, size_t size,
    DanError *error)
{
  DanModel *model;

  if (!result)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no place for the model");
  *result = NULL;
  if (!data)
    return dan_fail (error, DAN_ERROR_ARGUMENT, "no model data");

  model = new_model (size, error);
  if (!model)
    return DAN_ERROR_MEMORY;
  if (posix_memalign (&model->mapping, DAN_FILE_ALIGNMENT, size ? size : 1)) {
    model->mapping = NULL;
    dan_model_close (&model);
    return dan_fail (error, DAN_ERROR_MEMORY, "no memory for %zu bytes", size);
  }
  memcpy (model->mapping, data, size);
  return finish_open (result, model, error);
}

void
dan_model_drop_pages (const DanModel *model)
{
  if (model->mapped)
    madvise (model->mapping, model->mapping_size, MADV_DONTNEED);
}

DanModel *
dan_model_ref (DanModel *model)
{
  atomic_fetch_add_explicit (&model->references, 1, memory_order_relaxed);
  return model;
}

void
dan_model_close (DanModel **model)
{
  DanModel *closed;

  if (!model || !*model)
    return;
  closed = *model;
  *model = NULL;
  if (atomic_fetch_sub_explicit (&closed->references, 1,
          memory_order_acq_rel) > 1)
    return;

  dan_network_free_all (closed);
  pthread_mutex_destroy (&closed->networks_lock);
  if (closed->mapped)
    munmap (closed->mapping, closed->mapping_size);
  else
    free (closed->mapping);
  free (closed);
}

size_t
dan_model_n_points (const DanModel *model)
{
  return model->n_points;
}

size_t
dan_model_n_stages (const DanModel *model)
{
  return model->n_stages;
}

int
dan_model_image_size (const DanModel *model)
{
  return model->image_size;
}

const char *
dan_model_scheme (const DanModel *model)
{
  return model->scheme;
}

const char *
dan_model_name (const DanModel *model)
{
  return model->name;
}

const char *
dan_model_licence (const DanModel *model)
{
  return model->licence;
}

const DanPoint *
dan_model_mean_shape (const DanModel *model)
{
  return model->mean_shape;
}

static uint64_t
product_macs (const DanLayer *layer)
{
  return (uint64_t) layer->in * layer->out;
}

static uint64_t
conv_macs (const DanLayer *layer, int image_size, int halvings)
{
  const uint64_t side = image_size >> halvings;

  return side * side * 9 * product_macs (layer);
}

static uint64_t
decoder_macs (const DanStage *stage, int image_size)
{
  uint64_t macs = conv_macs (&stage->heatmaps, image_size, 1);

  for (int i = 0; i < DAN_N_UPS; i++)
    macs += conv_macs (&stage->up[i], image_size, dan_up_halvings (i));
  return macs;
}

uint64_t
dan_model_macs (const DanModel *model)
{
  uint64_t macs = 0;

  for (int s = 0; s < model->n_stages; s++) {
    const DanStage *stage = &model->stages[s];

    for (int i = 0; i < DAN_N_CONVS; i++)
      macs += conv_macs (&stage->conv[i], model->image_size, i / 2);
    macs += product_macs (&stage->fc1) + product_macs (&stage->fc2)
        + product_macs (&stage->feature)
        + decoder_macs (stage, model->image_size);
    if (s + 1 == model->n_stages)
      macs += product_macs (&stage->error1) + product_macs (&stage->error2);
  }
  return macs;
}
