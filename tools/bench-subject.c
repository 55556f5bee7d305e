/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench-subject.h"

#include <stdlib.h>
#include <unistd.h>
#include <glib/gstdio.h>

#include "model-writer.h"
#include "model.h"

#define IMAGE_WIDTH 1280
#define IMAGE_HEIGHT 720
#define GRAIN 8 /* the side of the image's coarse squares */
#define SEED 1

#define PAPER_STAGES 2
static const int paper_channels[4] = { 64, 128, 256, 512 };
#define PAPER_HIDDEN 256
#define PAPER_IMAGE_SIZE 112
#define PAPER_POINTS 68

gboolean
bench_fail (GError **error, const DanError *reason)
{
  g_set_error_literal (error, G_OPTION_ERROR,
      reason->status == DAN_ERROR_ARGUMENT ? G_OPTION_ERROR_BAD_VALUE
                                           : G_OPTION_ERROR_FAILED,
      reason->message);
  return FALSE;
}

static gboolean
open_model (BenchSubject *subject, const char *path, GError **error)
{
  const gint64 start = g_get_monotonic_time ();
  DanError reason;

  if (dan_model_open (&subject->model, path, &reason) != DAN_OK)
    return bench_fail (error, &reason);
  subject->open_seconds
      = (g_get_monotonic_time () - start) / (double) G_TIME_SPAN_SECOND;
  return TRUE;
}

/* From a file, as users' models come. */
static gboolean
open_written (BenchSubject *subject, const void *data, size_t size,
    GError **error)
{
  g_autofree char *path = NULL;
  const int fd = g_file_open_tmp ("dan-bench-XXXXXX", &path, error);
  gboolean opened;

  if (fd < 0)
    return FALSE;
  close (fd);
  opened = g_file_set_contents (path, data, size, error)
      && open_model (subject, path, error);
  g_unlink (path);
  return opened;
}

static gboolean
open_random (BenchSubject *subject, double width, int n_stages, GError **error)
{
  DanModelSpec spec = {
    .n_points = PAPER_POINTS,
    .n_stages = n_stages,
    .image_size = PAPER_IMAGE_SIZE,
    .hidden = PAPER_HIDDEN,
    .seed = SEED,
    .upright = true, /* as the shipped models */
  };
  DanError reason;
  gboolean opened;
  void *data;
  size_t size;

  for (int i = 0; i < 4; i++)
    spec.channels[i] = MAX (1, (int) (paper_channels[i] * width + .5));
  if (dan_model_write_random (&data, &size, &spec, &reason) != DAN_OK)
    return bench_fail (error, &reason);
  opened = open_written (subject, data, size, error);
  free (data);
  return opened;
}

/* The cost of the first stages alone, which no function tells. */
static guint64
macs_of (const DanModel *model, int n_stages)
{
  DanModel part = *model;

  part.n_stages = n_stages;
  return dan_model_macs (&part);
}

/* Noise over coarser noise, so that something is left of it when a face is
 * made smaller. Zeros would not do: the library skips them in places. */
static void
draw_image (BenchSubject *subject, GRand *random)
{
  guint8 coarse[IMAGE_HEIGHT / GRAIN][IMAGE_WIDTH / GRAIN];

  for (int y = 0; y < IMAGE_HEIGHT / GRAIN; y++)
    for (int x = 0; x < IMAGE_WIDTH / GRAIN; x++)
      coarse[y][x] = g_rand_int_range (random, 0, 192);
  subject->pixels = g_malloc (IMAGE_WIDTH * IMAGE_HEIGHT);
  for (int y = 0; y < IMAGE_HEIGHT; y++)
    for (int x = 0; x < IMAGE_WIDTH; x++)
      subject->pixels[y * IMAGE_WIDTH + x]
          = coarse[y / GRAIN][x / GRAIN] + g_rand_int_range (random, 0, 64);
  subject->image = (DanImage) {
    .data = subject->pixels,
    .stride = IMAGE_WIDTH,
    .width = IMAGE_WIDTH,
    .height = IMAGE_HEIGHT,
    .format = DAN_FORMAT_GRAY8,
  };
}

static void
place_faces (BenchSubject *subject, GRand *random)
{
  const size_t n_points = dan_model_n_points (subject->model);

  subject->faces = g_new0 (DanFace, subject->n_faces);
  subject->points = g_new0 (DanPoint, n_points * subject->n_faces);
  for (int i = 0; i < subject->n_faces; i++) {
    const double side = g_rand_double_range (random, 80, 240);

    subject->faces[i] = (DanFace) {
      .box = {
        .x = g_rand_double_range (random, 0, IMAGE_WIDTH - side),
        .y = g_rand_double_range (random, 0, IMAGE_HEIGHT - side),
        .width = side,
        .height = side,
      },
      .landmarks = subject->points + i * n_points,
    };
  }
}

gboolean
bench_subject_init (BenchSubject *subject, const char *path, double width,
    int n_stages, int n_faces, GError **error)
{
  GRand *random;
  int most;

  *subject = (BenchSubject) { .n_faces = n_faces };
  if (!path)
    subject->width = width;
  if (!path && n_stages == 0)
    n_stages = PAPER_STAGES;
  if (!(path ? open_model (subject, path, error)
             : open_random (subject, width, n_stages, error)))
    return FALSE;

  /* Too many stages are refused later, by the library. */
  most = (int) dan_model_n_stages (subject->model);
  subject->n_stages = n_stages ? n_stages : most;
  subject->macs = macs_of (subject->model, MIN (subject->n_stages, most));
  random = g_rand_new_with_seed (SEED);
  draw_image (subject, random);
  place_faces (subject, random);
  g_rand_free (random);
  return TRUE;
}

void
bench_subject_clear (BenchSubject *subject)
{
  dan_model_close (&subject->model);
  g_clear_pointer (&subject->faces, g_free);
  g_clear_pointer (&subject->points, g_free);
  g_clear_pointer (&subject->pixels, g_free);
}
