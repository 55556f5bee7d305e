/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "element-trial.h"

#include <string.h>
#include <time.h>

#include "gstdanformat.h"

#define SEED 1
#define GRAIN 8 /* the side of the frame's coarse squares, in bytes */

/* Noise over coarser noise, so that something is left of it when a face is
 * made smaller. */
static void
draw_noise (guint8 * data, gsize size, gint stride)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);
  g_autofree guint8 *coarse = g_malloc (stride / GRAIN + 1);

  for (gsize i = 0; i < size; i++) {
    const gsize x = i % stride, y = i / stride;

    if (x % GRAIN == 0 && y % GRAIN == 0)
      coarse[x / GRAIN] = g_rand_int_range (random, 0, 192);
    data[i] = coarse[x / GRAIN] + g_rand_int_range (random, 0, 64);
  }
}

static GstElement *
make_element (const Trial * trial, Subject subject, GError ** error)
{
  const TrialSetup *setup = trial->setup;
  const DanBoxMap map = trial->aligner.map;
  const gint x = (setup->width - setup->face) / 2;
  const gint y = (setup->height - setup->face) / 2;
  GstElement *element = gst_element_factory_make ("danalign", NULL);
  g_autofree gchar *region =
      g_strdup_printf ("%d,%d,%d,%d", x, y, setup->face, setup->face);

  if (!element) {
    g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "the GStreamer element \"danalign\" is not installed");
    return NULL;
  }
  gst_util_set_object_arg (G_OBJECT (element), "box", "custom");
  if (setup->options.precision)
    gst_util_set_object_arg (G_OBJECT (element), "precision",
        setup->options.precision);
  g_object_set (element, "model", setup->options.model,
      "threads", setup->options.threads, "stages", setup->options.stages,
      "passes", setup->options.passes, "region", region, "box-scale-x", (gdouble) map.scale_x,
      "box-scale-y", (gdouble) map.scale_y,
      "box-offset-x", (gdouble) map.offset_x,
      "box-offset-y", (gdouble) map.offset_y,
      "enabled", subject != SUBJECT_DISABLED,
      "draw", subject == SUBJECT_BLENDED || subject == SUBJECT_ATTACHED, NULL);
  return element;
}

static gboolean
add_rig (Trial * trial, Subject subject, GError ** error)
{
  GstElement *element = make_element (trial, subject, error);

  if (!element)
    return FALSE;
  trial->rigs[subject] = element_rig_new (element, &trial->info,
      subject == SUBJECT_ATTACHED, error);
  return trial->rigs[subject] != NULL;
}

void
trial_init (Trial * trial, const TrialSetup * setup, GstVideoFormat format)
{
  *trial = (Trial) { setup };
  gst_video_info_set_format (&trial->info, format, setup->width,
      setup->height);
  trial->info.fps_n = 25;
  trial->original = g_malloc (trial->info.size);
  trial->frame = g_malloc (trial->info.size);
  draw_noise (trial->original, trial->info.size, trial->info.stride[0]);
  for (guint i = 0; i < N_SUBJECTS; i++)
    trial->seconds[i] = g_array_new (FALSE, FALSE, sizeof (gdouble));
}

void
trial_clear (Trial * trial)
{
  for (guint i = 0; i < N_SUBJECTS; i++)
    g_array_unref (trial->seconds[i]);
  g_free (trial->frame);
  g_free (trial->original);
}

gboolean
trial_start (Trial * trial, GError ** error)
{
  if (!aligner_open (&trial->aligner, &trial->setup->options,
          error))
    return FALSE;
  trial->landmarks =
      g_new (DanPoint, dan_model_n_points (trial->aligner.model));
  for (guint i = SUBJECT_CORE + 1; i < N_SUBJECTS; i++)
    if (!add_rig (trial, i, error))
      return FALSE;
  return TRUE;
}

void
trial_stop (Trial * trial)
{
  for (guint i = 0; i < N_SUBJECTS; i++)
    g_clear_pointer (&trial->rigs[i], element_rig_free);
  g_clear_pointer (&trial->landmarks, g_free);
  aligner_close (&trial->aligner);
}

/* As plain system memory, without a GstVideoMeta: what videotestsrc's pool
 * hands out. */
static GstBuffer *
wrap_frame (Trial * trial)
{
  return gst_buffer_new_wrapped_full (0, trial->frame, trial->info.size, 0,
      trial->info.size, NULL, NULL);
}

static gdouble
seconds_now (const Trial * trial)
{
  struct timespec now;

  clock_gettime (trial->setup->cpu_time ? CLOCK_THREAD_CPUTIME_ID :
      CLOCK_MONOTONIC, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

/* The turns of the core and of an element: seconds, or -1. */
static gdouble
align (Trial * trial, GError ** error)
{
  const TrialSetup *setup = trial->setup;
  const DanBox box = {
    (setup->width - setup->face) / 2, (setup->height - setup->face) / 2,
    setup->face, setup->face
  };
  DanFace face = {
    .box = dan_box_map (box, trial->aligner.map),
    .landmarks = trial->landmarks,
  };
  GstBuffer *buffer = wrap_frame (trial);
  GstVideoFrame frame;
  DanImage image;
  DanError reason;
  DanStatus status;
  gdouble seconds;

  gst_video_frame_map (&frame, &trial->info, buffer, GST_MAP_READ);
  gst_dan_image_from_frame (&image, &frame);
  seconds = seconds_now (trial);
  status = dan_align (trial->aligner.context, &image, &face, 1, &reason);
  seconds = seconds_now (trial) - seconds;
  gst_video_frame_unmap (&frame);
  gst_buffer_unref (buffer);
  if (status == DAN_OK)
    return seconds;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
      reason.message);
  return -1;
}

static gdouble
push (Trial * trial, Subject subject, GError ** error)
{
  GstBuffer *buffer = wrap_frame (trial);
  const gdouble start = seconds_now (trial);

  return element_rig_push (trial->rigs[subject], buffer, error) ?
      seconds_now (trial) - start : -1;
}

/* Each turn starts with the same pixels, just written, as a decoder leaves
 * them. */
static gdouble
take_turn (Trial * trial, Subject subject, GError ** error)
{
  memcpy (trial->frame, trial->original, trial->info.size);
  return subject == SUBJECT_CORE ? align (trial, error) :
      push (trial, subject, error);
}

gboolean
trial_run_round (Trial * trial, gint round, GError ** error)
{
  for (guint i = 0; i < N_SUBJECTS; i++) {
    const Subject subject = round % 2 ? N_SUBJECTS - 1 - i : i;
    const gdouble seconds = take_turn (trial, subject, error);

    if (seconds < 0)
      return FALSE;
    if (round >= 0)
      g_array_append_val (trial->seconds[subject], seconds);
  }
  return TRUE;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

static gdouble
median (GArray * values)
{
  const guint n = values->len;

  g_array_sort (values, compare);
  return (g_array_index (values, gdouble, (n - 1) / 2)
      + g_array_index (values, gdouble, n / 2)) / 2;
}

gdouble
trial_median_added (const Trial * trial, Subject subject)
{
  const GArray *core = trial->seconds[SUBJECT_CORE];
  g_autoptr (GArray) added = g_array_copy (trial->seconds[subject]);

  for (guint i = 0; i < added->len; i++)
    g_array_index (added, gdouble, i) -= g_array_index (core, gdouble, i);
  return median (added);
}

gdouble
trial_median (const Trial * trial, Subject subject)
{
  g_autoptr (GArray) seconds = g_array_copy (trial->seconds[subject]);

  return median (seconds);
}
