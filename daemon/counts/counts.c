#include "counts/counts.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"

#define LINE(part, name, kind, unit, meaning, member)                                              \
    {part, #name, unit, meaning, COUNTS_##kind, offsetof(struct counts, member.name)},

#define COUNT_FEEDS(name, kind, unit, meaning) LINE("feeds", name, kind, unit, meaning, feeds)
#define COUNT_INBOX(name, kind, unit, meaning) LINE("inbox", name, kind, unit, meaning, feeds.inbox)
#define COUNT_EVENTS(name, kind, unit, meaning) LINE("events", name, kind, unit, meaning, events)
#define COUNT_JUDGE(name, kind, unit, meaning) LINE("judge", name, kind, unit, meaning, judge)

static const struct counter counters[] = {
#include "counts/counts.def"
};

const struct counter *
counts_at(size_t index)
{
    return index < sizeof(counters) / sizeof(counters[0]) ? &counters[index] : NULL;
}

uint64_t
counts_value(const struct counts *counts, const struct counter *counter)
{
    uint64_t value;

    memcpy(&value, (const char *)counts + counter->offset, sizeof(value));
    return value;
}

void
counts_format(const struct counts *counts, const char *part, struct buf *line)
{
    const struct counter *counter;

    buf_add_fmt(line, "part=%s", part);
    for (size_t i = 0; (counter = counts_at(i)) != NULL; i++)
        if (strcmp(counter->part, part) == 0)
            buf_add_fmt(line, " %s=%" PRIu64, counter->name, counts_value(counts, counter));
}

void
counts_log(struct broker *broker, struct events *events, struct scheduler *scheduler)
{
    const struct counter *counter;
    const char *part = "";
    struct counts counts;

    broker_counts(broker, &counts.feeds);
    events_counts(events, &counts.events);
    scheduler_counts(scheduler, &counts.judge);
    for (size_t i = 0; (counter = counts_at(i)) != NULL; i++) {
        AUTO_BUF struct buf line = {0};

        if (strcmp(counter->part, part) == 0)
            continue;
        part = counter->part;
        counts_format(&counts, part, &line);
        log_event(LOG_NOTICE, "counts", "%s", buf_str(&line));
    }
}
