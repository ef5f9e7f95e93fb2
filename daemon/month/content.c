#include "month/content_book.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define CONTENT_BEFORE_MIN 3 /* X02: months between the two registers */
#define CONTENT_BEFORE_MAX 15
#define CONTENT_AUGUST 8

void
content_done(struct content *content)
{
    free(content->parts);
    content->parts = NULL;
    content->part_count = 0;
}

/* The submissions of one producer and period. */
struct content_month {
    const struct content_submission *full; /* with the highest revision */
    const struct content_submission *first;
    size_t count;
    bool delta;
};

static struct content_month
content_month_of(const struct content_group *group, int32_t period)
{
    struct content_month month = {0};

    for (size_t i = 0; i < group->count; i++) {
        const struct content_submission *one = &group->first[i];

        if (one->period != period)
            continue;
        if (month.count++ == 0)
            month.first = one;
        if (one->kind == CONTENT_FULL)
            month.full = one;
        if (one->kind == CONTENT_DELTA)
            month.delta = true;
    }
    return month;
}

/* The newest period before `period` of which the producer sent anything; 0: none. */
static int32_t
content_period_before(const struct content_group *group, int32_t period)
{
    int32_t newest = 0;

    for (size_t i = 0; i < group->count; i++)
        if (group->first[i].period < period)
            newest = group->first[i].period;
    return newest;
}

/* Whether a roster's content of `period` rests on a full submission. */
static bool
content_based(const struct content_group *group, int32_t period)
{
    for (; period != 0; period = content_period_before(group, period))
        if (content_month_of(group, period).full != NULL)
            return true;
    return false;
}

/*
 * Whether the producer's submission of `period` is there and complete. A
 * correction alone says nothing about the rest of the month.
 */
static bool
content_group_complete(const struct content_group *group, int32_t period)
{
    struct content_month month = content_month_of(group, period);

    if (month.full != NULL)
        return true;
    if (!month.delta)
        return false;
    return group->type->kind == RECORD_EVENTS || content_based(group, period);
}

static void
content_add_part(struct content *content, const struct content_submission *one, int producer_no,
                 int rank)
{
    content->parts = mem_grow(content->parts, content->part_count + 1, sizeof(*content->parts));
    content->parts[content->part_count++] = (struct content_part){
        .submission = one->submission,
        .period = one->period,
        .revision = one->revision,
        .producer = one->producer,
        .producer_no = producer_no,
        .rank = rank,
        .kind = one->kind,
    };
}

/* Append the chain of one period: the full submission, or the earlier chain that a roster without
   one starts from, and the later submissions. Returns the next rank. */
static int
content_add_chain(struct content *content, const struct content_group *group, int32_t period,
                  int producer_no, int rank)
{
    struct content_month month = content_month_of(group, period);
    int32_t from = month.full != NULL ? month.full->revision : 0;

    if (month.full == NULL && group->type->kind == RECORD_ROSTER) {
        int32_t earlier = content_period_before(group, period);

        if (earlier != 0)
            rank = content_add_chain(content, group, earlier, producer_no, rank);
    }
    for (size_t i = 0; i < month.count; i++) {
        const struct content_submission *one = &month.first[i];

        if (one == month.full || (one->kind != CONTENT_FULL && one->revision > from))
            content_add_part(content, one, producer_no, rank++);
    }
    return rank;
}

static int64_t
content_least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Add up the newest period's rows. Rows of a later correction stand in the place of quarantined
   rows, mended or bad again: a row that is mended twice in vain is one row. */
static void
content_weigh(struct content *content, const struct content_group *group, int32_t period)
{
    struct content_month month = content_month_of(group, period);
    int32_t from = month.full != NULL ? month.full->revision : 0;
    int64_t quarantined = 0;

    for (size_t i = 0; i < month.count; i++) {
        const struct content_submission *one = &month.first[i];

        if (one != month.full && (one->kind == CONTENT_FULL || one->revision < from))
            continue;
        if (one->kind == CONTENT_CORRECTION)
            quarantined -= content_least(one->stored + one->quarantined, quarantined);
        else
            content->partial = content->partial || one->partial;
        quarantined += one->quarantined;
        content->stored += one->stored;
    }
    content->quarantined += quarantined;
}

/* The period that a producer's content is read from; 0: none is near enough. */
static int32_t
content_newest(const struct content_group *group, int32_t first, int32_t last)
{
    int32_t newest = 0;

    for (size_t i = 0; i < group->count; i++) {
        int32_t period = group->first[i].period;

        if (period >= first && period <= last && content_group_complete(group, period))
            newest = period;
    }
    return newest;
}

/*
 * Whether the record type is complete for periods `first` to `last`: each feed expected in `last`
 * is in, and at least one feed at all, since nothing follows from a list that nobody was asked to
 * send. Not strict: whatever the grants expect.
 */
static bool
content_type_complete(const struct content_book *book, const struct record_type *type,
                      int32_t first, int32_t last, bool strict)
{
    bool any = false;

    for (size_t i = 0; i < book->group_count; i++) {
        const struct content_group *group = &book->groups[i];

        if (group->type != type)
            continue;
        if (content_newest(group, first, last) != 0)
            any = true;
        else if (strict && content_expected(group, last))
            return false;
    }
    return any;
}

/* Gather the newest period of each producer within `first` to `last`. */
static void
content_gather(const struct content_book *book, int32_t first, int32_t last,
               struct content *content)
{
    for (size_t i = 0; i < book->group_count; i++) {
        const struct content_group *group = &book->groups[i];
        int32_t period;

        if (group->type != content->type)
            continue;
        period = content_newest(group, first, last);
        if (period == 0)
            continue;
        content_add_chain(content, group, period, content->producer_count++, 0);
        content_weigh(content, group, period);
        content->period = period > content->period ? period : content->period;
    }
}

/* Gather every period from `first` on; the newest wins by natural key. */
static void
content_gather_all(const struct content_book *book, int32_t first, int32_t last,
                   struct content *content)
{
    for (size_t i = 0; i < book->group_count; i++) {
        const struct content_group *group = &book->groups[i];
        int rank = 0;
        int32_t newest = 0;

        if (group->type != content->type)
            continue;
        for (size_t j = 0; j < group->count; j++) {
            int32_t period = group->first[j].period;

            if (period < first || period > last || period == newest)
                continue;
            newest = period;
            rank = content_add_chain(content, group, period, content->producer_count, rank);
        }
        if (newest == 0)
            continue;
        content->producer_count++;
        content_weigh(content, group, newest);
        content->period = newest > content->period ? newest : content->period;
    }
}

static void
content_note_missing(const struct content_book *book, int32_t month, bool strict,
                     struct content *content)
{
    for (int back = CONTENT_HISTORY; back > 0; back--) {
        int32_t earlier = clock_month_add(month, -back);

        if (!content_type_complete(book, content->type, earlier, earlier, strict))
            content->missing[content->missing_count++] = earlier;
    }
}

/* The newest period at most four months old for which household and member are both complete. */
static int32_t
content_register_period(const struct content_book *book, int32_t last, bool strict)
{
    const struct record_type *household = record_of_role(RECORD_HOUSEHOLDS);
    const struct record_type *member = record_of_role(RECORD_MEMBERS);

    for (int back = 0; back <= CONTENT_REGISTER_MONTHS; back++) {
        int32_t period = clock_month_add(last, -back);

        if (content_type_complete(book, household, period, period, strict) &&
            content_type_complete(book, member, period, period, strict))
            return period;
    }
    return 0;
}

bool
content_term(int32_t month, int32_t *ret_first, int32_t *ret_last)
{
    int32_t year = month / 100, number = month % 100;

    if (number == CONTENT_AUGUST)
        return false;
    if (number >= 2 && number <= 7) {
        *ret_first = year * 100 + 2;
        *ret_last = year * 100 + 7;
        return true;
    }
    if (number == 1)
        year--;
    *ret_first = year * 100 + 9;
    *ret_last = (year + 1) * 100 + 1;
    return true;
}

void
content_school_year(int32_t month, int32_t *ret_first, int32_t *ret_last)
{
    int32_t year = month / 100 - (month % 100 <= CONTENT_AUGUST ? 1 : 0);

    *ret_first = year * 100 + 9;
    *ret_last = (year + 1) * 100 + CONTENT_AUGUST;
}

/* The periods from which `month` may read a record type; false: none. */
static bool
content_window(const struct content_book *book, const struct record_type *type, int32_t month,
               bool strict, int32_t *ret_first, int32_t *ret_last)
{
    int32_t unused;

    *ret_first = *ret_last = month;
    switch (type->cadence) {
    case RECORD_MONTHLY:
        return true;
    case RECORD_QUARTERLY:
        *ret_first = *ret_last = content_register_period(book, month, strict);
        return *ret_first != 0;
    case RECORD_TERM:
        return content_term(month, ret_first, &unused);
    case RECORD_SCHOOL_YEAR:
        content_school_year(month, ret_first, &unused);
        return true;
    case RECORD_YEARLY:
        *ret_first = clock_month_add(month, -CONTENT_YEARLY_MONTHS);
        return true;
    case RECORD_ON_CHANGE:
        *ret_first = 0;
        return true;
    }
    return false;
}

static void
content_start(struct content *content, const struct record_type *type)
{
    memset(content, 0, sizeof(*content));
    content->type = type;
}

static void
content_of_any(const struct content_book *book, const struct record_type *type, int32_t month,
               bool strict, struct content *ret_content)
{
    int32_t first, last;

    content_start(ret_content, type);
    if (!content_window(book, type, month, strict, &first, &last) ||
        !content_type_complete(book, type, first, last, strict))
        return;
    ret_content->complete = true;
    if (type->kind == RECORD_EVENTS) {
        /* One month more than the sums read: a list may hold last month's late events. */
        content_gather_all(book, clock_month_add(month, -CONTENT_HISTORY - 1), month, ret_content);
        content_note_missing(book, month, strict, ret_content);
    } else if (type->cadence == RECORD_ON_CHANGE) {
        content_gather_all(book, first, last, ret_content);
    } else {
        content_gather(book, first, last, ret_content);
    }
}

static void
content_of_before_any(const struct content_book *book, int32_t month, bool strict,
                      struct content *ret_content)
{
    const struct record_type *household = record_of_role(RECORD_HOUSEHOLDS);
    int32_t now = content_register_period(book, month, strict);

    content_start(ret_content, household);
    if (now == 0)
        return;
    for (int back = CONTENT_BEFORE_MIN; back <= CONTENT_BEFORE_MAX; back++) {
        int32_t period = clock_month_add(now, -back);

        if (!content_type_complete(book, household, period, period, strict))
            continue;
        ret_content->complete = true;
        content_gather(book, period, period, ret_content);
        return;
    }
}

void
content_of(const struct content_book *book, const struct record_type *type, int32_t month,
           struct content *ret_content)
{
    content_of_any(book, type, month, true, ret_content);
}

void
content_of_before(const struct content_book *book, int32_t month, struct content *ret_content)
{
    content_of_before_any(book, month, true, ret_content);
}

static int
content_compare_months(const void *left, const void *right)
{
    const int32_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

size_t
content_months(const struct content_book *book, int32_t **ret_months)
{
    int32_t *months = mem_grow(NULL, book->submission_count + 1, sizeof(*months));
    size_t count = 0, kept = 0;

    for (size_t i = 0; i < book->group_count; i++) {
        const struct content_group *group = &book->groups[i];

        if (group->type->cadence != RECORD_MONTHLY)
            continue;
        for (size_t j = 0; j < group->count; j++)
            if (content_group_complete(group, group->first[j].period))
                months[count++] = group->first[j].period;
    }
    qsort(months, count, sizeof(*months), content_compare_months);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || months[kept - 1] != months[i])
            months[kept++] = months[i];
    *ret_months = months;
    return kept;
}

bool
content_all_in(const struct content_book *book, int32_t month)
{
    bool any = false;

    for (size_t i = 0; i < book->group_count; i++) {
        const struct content_group *group = &book->groups[i];

        if (group->type->cadence != RECORD_MONTHLY || !content_expected(group, month))
            continue;
        if (!content_group_complete(group, month))
            return false;
        any = true;
    }
    return any;
}

static void
content_digest_number(struct digest *digest, int64_t number)
{
    uint8_t bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
    digest_add(digest, bytes, sizeof(bytes));
}

static void
content_digest_one(struct digest *digest, const struct content *content)
{
    if (!content->complete)
        return;
    digest_add(digest, content->type->name, strlen(content->type->name) + 1);
    content_digest_number(digest, content->partial);
    content_digest_number(digest, (int64_t)content->part_count);
    for (size_t i = 0; i < content->part_count; i++) {
        content_digest_number(digest, content->parts[i].submission);
        content_digest_number(digest, content->parts[i].rank);
    }
    for (size_t i = 0; i < content->missing_count; i++)
        content_digest_number(digest, content->missing[i]);
}

void
content_digest(const struct content_book *book, int32_t month, bool strict,
               uint8_t ret_digest[DIGEST_BYTES])
{
    const struct record_type *type;
    struct digest digest;

    digest_init(&digest);
    for (size_t i = 0; (type = record_at(i)) != NULL; i++) {
        AUTO_CONTENT struct content content = {0};

        content_of_any(book, type, month, strict, &content);
        content_digest_one(&digest, &content);
    }
    AUTO_CONTENT struct content before = {0};
    content_of_before_any(book, month, strict, &before);
    content_digest_one(&digest, &before);
    digest_finish(&digest, ret_digest);
}
