#include "month/month.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

void
month_open(const struct content_book *book, uint32_t county, int32_t month, struct month *ret_month)
{
    const struct record_type *type;

    *ret_month = (struct month){.book = book, .county = county, .month = month};
    (void)snprintf(ret_month->county_text, sizeof(ret_month->county_text), "%" PRIu32, county);
    clock_format_first(month, ret_month->first);
    clock_format_date(clock_month_last(month), ret_month->last);
    for (size_t i = 0; (type = record_at(i)) != NULL; i++) {
        assert(i < MONTH_TYPES_MAX);
        content_of(book, type, month, &ret_month->contents[i]);
        ret_month->count = i + 1;
    }
    content_of_before(book, month, &ret_month->before);
    content_digest(book, month, true, ret_month->strict);
    content_digest(book, month, false, ret_month->lenient);
}

void
month_done(struct month *month)
{
    for (size_t i = 0; i < month->count; i++)
        content_done(&month->contents[i]);
    content_done(&month->before);
    month->count = 0;
}

const struct content *
month_content(const struct month *month, const struct record_type *type)
{
    for (size_t i = 0; i < month->count; i++)
        if (month->contents[i].type == type)
            return &month->contents[i];
    assert(!"a record type of this build");
    return NULL;
}

const struct content *
month_of_role(const struct month *month, enum record_role role)
{
    return month_content(month, record_of_role(role));
}
