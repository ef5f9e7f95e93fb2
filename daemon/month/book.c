#include "month/book.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "month/month_sql.h"

static enum content_kind
book_kind(const char *kind)
{
    if (strcmp(kind, "full") == 0)
        return CONTENT_FULL;
    return strcmp(kind, "delta") == 0 ? CONTENT_DELTA : CONTENT_CORRECTION;
}

static size_t
book_read_submissions(const struct store_result *rows, struct content_submission *list)
{
    size_t count = 0;

    for (size_t i = 0; i < store_rows(rows); i++) {
        const struct record_type *type = record_find(store_text(rows, i, 1));

        if (type == NULL)
            continue; /* of a newer program */
        list[count++] = (struct content_submission){
            .submission = (int32_t)store_int(rows, i, 0),
            .type = type,
            .producer = store_text(rows, i, 2),
            .period = (int32_t)store_int(rows, i, 3),
            .revision = (int32_t)store_int(rows, i, 4),
            .kind = book_kind(store_text(rows, i, 5)),
            .partial = store_bool(rows, i, 6),
            .stored = store_int(rows, i, 7),
            .quarantined = store_int(rows, i, 8),
        };
    }
    return count;
}

int
book_load(struct store *store, uint32_t county, struct content_book **ret_book, struct err *err)
{
    AUTO(store_result_free) struct store_result *rows = NULL, *feeds = NULL;
    struct content_submission *submissions;
    struct content_feed *known;
    size_t submission_count, feed_count = 0;

    if (store_run(store, month_sql_submissions.text, &STORE_I(county), 1, &rows, NULL, err) < 0 ||
        store_run(store, month_sql_feeds.text, &STORE_I(county), 1, &feeds, NULL, err) < 0)
        return err_wrap(err, "cannot read the submissions of county %" PRIu32, county);
    submissions = mem_grow(NULL, store_rows(rows) + 1, sizeof(*submissions));
    submission_count = book_read_submissions(rows, submissions);
    known = mem_grow(NULL, store_rows(feeds) + 1, sizeof(*known));
    for (size_t i = 0; i < store_rows(feeds); i++) {
        const struct record_type *type = record_find(store_text(feeds, i, 0));

        if (type != NULL)
            known[feed_count++] = (struct content_feed){.type = type,
                                                        .producer = store_text(feeds, i, 1),
                                                        .expected = store_bool(feeds, i, 2),
                                                        .since = (int32_t)store_int(feeds, i, 3),
                                                        .until = (int32_t)store_int(feeds, i, 4)};
    }
    *ret_book = content_book_new(submissions, submission_count, known, feed_count);
    free(submissions);
    free(known);
    return 0;
}
