/*
 * events — sends early-warning events to their subscribers.
 *
 * The event side of the hub: a ROUTER of its own, ZAP domain "events", on a
 * thread of its own with its own connection to PostgreSQL as the ingest role. It
 * reads the outbox that `cases` fills and never writes it. A subscriber has taken the
 * events that it has acknowledged; after any interruption it says itself where
 * to go on. Protocol: proto/README.md, "Events".
 *
 * Not done here: judging, and choosing who may see what beyond the access list.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include <stdint.h>

#include "settings/access.h"
#include "base/err.h"
#include "base/mem.h"
#include "delivery/publisher.h"
#include "wire.h"

struct events;

struct events_settings {
    const char *endpoint, *secret_key, *conninfo;
    int ping_seconds, dead_seconds;
};

/*
 * Bind the socket and start the thread. Copies the settings; `access` is
 * borrowed until events_reload or events_stop has returned, `wire` until
 * events_stop has. Waits for no database: the thread connects by itself, again
 * and again. ERR_CONFIG when the endpoint cannot be bound.
 */
NODISCARD int events_start(struct wire *wire, const struct events_settings *settings,
                           const struct access *access, struct events **ret_events,
                           struct err *err);

/* The address bound. */
const char *events_endpoint(const struct events *events);

/* Tell that the outbox may have grown. Any thread. */
void events_notify(struct events *events);

/*
 * Use another access list and other times; sessions whose key is no longer allowed end at once. Any
 * thread. When it returns the list used before is used no more.
 */
void events_reload(struct events *events, const struct access *access, int ping_seconds,
                   int dead_seconds);

/* Tell the subscribers, take the acknowledgements that are on their way, end the thread and free
   everything. NULL is allowed. */
void events_stop(struct events *events);
AUTO_DEFINE(struct events, events_stop)

/* The counters since the start, for the metrics. Any thread. */
void events_counts(struct events *events, struct publisher_counts *ret_counts);

#endif
