/*
 * publisher — the event side's protocol: sessions of subscribers and the frames in them.
 *
 * Belongs to the thread of `events`, which gives it a socket and, while PostgreSQL is
 * there, a store. It knows no threads; it is the layer that logs. A subscriber
 * is checked against the access list at every message. Protocol: proto/README.md,
 * "Events".
 */
#ifndef PUBLISHER_H
#define PUBLISHER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "frame.h"
#include "store/store.h"
#include "delivery/subscription.h"
#include "wire.h"

/*
 * Return a copy of the subscriber's name, owned by the caller, when the key may take the channel,
 * else NULL.
 */
typedef char *publisher_allow_fn(void *context, const char *user,
                                 const struct subscription_channel *channel);

struct publisher_options {
    struct wire_socket *socket; /* borrowed */
    int ping_seconds, dead_seconds;
    publisher_allow_fn *allow;
    void *context;
};

/* The counters since the start: counts/counts.def. */
struct publisher_counts {
#define COUNT_EVENTS(name, ...) uint64_t name;
#include "counts/counts.def"
};

struct publisher;

struct publisher *publisher_new(const struct publisher_options *options);
void publisher_free(struct publisher *publisher);
AUTO_DEFINE(struct publisher, publisher_free)

/*
 * Work with this store, borrowed, and the identity of its log. A database that
 * was away may have come back from an older copy, so every session is told to
 * subscribe again.
 */
void publisher_use_store(struct publisher *publisher, struct store *store,
                         const uint8_t epoch[FRAME_EPOCH_BYTES]);

/* False when there is no store or it failed; the owner closes it and brings another. */
bool publisher_has_store(const struct publisher *publisher);

/* Take the messages that wait, up to a limit. */
void publisher_receive(struct publisher *publisher);

/* The outbox may have grown. */
void publisher_look(struct publisher *publisher);

/* The access list changed: end the sessions whose key is no longer allowed. */
void publisher_check_access(struct publisher *publisher);

/* Ask sessions that have been quiet for a sign of life. */
void publisher_ping(struct publisher *publisher);

/* Keep acknowledgements; then send events, unless the hub is stopping. */
void publisher_work(struct publisher *publisher, bool deliver);

/* How long nothing needs to be done unless something arrives; at most a fifth of a second. */
int publisher_timeout_ms(const struct publisher *publisher);

/* Ask and give up after other times; sessions that asked for a shorter time keep it. */
void publisher_set_times(struct publisher *publisher, int ping_seconds, int dead_seconds);

/* Tell every subscriber that the hub stops. */
void publisher_drain(struct publisher *publisher);

const struct publisher_counts *publisher_counts(const struct publisher *publisher);

#endif
