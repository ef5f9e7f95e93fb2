/*
 * content_book — the submissions and feeds that a content is worked out from. Private to
 * content*.c.
 */
#ifndef CONTENT_BOOK_H
#define CONTENT_BOOK_H

#include "month/content.h"

/* One producer's submissions of one record type. */
struct content_group {
    const struct record_type *type;
    const char *producer;
    const struct content_feed **grants; /* grants of the book that expect the feed in some period */
    size_t grant_count;
    const struct content_submission *first; /* ascending by period and revision */
    size_t count;
};

struct content_book {
    struct content_submission *submissions;
    size_t submission_count;
    struct content_feed *feeds;
    struct content_group *groups; /* ascending by type and producer */
    size_t group_count;
    char **producers;
    size_t producer_count;
};

/* Whether a feed is expected in a period: one of its grants expects it and covers the period. */
bool content_expected(const struct content_group *group, int32_t period);

#endif
