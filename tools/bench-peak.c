/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench-peak.h"

#include <pthread.h>
#include <glib.h>

/* A run takes about 1 ms at a few GHz: long beside the clock's resolution,
 * short beside a time slice, so that some runs are not disturbed by other
 * processes. What disturbs a run makes it slower, never faster, so the best of
 * them is the nearest to what the CPU can do. */
#define STEPS 300000
#define N_RUNS 8

#ifdef __clang__
#define UNROLL _Pragma ("unroll")
#else
#define UNROLL _Pragma ("GCC unroll 32")
#endif

/* What the compiler must not know: else it computes the result itself. The
 * values tend to addend / (1 - factor), about 1: neither denormal numbers nor
 * infinity, which some CPUs are slow at. */
static volatile float factor_source = .999f, addend_source = .001f;
static volatile float sink;

/* Chains that do not depend on each other, each with a register of its own,
 * the sums. There have to be at least as many as multiply-adds are under way
 * at once: latency times units, 4 x 2 or 5 x 2 on current CPUs. There must be
 * fewer than registers, or the sums go through memory and a kernel that keeps
 * its own in registers would seem faster than the peak; many fewer than the 32
 * of AVX-512, for clang to leave them there. */
#define DEFINE_CHAINS(name, target, bytes, n_chains) \
  typedef float name##_vector __attribute__ ((vector_size (bytes))); \
  \
  target __attribute__ ((noinline)) static void \
  name (void) \
  { \
    const name##_vector factor = (name##_vector) {} + factor_source; \
    const name##_vector addend = (name##_vector) {} + addend_source; \
    name##_vector sums[n_chains]; \
    \
    UNROLL for (int i = 0; i < n_chains; i++) \
      sums[i] = addend * (float) (i + 1); \
    for (int step = 0; step < STEPS; step++) \
      UNROLL for (int i = 0; i < n_chains; i++) \
        sums[i] = sums[i] * factor + addend; \
    UNROLL for (int i = 1; i < n_chains; i++) \
      sums[0] += sums[i]; \
    sink = sums[0][0]; \
  }

#if defined(__x86_64__)
DEFINE_CHAINS (chains_512, __attribute__ ((target ("avx512f"))), 64, 12)
DEFINE_CHAINS (chains_256, __attribute__ ((target ("avx2,fma"))), 32, 12)
#endif

/* Whatever vectors every CPU of the architecture has. Without a fused
 * multiply-add (x86-64 before AVX2) a multiplication and an addition. */
#if defined(__aarch64__)
#define N_GENERIC 24
#else
#define N_GENERIC 12
#endif
DEFINE_CHAINS (chains_128, , 16, N_GENERIC)

typedef struct {
  int bits, n_chains;
  void (*run) (void);
} Chains;

static const Chains all_chains[] = {
#if defined(__x86_64__)
  { 512, 12, chains_512 },
  { 256, 12, chains_256 },
#endif
  { 128, N_GENERIC, chains_128 },
};

/* Like the library's choice of kernels, this asks the system too, not only
 * the CPU. */
static gboolean
is_usable (int bits)
{
#if defined(__x86_64__)
  if (bits == 512)
    return __builtin_cpu_supports ("avx512f");
  if (bits == 256)
    return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
#endif
  return TRUE;
}

int
bench_peak_bits (int at_most)
{
  int last = 0;

  for (guint i = 0; i < G_N_ELEMENTS (all_chains); i++) {
    last = all_chains[i].bits;
    if ((at_most == BENCH_WIDEST || last <= at_most) && is_usable (last))
      break;
  }
  return last;
}

typedef struct {
  const Chains *chains;
  pthread_barrier_t *barrier;
  gint64 start, end;
} Worker;

static gpointer
run_worker (gpointer data)
{
  Worker *worker = data;

  pthread_barrier_wait (worker->barrier);
  worker->start = g_get_monotonic_time ();
  worker->chains->run ();
  worker->end = g_get_monotonic_time ();
  return NULL;
}

/* Microseconds from the first one's start to the last one's end: where the
 * threads had to take turns, their own times would overlap. */
static gint64
run_workers (Worker *workers, int n)
{
  g_autofree GThread **threads = g_new0 (GThread *, n);
  gint64 start, end;

  for (int i = 1; i < n; i++)
    threads[i] = g_thread_new ("peak", run_worker, &workers[i]);
  run_worker (&workers[0]);
  start = workers[0].start;
  end = workers[0].end;
  for (int i = 1; i < n; i++) {
    g_thread_join (threads[i]);
    start = MIN (start, workers[i].start);
    end = MAX (end, workers[i].end);
  }
  return MAX (end - start, 1);
}

double
bench_peak_measure (int bits, int n_threads)
{
  g_autofree Worker *workers = g_new0 (Worker, n_threads);
  pthread_barrier_t barrier;
  const Chains *chains = all_chains;
  gint64 best = G_MAXINT64;

  while (chains->bits != bits)
    chains++;
  pthread_barrier_init (&barrier, NULL, n_threads);
  for (int i = 0; i < n_threads; i++)
    workers[i] = (Worker) { .chains = chains, .barrier = &barrier };
  for (int i = 0; i < N_RUNS; i++)
    best = MIN (best, run_workers (workers, n_threads));
  pthread_barrier_destroy (&barrier);
  return 2. * bits / 32 * chains->n_chains * STEPS * n_threads / (best * 1e3);
}
