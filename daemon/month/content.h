/*
 * content — which submissions make up a record type for a judged month.
 *
 * feeds.md, "Submissions", as a pure function over a county's visible
 * submissions and expected feeds: no database, no clock. A record type's
 * content is a list of parts, the producers' submissions in the order in which
 * they replace each other, with what the rules must know about it: complete,
 * partial, how much is quarantined, which earlier months are missing.
 *
 * It does not read rows, and does not know whether a row of civil.standard is
 * in force: that shows in the rows only.
 */
#ifndef CONTENT_H
#define CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/mem.h"
#include "record.h"

#define CONTENT_HISTORY 11        /* months before P that a twelve-month sum reads */
#define CONTENT_REGISTER_MONTHS 4 /* how old the register may be */
#define CONTENT_YEARLY_MONTHS 13  /* how old what comes once a year may be */

enum content_kind { CONTENT_FULL, CONTENT_DELTA, CONTENT_CORRECTION };

/* A visible submission. Months are YYYYMM; the producer is borrowed. */
struct content_submission {
    const struct record_type *type;
    const char *producer;
    int32_t submission, period, revision;
    enum content_kind kind;
    bool partial;
    int64_t stored, quarantined;
};

/* A feed that a grant names; a feed may have several grants. */
struct content_feed {
    const struct record_type *type;
    const char *producer;
    bool expected; /* false: optional */
    int32_t since,
        until; /* YYYYMM: the first and last period in which the feed is expected; 0: no bound */
};

/* A county's submissions and feeds, ordered for look-up. */
struct content_book;

/* Copy and order both lists; the producers' texts are copied too. */
struct content_book *content_book_new(const struct content_submission *submissions,
                                      size_t submission_count, const struct content_feed *feeds,
                                      size_t feed_count);
void content_book_free(struct content_book *book);

/* How many submissions the book holds. */
size_t content_count(const struct content_book *book);
AUTO_DEFINE(struct content_book, content_book_free)

/* One submission of a content. Of a producer, a higher rank replaces a lower one by natural key. */
struct content_part {
    int32_t submission, period, revision;
    const char *producer; /* the book's */
    int producer_no;      /* from 0, within the content */
    int rank;             /* from 0, within the producer */
    enum content_kind kind;
};

struct content {
    const struct record_type *type;
    int32_t period; /* newest period read; 0: none */
    bool complete;  /* false: there are no parts */
    bool partial;   /* a part of the newest period was marked partial */
    int64_t stored,
        quarantined; /* rows of the newest period; rows of a correction replace bad ones */
    struct content_part *parts;
    size_t part_count;
    int producer_count;
    int32_t missing[CONTENT_HISTORY]; /* of an event list: earlier months that are not complete */
    size_t missing_count;
};

void content_done(struct content *content);
#define AUTO_CONTENT __attribute__((cleanup(content_done)))

/* The content of a record type when `month` is judged. */
void content_of(const struct content_book *book, const struct record_type *type, int32_t month,
                struct content *ret_content);

/* The register.household that X02 compares with: the newest complete one whose period lies 3 to 15
   months before the period of the register that `month` reads; without parts when there is none. */
void content_of_before(const struct content_book *book, int32_t month, struct content *ret_content);

/*
 * The judged months, ascending: those of which a complete submission of a
 * monthly record type exists. The caller frees the list.
 */
size_t content_months(const struct content_book *book, int32_t **ret_months);

/* Whether every expected feed of the monthly record types is in for `month`. */
bool content_all_in(const struct content_book *book, int32_t month);

/*
 * SHA-256 over everything that `month` reads: equal digests, equal rows. Not
 * strict: as if no feed were expected, so that a changed access list alone
 * changes nothing.
 */
void content_digest(const struct content_book *book, int32_t month, bool strict,
                    uint8_t ret_digest[DIGEST_BYTES]);

/* First and last month of the school term (2024春: 2024-02 to 2024-07) and of the school year that
   a month lies in; August lies in no term, and false comes back. */
bool content_term(int32_t month, int32_t *ret_first, int32_t *ret_last);
void content_school_year(int32_t month, int32_t *ret_first, int32_t *ret_last);

#endif
