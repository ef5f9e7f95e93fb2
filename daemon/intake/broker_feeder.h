/*
 * broker_feeder — the broker's sessions and the frames that it sends them. Private to broker*.c.
 */
#ifndef BROKER_FEEDER_H
#define BROKER_FEEDER_H

#include "intake/broker.h"
#include "intake/feeder.h"

struct broker {
    struct broker_settings settings;
    const struct access *access;
    struct wire_socket *socket;
    struct inbox *inbox;
    struct feeder **feeders;
    size_t feeder_count;
    uint64_t last_number, progress;
    uint64_t granted; /* windows of all active sessions */
    int64_t now_ms, ticked_ms;
    bool draining, lossy; /* some session is lost */
    struct broker_counts counts;
    struct buf control;
};

/* The session of a number, or NULL; the one that holds a channel, other than `self`, or NULL. */
struct feeder *broker_find_number(struct broker *broker, uint64_t number);
struct feeder *broker_find_holder(struct broker *broker, const char *channel,
                                  const struct feeder *self);

/* The session of a message's sender, made when it is new; NULL when there are too many. */
struct feeder *broker_feeder(struct broker *broker, const struct wire_message *message,
                             const struct access_entry *entry);

/* A session no longer holds its window or channel, and replies to its jobs find it no more. */
void broker_end(struct broker *broker, struct feeder *feeder);

/* End a session, forget it and free it. */
void broker_remove(struct broker *broker, struct feeder *feeder);

/* Send a frame, encoded or not. When the peer is gone or does not read, the session is lost:
   broker_sweep forgets it, and what the peer missed comes after its next HELLO. */
void broker_send_bytes(struct broker *broker, struct feeder *feeder, const struct buf *control);
void broker_send(struct broker *broker, struct feeder *feeder, const struct frame *frame);
void broker_sweep(struct broker *broker);

/* Send REJECT, FENCED, or a NACK that is not retryable, and end the session. All three log. */
void broker_reject(struct broker *broker, struct feeder *feeder, const struct err *err,
                   bool retryable, uint32_t retry_seconds);
void broker_fence(struct broker *broker, struct feeder *feeder, uint64_t generation);
void broker_nack(struct broker *broker, struct feeder *feeder, uint64_t seq, const struct err *err,
                 bool retryable);

/* Send RESEND from the entry expected next; CREDIT when it is worth a message; PING. */
void broker_ask(struct broker *broker, struct feeder *feeder);
void broker_grant(struct broker *broker, struct feeder *feeder);
void broker_ping(struct broker *broker, struct feeder *feeder);

#endif
