/*
 * eventlog — the hub's log of events in the database, as subscribers see it.
 *
 * Reads cases.outbox and cases.log and keeps cases.subscriber; `cases/outbox` writes
 * the events. It works on the caller's store, outside any transaction.
 */
#ifndef EVENTLOG_H
#define EVENTLOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "frame.h"
#include "store/store.h"

#define EVENTLOG_READ_MAX 256 /* events of one read */

/* Numbers that the log of a county and route holds: [first_seq, next_seq). Empty: both the same. */
struct eventlog_range {
    uint64_t first_seq, next_seq;
};

/* The log's identity, made at random when there is none yet. */
NODISCARD int eventlog_epoch(struct store *store, uint8_t ret_epoch[FRAME_EPOCH_BYTES],
                             struct err *err);

NODISCARD int eventlog_range(struct store *store, uint32_t county, const char *route,
                             struct eventlog_range *ret_range, struct err *err);

/*
 * Read events from a number on, in order: columns number and body. Stops before
 * `bytes` of bodies are exceeded, but the first event comes whatever its size;
 * no row when there is none.
 */
NODISCARD int eventlog_read(struct store *store, uint32_t county, const char *route,
                            uint64_t from_seq, uint64_t bytes, struct store_result **ret_events,
                            struct err *err);

/* Note that a subscriber has made every event below `next_seq` durable, and none from it on. */
NODISCARD int eventlog_acked(struct store *store, uint32_t county, const char *route,
                             const char *name, uint64_t next_seq, struct err *err);

#endif
