/*
 * pool — the same work by several threads at once.
 *
 * Nothing outlives pool_run, or pool_finish: threads start, share what their work says they share,
 * and are joined.
 */
#ifndef POOL_H
#define POOL_H

#include <pthread.h>

#define POOL_THREADS_MAX 64

struct pool_worker {
    pthread_t thread;
    void (*work)(void *context, unsigned thread);
    void *context;
    unsigned number;
};

/* Work that was started; `{0}` is none. */
struct pool {
    struct pool_worker workers[POOL_THREADS_MAX];
    unsigned threads;
};

/* Run `work` once for each thread number from 0 to `threads` − 1; the caller's thread is the last. */
void pool_run(unsigned threads, void (*work)(void *context, unsigned thread), void *context);

/*
 * Begin the same and return while the other threads work. The caller's own part is done by
 * pool_finish, which waits for all; it does nothing when nothing was started. The pool must not move
 * in between.
 */
void pool_start(struct pool *pool, unsigned threads, void (*work)(void *context, unsigned thread),
                void *context);
void pool_finish(struct pool *pool);

#endif
