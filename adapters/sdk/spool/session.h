/*
 * session — the sending side of a channel: what to send, when, and what answers mean.
 *
 * A pure state machine: it knows neither sockets nor the clock. It is told the
 * time and every control frame that arrived, reads entries from the queue and
 * speaks through a `session_link`. uplink.c drives it over CURVE.
 *
 *     CONNECTING  waiting to try (again)
 *     HELLO_SENT  HELLO is out; SUBSCRIBE or REJECT is awaited
 *     SENDING     entries go out as far as credit lasts
 *     PAUSED      connected but told to wait: goes on, or connects again
 *     STOPPED     the hub will not have us; a person must act
 *     FENCED      a newer session with our key has taken over; never connects again
 *
 * An entry counts as taken once an ACK is above it. A receipt is on disk before
 * anything that depends on it is removed. Whatever was sent and not
 * acknowledged when a session ends is sent again in the next: the hub knows
 * repeats by their numbers.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "frame.h"
#include "sdk/spool/queue.h"

#define SESSION_SILENCE_MS 15000     /* a peer that says nothing for so long is gone */
#define SESSION_PING_MS 5000         /* when SUBSCRIBE names no ping_seconds */
#define SESSION_BACKOFF_MIN_MS 200   /* the first pause before connecting again; doubles */
#define SESSION_BACKOFF_MAX_MS 30000 /* the longest; a fifth of it is random */
#define SESSION_SAVE_MS 2000         /* the position is written no more often */
#define SESSION_RETIRE_MS 3600000    /* how often old submissions are looked for */
#define SESSION_BURST 16             /* entries sent before the link is read again */

enum session_state {
    SESSION_CONNECTING,
    SESSION_HELLO_SENT,
    SESSION_SENDING,
    SESSION_PAUSED,
    SESSION_STOPPED,
    SESSION_FENCED,
    SESSION_STATES
};

/* How a session reaches the hub. */
struct session_link {
    /* Open a fresh connection, closing an old one. */
    int (*open)(void *context, struct err *err);
    void (*close)(void *context);
    /* Send one message: 1 sent, 0 no room now, -1 the connection is gone. */
    int (*send)(void *context, const struct buf *control, const void *payload, size_t payload_len);
    void *context;
};

/* Called when a receipt is on disk; `json` is borrowed. `head` is NULL for a damaged submission. */
typedef void session_receipt_fn(void *context, const struct subfile_head *head,
                                const uint8_t uuid[FRAME_UUID_BYTES], const char *json);

struct session_options {
    const char *channel, *program; /* borrowed for the life of the session */
    struct session_link link;
    session_receipt_fn *on_receipt; /* may be NULL */
    void *context;
};

struct session;

/* Make a session over `queue`, which must outlive it. It connects at the first tick. */
struct session *session_new(const struct session_options *options, struct queue *queue);

/* Say goodbye if connected (DRAIN), close the link. NULL is allowed. */
void session_free(struct session *session);
AUTO_DEFINE(struct session, session_free)

/* A control frame arrived. A frame that the state does not expect ends the connection. */
void session_receive(struct session *session, const struct frame *frame, int64_t now_ms);

/* Something arrived that is no frame, or the connection broke. */
void session_broken(struct session *session, const struct err *why, int64_t now_ms);

/*
 * Take the step that is due: connect, send, ping, give up waiting. Returns ms until the next call
 * is due.
 */
int session_tick(struct session *session, int64_t now_ms);

enum session_state session_state(const struct session *session);

/* Why it is STOPPED or FENCED; code ERR_NONE before. */
const struct err *session_failure(const struct session *session);

#endif
