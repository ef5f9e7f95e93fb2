/*
 * publisher_subscribe — the publisher's sessions and how one begins. Private to publisher*.c.
 */
#ifndef PUBLISHER_SUBSCRIBE_H
#define PUBLISHER_SUBSCRIBE_H

#include "delivery/publisher.h"
#include "delivery/subscriber.h"

struct publisher {
    struct publisher_options options;
    struct store *store; /* borrowed; NULL while PostgreSQL is away */
    uint8_t epoch[FRAME_EPOCH_BYTES];
    int64_t dead_ms, complained_ms;
    uint64_t generation, complaints;
    struct subscriber *subscribers;
    struct publisher_counts counts;
};

/* The session of a message's sender, or NULL. */
struct subscriber *publisher_find(const struct publisher *publisher,
                                  const struct wire_message *from);

/* Send a REJECT to whoever sent a message, session or not. */
void publisher_reject(struct publisher *publisher, const struct wire_message *to,
                      const struct err *why, bool retryable, uint32_t retry_seconds);

/* Do without the database until the owner brings another connection; sessions stay. */
void publisher_store_fail(struct publisher *publisher, const struct err *err);

/* How often to ask a subscriber: as it wished, if that is more often than we would. */
void publisher_time(const struct publisher *publisher, struct subscriber *subscriber);

/* Take a SUBSCRIBE: the session begins, or the answer says why not. */
void publisher_subscribe(struct publisher *publisher, const struct wire_message *from,
                         const struct frame_subscribe *want);

#endif
