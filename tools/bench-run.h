/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rounds of measurements, in which everything that is compared takes turns:
 * what slows the machine down for a while then falls on all of it. */
#ifndef DAN_TOOLS_BENCH_RUN_H
#define DAN_TOOLS_BENCH_RUN_H

#include <glib.h>

#include "bench-subject.h"

typedef struct {
  double median, min, max;
} BenchFigure;

typedef struct {
  int stage; /* from 0 */
  const char *name;
  guint64 macs;    /* a face */
  guint64 macs_sum; /* in this round, of all faces, as are the seconds */
  double sum;
  GArray *seconds; /* a face, round by round */
} BenchLayer;

/* One table of kernels. */
typedef struct {
  const char *kernels;
  const char *missing; /* why it was not measured, or NULL */
  DanContext *context;
  double pack_seconds; /* that opening the context took */
  int bits;        /* of the vectors whose peak it is compared to */
  int n_calls;     /* of dan_align() in a round */
  GArray *seconds; /* a face, round by round */
  GArray *peaks;   /* GFLOP/s, round by round */
  GArray *layers;  /* of BenchLayer, in the order in which they run */
} BenchTable;

typedef struct {
  BenchSubject *subject;
  DanSettings settings; /* with the number of threads, not 0 */
  int n_rounds;
  GArray *tables; /* of BenchTable, the slowest kernels first */
  double resident; /* MB at the end, of all tables */
} BenchRun;

void bench_run_init (BenchRun *run, BenchSubject *subject,
    const DanSettings *settings, int n_rounds);
void bench_run_clear (BenchRun *run);

/* Adds the kernels that the library chooses. */
gboolean bench_run_add_chosen (BenchRun *run, GError **error);
/* Adds the kernels of the comma-separated @names, NULL: all but the C
 * reference. Those that this build or CPU lacks are added as missing. */
gboolean bench_run_add_named (BenchRun *run, const char *names,
    GError **error);

/* Does all rounds. Call once. */
gboolean bench_run_measure (BenchRun *run, GError **error);

/* The fastest kind of kernels that was measured. */
const BenchTable *bench_run_best (const BenchRun *run);

/* Of an array of double, which is left in order. */
BenchFigure bench_figure (GArray *values);
/* GFLOP/s of @macs multiply-accumulates in @seconds, 0 in no time. */
double bench_gflops (guint64 macs, double seconds);
/* Medians of @table: GFLOP/s of a direct convolution, and that by the peak. */
double bench_effective (const BenchRun *run, const BenchTable *table);
double bench_ratio (const BenchRun *run, const BenchTable *table);

#endif
