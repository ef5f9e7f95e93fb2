#include "link/pool.h"

#include <assert.h>
#include <stdlib.h>

static void *
pool_main(void *worker_)
{
    struct pool_worker *worker = worker_;

    worker->work(worker->context, worker->number);
    return NULL;
}

void
pool_start(struct pool *pool, unsigned threads, void (*work)(void *context, unsigned thread),
           void *context)
{
    assert(threads > 0 && threads <= POOL_THREADS_MAX && pool->threads == 0);
    pool->threads = threads;
    for (unsigned i = 0; i < threads; i++) {
        struct pool_worker *worker = &pool->workers[i];

        *worker = (struct pool_worker){.work = work, .context = context, .number = i};
        /* As with memory: a machine that gives no thread ends the process. */
        if (i + 1 < threads && pthread_create(&worker->thread, NULL, pool_main, worker) != 0)
            abort();
    }
}

void
pool_finish(struct pool *pool)
{
    if (pool->threads == 0)
        return;
    (void)pool_main(&pool->workers[pool->threads - 1]);
    for (unsigned i = 0; i + 1 < pool->threads; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pool->threads = 0;
}

void
pool_run(unsigned threads, void (*work)(void *context, unsigned thread), void *context)
{
    struct pool pool;

    pool.threads = 0;
    pool_start(&pool, threads, work, context);
    pool_finish(&pool);
}
