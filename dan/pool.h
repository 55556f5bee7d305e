/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Threads that help the caller. The caller works too and claims whatever no
 * helper has claimed yet, so it never waits for a thread that the system does
 * not schedule, only for pieces of work that are under way. */
#ifndef DAN_POOL_H
#define DAN_POOL_H

#include "dan/dan.h"

typedef struct DanPool DanPool;

/* Work on piece @index; @worker (0: the caller) tells apart those who work at
 * the same time. */
typedef void (*DanWork) (void *data, int index, int worker);

#define DAN_MAX_THREADS 64

/* A pool of @n_workers, the caller of dan_pool_run() among them; NULL without
 * memory. Fewer start if the system refuses threads. */
DanPool *dan_pool_new (int n_workers);
void dan_pool_free (DanPool *pool);

/* The same as users ask for it: 0 @threads is one for each CPU, and an error
 * says how many there can be. */
DanStatus dan_pool_open (DanPool **pool, int threads, DanError *error);

int dan_pool_n_workers (const DanPool *pool);

/* Does pieces 0 to @n - 1 and returns when all are done. One caller at a
 * time. */
void dan_pool_run (DanPool *pool, int n, DanWork work, void *data);

#endif
