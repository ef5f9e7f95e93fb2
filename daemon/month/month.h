/*
 * month — what one judged month of one county reads: made once, and handed down.
 *
 * Holds the content of every record type, the earlier register that a rule may compare with, and the
 * digests of both. Pure: no database, no clock. A month never changes after month_open.
 */
#ifndef MONTH_H
#define MONTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/digest.h"
#include "month/content.h"

#define MONTH_TYPES_MAX 64

struct month {
    const struct content_book *book; /* borrowed */
    uint32_t county;
    char county_text[12]; /* the county as SQL takes it */
    int32_t month;        /* YYYYMM */
    char first[CLOCK_DATE_TEXT],
        last[CLOCK_DATE_TEXT];                /* the month's first and last day, "2026-03-01" */
    struct content contents[MONTH_TYPES_MAX]; /* by record_at's index */
    size_t count;
    struct content before; /* the earlier register.household; without parts when there is none */
    /* SHA-256 over everything that the month reads: equal digests, equal rows. `lenient`: as if no
       feed were expected, so that a changed access list alone changes nothing. */
    uint8_t strict[DIGEST_BYTES], lenient[DIGEST_BYTES];
};

/* Work out the contents that a month reads; the month borrows from the book until month_done. */
void month_open(const struct content_book *book, uint32_t county, int32_t month,
                struct month *ret_month);
void month_done(struct month *month);
#define AUTO_MONTH __attribute__((cleanup(month_done)))

/* The content of a record type, or of the one with a role. */
const struct content *month_content(const struct month *month, const struct record_type *type);
const struct content *month_of_role(const struct month *month, enum record_role role);

#endif
