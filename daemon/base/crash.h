/*
 * crash — die at a named place, for tests of recovery.
 *
 * Every step of a row's life that must survive a sudden death has a name. The
 * environment variable QIANSHAO_CRASH_AT="place", or "place:n" for the n-th
 * passage, makes the process kill itself there with SIGKILL: no handler runs,
 * nothing is flushed. Without the variable a place costs one comparison.
 */
#ifndef CRASH_H
#define CRASH_H

/* Pass a place. Thread-safe. */
void crash_here(const char *place);

#endif
