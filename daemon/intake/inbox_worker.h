/*
 * inbox_worker — jobs, turns and channels that the inbox's threads share. Private to inbox*.c.
 */
#ifndef INBOX_WORKER_H
#define INBOX_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "intake/batch.h"
#include "intake/inbox.h"
#include "store/store.h"

/* One channel's order and position, shared by the workers. */
struct lane {
    char name[CHANNEL_NAME_MAX + 1];
    uint64_t last_ticket; /* given out */
    uint64_t turn;        /* whose turn it is */
    bool known; /* `channel` is as ops.channel has it; written by the worker whose turn it is */
    struct channel channel;
};

struct worker {
    struct inbox *inbox;
    pthread_t thread;
    bool running;
    struct store *store; /* changed under the lock, used by its thread without */
    bool down;           /* its last try found PostgreSQL in trouble */
    char told[6];        /* SQLSTATE of the trouble that the log knows of */
    int losses;          /* connections lost since the last job that was done */
    int backoff_ms;
};

struct inbox {
    struct inbox_settings settings;
    char *conninfo;
    struct wire_socket *near, *far; /* the broker's end; the workers', used under the lock */
    pthread_mutex_t lock;           /* of all that follows */
    pthread_cond_t changed;
    struct inbox_job *first, *last; /* given and not yet taken */
    struct lane **lanes;
    size_t lane_count;
    struct inbox_counts counts;
    struct worker workers[INBOX_WORKERS];
    atomic_bool stopping;
    atomic_int down; /* workers that are */
};

/* How far a job has come. */
struct inbox_try {
    struct inbox_job *job;
    struct lane *lane;
    struct inbox_reply *reply;
    struct batch *batch; /* its rows are in, uncommitted */
    int refused;         /* times that PostgreSQL refused its data */
    bool broken;         /* its submission must be refused: why */
    struct submission_refusal refusal;
};

struct timespec worker_deadline(clockid_t clock, int ms);

/* Have a connection; returns -1 when there is none now. */
NODISCARD int worker_connect(struct worker *worker, struct err *err);

/*
 * A failure that is PostgreSQL's and not the job's: drop a lost connection, tell the log once,
 * wait.
 */
void worker_trouble(struct worker *worker, const struct err *err);

/* PostgreSQL answers. */
void worker_fine(struct worker *worker);

/* Do a job in its turn. The reply's outcome is set; a roster has none. */
void inbox_entry(struct worker *worker, struct inbox_try *try);
void inbox_hello(struct worker *worker, struct inbox_try *try);
void inbox_roster(struct worker *worker, struct inbox_try *try);

#endif
