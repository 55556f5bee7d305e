/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How many multiplications and additions a second a CPU can do at all. */
#ifndef DAN_TOOLS_BENCH_PEAK_H
#define DAN_TOOLS_BENCH_PEAK_H

#define BENCH_WIDEST 0

/* The bits of the widest vectors, up to @at_most (BENCH_WIDEST: any), that
 * this CPU multiplies and that bench_peak_measure() knows. */
int bench_peak_bits (int at_most);

/* GFLOP/s of @n_threads threads, the caller's among them, that all do nothing
 * but fused multiply-adds of vectors of @bits bits, from bench_peak_bits(): the
 * best of several short runs, 10 ms or so in all. */
double bench_peak_measure (int bits, int n_threads);

#endif
