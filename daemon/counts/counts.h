/*
 * counts — the counters of the hub's parts, as log lines.
 *
 * One line a part, "counts part=feeds …": at the end, and when SIGUSR1 asks for it. The table of
 * all counters is counts.def. Where a counter is kept is its module's business.
 */
#ifndef COUNTS_H
#define COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "county/scheduler.h"
#include "delivery/events.h"
#include "intake/broker.h"

/* All counters at one moment; the inbox's are within the feeds'. */
struct counts {
    struct broker_counts feeds;
    struct publisher_counts events;
    struct scheduler_counts judge;
};

enum counts_kind { COUNTS_TOTAL, COUNTS_NOW };

/* A line of counts.def. */
struct counter {
    const char *part, *name, *unit, *meaning;
    enum counts_kind kind;
    size_t offset; /* of its value in struct counts */
};

/* The counter at `index`, those of a part beside each other, or NULL past the last one. */
const struct counter *counts_at(size_t index);

uint64_t counts_value(const struct counts *counts, const struct counter *counter);

/* Append a part's counters to `line`: "part=feeds sessions=1 …". */
void counts_format(const struct counts *counts, const char *part, struct buf *line);

/* Log all parts. On the broker's thread. */
void counts_log(struct broker *broker, struct events *events, struct scheduler *scheduler);

#endif
