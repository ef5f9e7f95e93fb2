/*
 * broker — the feed side's front: sockets and sessions.
 *
 * Runs on the main thread and never touches PostgreSQL. It decodes control
 * frames, checks the access list by the peer's key on every message, answers
 * PINGs whatever the database does, and gives entries to the inbox. It keeps
 * nothing that a restart would miss.
 */
#ifndef BROKER_H
#define BROKER_H

#include <stdint.h>

#include "settings/access.h"
#include "base/err.h"
#include "base/mem.h"
#include "intake/inbox.h"
#include "wire.h"

#define BROKER_SESSIONS_MAX 4096
#define BROKER_KEY_SESSIONS_MAX 8              /* connections of one key */
#define BROKER_FLIGHT_BYTES (64 * 1024 * 1024) /* payload under way, over all sessions */

struct broker;

struct broker_settings {
    const char *endpoint, *secret_key; /* read at the start only */
    struct inbox_settings inbox;
    int ping_seconds, dead_seconds; /* broker_reload changes them */
    uint32_t batch_bytes;
    uint64_t credit_bytes; /* of one session */
};

/*
 * Bind the socket, start the inbox. `access` is borrowed until broker_reload
 * or broker_stop has returned, `wire` until broker_stop has. Waits for no
 * database. ERR_CONFIG when the endpoint cannot be bound.
 */
NODISCARD int broker_start(struct wire *wire, const struct broker_settings *settings,
                           const struct access *access, struct broker **ret_broker,
                           struct err *err);

/* The address bound. */
const char *broker_endpoint(const struct broker *broker);

/* Serve until `fd` is readable. */
void broker_run(struct broker *broker, int fd);

/*
 * Use another access list, and other times from the next session on: sessions whose key is no
 * longer on the list end at once, and the inbox brings the list into the database.
 */
void broker_reload(struct broker *broker, const struct access *access, int ping_seconds,
                   int dead_seconds);

/*
 * Tell the sessions, let the entry under way end and answer it, free everything. NULL is allowed.
 */
void broker_stop(struct broker *broker);
AUTO_DEFINE(struct broker, broker_stop)

/* The counters since the start: counts/counts.def. On the broker's thread. */
struct broker_counts {
#define COUNT_FEEDS(name, ...) uint64_t name;
#include "counts/counts.def"
    struct inbox_counts inbox;
};
void broker_counts(struct broker *broker, struct broker_counts *ret_counts);

#endif
