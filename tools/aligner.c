/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "aligner.h"
#include "precision.h"

#include <locale.h>
#include <math.h>
#include <string.h>
#include <gst/gst.h>

gboolean
numbers_parse (const gchar * text, gdouble * values, guint n)
{
  for (guint i = 0; i < n; i++) {
    gchar *end;

    values[i] = g_ascii_strtod (text, &end);
    if (end == text || !isfinite (values[i])
        || *end != (i + 1 < n ? ',' : '\0'))
      return FALSE;
    text = end + 1;
  }
  return TRUE;
}

static gboolean
box_maps_parse (const gchar * text, Aligner * aligner, GError ** error)
{
  gdouble v[4];

  aligner->tight_map = DAN_BOX_MAP_LANDMARKS;
  if (!text || strcmp (text, "auto") == 0) {
    aligner->map = DAN_BOX_MAP_HAAR;
    return TRUE;
  }
  if (strcmp (text, "landmarks") == 0) {
    aligner->map = DAN_BOX_MAP_LANDMARKS;
  } else if (strcmp (text, "haar") == 0) {
    aligner->map = DAN_BOX_MAP_HAAR;
  } else if (numbers_parse (text, v, 4) && v[0] > 0 && v[1] > 0) {
    aligner->map = (DanBoxMap) { v[0], v[1], v[2], v[3] };
  } else {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "\"%s\" is not a box map: auto, landmarks, haar or SX,SY,OX,OY "
        "expected", text);
    return FALSE;
  }
  aligner->tight_map = aligner->map;
  return TRUE;
}

static void
prepare_process (void)
{
  setlocale (LC_ALL, "");
  /* facedetect's OpenCV reports cascades for noses and mouths that it is not
   * going to use and that Debian does not ship. */
  g_setenv ("OPENCV_LOG_LEVEL", "OFF", FALSE);
  gst_init (NULL, NULL);
  output_begin ();
  /* All our numbers are for programs. */
  setlocale (LC_NUMERIC, "C");
}

gboolean
aligner_options_parse (AlignerOptions * options, const GOptionEntry * entries,
    const gchar * arguments, const gchar * summary, gint * argc,
    gchar *** argv, gint * exit_code)
{
  const GOptionEntry shared[] = {
    {"model", 'm', 0, G_OPTION_ARG_FILENAME, &options->model,
        "The model file (default: $DAN_MODEL, else the installed one)", "FILE"},
    {"box-map", 0, 0, G_OPTION_ARG_STRING, &options->box_map,
          "How boxes relate to the tight box of the landmarks: auto (default), "
          "as the detector says, landmarks, haar, or scale and offset", "MAP"},
    {"threads", 't', 0, G_OPTION_ARG_INT, &options->threads,
        "Threads (default 1; 0: one per CPU)", "N"},
    {"stages", 0, 0, G_OPTION_ARG_INT, &options->stages,
        "Stages of the cascade to run (default 0: all)", "N"},
    {"passes", 0, 0, G_OPTION_ARG_INT, &options->passes,
          "Runs of the cascade, each from the landmarks of the one before "
          "(default 1, at most 4)", "N"},
    {"precision", 0, 0, G_OPTION_ARG_STRING, &options->precision,
        PRECISION_HELP,
        PRECISION_NAMES},
    {"version", 0, 0, G_OPTION_ARG_NONE, &options->version,
        "Print the version and exit", NULL},
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (arguments);
  GError *error = NULL;

  prepare_process ();
  options->threads = 1;
  options->passes = 1;
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context,
      "Exit status: 0 all went well, 1 something failed and was reported, "
      "2 wrong usage.");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, shared, NULL);
  if (!g_option_context_parse (context, argc, argv, &error)) {
    complain ("%s (see --help)", error->message);
    g_error_free (error);
    *exit_code = EXIT_CODE_USAGE;
    return FALSE;
  }
  if (options->version) {
    g_print ("%s %s\n", g_get_prgname (), dan_version ());
    *exit_code = EXIT_CODE_OK;
    return FALSE;
  }
  return TRUE;
}

void
aligner_options_clear (AlignerOptions * options)
{
  g_free (options->model);
  g_free (options->box_map);
  g_free (options->precision);
}

void
complain (const gchar * format, ...)
{
  g_autofree gchar *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("%s: %s\n", g_get_prgname (), message);
}

gboolean
aligner_open (Aligner * aligner, const AlignerOptions * options,
    GError ** error)
{
  DanSettings settings;
  DanError reason;

  memset (aligner, 0, sizeof *aligner);
  dan_settings_default (&settings);
  settings.threads = options->threads;
  settings.stages = options->stages;
  settings.passes = options->passes;
  if (!box_maps_parse (options->box_map, aligner, error))
    return FALSE;
  if (!precision_parse (options->precision, &settings.precision, error))
    return FALSE;

  if (dan_model_open (&aligner->model, options->model, &reason) != DAN_OK) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
        reason.message);
    return FALSE;
  }
  if (dan_context_open (&aligner->context, aligner->model, &settings,
          &reason) != DAN_OK) {
    g_set_error_literal (error, G_OPTION_ERROR,
        reason.status == DAN_ERROR_ARGUMENT ? G_OPTION_ERROR_BAD_VALUE :
        G_OPTION_ERROR_FAILED, reason.message);
    dan_model_close (&aligner->model);
    return FALSE;
  }
  return TRUE;
}

void
aligner_close (Aligner * aligner)
{
  dan_context_close (&aligner->context);
  dan_model_close (&aligner->model);
}

DanBox
aligner_map_box (const Aligner * aligner, DanBox box, gboolean tight)
{
  return dan_box_map (box, tight ? aligner->tight_map : aligner->map);
}

gint
exit_code_of (GError * error)
{
  gint code = g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE)
      ? EXIT_CODE_USAGE : EXIT_CODE_FAILED;

  complain ("%s%s", error->message,
      code == EXIT_CODE_USAGE ? " (see --help)" : "");
  g_error_free (error);
  return code;
}
