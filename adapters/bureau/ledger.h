/*
 * ledger — the bureau's durable copy of its events, one JSON object a line.
 *
 * `ledger.jsonl` is the only truth: which event comes next is read from its
 * last whole line, so no second file can disagree with it. A line is what
 * event_json writes, with the digest of the CloudEvent in front and a check
 * over the line at its end. What a sudden stop left behind the last whole line
 * is cut off (and kept in `ledger.torn`): it was never acknowledged, or the hub
 * still has it and sends it again. `origin` names the channel and the epoch of
 * the hub's log that the events came from.
 *
 * One process owns a directory at a time; the owner belongs to one thread.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "event.h"
#include "frame.h"

#define LEDGER_ROUTE_MAX 32   /* of a route's name */
#define LEDGER_CHANNEL_MAX 48 /* "<county>/<route>" */
#define LEDGER_TAIL_MAX                                                                            \
    (16 << 20) /* more than ever waits unsynced: a bad line before it is damage */

struct ledger;

/*
 * The epoch, numbers and bytes of a ledger; of an empty one everything is zero but next_seq, which
 * is 1.
 */
struct ledger_state {
    uint64_t next_seq;          /* number of the first event that is not there */
    uint64_t bytes, torn_bytes; /* whole lines; behind them, cut off by ledger_open */
    uint64_t cases;
    uint8_t epoch[FRAME_EPOCH_BYTES];    /* of the hub's log */
    uint8_t newest_digest[DIGEST_BYTES]; /* of the newest event */
};

/*
 * Take a directory, made when it is not there, and recover its ledger. What it
 * holds is durable when this returns. ERR_CONFLICT when another process has it,
 * when it holds another channel's events, when lines are there without their
 * origin, or when a line before the tail is damaged; nothing was changed then.
 */
NODISCARD int ledger_open(const char *dir, const char *channel, struct ledger **ret_ledger,
                          struct err *err);
void ledger_close(struct ledger *ledger);
AUTO_DEFINE(struct ledger, ledger_close)

/*
 * Read the state of a directory's ledger without taking or changing it. ERR_MISSING when it is not
 * there.
 */
NODISCARD int ledger_read(const char *dir, char ret_channel[LEDGER_CHANNEL_MAX],
                          struct ledger_state *ret_state, bool *ret_owned, struct err *err);

/* The state of the ledger, events that wait for ledger_flush included. */
const struct ledger_state *ledger_state(const struct ledger *ledger);

/* Note durably which log the events will come from. Only while the ledger is empty. */
NODISCARD int ledger_adopt(struct ledger *ledger, const uint8_t epoch[FRAME_EPOCH_BYTES],
                           struct err *err);

/* Return whether the event is the next of its case, as far as this ledger knows the case. */
bool ledger_follows(const struct ledger *ledger, const struct event *event);

/* Add the next event; it is numbered state->next_seq and waits in memory for ledger_flush. */
void ledger_add(struct ledger *ledger, const uint8_t digest[DIGEST_BYTES],
                const struct event *event);

/* Bytes that wait for ledger_flush. */
size_t ledger_waiting(const struct ledger *ledger);

/*
 * Make everything added durable. After a failure (ERR_LIMIT: the disk is full)
 * the ledger must be closed and opened again, which finds out what is there.
 */
NODISCARD int ledger_flush(struct ledger *ledger, struct err *err);

#endif
