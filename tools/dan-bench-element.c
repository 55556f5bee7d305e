/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* dan-bench-element: what the element danalign adds to the time of libdan. */

#include "aligner.h"
#include "element-trial.h"
#include "progress.h"

#include <stdio.h>

#define DEFAULT_FORMATS "I420,NV12,BGRx,RGBA,GRAY8"
#define DEFAULT_SIZE "1920x1080"

#define MIN_SIDE 8
#define MAX_SIDE 16384
#define MAX_ROUNDS 100000

typedef struct {
  AlignerOptions aligner;
  gchar *formats;
  gchar *size;
  gint face;
  gint rounds;
} Options;

static gboolean
parse_options (Options * options, gint * argc, gchar *** argv,
    gint * exit_code)
{
  const GOptionEntry entries[] = {
    {"formats", 'f', 0, G_OPTION_ARG_STRING, &options->formats,
        "Pixel formats (default " DEFAULT_FORMATS ")", "LIST"},
    {"size", 's', 0, G_OPTION_ARG_STRING, &options->size,
        "Size of the frames (default " DEFAULT_SIZE ")", "WxH"},
    {"face", 0, 0, G_OPTION_ARG_INT, &options->face,
        "Side of the face's box in pixels (default 400)", "N"},
    {"repeat", 'r', 0, G_OPTION_ARG_INT, &options->rounds,
        "Rounds, of which the median counts (default 101)", "N"},
    G_OPTION_ENTRY_NULL
  };

  return aligner_options_parse (&options->aligner, entries,
      "- what the element danalign adds to a frame",
      "Measures libdan alone and the element danalign on the same frames of "
      "noise, in turns.", argc, argv, exit_code);
}

static gboolean
fail_usage (GError ** error, const gchar * option, const gchar * expected)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "%s: %s expected", option, expected);
  return FALSE;
}

static gboolean
read_options (const Options * options, gint argc, TrialSetup * setup,
    GError ** error)
{
  const gchar *size = options->size ? options->size : DEFAULT_SIZE;
  gchar rest;

  if (argc > 1)
    return fail_usage (error, "arguments", "none are");
  if (sscanf (size, "%5dx%5d%c", &setup->width, &setup->height, &rest) != 2
      || MIN (setup->width, setup->height) < MIN_SIDE
      || MAX (setup->width, setup->height) > MAX_SIDE)
    return fail_usage (error, "--size", "WxH, 8 to 16384 pixels each,");
  if (options->face < MIN_SIDE
      || options->face > MIN (setup->width, setup->height))
    return fail_usage (error, "--face", "at least 8, and to fit the frame,");
  if (options->rounds < 1 || options->rounds > MAX_ROUNDS)
    return fail_usage (error, "--repeat", "1 to 100000");
  setup->face = options->face;
  setup->options = options->aligner;
  return TRUE;
}

static void
print_heading (const TrialSetup * setup, gint n_rounds)
{
  g_print ("model      %s, %s kernels, %d thread%s\n",
      dan_model_name (setup->aligner.model),
      dan_context_kernels (setup->aligner.context), setup->options.threads,
      setup->options.threads == 1 ? "" : "s");
  g_print ("frame      %dx%d, one face of %dx%d\n", setup->width,
      setup->height, setup->face, setup->face);
  g_print ("median ms of %d round%s; the last three columns: more than the "
      "core in the same round\n\n", n_rounds, n_rounds == 1 ? "" : "s");
  g_print ("%-10s %8s %9s %12s %9s %9s\n", "format", "core", "disabled",
      "not drawing", "drawing", "overlay");
}

static void
print_trial (const Trial * trial)
{
  g_print ("%-10s %8.3f %9.3f %12.3f %9.3f %9.3f\n",
      GST_VIDEO_INFO_NAME (&trial->info),
      1e3 * trial_median (trial, SUBJECT_CORE),
      1e3 * trial_median (trial, SUBJECT_DISABLED),
      1e3 * trial_median_added (trial, SUBJECT_PLAIN),
      1e3 * trial_median_added (trial, SUBJECT_BLENDED),
      1e3 * trial_median_added (trial, SUBJECT_ATTACHED));
}

/* The first round meets cold caches and untouched memory, and is not
 * counted. */
static gboolean
run_rounds (Trial * trial, gint n_rounds, GError ** error)
{
  Progress progress;
  gboolean good = trial_run_round (trial, 0, error);

  trial_forget (trial);
  progress_start (&progress, "rounds", FALSE);
  for (gint i = 0; good && i < n_rounds; i++) {
    good = trial_run_round (trial, i, error);
    progress_update (&progress, i + 1, (i + 1.) / n_rounds);
  }
  progress_end (&progress);
  return good;
}

static gboolean
try_format (const TrialSetup * setup, const gchar * name, gint n_rounds,
    GError ** error)
{
  const GstVideoFormat format = gst_video_format_from_string (name);
  Trial trial;
  gboolean good;

  if (format == GST_VIDEO_FORMAT_UNKNOWN)
    return fail_usage (error, "--formats", "names of GStreamer's formats");
  good = trial_init (&trial, setup, format, error)
      && run_rounds (&trial, n_rounds, error);
  if (good)
    print_trial (&trial);
  trial_clear (&trial);
  return good;
}

static gboolean
try_formats (const TrialSetup * setup, const Options * options,
    GError ** error)
{
  g_auto (GStrv) names = g_strsplit (options->formats ? options->formats :
      DEFAULT_FORMATS, ",", -1);

  print_heading (setup, options->rounds);
  for (gchar ** name = names; *name; name++)
    if (!try_format (setup, *name, options->rounds, error))
      return FALSE;
  return TRUE;
}

static gint
run (const Options * options, gint argc)
{
  TrialSetup setup = { 0 };
  GError *error = NULL;

  if (read_options (options, argc, &setup, &error)
      && aligner_open (&setup.aligner, &options->aligner,
          DAN_BOX_MAP_LANDMARKS, &error)) {
    try_formats (&setup, options, &error);
    aligner_close (&setup.aligner);
  }
  return error ? exit_code_of (error) : EXIT_CODE_OK;
}

int
main (int argc, char **argv)
{
  Options options = { .face = 400, .rounds = 101 };
  gint code;

  if (parse_options (&options, &argc, &argv, &code))
    code = run (&options, argc);
  aligner_options_clear (&options.aligner);
  g_free (options.formats);
  g_free (options.size);
  return code;
}
