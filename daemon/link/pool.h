/*
 * pool — the same work by several threads at once.
 *
 * Nothing outlives a call: threads start, share what their work says they share, and are joined.
 */
#ifndef POOL_H
#define POOL_H

#define POOL_THREADS_MAX 64

/* Run `work` once for each thread number from 0 to `threads` − 1; the caller's thread is the last. */
void pool_run(unsigned threads, void (*work)(void *context, unsigned thread), void *context);

#endif
