/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every piece of work is done exactly once, whoever is scheduled. */
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "check.h"
#include "pool.h"

#define MAX_PIECES 300

typedef struct {
  atomic_int done[MAX_PIECES];
  atomic_int at_work[DAN_MAX_THREADS];
  atomic_int clashes;
  int n_workers;
} Counters;

static void
count (void *data, int index, int worker)
{
  Counters *counters = data;

  if (worker < 0 || worker >= counters->n_workers
      || atomic_fetch_add (&counters->at_work[worker], 1) != 0)
    atomic_fetch_add (&counters->clashes, 1);
  atomic_fetch_add (&counters->done[index], 1);
  atomic_fetch_sub (&counters->at_work[worker], 1);
}

static void
test_jobs (int n_workers, int n_jobs)
{
  DanPool *pool = dan_pool_new (n_workers);

  CHECK (dan_pool_n_workers (pool) >= 1
          && dan_pool_n_workers (pool) <= n_workers,
      "%d of %d workers", dan_pool_n_workers (pool), n_workers);
  for (int job = 0; job < n_jobs; job++) {
    static Counters counters;
    const int n = job % MAX_PIECES;

    counters = (Counters) { .n_workers = dan_pool_n_workers (pool) };
    dan_pool_run (pool, n, count, &counters);
    CHECK (counters.clashes == 0, "job %d: %d clashes of workers", job,
        counters.clashes);
    for (int i = 0; i < MAX_PIECES; i++)
      CHECK (counters.done[i] == (i < n),
          "%d workers, job %d: piece %d of %d was done %d times", n_workers,
          job, i, n, counters.done[i]);
  }
  dan_pool_free (pool);
}

#define HELD_PIECES 20

typedef struct {
  atomic_int by_caller, by_helper;
} Held;

static void
sleep_ms (int ms)
{
  nanosleep (&(struct timespec) { .tv_nsec = ms * 1000000L }, NULL);
}

/* As if the helper lost its CPU in its first piece, and got it back a while
 * after the caller has done all others. */
static void
hold (void *data, int index, int worker)
{
  Held *held = data;

  if (worker == 0) {
    sleep_ms (1);
    atomic_fetch_add (&held->by_caller, 1);
    return;
  }
  atomic_fetch_add (&held->by_helper, 1);
  while (atomic_load (&held->by_caller) < HELD_PIECES - 1)
    sched_yield ();
  sleep_ms (10);
}

/* Never ends if the caller waits for a helper while there are pieces left. */
static void
test_held (void)
{
  DanPool *pool = dan_pool_new (2);

  for (int job = 0; job < 3; job++) {
    Held held = { 0 };

    dan_pool_run (pool, HELD_PIECES, hold, &held);
    CHECK (held.by_caller + held.by_helper == HELD_PIECES
            && held.by_helper <= 1,
        "job %d: the caller did %d pieces, the helper %d", job, held.by_caller,
        held.by_helper);
  }
  dan_pool_free (pool);
}

int
main (void)
{
  test_jobs (1, 100);
  test_jobs (2, 3000);
  test_jobs (7, 3000);
  test_held ();
  dan_pool_free (NULL);
  return check_summary ("pool");
}
