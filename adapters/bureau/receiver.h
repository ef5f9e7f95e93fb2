/*
 * receiver — the taking side of events: when to ask, what to keep, what to answer.
 *
 * A pure state machine over a ledger: it knows neither sockets nor the clock. It
 * is told the time and every message, and speaks through a link. bureau.c drives
 * it over CURVE.
 *
 *     WAITING  waiting to try (again)
 *     ASKED    SUBSCRIBE is out; HELLO or REJECT is awaited
 *     TAKING   events come in
 *     STOPPED  the hub will not have us, or holds other events than we: a person must act
 *     FENCED   a newer session with our key has taken over; never asks again
 *     BROKEN   the ledger cannot be written; opened again, it tells what is there
 *
 * An event is acknowledged once it is durable, never before. A ledger that holds
 * events asks for its newest one again and compares the digest, so a hub that
 * was restored from an older copy and has gone on since is found out.
 */
#ifndef RECEIVER_H
#define RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "bureau/ledger.h"
#include "frame.h"

#define RECEIVER_CREDIT (UINT64_C(8) * 1024 * 1024) /* bytes of events on their way */
#define RECEIVER_BATCH (4 * 1024 * 1024)            /* bytes of lines written at once */
#define RECEIVER_BACKOFF_MS 200 /* the first pause; doubles, a fifth is random */

enum receiver_state {
    RECEIVER_WAITING,
    RECEIVER_ASKED,
    RECEIVER_TAKING,
    RECEIVER_STOPPED,
    RECEIVER_FENCED,
    RECEIVER_BROKEN
};

/* How a receiver reaches the hub. */
struct receiver_link {
    /* Open a fresh connection, closing an old one. */
    int (*open)(void *context, struct err *err);
    void (*close)(void *context);
    /* Send a control frame. One that cannot be sent is left out: silence ends the session then. */
    void (*send)(void *context, const struct frame *frame);
    void *context;
};

struct receiver_options {
    const char *channel; /* "<county>/<route>", borrowed */
    uint32_t county;
    int64_t ping_ms, dead_ms, retry_max_ms;
    struct receiver_link link;
};

struct receiver;

/* Make a receiver into `ledger`, which must outlive it. It asks at the first tick. */
struct receiver *receiver_new(const struct receiver_options *options, struct ledger *ledger);

/* Say goodbye if connected (DRAIN) and close the link. What waits unwritten is dropped: it comes
   again. NULL is allowed. */
void receiver_free(struct receiver *receiver);
AUTO_DEFINE(struct receiver, receiver_free)

/* A message arrived. One that has no place ends the connection. */
void receiver_take_message(struct receiver *receiver, const struct frame *frame,
                           const uint8_t *payload, size_t payload_len, int64_t now_ms);

/* Something arrived that is no message. */
void receiver_take_garbage(struct receiver *receiver, const struct err *why, int64_t now_ms);

/*
 * No more messages wait, or a batch is full: make the events that came durable and acknowledge
 * them.
 */
void receiver_settle(struct receiver *receiver);

/* Take the step that is due: ask, ping, give up waiting. Returns ms until the next call is due. */
int receiver_tick(struct receiver *receiver, int64_t now_ms);

enum receiver_state receiver_state(const struct receiver *receiver);

/* Why it is STOPPED, FENCED or BROKEN. */
const struct err *receiver_failure(const struct receiver *receiver);

#endif
