#include "county/retention.h"

#include <stddef.h>

#include "base/clock.h"
#include "county/county_sql.h"
#include "month/content.h"

/*
 * X02 reads a register up to 15 months older than the one of its month, which may be 4 months old.
 */
#define RETENTION_REGISTER_REACH (CONTENT_REGISTER_MONTHS + 15)

/* The oldest month that is judged again when a late submission changes it. */
static int32_t
retention_open(int32_t newest, int months)
{
    return clock_month_add(newest, -(months - CONTENT_HISTORY - 2));
}

int32_t
retention_first(const struct record_type *type, int32_t newest, int months)
{
    int32_t kept = clock_month_add(newest, -(months - 1));
    int32_t needed = kept;

    switch (type->cadence) {
    case RECORD_MONTHLY:
    case RECORD_TERM:
    case RECORD_SCHOOL_YEAR:
        break;
    case RECORD_QUARTERLY:
        needed = clock_month_add(retention_open(newest, months), -RETENTION_REGISTER_REACH);
        break;
    case RECORD_YEARLY:
        needed = clock_month_add(retention_open(newest, months), -CONTENT_YEARLY_MONTHS);
        break;
    case RECORD_ON_CHANGE:
        return 0;
    }
    return needed < kept ? needed : kept;
}

bool
retention_closes(int32_t month, int32_t newest, int months, int32_t through)
{
    return month < retention_open(newest, months) ||
           (through != 0 && clock_month_between(through, month) <= CONTENT_HISTORY + 1);
}

int
retention_through(struct store *store, uint32_t county, int32_t *ret_through, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;

    if (store_run(store, county_sql_dropped_through.text, &STORE_I(county), 1, &row, NULL, err) < 0)
        return err_wrap(err, "cannot ask what was dropped");
    *ret_through = (int32_t)store_int(row, 0, 0);
    return 0;
}

/*
 * The submissions of a record type before a period. Of a roster those are kept
 * from the newest full one on that is no younger than the period: what comes later
 * may rest on it.
 */
static int
retention_find(struct store *store, uint32_t county, const struct record_type *type, int32_t first,
               struct store_result **ret_found, struct err *err)
{
    char day[CLOCK_DATE_TEXT];
    const struct store_param params[] = {
        STORE_I(county),
        STORE_T(type->name),
        STORE_T(day),
        STORE_T(type->kind == RECORD_EVENTS ? "t" : "f"),
    };

    clock_format_first(first, day);
    return store_run(store, county_sql_too_old.text, params, 4, ret_found, NULL, err);
}

static int
retention_drop_type(struct store *store, uint32_t county, const struct record_type *type,
                    int32_t first, const atomic_bool *stopping, struct retention_done *done,
                    struct err *err)
{
    AUTO(store_result_free) struct store_result *found = NULL;

    if (retention_find(store, county, type, first, &found, err) < 0)
        return -1;
    for (size_t i = 0; i < store_rows(found); i++) {
        AUTO(store_result_free) struct store_result *row = NULL;
        const struct store_param params[] = {STORE_I(county), STORE_I(store_int(found, i, 0))};

        if (stopping != NULL && atomic_load(stopping))
            return 0;
        if (store_run(store, "select ops.drop_rows($1::integer, $2::integer)", params, 2, &row,
                      NULL, err) < 0)
            return -1;
        done->submissions++;
        done->rows += (uint64_t)store_int(row, 0, 0);
    }
    return 0;
}

/*
 * A closed month is never judged again, so its rows go from match.unmatched_row and match.unknown,
 * and from match.link the links that count for nothing. Links that findings rest on stay, like the
 * findings.
 */
static int
retention_forget(struct store *store, uint32_t county, int32_t open, struct err *err)
{
    const char *const queries[] = {
        "delete from match.unmatched_row where county = $1 and month < $2",
        "delete from match.unknown where county = $1 and month < $2",
        county_sql_links_forget.text,
    };
    char first[CLOCK_DATE_TEXT];

    clock_format_first(open, first);
    const struct store_param params[] = {STORE_I(county), STORE_T(first)};
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
        if (store_run(store, queries[i], params, 2, NULL, NULL, err) < 0)
            return err_wrap(err, "cannot forget what closed months were judged by");
    return 0;
}

int
retention_drop(struct store *store, uint32_t county, int32_t newest, int months,
               const atomic_bool *stopping, struct retention_done *done, struct err *err)
{
    const struct record_type *type;

    for (size_t i = 0; (type = record_at(i)) != NULL; i++) {
        int32_t first = retention_first(type, newest, months);

        if (first != 0 && retention_drop_type(store, county, type, first, stopping, done, err) < 0)
            return err_wrap(err, "cannot drop old rows of %s", type->name);
    }
    return retention_forget(store, county, retention_open(newest, months), err);
}
