/*
 * inbox — the threads that commit what adapters send.
 *
 * The broker gives jobs; a few workers, each with its own connection to
 * PostgreSQL, take them in the order given and answer over a pipe. The jobs of
 * one channel take effect strictly in their order, each in its turn: what a
 * worker may do ahead of its turn is to bring a batch's rows in, uncommitted, so
 * that two batches of one submission are on their way at the same time.
 *
 * A job is done when it is committed or can never be; while PostgreSQL is away a
 * worker waits and tries again, and the jobs behind it wait with it. What a
 * COMMIT that was cut off has done is read from the database afterwards.
 */
#ifndef INBOX_H
#define INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "intake/channel.h"
#include "frame.h"
#include "intake/receipt.h"
#include "roster/roster.h"
#include "intake/submission.h"
#include "wire.h"

struct inbox;

enum inbox_kind {
    INBOX_HELLO, /* begin a session */
    INBOX_ENTRY, /* OPEN, BATCH or CLOSE */
    INBOX_ROSTER /* write the access list into the database; has no reply */
};

/* Made by the broker, freed by the inbox. */
struct inbox_job {
    struct inbox_job *next; /* the inbox's */
    uint64_t ticket;        /* the inbox's: its place in the channel's order, or among rosters */
    enum inbox_kind kind;
    uint64_t session, round; /* come back in the reply */
    char channel[CHANNEL_NAME_MAX + 1];
    uint64_t generation;
    struct frame frame;               /* HELLO or the entry */
    struct wire_message message;      /* in which a batch's payload lives */
    struct submission_refusal denied; /* the access list's answer to an OPEN */
    struct roster *roster;
};
struct inbox_job *inbox_job_new(enum inbox_kind kind);

/* The sequence number of an entry. */
uint64_t inbox_seq(const struct frame *frame);

enum inbox_outcome {
    INBOX_GREETED,  /* the session begins at next_seq */
    INBOX_REJECTED, /* it does not: err */
    INBOX_TAKEN,    /* everything below next_seq is committed */
    INBOX_RESEND,   /* send again from next_seq; err says why when the entry itself was damaged */
    INBOX_FENCED,   /* a newer session has the channel: generation */
    INBOX_ENDED,    /* the entry cannot be taken and the session ends: err */
    INBOX_DROPPED   /* nothing was done: the hub is stopping */
};

/* Made by the inbox, freed by the broker. */
struct inbox_reply {
    enum inbox_outcome outcome;
    uint64_t session, round, seq, next_seq, generation;
    uint8_t epoch[FRAME_EPOCH_BYTES];
    size_t bytes; /* of payload that is no longer held */
    struct receipts receipts;
    struct err err;
};
void inbox_reply_free(struct inbox_reply *reply);
AUTO_DEFINE(struct inbox_reply, inbox_reply_free)

/* The counters since the start: counts/counts.def. */
struct inbox_counts {
#define COUNT_INBOX(name, ...) uint64_t name;
#include "counts/counts.def"
};

/* Called on the inbox's thread when a submission of a county that was half in has ended. */
typedef void inbox_ended_fn(void *context, uint32_t county);

struct inbox_settings {
    const char *conninfo; /* copied */
    inbox_ended_fn *ended;
    void *context;
};

#define INBOX_WORKERS 2

/* Start the workers; they connect by themselves. */
NODISCARD int inbox_start(struct wire *wire, const struct inbox_settings *settings,
                          struct inbox **ret_inbox, struct err *err);

/* Give a job. The broker's thread only, as inbox_take. */
void inbox_give(struct inbox *inbox, struct inbox_job *job);

/* Take a reply, or NULL when there is none; inbox_pipe becomes readable when there is one. */
struct inbox_reply *inbox_take(struct inbox *inbox);
struct wire_socket *inbox_pipe(const struct inbox *inbox);

/* Whether PostgreSQL is away. Any thread. */
bool inbox_down(const struct inbox *inbox);
void inbox_counts(struct inbox *inbox, struct inbox_counts *ret_counts);

/*
 * Let the jobs under way end, answer the others as DROPPED and end the threads.
 * A statement that does not end in INBOX_STOP_SECONDS is interrupted. Replies
 * may be taken until inbox_free.
 */
#define INBOX_STOP_SECONDS 10
void inbox_stop(struct inbox *inbox);
void inbox_free(struct inbox *inbox);
AUTO_DEFINE(struct inbox, inbox_free)

#endif
