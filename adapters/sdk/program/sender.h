/*
 * sender — the command `send`: one file into the spool, then wait for its receipt.
 */
#ifndef SENDER_H
#define SENDER_H

#include <stdbool.h>

#include "base/err.h"
#include "sdk/program/job.h"
#include "sdk/program/settings.h"

/* How programs of the SDK end. */
enum sender_exit {
    SENDER_OK = 0,      /* committed, or received before */
    SENDER_REFUSED = 1, /* not taken */
    SENDER_USAGE = 2,   /* options, settings or file name */
    SENDER_SPOOLED = 3, /* safe in the spool, no receipt yet */
    SENDER_PARTLY = 4,  /* committed, some rows refused */
    SENDER_FAILED = 5,  /* disk, memory, network of this machine: nothing was taken, try again */
    SENDER_FENCED = 6 /* another program uses our key; do not start again before that is settled */
};

struct sender_options {
    const struct settings *settings;
    const char *sector, *program;
    struct job_words words;
    bool no_wait;
    int timeout_seconds;
};

/* Send one file; tells the clerk on stdout and stderr what became of it. Returns the exit code. */
int sender_run(const struct sender_options *options);

/* Tell the clerk why a file is not taken, and leave `<path>.receipt.json` that says so. */
void sender_refuse(const char *path, const struct refusal *refusal);

#endif
