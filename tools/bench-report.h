/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef DAN_TOOLS_BENCH_REPORT_H
#define DAN_TOOLS_BENCH_REPORT_H

#include "bench-run.h"

/* Print what was measured on standard output; @compared: all tables of
 * kernels, else there is only one. */
void bench_report_text (const BenchRun *run, gboolean compared);
void bench_report_json (const BenchRun *run, gboolean compared);

#endif
