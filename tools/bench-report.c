/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench-report.h"

#include "json-fields.h"
#include "precision.h"

#include <string.h>

#define PLURAL(n) (n), (n) == 1 ? "" : "s"

static const BenchTable *
table_at (const BenchRun *run, guint i)
{
  return &g_array_index (run->tables, BenchTable, i);
}

static const BenchLayer *
layer_at (const BenchTable *table, guint i)
{
  return &g_array_index (table->layers, BenchLayer, i);
}

static double
layer_seconds (const BenchLayer *layer)
{
  return bench_figure (layer->seconds).median;
}

/* The sum of the layers' medians. As a layer is much shorter than a face, other
 * processes get into fewer of its runs: on a busy machine this stays near the
 * time that a face takes on an idle one. */
static double
layers_seconds (const BenchTable *table)
{
  double sum = 0;

  for (guint i = 0; i < table->layers->len; i++)
    sum += layer_seconds (layer_at (table, i));
  return sum;
}

static void
print_subject (const BenchRun *run)
{
  const BenchSubject *subject = run->subject;

  if (subject->width > 0)
    g_print ("model      random weights, width %g", subject->width);
  else
    g_print ("model      %s", dan_model_name (subject->model));
  g_print (", %d stage%s, %.1f million multiply-accumulates a face\n",
      PLURAL (subject->n_stages), subject->macs * 1e-6);
  g_print ("work       %d thread%s, precision %s, %d face%s a call\n",
      PLURAL (run->settings.threads), precision_name (run->settings.precision),
      PLURAL (subject->n_faces));
}

static void
print_layers (const BenchTable *table)
{
  const double peak = bench_figure (table->peaks).median;

  g_print ("\nstage layer          ms   GFLOP/s   of peak\n");
  for (guint i = 0; i < table->layers->len; i++) {
    const BenchLayer *layer = layer_at (table, i);
    const double seconds = layer_seconds (layer);
    const double gflops = bench_gflops (layer->macs, seconds);

    g_print ("%5d %-10s %7.3f", layer->stage + 1, layer->name, 1e3 * seconds);
    if (layer->macs > 0)
      g_print ("  %8.1f  %6.0f %%", gflops, 100 * gflops / peak);
    g_print ("\n");
  }
  g_print ("      %-10s %7.3f\n", "sum", 1e3 * layers_seconds (table));
}

/* Each figure of its best round, whichever that was: nearest to what they would
 * be if the machine did nothing else. */
static double
best_effective (const BenchRun *run, const BenchTable *table)
{
  return bench_gflops (run->subject->macs, bench_figure (table->seconds).min);
}

static void
print_summary (const BenchRun *run, const BenchTable *table)
{
  const BenchFigure seconds = bench_figure (table->seconds);
  const BenchFigure peak = bench_figure (table->peaks);

  g_print ("\n%s, %d round%s of %d call%s%19s%10s\n", table->kernels,
      PLURAL (run->n_rounds), PLURAL (table->n_calls), "median", "best");
  g_print ("ms per face               %15.3f%10.3f\n", 1e3 * seconds.median,
      1e3 * seconds.min);
  g_print ("faces/s                   %15.1f%10.1f\n", 1 / seconds.median,
      1 / seconds.min);
  g_print ("effective GFLOP/s         %15.1f%10.1f\n",
      bench_effective (run, table), best_effective (run, table));
  g_print ("FMA peak GFLOP/s, %3d bits%15.1f%10.1f\n", table->bits,
      peak.median, peak.max);
  g_print ("effective / FMA peak      %15.3f%10.3f\n", bench_ratio (run, table),
      best_effective (run, table) / peak.max);
  g_print ("to open the model, ms     %15.1f\n",
      1e3 * run->subject->open_seconds);
  g_print ("to pack its weights, ms   %15.1f\n", 1e3 * table->pack_seconds);
  g_print ("resident memory, MB       %15.1f\n", run->resident);
}

/* Layers as rows, kernels as columns. All tables have the same layers, as
 * they run the same model. */
static void
print_layer_matrix (const BenchRun *run)
{
  const BenchTable *best = bench_run_best (run);

  g_print ("\nms          ");
  for (guint i = 0; i < run->tables->len; i++)
    if (!table_at (run, i)->missing)
      g_print ("%12s", table_at (run, i)->kernels);
  g_print ("\n");
  for (guint k = 0; k < best->layers->len; k++) {
    g_print ("%d %-10s", layer_at (best, k)->stage + 1,
        layer_at (best, k)->name);
    for (guint i = 0; i < run->tables->len; i++)
      if (!table_at (run, i)->missing)
        g_print ("%12.3f",
            1e3 * layer_seconds (layer_at (table_at (run, i), k)));
    g_print ("\n");
  }
}

/* Seconds of OpenBLAS' kernels, 0 if they were not measured. */
static double
openblas_seconds (const BenchRun *run)
{
  for (guint i = 0; i < run->tables->len; i++) {
    const BenchTable *table = table_at (run, i);

    if (!table->missing && strcmp (table->kernels, "openblas") == 0)
      return bench_figure (table->seconds).median;
  }
  return 0;
}

static void
print_comparison (const BenchRun *run)
{
  const double openblas = openblas_seconds (run);

  g_print ("\nkernels      ms/face    best  layers faces/s  GFLOP/s  FMA peak"
      "   ratio  openblas/this\n");
  for (guint i = 0; i < run->tables->len; i++) {
    const BenchTable *table = table_at (run, i);
    BenchFigure seconds;

    if (table->missing) {
      g_print ("%-12s not available: %s\n", table->kernels, table->missing);
      continue;
    }
    seconds = bench_figure (table->seconds);
    g_print ("%-11s %8.3f%8.3f%8.3f%8.1f %8.1f  %8.1f %7.3f", table->kernels,
        1e3 * seconds.median, 1e3 * seconds.min,
        1e3 * layers_seconds (table), 1 / seconds.median,
        bench_effective (run, table), bench_figure (table->peaks).median,
        bench_ratio (run, table));
    if (openblas > 0)
      g_print ("%10.3f", openblas / seconds.median);
    g_print ("\n");
  }
}

void
bench_report_text (const BenchRun *run, gboolean compared)
{
  print_subject (run);
  if (compared) {
    print_layer_matrix (run);
    print_comparison (run);
    g_print ("\nMedians of %d round%s; layers: the sum of the layers' medians, "
        "which a busy machine\ndisturbs less. ", PLURAL (run->n_rounds));
  } else {
    print_layers (bench_run_best (run));
    print_summary (run, bench_run_best (run));
    g_print ("\n");
  }
  g_print ("GFLOP/s are those of a direct convolution: kernels that save\n"
      "multiplications can exceed the FMA peak.\n");
}

static void
add_layers (JsonBuilder *builder, const BenchTable *table)
{
  const double peak = bench_figure (table->peaks).median;

  json_builder_set_member_name (builder, "layers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < table->layers->len; i++) {
    const BenchLayer *layer = layer_at (table, i);
    const double seconds = layer_seconds (layer);
    const double gflops = bench_gflops (layer->macs, seconds);

    json_builder_begin_object (builder);
    add_count (builder, "stage", layer->stage + 1);
    add_text (builder, "layer", layer->name);
    add_count (builder, "macs", (gint64) layer->macs);
    add_number (builder, "ms", 1e3 * seconds);
    add_number (builder, "gflops", gflops);
    add_number (builder, "ratio_to_fma_peak", gflops / peak);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_table (JsonBuilder *builder, const BenchRun *run, const BenchTable *table)
{
  const BenchFigure seconds = bench_figure (table->seconds);
  const BenchFigure peak = bench_figure (table->peaks);

  add_text (builder, "kernels", table->kernels);
  add_count (builder, "calls_per_round", table->n_calls);
  add_number (builder, "ms_per_face", 1e3 * seconds.median);
  add_number (builder, "ms_per_face_min", 1e3 * seconds.min);
  add_number (builder, "ms_layers", 1e3 * layers_seconds (table));
  add_number (builder, "faces_per_second", 1 / seconds.median);
  add_number (builder, "effective_gflops", bench_effective (run, table));
  add_number (builder, "fma_peak_gflops", peak.median);
  add_number (builder, "fma_peak_gflops_max", peak.max);
  add_count (builder, "fma_peak_bits", table->bits);
  add_number (builder, "ratio_to_fma_peak", bench_ratio (run, table));
  add_number (builder, "pack_ms", 1e3 * table->pack_seconds);
  add_layers (builder, table);
}

static void
add_comparison (JsonBuilder *builder, const BenchRun *run)
{
  const double openblas = openblas_seconds (run);

  json_builder_set_member_name (builder, "compared");
  json_builder_begin_array (builder);
  for (guint i = 0; i < run->tables->len; i++) {
    const BenchTable *table = table_at (run, i);

    json_builder_begin_object (builder);
    if (table->missing) {
      add_text (builder, "kernels", table->kernels);
      add_text (builder, "not_available", table->missing);
    } else {
      add_table (builder, run, table);
      if (openblas > 0)
        add_number (builder, "ratio_to_openblas",
            openblas / bench_figure (table->seconds).median);
    }
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

void
bench_report_json (const BenchRun *run, gboolean compared)
{
  const BenchSubject *subject = run->subject;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  add_text (builder, "model", dan_model_name (subject->model));
  if (subject->width > 0)
    add_number (builder, "width", subject->width);
  add_count (builder, "stages", subject->n_stages);
  add_count (builder, "threads", run->settings.threads);
  add_text (builder, "precision", precision_name (run->settings.precision));
  add_count (builder, "faces", subject->n_faces);
  add_count (builder, "rounds", run->n_rounds);
  add_count (builder, "macs", (gint64) subject->macs);
  add_number (builder, "open_ms", 1e3 * subject->open_seconds);
  add_number (builder, "resident_mb", run->resident);
  add_table (builder, run, bench_run_best (run));
  if (compared)
    add_comparison (builder, run);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  g_print ("%s\n", text);
}
