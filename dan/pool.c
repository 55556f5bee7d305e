/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "error.h"

/* A helper that finds no work looks again this often before it sleeps, about
 * 0.2 ms: longer than the caller works alone between two jobs, such as for a
 * crop. */
#define IDLE_SPINS 8000
/* A caller that waits for the last pieces looks this often before it lets
 * others have its CPU, about 1 ms: longer than a piece takes, so that a helper
 * has probably lost its own CPU. The others may keep it for a time slice. */
#define WAIT_SPINS 40000

typedef struct {
  DanPool *pool;
  pthread_t thread;
  int worker;
} Helper;

struct DanPool {
  /* Pieces are dealt out in ranges, one for each worker, who takes others' only
   * when its own has none left: what one made in a job is then mostly what it
   * reads in the next, and need not come from another core.
   *
   * For each range the running job's number (high half) and the next unclaimed
   * piece (low half) in one word: who claims a piece has proof that the job it
   * read is still that one, because the job cannot end before the piece is
   * done. */
  _Atomic uint64_t tickets[DAN_MAX_THREADS];
  atomic_int n_ranges;
  atomic_int n, done;
  _Atomic (DanWork) work;
  _Atomic (void *) data;

  pthread_mutex_t lock;
  pthread_cond_t wake;
  bool stop;
  int sleepers;
  int n_helpers;
  Helper helpers[DAN_MAX_THREADS];
};

static inline void
relax (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile ("yield");
#endif
}

static inline uint32_t
job_of (uint64_t ticket)
{
  return ticket >> 32;
}

static inline int
piece_of (uint64_t ticket)
{
  return (int) (uint32_t) ticket;
}

/* The first piece of @range, or the end of the one before. */
static int
range_start (DanPool *pool, int range)
{
  return (int) ((int64_t) atomic_load (&pool->n) * range
      / atomic_load (&pool->n_ranges));
}

static bool
has_piece (DanPool *pool, int range, uint64_t ticket)
{
  return piece_of (ticket) < range_start (pool, range + 1);
}

/* Claims a piece of @range in whatever job runs. */
static bool
work_in (DanPool *pool, int range, int worker)
{
  uint64_t ticket = atomic_load (&pool->tickets[range]);

  while (has_piece (pool, range, ticket)) {
    if (atomic_compare_exchange_weak (&pool->tickets[range], &ticket,
            ticket + 1)) {
      atomic_load (&pool->work) (
          atomic_load (&pool->data), piece_of (ticket), worker);
      atomic_fetch_add (&pool->done, 1);
      return true;
    }
  }
  return false;
}

/* One piece, of the worker's own range if there are any left. */
static bool
work_once (DanPool *pool, int worker)
{
  const int n_ranges = atomic_load (&pool->n_ranges);

  for (int i = 0; i < n_ranges; i++)
    if (work_in (pool, (worker + i) % n_ranges, worker))
      return true;
  return false;
}

static bool
has_work (DanPool *pool)
{
  const int n_ranges = atomic_load (&pool->n_ranges);

  for (int i = 0; i < n_ranges; i++)
    if (has_piece (pool, i, atomic_load (&pool->tickets[i])))
      return true;
  return false;
}

/* FALSE when the pool closes. */
static bool
sleep_until_work (DanPool *pool)
{
  bool go_on;

  pthread_mutex_lock (&pool->lock);
  pool->sleepers++;
  while (!pool->stop && !has_work (pool))
    pthread_cond_wait (&pool->wake, &pool->lock);
  pool->sleepers--;
  go_on = !pool->stop;
  pthread_mutex_unlock (&pool->lock);
  return go_on;
}

static void *
help (void *user_data)
{
  Helper *helper = user_data;
  int idle = 0;

  for (;;) {
    if (work_once (helper->pool, helper->worker)) {
      idle = 0;
    } else if (++idle < IDLE_SPINS) {
      relax ();
    } else {
      if (!sleep_until_work (helper->pool))
        return NULL;
      idle = 0;
    }
  }
}

DanPool *
dan_pool_new (int n_workers)
{
  DanPool *pool = calloc (1, sizeof *pool);

  if (!pool)
    return NULL;
  pthread_mutex_init (&pool->lock, NULL);
  pthread_cond_init (&pool->wake, NULL);
  while (pool->n_helpers + 1 < n_workers
      && pool->n_helpers + 1 < DAN_MAX_THREADS) {
    Helper *helper = &pool->helpers[pool->n_helpers];

    *helper = (Helper) { .pool = pool, .worker = pool->n_helpers + 1 };
    if (pthread_create (&helper->thread, NULL, help, helper) != 0)
      break;
    pool->n_helpers++;
  }
  atomic_store (&pool->n_ranges, pool->n_helpers + 1);
  return pool;
}

static int
one_for_each_cpu (void)
{
  const long cpus = sysconf (_SC_NPROCESSORS_ONLN);

  return cpus < 1 ? 1 : cpus > DAN_MAX_THREADS ? DAN_MAX_THREADS : (int) cpus;
}

DanStatus
dan_pool_open (DanPool **pool, int threads, DanError *error)
{
  *pool = NULL;
  if (threads < 0 || threads > DAN_MAX_THREADS)
    return dan_fail (error, DAN_ERROR_ARGUMENT,
        "%d threads: there can be 1 to %d, or 0 for one per CPU", threads,
        DAN_MAX_THREADS);
  *pool = dan_pool_new (threads > 0 ? threads : one_for_each_cpu ());
  if (!*pool)
    return dan_fail (error, DAN_ERROR_MEMORY, "no memory for threads");
  return DAN_OK;
}

void
dan_pool_free (DanPool *pool)
{
  if (!pool)
    return;
  pthread_mutex_lock (&pool->lock);
  pool->stop = true;
  pthread_cond_broadcast (&pool->wake);
  pthread_mutex_unlock (&pool->lock);
  for (int i = 0; i < pool->n_helpers; i++)
    pthread_join (pool->helpers[i].thread, NULL);
  pthread_cond_destroy (&pool->wake);
  pthread_mutex_destroy (&pool->lock);
  free (pool);
}

int
dan_pool_n_workers (const DanPool *pool)
{
  return pool->n_helpers + 1;
}

static void
set_tickets (DanPool *pool, uint32_t job, bool open)
{
  const int n_ranges = atomic_load (&pool->n_ranges);

  for (int i = 0; i < n_ranges; i++)
    atomic_store (&pool->tickets[i], (uint64_t) job << 32
        | (uint32_t) (open ? range_start (pool, i) : INT32_MAX));
}

/* The tickets go out of range first, so that no helper claims a piece while
 * the other fields change, and come back last. */
static void
start_job (DanPool *pool, int n, DanWork work, void *data)
{
  const uint32_t job = job_of (atomic_load (&pool->tickets[0])) + 1;

  set_tickets (pool, job, false);
  atomic_store (&pool->done, 0);
  atomic_store (&pool->work, work);
  atomic_store (&pool->data, data);
  atomic_store (&pool->n, n);
  pthread_mutex_lock (&pool->lock);
  set_tickets (pool, job, true);
  if (pool->sleepers > 0)
    pthread_cond_broadcast (&pool->wake);
  pthread_mutex_unlock (&pool->lock);
}

void
dan_pool_run (DanPool *pool, int n, DanWork work, void *data)
{
  if (pool->n_helpers == 0 || n == 1) {
    for (int i = 0; i < n; i++)
      work (data, i, 0);
    return;
  }
  start_job (pool, n, work, data);
  while (work_once (pool, 0))
    ;
  for (int spins = 0; atomic_load (&pool->done) < n; spins++) {
    if (spins < WAIT_SPINS)
      relax ();
    else
      sched_yield ();
  }
}
