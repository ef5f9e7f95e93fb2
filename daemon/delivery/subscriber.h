/*
 * subscriber — one session of the event side.
 *
 * What the hub knows of a connected subscriber until it is gone, what a message means in which
 * state, and what can be done for it. Belongs to the thread of `events`, which decides; this module
 * sends, counts credit and keeps positions. It does not log.
 *
 *     NONE    has no session: must SUBSCRIBE first
 *     TAKING  takes events
 *     SILENT  was given up as dead: gets no events until it says something
 *     CLOSED  its connection is closed; what it had sent before still counts
 *     ENDED   its session is over, by the hub or by itself; what it still says is not heard
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

enum subscriber_state {
    SUBSCRIBER_NONE,
    SUBSCRIBER_TAKING,
    SUBSCRIBER_SILENT,
    SUBSCRIBER_CLOSED,
    SUBSCRIBER_ENDED
};

/* What a message asks of the publisher. */
enum subscriber_action {
    SUBSCRIBER_IGNORE,
    SUBSCRIBER_BEGIN,  /* SUBSCRIBE */
    SUBSCRIBER_STRAY,  /* anything else without a session: tell it to subscribe */
    SUBSCRIBER_KEEP,   /* ACK: subscriber_ack */
    SUBSCRIBER_GRANT,  /* CREDIT: subscriber_credit */
    SUBSCRIBER_REPEAT, /* RESEND: subscriber_resend */
    SUBSCRIBER_REFUSE, /* NACK */
    SUBSCRIBER_ANSWER, /* PING */
    SUBSCRIBER_NOTE,   /* PONG */
    SUBSCRIBER_LEAVE,  /* DRAIN */
    SUBSCRIBER_BREACH  /* nothing that a subscriber may send */
};

struct subscriber {
    struct subscriber *next; /* in the list of `events` */
    uint8_t peer[WIRE_ROUTE_MAX];
    size_t peer_len;
    char user[WIRE_KEY_LEN + 1];
    char *name; /* in the access list */
    struct subscription_channel channel;
    enum subscriber_state state;
    uint64_t generation;
    uint64_t next_seq;  /* next number to send */
    uint64_t acked_seq; /* every event below it is durable there */
    uint64_t credit;    /* bytes of payload it still takes */
    uint64_t stuck_seq; /* the number that the log says it cannot give, once said */
    int64_t heard_ms, pinged_ms, stalled_ms;
    int ping_seconds, wanted_seconds; /* wanted by the peer; 0: as we like */
    bool due;                         /* look for events */
    bool ack_due;                     /* acked_seq is not yet in the database */
    bool read_out;                    /* CLOSED or ENDED, and all that it had sent has been read */
};

/* Events and bytes that were sent. */
struct subscriber_sent {
    uint64_t events, bytes;
};

enum subscriber_action subscriber_action(enum subscriber_state state, enum frame_kind kind);

/* Whether a session is TAKING or SILENT: it holds its channel. */
bool subscriber_open(const struct subscriber *subscriber);

/* A message came of a session: one that was SILENT takes events again. */
void subscriber_heard(struct subscriber *subscriber, int64_t now_ms);

/* Make a session for the sender of a message, whose name is copied; the caller fills the rest. */
struct subscriber *subscriber_new(const struct wire_message *from, const char *name);
void subscriber_free(struct subscriber *subscriber);
AUTO_DEFINE(struct subscriber, subscriber_free)

/*
 * Send a frame. A session that is open is CLOSED when the connection is; a full queue is no
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
