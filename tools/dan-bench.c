/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* dan-bench: how fast alignment is, beside what the CPU could do. */

#include <locale.h>
#include <string.h>
#include <unistd.h>
#include <glib.h>

#include "bench-report.h"
#include "bench-run.h"
#include "bench-subject.h"
#include "model.h"
#include "output.h"
#include "precision.h"

/* As of the other tools. */
#define MAX_ROUNDS 100000
#define NO_WIDTH (-G_MAXDOUBLE) /* an option that was not given */

typedef struct {
  char *model, *precision, *kernels;
  double width;
  int stages, threads, faces, repeat;
  gboolean compare, json, version;
} Options;

/* OpenBLAS reads its number of threads when it is loaded, before main(), and
 * then starts them. They would measure something else than what the library
 * is: it has threads of its own, and calls OpenBLAS in each. As a process
 * cannot set the variable for its own start, it starts once more. Whoever has
 * set the variable is taken at their word. */
static void
restart_with_one_blas_thread (char **argv)
{
#ifdef HAVE_OPENBLAS
  g_autofree char *self = NULL;

  if (g_getenv ("OPENBLAS_NUM_THREADS"))
    return;
  g_setenv ("OPENBLAS_NUM_THREADS", "1", TRUE);
  if ((self = g_file_read_link ("/proc/self/exe", NULL)))
    execv (self, argv);
  g_printerr ("%s: could not start again with OPENBLAS_NUM_THREADS=1: the "
      "openblas kernels may use more threads than said\n", g_get_prgname ());
#endif
}

/* --kernels and --kernels=LIST */
static gboolean
parse_kernels (const char *name, const char *value, gpointer data,
    GError **error)
{
  Options *options = data;

  options->compare = TRUE;
  g_free (options->kernels);
  options->kernels = g_strdup (value);
  return TRUE;
}

static GOptionContext *
new_context (Options *options)
{
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &options->model,
        "Measure this model (default: random weights)", "FILE" },
    { "width", 'w', 0, G_OPTION_ARG_DOUBLE, &options->width,
        "Width of the random network; default 1, the paper's", "W" },
    { "stages", 0, 0, G_OPTION_ARG_INT, &options->stages,
        "Stages (default 0: all of a model, 2 of random weights)", "N" },
    { "threads", 't', 0, G_OPTION_ARG_INT, &options->threads,
        "Threads (default 1; 0: one per CPU)", "N" },
    { "precision", 0, 0, G_OPTION_ARG_STRING, &options->precision,
        PRECISION_HELP,
        PRECISION_NAMES },
    { "faces", 'n', 0, G_OPTION_ARG_INT, &options->faces,
        "Faces in each call (default 1)", "N" },
    { "repeat", 'r', 0, G_OPTION_ARG_INT, &options->repeat,
        "Rounds, of which the median counts (default 31)", "N" },
    { "kernels", 'k', G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK,
        (gpointer) parse_kernels,
        "Compare kernels in turns; default: all but c", "LIST" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json,
        "Print one JSON object", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version,
        "Print the version and exit", NULL },
    G_OPTION_ENTRY_NULL
  };
  GOptionContext *context = g_option_context_new (NULL);
  GOptionGroup *group = g_option_group_new ("", "", "", options, NULL);

  g_option_group_add_entries (group, entries);
  g_option_context_set_main_group (context, group);
  g_option_context_set_summary (context,
      "Measures how fast faces are aligned, layer by layer, and in the same "
      "run how many\nfused multiply-adds the CPU can do.");
  g_option_context_set_description (context,
      "The environment variable DAN_CPU is a ceiling on the kernels if "
      "--kernels is not given.\n"
      "Exit status: 0 all went well, 1 something failed and was reported, "
      "2 wrong usage.");
  return context;
}

static gboolean
fail_usage (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail_usage (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  *error = g_error_new_valist (G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      format, args);
  va_end (args);
  return FALSE;
}

/* What the library does not check itself. */
static gboolean
check_options (const Options *options, int argc, GError **error)
{
  if (argc > 1)
    return fail_usage (error, "too many arguments");
  if (options->model && options->width != NO_WIDTH)
    return fail_usage (error, "--width is for random weights, not for --model");
  if (options->width != NO_WIDTH
      && !(options->width > 0 && options->width <= BENCH_MAX_WIDTH))
    return fail_usage (error, "--width must be above 0 and at most %d",
        BENCH_MAX_WIDTH);
  if (options->stages < 0 || options->stages > DAN_MAX_STAGES)
    return fail_usage (error, "--stages must be 0 to %d", DAN_MAX_STAGES);
  if (options->faces < 1 || options->faces > BENCH_MAX_FACES)
    return fail_usage (error, "--faces must be 1 to %d", BENCH_MAX_FACES);
  if (options->repeat < 1 || options->repeat > MAX_ROUNDS)
    return fail_usage (error, "--repeat must be 1 to %d", MAX_ROUNDS);
  return TRUE;
}

static gboolean
choose_settings (DanSettings *settings, const Options *options,
    GError **error)
{
  dan_settings_default (settings);
  settings->threads = options->threads;
  return precision_parse (options->precision, &settings->precision, error);
}

static gboolean
bench (const Options *options, BenchSubject *subject,
    const DanSettings *settings, GError **error)
{
  BenchRun run;
  gboolean good;

  bench_run_init (&run, subject, settings, options->repeat);
  good = options->compare ? bench_run_add_named (&run, options->kernels, error)
                          : bench_run_add_chosen (&run, error);
  good = good && bench_run_measure (&run, error);
  if (good && options->json)
    bench_report_json (&run, options->compare);
  else if (good)
    bench_report_text (&run, options->compare);
  bench_run_clear (&run);
  return good;
}

static gboolean
run_options (const Options *options, int argc, GError **error)
{
  BenchSubject subject = { 0 };
  DanSettings settings;
  gboolean good = check_options (options, argc, error)
      && choose_settings (&settings, options, error)
      && bench_subject_init (&subject, options->model,
          options->width == NO_WIDTH ? 1 : options->width, options->stages,
          options->faces, error)
      && bench (options, &subject, &settings, error);

  bench_subject_clear (&subject);
  return good;
}

/* Also what parsing complains of is wrong usage, whatever its code. */
static int
report_error (const GError *error, gboolean parsing)
{
  const gboolean usage = parsing
      || g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);

  g_printerr ("%s: %s%s\n", g_get_prgname (), error->message,
      usage ? " (see --help)" : "");
  return usage ? EXIT_CODE_USAGE : EXIT_CODE_FAILED;
}

int
main (int argc, char **argv)
{
  Options options = {
    .width = NO_WIDTH, .threads = 1, .faces = 1, .repeat = 31
  };
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  int code = EXIT_CODE_OK;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C"); /* all our numbers are for programs */
  g_set_prgname ("dan-bench");
  output_begin ();
  restart_with_one_blas_thread (argv);
  context = new_context (&options);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    code = report_error (error, TRUE);
  else if (options.version)
    g_print ("dan-bench %s\n", dan_version ());
  else if (!run_options (&options, argc, &error))
    code = report_error (error, FALSE);
  g_free (options.model);
  g_free (options.precision);
  g_free (options.kernels);
  return output_finish (code);
}
