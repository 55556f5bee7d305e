/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench-run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench-peak.h"
#include "kernels.h"
#include "progress.h"

/* All but the C reference, which takes seconds. */
#define DEFAULT_NAMES \
  "openblas,neon,avx2,avx2-vnni,avx512,avx512-vnni,avx512-bf16,avx512-mixed"
/* A table's turn in a round: at least so many seconds, unless a call alone
 * takes longer. */
#define TURN .02

void
bench_run_init (BenchRun *run, BenchSubject *subject,
    const DanSettings *settings, int n_rounds)
{
  *run = (BenchRun) { subject, *settings, n_rounds };
  /* The peak needs the number, which the library keeps to itself. */
  if (run->settings.threads == 0)
    run->settings.threads = CLAMP (sysconf (_SC_NPROCESSORS_ONLN), 1, 64);
  run->settings.stages = subject->n_stages;
  run->tables = g_array_new (FALSE, TRUE, sizeof (BenchTable));
}

void
bench_run_clear (BenchRun *run)
{
  for (guint i = 0; i < run->tables->len; i++) {
    BenchTable *table = &g_array_index (run->tables, BenchTable, i);

    dan_context_close (&table->context);
    for (guint k = 0; k < table->layers->len; k++)
      g_array_unref (g_array_index (table->layers, BenchLayer, k).seconds);
    g_array_unref (table->layers);
    g_array_unref (table->seconds);
    g_array_unref (table->peaks);
  }
  g_array_unref (run->tables);
}

static BenchTable *
add_table (BenchRun *run, const char *kernels)
{
  const BenchTable table = {
    .kernels = kernels,
    .seconds = g_array_new (FALSE, FALSE, sizeof (double)),
    .peaks = g_array_new (FALSE, FALSE, sizeof (double)),
    .layers = g_array_new (FALSE, FALSE, sizeof (BenchLayer)),
  };

  g_array_append_val (run->tables, table);
  return &g_array_index (run->tables, BenchTable, run->tables->len - 1);
}

/* OpenBLAS chooses its vectors itself, and the C reference is what the rest
 * is compared to: their peak is that of the CPU's widest. */
static int
vector_bits (const char *kernels)
{
  if (strcmp (kernels, "avx2") == 0)
    return bench_peak_bits (256);
  return bench_peak_bits (BENCH_WIDEST);
}

static void
count_layer (void *data, int stage, const char *name, double seconds,
    uint64_t macs)
{
  GArray *layers = data;
  BenchLayer layer = {
    .stage = stage,
    .name = name,
    .macs_sum = macs,
    .sum = seconds,
  };

  for (guint i = 0; i < layers->len; i++) {
    BenchLayer *known = &g_array_index (layers, BenchLayer, i);

    if (known->stage == stage && strcmp (known->name, name) == 0) {
      known->sum += seconds;
      known->macs_sum += macs;
      return;
    }
  }
  layer.seconds = g_array_new (FALSE, FALSE, sizeof (double));
  g_array_append_val (layers, layer);
}

static gboolean
open_context (BenchRun *run, BenchTable *table, GError **error)
{
  const gint64 start = g_get_monotonic_time ();
  DanError reason;

  if (dan_context_open (&table->context, run->subject->model, &run->settings,
          &reason) != DAN_OK)
    return bench_fail (error, &reason);
  table->pack_seconds
      = (g_get_monotonic_time () - start) / (double) G_TIME_SPAN_SECOND;
  table->kernels = dan_context_kernels (table->context);
  table->bits = vector_bits (table->kernels);
  dan_context_set_profile (table->context, count_layer, table->layers);
  return TRUE;
}

gboolean
bench_run_add_chosen (BenchRun *run, GError **error)
{
  return open_context (run, add_table (run, ""), error);
}

static gboolean
check_names (char **names, const DanKernelChoice *choices, GError **error)
{
  for (char **name = names; *name; name++) {
    gboolean known = FALSE;

    for (int i = 0; i < DAN_N_KERNELS; i++)
      known |= strcmp (*name, choices[i].name) == 0;
    if (!known) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
          "\"%s\" are no kernels: c, " DEFAULT_NAMES " expected",
          *name);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
add_choice (BenchRun *run, const DanKernelChoice *choice, GError **error)
{
  BenchTable *table = add_table (run, choice->name);

  if (!choice->kernels)
    table->missing = "this build lacks them";
  else if (!choice->usable)
    table->missing = "this CPU lacks them";
  else if (run->settings.precision != DAN_PRECISION_AUTO
      && run->settings.precision != choice->kernels->precision)
    table->missing = "their precision is another";
  if (table->missing)
    return TRUE;
  /* The library reads it when a context is opened. */
  g_setenv ("DAN_CPU", choice->name, TRUE);
  return open_context (run, table, error);
}

gboolean
bench_run_add_named (BenchRun *run, const char *names, GError **error)
{
  g_auto (GStrv) list = g_strsplit (names ? names : DEFAULT_NAMES, ",", -1);
  DanKernelChoice choices[DAN_N_KERNELS];

  dan_kernels_list (choices);
  if (!check_names (list, choices, error))
    return FALSE;
  for (int i = 0; i < DAN_N_KERNELS; i++)
    if (g_strv_contains ((const char *const *) list, choices[i].name)
        && !add_choice (run, &choices[i], error))
      return FALSE;
  if (bench_run_best (run))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
      "none of these kernels are available here: %s",
      names ? names : DEFAULT_NAMES);
  return FALSE;
}

const BenchTable *
bench_run_best (const BenchRun *run)
{
  for (guint i = run->tables->len; i-- > 0;) {
    const BenchTable *table = &g_array_index (run->tables, BenchTable, i);

    if (!table->missing)
      return table;
  }
  return NULL;
}

/* Seconds of @n calls, or -1. */
static double
align (BenchRun *run, BenchTable *table, int n, GError **error)
{
  BenchSubject *subject = run->subject;
  const gint64 start = g_get_monotonic_time ();
  DanError reason;

  for (int i = 0; i < n; i++)
    if (dan_align (table->context, &subject->image, subject->faces,
            subject->n_faces, &reason) != DAN_OK) {
      bench_fail (error, &reason);
      return -1;
    }
  return (g_get_monotonic_time () - start) / (double) G_TIME_SPAN_SECOND;
}

static void
start_round (BenchLayer *layer)
{
  layer->sum = 0;
  layer->macs_sum = 0;
}

/* The first call meets cold caches and untouched memory; the second one says
 * how many make a turn. */
static gboolean
warm_up (BenchRun *run, BenchTable *table, GError **error)
{
  double seconds = align (run, table, 1, error);

  if (seconds >= 0)
    seconds = align (run, table, 1, error);
  if (seconds < 0)
    return FALSE;
  table->n_calls = (int) CLAMP (TURN / MAX (seconds, 1e-6) + 1, 1, 10000);
  for (guint i = 0; i < table->layers->len; i++)
    start_round (&g_array_index (table->layers, BenchLayer, i));
  return TRUE;
}

static gboolean
take_turn (BenchRun *run, BenchTable *table, GError **error)
{
  const double n_faces = (double) table->n_calls * run->subject->n_faces;
  const double peak = bench_peak_measure (table->bits, run->settings.threads);
  double seconds = align (run, table, table->n_calls, error);

  if (seconds < 0)
    return FALSE;
  seconds /= n_faces;
  g_array_append_val (table->seconds, seconds);
  g_array_append_val (table->peaks, peak);
  for (guint i = 0; i < table->layers->len; i++) {
    BenchLayer *layer = &g_array_index (table->layers, BenchLayer, i);
    const double mean = layer->sum / n_faces;

    g_array_append_val (layer->seconds, mean);
    layer->macs = (guint64) (layer->macs_sum / n_faces + .5);
    start_round (layer);
  }
  return TRUE;
}

/* Every other round goes backwards, so that no table always follows the same
 * other one. */
static gboolean
run_round (BenchRun *run, int round, GError **error)
{
  const guint n = run->tables->len;

  for (guint i = 0; i < n; i++) {
    BenchTable *table = &g_array_index (run->tables, BenchTable,
        round % 2 ? n - 1 - i : i);

    if (!table->missing && !take_turn (run, table, error))
      return FALSE;
  }
  return TRUE;
}

/* MB of memory that the process occupies, 0 if the system does not say. */
static double
resident_memory (void)
{
  g_autofree char *text = NULL;
  guint64 total = 0, resident = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &total,
        &resident);
  return resident * 1e-6 * sysconf (_SC_PAGESIZE);
}

gboolean
bench_run_measure (BenchRun *run, GError **error)
{
  Progress progress;
  gboolean good = TRUE;

  for (guint i = 0; i < run->tables->len; i++) {
    BenchTable *table = &g_array_index (run->tables, BenchTable, i);

    if (!table->missing && !warm_up (run, table, error))
      return FALSE;
  }
  progress_start (&progress, "rounds", FALSE);
  for (int i = 0; good && i < run->n_rounds; i++) {
    good = run_round (run, i, error);
    progress_update (&progress, i + 1, (i + 1.) / run->n_rounds);
  }
  progress_end (&progress);
  run->resident = resident_memory ();
  return good;
}

static int
compare (const void *a, const void *b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

BenchFigure
bench_figure (GArray *values)
{
  const guint n = values->len;
  const double *v = (const double *) values->data;

  g_array_sort (values, compare);
  return (BenchFigure) {
    .median = (v[(n - 1) / 2] + v[n / 2]) / 2,
    .min = v[0],
    .max = v[n - 1],
  };
}

double
bench_gflops (guint64 macs, double seconds)
{
  return seconds > 0 ? 2e-9 * macs / seconds : 0;
}

double
bench_effective (const BenchRun *run, const BenchTable *table)
{
  return bench_gflops (run->subject->macs,
      bench_figure (table->seconds).median);
}

double
bench_ratio (const BenchRun *run, const BenchTable *table)
{
  return bench_effective (run, table) / bench_figure (table->peaks).median;
}
