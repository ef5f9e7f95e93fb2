/*
 * feeder — the hub's side of one adapter's connection.
 *
 * Pure state: what a message means in which state, which entry is the next,
 * how much credit is left, whether the adapter is silent. The broker owns the sessions, sends and
 * logs. A session's credit and numbers die with it; the position lasts, in ops.channel.
 *
 *     NEW       connected, has said nothing of use
 *     GREETING  its HELLO is with the inbox
 *     ACTIVE    sends entries
 *     ENDED     was told to go; what still comes from it is not heard
 */
#ifndef FEEDER_H
#define FEEDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intake/channel.h"
#include "frame.h"
#include "wire.h"

#define FEEDER_QUEUE_MAX 256 /* entries of one session that wait for the inbox */
#define FEEDER_DAMAGED_MAX 3 /* damaged batches in a row before the session ends */

enum feeder_state { FEEDER_NEW, FEEDER_GREETING, FEEDER_ACTIVE, FEEDER_ENDED };

struct feeder {
    uint64_t number; /* never used again; another one after each HELLO */
    uint8_t route[WIRE_ROUTE_MAX];
    size_t route_len;
    char user[WIRE_KEY_LEN + 1];
    char channel[CHANNEL_NAME_MAX + 1]; /* by the access list */
    enum feeder_state state;
    uint64_t generation;
    uint64_t next_seq;             /* the entry expected next */
    uint64_t round;                /* one more each time that entries are asked for again */
    uint64_t window, credit, owed; /* granted at first; left to the peer; to be given back */
    size_t waiting;                /* entries with the inbox */
    int damaged;
    bool asked; /* RESEND(next_seq) was sent, and that entry has not come yet */
    bool full;  /* entries were dropped since too many wait */
    bool lost;  /* something could not be sent: to be forgotten */
    int64_t heard_ms, pinged_ms;
};

/* What a message asks of the broker. */
enum feeder_action {
    FEEDER_IGNORE,
    FEEDER_GREET,  /* HELLO */
    FEEDER_STRAY,  /* an entry without a session: tell it to say HELLO */
    FEEDER_ENTER,  /* an entry: feeder_take */
    FEEDER_ANSWER, /* PING */
    FEEDER_NOTE,   /* PONG */
    FEEDER_LEAVE,  /* DRAIN */
    FEEDER_BREACH  /* nothing that an adapter may send */
};
enum feeder_action feeder_action(enum feeder_state state, enum frame_kind kind);

/* "new", "greeting", … */
const char *feeder_state_name(enum feeder_state state);

/* What to do with an entry. */
enum feeder_entry {
    FEEDER_TAKE,     /* give it to the inbox */
    FEEDER_REPEAT,   /* it has been here: drop it */
    FEEDER_GAP,      /* drop it and ask from next_seq on */
    FEEDER_WAIT,     /* drop the entry: it has been asked for again, or too many wait */
    FEEDER_OVERDRAWN /* it is more than the credit: end the session */
};
enum feeder_entry feeder_take(struct feeder *feeder, uint64_t seq, size_t bytes);

/* A session begins at `next_seq` with `window` bytes of credit. */
void feeder_begin(struct feeder *feeder, uint64_t next_seq, uint64_t generation, uint64_t window);

/* The inbox is done with an entry. Returns whether to ask for dropped entries now. */
bool feeder_done(struct feeder *feeder, size_t bytes);

/* Ask again from `from_seq`, in a new round. */
void feeder_rewind(struct feeder *feeder, uint64_t from_seq);

/* Credit to grant now, 0 while it is not worth a message. It counts as granted. */
uint64_t feeder_grant(struct feeder *feeder);

/* Whether it has been silent for `dead_ms`, or quiet for `ping_ms` since it was heard or pinged. */
bool feeder_silent(const struct feeder *feeder, int64_t now_ms, int64_t dead_ms);
bool feeder_ping_due(const struct feeder *feeder, int64_t now_ms, int64_t ping_ms);

#endif
