#include "counts/counts.h"

#include <inttypes.h>

#include "base/log.h"

#define N(name) " " #name "=%" PRIu64

static void
counts_log_feeds(const struct broker_counts *counts)
{
    log_event(
        LOG_NOTICE, "counts",
        "part=feeds" N(sessions) N(greeted) N(rejected) N(fenced) N(silent) N(denied) N(garbage)
            N(repeats) N(gaps) N(damaged) N(acks) N(receipts) N(handshakes_failed) N(disconnected),
        counts->sessions, counts->greeted, counts->rejected, counts->fenced, counts->silent,
        counts->denied, counts->garbage, counts->repeats, counts->gaps, counts->damaged,
        counts->acks, counts->receipts, counts->wire.handshakes_failed, counts->wire.disconnected);
}

static void
counts_log_inbox(const struct inbox_counts *counts)
{
    log_event(LOG_NOTICE, "counts",
              "part=inbox" N(batches) N(rows) N(bytes) N(quarantined) N(visible) N(refused)
                  N(duplicate) N(divided) N(store_losses),
              counts->batches, counts->rows, counts->bytes, counts->quarantined, counts->visible,
              counts->refused, counts->duplicate, counts->divided, counts->store_losses);
}

static void
counts_log_events(const struct publisher_counts *counts)
{
    log_event(LOG_NOTICE, "counts",
              "part=events" N(subscribers) N(sessions) N(events) N(bytes) N(acks) N(resends)
                  N(nacks) N(denied) N(conflicts) N(refused) N(fenced) N(silent) N(garbage)
                      N(store_losses),
              counts->subscribers, counts->sessions, counts->events, counts->bytes, counts->acks,
              counts->resends, counts->nacks, counts->denied, counts->conflicts, counts->refused,
              counts->fenced, counts->silent, counts->garbage, counts->store_losses);
}

static void
counts_log_match(const struct scheduler_counts *counts)
{
    log_event(LOG_NOTICE, "counts",
              "part=judge" N(months) N(milliseconds) N(failures) N(events) N(store_losses)
                  N(dropped_submissions) N(dropped_rows),
              counts->months, counts->milliseconds, counts->failures, counts->events,
              counts->store_losses, counts->dropped_submissions, counts->dropped_rows);
}

void
counts_log(struct broker *broker, struct events *events, struct scheduler *match)
{
    struct broker_counts feeds;
    struct publisher_counts published;
    struct scheduler_counts judged;

    broker_counts(broker, &feeds);
    events_counts(events, &published);
    scheduler_counts(match, &judged);
    counts_log_feeds(&feeds);
    counts_log_inbox(&feeds.inbox);
    counts_log_events(&published);
    counts_log_match(&judged);
}
