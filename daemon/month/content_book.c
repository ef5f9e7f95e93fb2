#include "month/content_book.h"

#include <stdlib.h>
#include <string.h>

static const char *
content_keep_producer(struct content_book *book, const char *producer)
{
    for (size_t i = 0; i < book->producer_count; i++)
        if (strcmp(book->producers[i], producer) == 0)
            return book->producers[i];
    book->producers = mem_grow(book->producers, book->producer_count + 1, sizeof(*book->producers));
    book->producers[book->producer_count] = mem_strdup(producer);
    return book->producers[book->producer_count++];
}

static int
content_compare_feed(const struct record_type *type_a, const char *producer_a,
                     const struct record_type *type_b, const char *producer_b)
{
    int order = strcmp(type_a->name, type_b->name);

    return order != 0 ? order : strcmp(producer_a, producer_b);
}

static int
content_compare_submissions(const void *left, const void *right)
{
    const struct content_submission *a = left, *b = right;
    int order = content_compare_feed(a->type, a->producer, b->type, b->producer);

    if (order != 0)
        return order;
    if (a->period != b->period)
        return a->period < b->period ? -1 : 1;
    return a->revision < b->revision ? -1 : a->revision > b->revision;
}

static int
content_compare_groups(const void *left, const void *right)
{
    const struct content_group *a = left, *b = right;

    return content_compare_feed(a->type, a->producer, b->type, b->producer);
}

static struct content_group *
content_group_add(struct content_book *book, const struct record_type *type, const char *producer)
{
    for (size_t i = 0; i < book->group_count; i++)
        if (book->groups[i].type == type && strcmp(book->groups[i].producer, producer) == 0)
            return &book->groups[i];
    book->groups = mem_grow(book->groups, book->group_count + 1, sizeof(*book->groups));
    book->groups[book->group_count] =
        (struct content_group){.type = type, .producer = content_keep_producer(book, producer)};
    return &book->groups[book->group_count++];
}

static void
content_expect(struct content_group *group, const struct content_feed *grant)
{
    group->grants = mem_grow(group->grants, group->grant_count + 1, sizeof(*group->grants));
    group->grants[group->grant_count++] = grant;
}

bool
content_expected(const struct content_group *group, int32_t period)
{
    for (size_t i = 0; i < group->grant_count; i++)
        if (group->grants[i]->since <= period &&
            (group->grants[i]->until == 0 || period <= group->grants[i]->until))
            return true;
    return false;
}

struct content_book *
content_book_new(const struct content_submission *submissions, size_t submission_count,
                 const struct content_feed *feeds, size_t feed_count)
{
    struct content_book *book = mem_zalloc(sizeof(*book));

    book->submissions = mem_grow(NULL, submission_count + 1, sizeof(*book->submissions));
    book->submission_count = submission_count;
    for (size_t i = 0; i < submission_count; i++) {
        book->submissions[i] = submissions[i];
        book->submissions[i].producer = content_keep_producer(book, submissions[i].producer);
    }
    qsort(book->submissions, submission_count, sizeof(*book->submissions),
          content_compare_submissions);
    for (size_t i = 0; i < submission_count; i++) {
        const struct content_submission *one = &book->submissions[i];
        struct content_group *group = content_group_add(book, one->type, one->producer);

        if (group->count++ == 0)
            group->first = one;
    }
    book->feeds = mem_grow(NULL, feed_count + 1, sizeof(*book->feeds));
    for (size_t i = 0; i < feed_count; i++) {
        book->feeds[i] = feeds[i];
        book->feeds[i].producer = content_keep_producer(book, feeds[i].producer);
        if (feeds[i].expected)
            content_expect(content_group_add(book, feeds[i].type, feeds[i].producer),
                           &book->feeds[i]);
    }
    if (book->group_count > 0)
        qsort(book->groups, book->group_count, sizeof(*book->groups), content_compare_groups);
    return book;
}

size_t
content_count(const struct content_book *book)
{
    return book->submission_count;
}

void
content_book_free(struct content_book *book)
{
    if (book == NULL)
        return;
    for (size_t i = 0; i < book->producer_count; i++)
        free(book->producers[i]);
    for (size_t i = 0; i < book->group_count; i++)
        free(book->groups[i].grants);
    free(book->producers);
    free(book->feeds);
    free(book->groups);
    free(book->submissions);
    free(book);
}
