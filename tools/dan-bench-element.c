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
#define MAX_STARTS 1000

typedef struct {
  AlignerOptions aligner;
  gchar *formats;
  gchar *size;
  gint face;
  gint starts;
  gint rounds;
  gboolean cpu_time;
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
        "Rounds after each start, of all of which the median counts (default "
        "21)", "N"},
    {"starts", 0, 0, G_OPTION_ARG_INT, &options->starts,
        "How often to start anew, as it counts where in memory the network "
        "comes to lie (default 5)", "N"},
    {"cpu-time", 0, 0, G_OPTION_ARG_NONE, &options->cpu_time,
        "Count the thread's CPU time: for busy machines, with one thread",
        NULL},
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
  if (options->starts < 1 || options->starts > MAX_STARTS)
    return fail_usage (error, "--starts", "1 to 1000");
  if (options->cpu_time && options->aligner.threads != 1)
    return fail_usage (error, "--cpu-time", "one thread");
  setup->face = options->face;
  setup->cpu_time = options->cpu_time;
  setup->options = options->aligner;
  return TRUE;
}

/* The model's and the kernels' names are those of any trial. */
static gboolean
print_heading (const TrialSetup * setup, const Options * options,
    GError ** error)
{
  Aligner aligner;

  if (!aligner_open (&aligner, &setup->options, error))
    return FALSE;
  g_print ("model      %s, %s kernels, threads: %d\n",
      dan_model_name (aligner.model), dan_context_kernels (aligner.context),
      setup->options.threads);
  g_print ("frame      %dx%d, one face of %dx%d\n", setup->width,
      setup->height, setup->face, setup->face);
  g_print ("ms%s, medians of %d x %d rounds; the last three columns: more than "
      "the core in the same round\n\n", setup->cpu_time ? " of CPU time" : "",
      options->starts, options->rounds);
  g_print ("%-10s %8s %9s %12s %9s %9s\n", "format", "core", "disabled",
      "not drawing", "drawing", "overlay");
  aligner_close (&aligner);
  return TRUE;
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

/* The first round meets cold caches and untouched memory. */
static gboolean
run_rounds (Trial * trial, gint n_rounds, GError ** error)
{
  gboolean good = trial_start (trial, error);

  for (gint i = -1; good && i < n_rounds; i++)
    good = trial_run_round (trial, i, error);
  trial_stop (trial);
  return good;
}

static gboolean
run_trial (Trial * trial, const Options * options, GError ** error)
{
  Progress progress;
  gboolean good = TRUE;

  progress_start (&progress, "starts", FALSE);
  for (gint i = 0; good && i < options->starts; i++) {
    good = run_rounds (trial, options->rounds, error);
    progress_update (&progress, i + 1, (i + 1.) / options->starts);
  }
  progress_end (&progress);
  if (good)
    print_trial (trial);
  return good;
}

static gboolean
try_format (const TrialSetup * setup, const gchar * name,
    const Options * options, GError ** error)
{
  Trial trial;
  gboolean good;

  trial_init (&trial, setup, gst_video_format_from_string (name));
  good = run_trial (&trial, options, error);
  trial_clear (&trial);
  return good;
}

static gboolean
check_formats (gchar ** names, GError ** error)
{
  for (; *names; names++)
    if (gst_video_format_from_string (*names) == GST_VIDEO_FORMAT_UNKNOWN) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
          "--formats: \"%s\" is none of GStreamer's", *names);
      return FALSE;
    }
  return TRUE;
}

static gboolean
try_formats (const TrialSetup * setup, const Options * options,
    GError ** error)
{
  g_auto (GStrv) names = g_strsplit (options->formats ? options->formats :
      DEFAULT_FORMATS, ",", -1);

  if (!check_formats (names, error) || !print_heading (setup, options, error))
    return FALSE;
  for (gchar ** name = names; *name; name++)
    if (!try_format (setup, *name, options, error))
      return FALSE;
  return TRUE;
}

static gint
run (const Options * options, gint argc)
{
  TrialSetup setup = { 0 };
  GError *error = NULL;

  if (!read_options (options, argc, &setup, &error)
      || !try_formats (&setup, options, &error))
    return exit_code_of (error);
  return EXIT_CODE_OK;
}

int
main (int argc, char **argv)
{
  Options options = { .face = 400, .starts = 5, .rounds = 21 };
  gint code;

  if (parse_options (&options, &argc, &argv, &code))
    code = output_finish (run (&options, argc));
  aligner_options_clear (&options.aligner);
  g_free (options.formats);
  g_free (options.size);
  return code;
}
