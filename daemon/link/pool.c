#include "link/pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct pool_worker {
    pthread_t thread;
    void (*work)(void *context, unsigned thread);
    void *context;
    unsigned number;
};

static void *
pool_main(void *worker_)
{
    struct pool_worker *worker = worker_;

    worker->work(worker->context, worker->number);
    return NULL;
}

void
pool_run(unsigned threads, void (*work)(void *context, unsigned thread), void *context)
{
    struct pool_worker workers[POOL_THREADS_MAX];

    assert(threads > 0 && threads <= POOL_THREADS_MAX);
    for (unsigned i = 0; i < threads; i++) {
        workers[i] = (struct pool_worker){.work = work, .context = context, .number = i};
        /* As with memory: a machine that gives no thread ends the process. */
        if (i + 1 < threads &&
            pthread_create(&workers[i].thread, NULL, pool_main, &workers[i]) != 0)
            abort();
    }
    (void)pool_main(&workers[threads - 1]);
    for (unsigned i = 0; i + 1 < threads; i++)
        pthread_join(workers[i].thread, NULL);
}
