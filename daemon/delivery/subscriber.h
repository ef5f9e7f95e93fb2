/*
 * subscriber — one session of the event side.
 *
 * What the hub knows of a connected subscriber until it is gone, and what can be
 * done for it. Belongs to the thread of `events`, which decides; this module
 * sends, counts credit and keeps positions. It does not log.
 */
#ifndef SUBSCRIBER_H
#define SUBSCRIBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "frame.h"
#include "store/store.h"
#include "delivery/subscription.h"
#include "wire.h"

#define SUBSCRIBER_CREDIT_MAX (UINT64_C(64) * 1024 * 1024)

struct subscriber {
    struct subscriber *next; /* in the list of `events` */
    uint8_t peer[WIRE_ROUTE_MAX];
    size_t peer_len;
    char user[WIRE_KEY_LEN + 1];
    char *name; /* in the access list */
    struct subscription_channel channel;
    uint64_t generation;
    uint64_t next_seq;  /* next number to send */
    uint64_t acked_seq; /* every event below it is durable there */
    uint64_t credit;    /* bytes of payload it still takes */
    uint64_t stuck_seq; /* the number that the log says it cannot give, once said */
    int64_t heard_ms, pinged_ms, stalled_ms;
    int ping_seconds, wanted_seconds; /* wanted by the peer; 0: as we like */
    bool due;                         /* look for events */
    bool ack_due;                     /* acked_seq is not yet in the database */
    bool silent;                      /* given up as dead; revived by any message */
    bool gone;                        /* its connection is closed: to be removed once read_out */
    bool ended;    /* by us, or taken back by itself: what it still says counts no more */
    bool read_out; /* all that it sent before it was gone has been read */
};

/* What was sent. */
struct subscriber_sent {
    uint64_t events, bytes;
};

/* Make a session for the sender of a message, whose name is copied; the caller fills the rest. */
struct subscriber *subscriber_new(const struct wire_message *from, const char *name);
void subscriber_free(struct subscriber *subscriber);
AUTO_DEFINE(struct subscriber, subscriber_free)

/*
 * Send a frame. Sets `gone` when the connection is closed; a full queue is no
 * failure: a control frame that finds no room is left out.
 */
void subscriber_send(struct subscriber *subscriber, struct wire_socket *socket,
                     const struct frame *frame);

/* Send a REJECT, which ends a session or answers one that never was. */
void subscriber_reject(struct subscriber *subscriber, struct wire_socket *socket,
                       const struct err *why, bool retryable, uint32_t retry_seconds);

/*
 * Send the events that are there and that credit and queue allow. Clears `due` when there is
 * nothing more to do until something happens. ERR_STORE when the database fails;
 * ERR_CONFLICT when a number is missing in the log or an event is over the limit,
 * and nothing is sent past it.
 */
NODISCARD int subscriber_deliver(struct subscriber *subscriber, struct wire_socket *socket,
                                 struct store *store, int64_t now_ms, struct subscriber_sent *sent,
                                 struct err *err);

/* Take an ACK. ERR_PROTOCOL when it goes back or acknowledges what was never sent. */
NODISCARD int subscriber_ack(struct subscriber *subscriber, uint64_t next_seq, struct err *err);

/* Take a RESEND: send again from a number on. ERR_PROTOCOL when it was never sent or is 0. */
NODISCARD int subscriber_resend(struct subscriber *subscriber, uint64_t from_seq, struct err *err);

/* Take CREDIT, at most SUBSCRIBER_CREDIT_MAX in all. */
void subscriber_credit(struct subscriber *subscriber, uint64_t bytes);

#endif
