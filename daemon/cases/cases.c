#include "cases/cases.h"

#include <stdlib.h>

#include "base/clock.h"
#include "cases/affected_cases.h"
#include "judge/reference.h"
#include "cases/outbox.h"
#include "cases/cases_sql.h"

/* A judged month as match.month keeps it. */
struct cases_month {
    int32_t month;
    bool settled, published;
};

struct cases_months {
    struct cases_month *list; /* ascending */
    size_t count;
};

static void
cases_months_done(struct cases_months *months)
{
    free(months->list);
}
#define AUTO_MONTHS __attribute__((cleanup(cases_months_done)))

static int
cases_load_months(struct store *store, uint32_t county, struct cases_months *ret_months,
                  struct err *err)
{
    AUTO(store_result_free) struct store_result *rows = NULL;

    if (store_run(store, cases_sql_judged_months.text, &STORE_I(county), 1, &rows, NULL, err) < 0)
        return err_wrap(err, "cannot read the judged months");
    ret_months->count = store_rows(rows);
    ret_months->list = mem_grow(NULL, ret_months->count + 1, sizeof(*ret_months->list));
    for (size_t i = 0; i < ret_months->count; i++)
        ret_months->list[i] = (struct cases_month){.month = (int32_t)store_int(rows, i, 0),
                                                   .settled = store_bool(rows, i, 1),
                                                   .published = store_bool(rows, i, 2)};
    return 0;
}

int
cases_settle(struct store *store, const struct judge *judge, const struct content_book *book,
             int32_t today, struct err *err)
{
    AUTO_MONTHS struct cases_months months = {0};

    if (cases_load_months(store, judge->county, &months, err) < 0)
        return -1;
    for (size_t i = 0; i < months.count; i++) {
        int32_t month = months.list[i].month;
        int32_t due = clock_month_last(month) + judge->profile->due_day;
        char first[CLOCK_DATE_TEXT];

        if (months.list[i].settled || (today <= due && !content_all_in(book, month)))
            continue;
        clock_format_first(month, first);
        const struct store_param params[] = {STORE_I(judge->county), STORE_T(first)};
        if (store_run(store,
                      "update match.month set settled = true where county = $1 and month = $2",
                      params, 2, NULL, NULL, err) < 0)
            return err_wrap(err, "cannot settle a month");
    }
    return 0;
}

int
cases_due(struct store *store, uint32_t county, bool *ret_due, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;

    if (store_run(store, cases_sql_publishing_due.text, &STORE_I(county), 1, &row, NULL, err) < 0)
        return err_wrap(err, "cannot ask what is due");
    *ret_due = store_bool(row, 0, 0);
    return 0;
}

static int
cases_run(struct store *store, const struct sql *sql, const struct store_param *params,
          size_t count, const char *analyze, struct err *err)
{
    if (store_run(store, sql->text, params, count, NULL, NULL, err) < 0 ||
        (analyze != NULL && store_script(store, analyze, err) < 0))
        return err_wrap(err, "%s", sql->name);
    return 0;
}

/* Derive the cases as they stand when months after `horizon` are not published. */
static int
cases_derive(struct store *store, const struct judge *judge, int32_t horizon, struct err *err)
{
    uint8_t inner[REFERENCE_PAD_BYTES], outer[REFERENCE_PAD_BYTES];
    char first[CLOCK_DATE_TEXT];

    reference_pads(judge->key, inner, outer);
    if (horizon != 0)
        clock_format_first(horizon, first);
    const struct store_param timeline[] = {STORE_I(judge->county),
                                           STORE_T(horizon != 0 ? first : NULL)};
    const struct store_param derived[] = {STORE_B(inner, sizeof(inner)),
                                          STORE_B(outer, sizeof(outer)), STORE_I(judge->county)};
    if (store_script(store, cases_sql_derived_drop.text, err) < 0 ||
        cases_run(store, &cases_sql_timeline, timeline, 2, "analyze timeline", err) < 0 ||
        cases_run(store, &cases_sql_carry, timeline, 1, "analyze carry", err) < 0 ||
        cases_run(store, &cases_sql_mark, timeline, 1, "analyze mark", err) < 0 ||
        cases_run(store, &cases_sql_spell, NULL, 0, "analyze spell", err) < 0 ||
        cases_run(store, &cases_sql_episode, timeline, 1, "analyze episode", err) < 0 ||
        cases_run(store, &cases_sql_held, timeline, 1, "analyze held", err) < 0 ||
        cases_run(store, &cases_sql_stand, NULL, 0, "analyze stand", err) < 0 ||
        cases_run(store, &cases_sql_telling, timeline, 1, "analyze telling", err) < 0 ||
        cases_run(store, &cases_sql_derived, derived, 3, "analyze derived", err) < 0)
        return err_wrap(err, "cannot derive the cases");
    return 0;
}

/* Write the cases and held findings that differ, and the events about them. */
static int
cases_write(struct store *store, const struct judge *judge, int64_t *events, struct err *err)
{
    const struct store_param due[] = {STORE_I(judge->county), STORE_T(OUTBOX_ROUTE)};
    int64_t written;

    if (cases_run(store, &cases_sql_due, due, 2, "analyze due", err) < 0 ||
        cases_run(store, &cases_sql_case, due, 1, NULL, err) < 0 ||
        cases_run(store, &cases_sql_holding, due, 1, NULL, err) < 0)
        return err_wrap(err, "cannot write the cases");
    if (outbox_write(store, judge->county, judge->rules, &written, err) < 0)
        return -1;
    *events += written;
    return 0;
}

/* How many months, from the first, were published before. */
static size_t
cases_published(const struct cases_months *months)
{
    size_t count = 0;

    for (size_t i = 0; i < months->count; i++)
        if (months->list[i].published)
            count = i + 1;
    return count;
}

/* How many are to be published now: settled without a gap. What was once published stays. */
static size_t
cases_publishable(const struct cases_months *months)
{
    size_t count = 0, published = cases_published(months);

    while (count < months->count && months->list[count].settled)
        count++;
    return count > published ? count : published;
}

static int
cases_mark_published(struct store *store, const struct judge *judge, int32_t newest,
                     struct err *err)
{
    char last[CLOCK_DATE_TEXT];

    if (newest == 0)
        return 0;
    clock_format_date(clock_month_last(newest), last);
    const struct store_param params[] = {STORE_I(judge->county), STORE_T(last)};
    return store_run(store, cases_sql_month_published.text, params, 2, NULL, NULL, err);
}

/* Tell the cases that the months up to `horizon` make; 0: urgent findings only. */
static int
cases_tell(struct store *store, const struct judge *judge, const struct affected_cases *affected,
           int32_t horizon, int64_t *events, struct err *err)
{
    const char *drop = affected->full ? "drop view if exists told_case" : "drop table told_case";

    if (store_script(store, drop, err) < 0 || affected_cases_stand(store, affected, err) < 0 ||
        cases_derive(store, judge, horizon, err) < 0)
        return -1;
    return cases_write(store, judge, events, err);
}

/* The first day of the last of `count` months; NULL when `count` is 0. */
static const char *
cases_first(const struct cases_months *months, size_t count, char ret_first[CLOCK_DATE_TEXT])
{
    if (count == 0)
        return NULL;
    clock_format_first(months->list[count - 1].month, ret_first);
    return ret_first;
}

int
cases_publish(struct store *store, const struct judge *judge, const struct content_book *book,
              int64_t *ret_events, struct err *err)
{
    AUTO_MONTHS struct cases_months months = {0};
    AUTO_AFFECTED_CASES struct affected_cases affected = {0};
    AUTO_MONTH struct month month = {0};
    int64_t events = 0;
    char before[CLOCK_DATE_TEXT], now[CLOCK_DATE_TEXT];

    if (cases_load_months(store, judge->county, &months, err) < 0)
        return -1;
    size_t next = cases_published(&months), end = cases_publishable(&months);
    int32_t newest = end > 0 ? months.list[end - 1].month : 0;

    *ret_events = 0;
    affected.county = judge->county;
    if (months.count == 0)
        return affected_cases_note(store, &affected, err);
    month_open(book, judge->county, months.list[months.count - 1].month, &month);
    if (affected_cases_find(store, &month, cases_first(&months, next, before),
                            cases_first(&months, end, now), &affected, err) < 0)
        return -1;
    /* Months up to the newest published one are told at once, later months one by one. */
    if (next == end && cases_tell(store, judge, &affected, newest, &events, err) < 0)
        return -1;
    for (; next < end; next++)
        if (cases_tell(store, judge, &affected, months.list[next].month, &events, err) < 0)
            return -1;
    if (cases_mark_published(store, judge, newest, err) < 0 ||
        affected_cases_note(store, &affected, err) < 0)
        return err_wrap(err, "cannot note what is told");
    *ret_events = events;
    return 0;
}

int
cases_forget(struct store *store, uint32_t county, struct err *err)
{
    return store_run(store, "update match.county set full_due = true where county = $1",
                     &STORE_I(county), 1, NULL, NULL, err);
}
