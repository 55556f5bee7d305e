/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "element-trial.h"

#include <stdlib.h>
#include <string.h>

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
make_element (const TrialSetup * setup, Subject subject, GError ** error)
{
  const DanBoxMap map = setup->aligner.map;
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
  g_object_set (element, "model", setup->options.model,
      "threads", setup->options.threads, "stages", setup->options.stages,
      "region", region, "box-scale-x", (gdouble) map.scale_x,
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
  GstElement *element = make_element (trial->setup, subject, error);

  if (!element)
    return FALSE;
  trial->rigs[subject] = element_rig_new (element, &trial->info,
      subject == SUBJECT_ATTACHED, error);
  return trial->rigs[subject] != NULL;
}

gboolean
trial_init (Trial * trial, const TrialSetup * setup, GstVideoFormat format,
    GError ** error)
{
  *trial = (Trial) { setup };
  gst_video_info_set_format (&trial->info, format, setup->width,
      setup->height);
  trial->info.fps_n = 25;
  trial->original = g_malloc (trial->info.size);
  trial->frame = g_malloc (trial->info.size);
  draw_noise (trial->original, trial->info.size, trial->info.stride[0]);
  trial->landmarks =
      g_new (DanPoint, dan_model_n_points (setup->aligner.model));
  for (guint i = 0; i < N_SUBJECTS; i++)
    trial->seconds[i] = g_array_new (FALSE, FALSE, sizeof (gdouble));
  for (guint i = SUBJECT_CORE + 1; i < N_SUBJECTS; i++)
    if (!add_rig (trial, i, error))
      return FALSE;
  return TRUE;
}

void
trial_clear (Trial * trial)
{
  for (guint i = 0; i < N_SUBJECTS; i++) {
    element_rig_free (trial->rigs[i]);
    g_array_unref (trial->seconds[i]);
  }
  g_free (trial->landmarks);
  g_free (trial->frame);
  g_free (trial->original);
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
align (Trial * trial, GError ** error)
{
  const TrialSetup *setup = trial->setup;
  const DanBox box = {
    (setup->width - setup->face) / 2, (setup->height - setup->face) / 2,
    setup->face, setup->face
  };
  DanFace face = {
    .box = dan_box_map (box, setup->aligner.map),
    .landmarks = trial->landmarks,
  };
  GstBuffer *buffer = wrap_frame (trial);
  GstVideoFrame frame;
  DanImage image;
  DanError reason;
  DanStatus status;
  gint64 start, end;

  gst_video_frame_map (&frame, &trial->info, buffer, GST_MAP_READ);
  gst_dan_image_from_frame (&image, &frame);
  start = g_get_monotonic_time ();
  status = dan_align (setup->aligner.context, &image, &face, 1, &reason);
  end = g_get_monotonic_time ();
  gst_video_frame_unmap (&frame);
  gst_buffer_unref (buffer);
  if (status == DAN_OK)
    return (end - start) / (gdouble) G_TIME_SPAN_SECOND;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
      reason.message);
  return -1;
}

/* Each turn starts with the same pixels, just written, as a decoder leaves
 * them. */
static gboolean
take_turn (Trial * trial, Subject subject, GError ** error)
{
  gdouble seconds;

  memcpy (trial->frame, trial->original, trial->info.size);
  seconds = subject == SUBJECT_CORE ? align (trial, error) :
      element_rig_push (trial->rigs[subject], wrap_frame (trial), error);
  g_array_append_val (trial->seconds[subject], seconds);
  return seconds >= 0;
}

gboolean
trial_run_round (Trial * trial, gint round, GError ** error)
{
  for (guint i = 0; i < N_SUBJECTS; i++)
    if (!take_turn (trial, round % 2 ? N_SUBJECTS - 1 - i : i, error))
      return FALSE;
  return TRUE;
}

void
trial_forget (Trial * trial)
{
  for (guint i = 0; i < N_SUBJECTS; i++)
    g_array_set_size (trial->seconds[i], 0);
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
