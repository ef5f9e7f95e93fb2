/*
 * session — the hub's side of one adapter's connection.
 *
 * Pure state: what a message means in which state, which entry is the next,
 * what credit is left, who is silent. The broker owns the sessions, sends and
 * logs. A session's credit and numbers die with it; what lasts is in the database.
 *
 *     NEW       connected, has said nothing of use
 *     GREETING  its HELLO is with the inbox
 *     ACTIVE    sends entries
 *     ENDED     was told to go; what still comes from it is not heard
 */
#ifndef DAEMON_SESSION_H
#define DAEMON_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intake/channel.h"
#include "frame.h"
#include "wire.h"

#define SESSION_QUEUE_MAX 256 /* entries of one session that wait for the inbox */
#define SESSION_DAMAGED_MAX 3 /* damaged batches in a row before the session ends */

enum session_state { SESSION_NEW, SESSION_GREETING, SESSION_ACTIVE, SESSION_ENDED };

struct session {
    uint64_t number; /* never used again; another one after each HELLO */
    uint8_t route[WIRE_ROUTE_MAX];
    size_t route_len;
    char user[WIRE_KEY_LEN + 1];
    char channel[CHANNEL_NAME_MAX + 1]; /* by the access list */
    enum session_state state;
    uint64_t generation;
    uint64_t next_seq;             /* the entry expected next */
    uint64_t round;                /* one more each time that entries are asked for again */
    uint64_t window, credit, owed; /* granted at first; left to the peer; to be given back */
    size_t waiting;                /* entries with the inbox */
    int damaged;
    bool asked; /* to send again from next_seq, and that has not come yet */
    bool full;  /* entries were dropped since too many wait */
    bool lost;  /* something could not be sent: to be forgotten */
    int64_t heard_ms, pinged_ms;
};

/* What a message asks of the broker. */
enum session_action {
    SESSION_IGNORE,
    SESSION_GREET,  /* HELLO */
    SESSION_STRAY,  /* an entry without a session: tell it to say HELLO */
    SESSION_ENTER,  /* an entry: session_take */
    SESSION_ANSWER, /* PING */
    SESSION_NOTE,   /* PONG */
    SESSION_LEAVE,  /* DRAIN */
    SESSION_BREACH  /* nothing that an adapter may send */
};
enum session_action session_action(enum session_state state, enum frame_kind kind);

/* "new", "greeting", … */
const char *session_state_name(enum session_state state);

/* What to do with an entry. */
enum session_entry {
    SESSION_TAKE,     /* give it to the inbox */
    SESSION_REPEAT,   /* it has been here: drop it */
    SESSION_GAP,      /* drop it and ask from next_seq on */
    SESSION_WAIT,     /* drop it: one like this has been asked for, or too many wait */
    SESSION_OVERDRAWN /* it is more than the credit: end the session */
};
enum session_entry session_take(struct session *session, uint64_t seq, size_t bytes);

/* A session begins at `next_seq` with `window` bytes of credit. */
void session_begin(struct session *session, uint64_t next_seq, uint64_t generation,
                   uint64_t window);

/* The inbox is done with an entry. Returns whether to ask for dropped entries now. */
bool session_done(struct session *session, size_t bytes);

/* Ask again from `from_seq`, in a new round. */
void session_rewind(struct session *session, uint64_t from_seq);

/* Credit to grant now, 0 while it is not worth a message. It counts as granted. */
uint64_t session_grant(struct session *session);

/* Whether it has been silent for `dead_ms`, or quiet for `ping_ms` since it was heard or pinged. */
bool session_silent(const struct session *session, int64_t now_ms, int64_t dead_ms);
bool session_ping_due(const struct session *session, int64_t now_ms, int64_t ping_ms);

#endif
