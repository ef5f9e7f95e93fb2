#include "county/county.h"
#include "store/migrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash.h"
#include "cases/cases.h"
#include "county/county_sql.h"
#include "month/book.h"
#include "month/month.h"
#include "judge/wide.h"

#define COUNTY_LOCK 0x5153 /* advisory locks of the database: this, and the county */

int
county_connect(const struct config *config, struct store **ret_store, struct err *err)
{
    AUTO(store_close) struct store *store = NULL;
    char sql[400];

    if (store_open(config->store_match_conninfo, "qianshao-match", &store, err) < 0)
        return -1;
    /* Plans here are long but simple; compiling them costs more than it gains. */
    (void)snprintf(sql, sizeof(sql),
                   "set jit = off; set work_mem = '%dMB'; set temp_buffers = '%dMB';"
                   " set statement_timeout = %d",
                   config->judge_work_mem_mib, config->judge_temp_buffers_mib,
                   config->judge_statement_timeout_ms);
    if (migrate_check(store, err) < 0 || store_script(store, sql, err) < 0)
        return -1;
    *ret_store = STEAL(store);
    return 0;
}

/* A row of match.month. */
struct county_month {
    int32_t month;
    bool judged, settled;
    uint8_t input[DIGEST_BYTES], rows[DIGEST_BYTES];
};

static bool
county_copy_digest(struct store_result *rows, size_t row, int column,
                   uint8_t ret_digest[DIGEST_BYTES])
{
    size_t len;
    const uint8_t *bytes = store_bytes(rows, row, column, &len);

    if (len != DIGEST_BYTES)
        return false;
    memcpy(ret_digest, bytes, DIGEST_BYTES);
    return true;
}

static int
county_find_month(struct store *store, uint32_t county, int32_t month,
                  struct county_month *ret_month, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;
    char first[CLOCK_DATE_TEXT];

    *ret_month = (struct county_month){.month = month};
    clock_format_first(month, first);
    const struct store_param params[] = {STORE_I(county), STORE_T(first)};
    if (store_run(store,
                  "select settled, input, rows from match.month where county = $1 and month = $2",
                  params, 2, &row, NULL, err) < 0)
        return err_wrap(err, "cannot read a judged month");
    if (store_rows(row) == 0)
        return 0;
    ret_month->settled = store_bool(row, 0, 0);
    ret_month->judged = county_copy_digest(row, 0, 1, ret_month->input) &&
                        county_copy_digest(row, 0, 2, ret_month->rows);
    return 0;
}

/* The month, order and state by which county_choose decides. */
struct county_choice {
    const struct judge *judge;
    const struct content_book *book;
    int retain_months;
    struct county_order order;
    int32_t newest;
    int32_t through; /* newest period of which rows were dropped; 0: none */
};

/*
 * Whether a month must be judged. Rules, profile and grants of today do not
 * reach back into settled months; and a month whose rows may have been dropped
 * meanwhile is never judged again.
 */
static int
county_wants(struct store *store, const struct county_choice *choice, const struct month *reads,
             bool *ret_wants, struct err *err)
{
    int32_t month = reads->month;
    bool closed = retention_closes(month, choice->newest, choice->retain_months, choice->through);
    uint8_t input[DIGEST_BYTES], rows[DIGEST_BYTES];
    struct county_month known;

    if (closed && choice->through != 0 && month == choice->order.month) {
        (void)err_set(err, ERR_CONFLICT, "rows that month %" PRId32 " reads were dropped", month);
        return err_hint(err, "its findings stay as they are; see store.retain_months");
    }
    if (county_find_month(store, choice->judge->county, month, &known, err) < 0)
        return -1;
    judge_input(choice->judge, reads, input, rows);
    if (month == choice->order.month)
        *ret_wants = true;
    else if (!known.judged)
        *ret_wants = !closed || choice->through == 0;
    else if (closed || choice->order.full)
        *ret_wants = !closed;
    else if (known.settled)
        *ret_wants = memcmp(rows, known.rows, sizeof(rows)) != 0;
    else
        *ret_wants = memcmp(input, known.input, sizeof(input)) != 0;
    return 0;
}

/* Months that must be judged, each with its content. */
struct county_months {
    struct month *list;
    size_t count;
};

static void
county_months_done(struct county_months *months)
{
    for (size_t i = 0; i < months->count; i++)
        month_done(&months->list[i]);
    free(months->list);
}
#define AUTO_MONTHS __attribute__((cleanup(county_months_done)))

/* Take of the months those that must be judged. */
static int
county_choose(struct store *store, const struct county_choice *choice, const int32_t *months,
              size_t count, struct county_months *chosen, struct err *err)
{
    chosen->list = mem_grow(NULL, count, sizeof(*chosen->list));
    for (size_t i = 0; i < count; i++) {
        struct month *month = &chosen->list[chosen->count];
        bool wants = false;

        month_open(choice->book, choice->judge->county, months[i], month);
        chosen->count++;
        if (county_wants(store, choice, month, &wants, err) < 0)
            return -1;
        if (!wants) {
            month_done(month);
            chosen->count--;
        }
    }
    return 0;
}

/*
 * Note in match.county how many submissions this judging knew: a command that waits sees by it that
 * all are judged.
 */
static int
county_note_seen(struct store *store, uint32_t county, const struct content_book *book,
                 struct err *err)
{
    const struct store_param params[] = {STORE_I(county), STORE_I(content_count(book))};

    return store_run(store, county_sql_seen.text, params, 2, NULL, NULL, err);
}

/* Settle, publish when something is due, and commit. */
static int
county_finish(struct store *store, const struct judge *judge, const struct content_book *book,
              struct county_done *done, struct err *err)
{
    int64_t events = 0;
    bool due;

    if (cases_settle(store, judge, book, clock_today(), err) < 0 ||
        cases_due(store, judge->county, &due, err) < 0 ||
        (due && cases_publish(store, judge, book, &events, err) < 0) ||
        county_note_seen(store, judge->county, book, err) < 0 || wide_drop(store, err) < 0)
        return -1;
    crash_here("county-before-commit");
    if (store_commit(store, err) < 0)
        return -1;
    crash_here("county-after-commit");
    done->events += events;
    return 0;
}

/* Judge the months, a transaction each; the last one also brings cases and events. */
static int
county_judge_months(struct store *store, const struct judge *judge, const struct content_book *book,
                    struct county_order order, const struct county_months *months,
                    struct county_done *done, struct err *err)
{
    if (order.full && cases_forget(store, judge->county, err) < 0)
        return -1;
    if (months->count == 0)
        return store_begin(store, err) < 0 ? -1 : county_finish(store, judge, book, done, err);
    for (size_t i = 0; i < months->count; i++) {
        const struct month *month = &months->list[i];
        const char *why;

        if (store_begin(store, err) < 0 ||
            judge_month(store, judge, month, order.full || month->month == order.month, &why, err) <
                0)
            return -1;
        done->months++;
        done->touched += why == NULL;
        done->why = why != NULL ? why : done->why;
        if (i + 1 == months->count)
            return county_finish(store, judge, book, done, err);
        if (wide_drop(store, err) < 0 || store_commit(store, err) < 0)
            return -1;
    }
    return 0;
}

/* Judge the months that must be judged, at least one, then drop rows that are too old. */
static int
county_look(struct store *store, const struct config *config, struct county_choice *choice,
            const int32_t *months, size_t count, struct county_done *done, struct err *err)
{
    AUTO_MONTHS struct county_months chosen = {0};
    const struct judge *judge = choice->judge;

    choice->newest = months[count - 1];
    choice->retain_months = config->store_retain_months;
    if (retention_through(store, judge->county, &choice->through, err) < 0 ||
        county_choose(store, choice, months, count, &chosen, err) < 0 ||
        county_judge_months(store, judge, choice->book, choice->order, &chosen, done, err) < 0)
        return -1;
    return retention_drop(store, judge->county, choice->newest, choice->retain_months,
                          judge->stopping, &done->dropped, err);
}

static bool
county_holds(const int32_t *months, size_t count, int32_t month)
{
    for (size_t i = 0; i < count; i++)
        if (months[i] == month)
            return true;
    return false;
}

/* Judge the months that a county needs and the order names; the caller holds the lock. */
static int
county_run_locked(struct store *store, const struct basis *setup, size_t index,
                  const atomic_bool *stopping, struct county_order order, struct county_done *done,
                  struct err *err)
{
    AUTO(content_book_free) struct content_book *book = NULL;
    int32_t *months;
    AUTO_IDENTITY_DECISIONS struct identity_decisions decisions = {0};
    struct judge judge;
    size_t count;
    int result = 0;

    basis_judge(setup, index, stopping, &judge);
    if (book_load(store, judge.county, &book, err) < 0 ||
        identity_decisions_load(store, judge.county, &decisions, err) < 0)
        return -1;
    judge.decisions = &decisions;
    count = content_months(book, &months);
    if (order.month != 0 && !county_holds(months, count, order.month))
        result = err_set(err, ERR_MISSING,
                         "county %" PRIu32 " has no complete monthly submission of %" PRId32,
                         judge.county, order.month);
    else if (count == 0)
        result = county_note_seen(store, judge.county, book, err);
    else
        result = county_look(store, setup->config,
                             &(struct county_choice){.judge = &judge, .book = book, .order = order},
                             months, count, done, err);
    free(months);
    return result;
}

int
county_run(struct store *store, const struct basis *setup, size_t index,
           const atomic_bool *stopping, struct county_order order, struct county_done *done,
           struct err *err)
{
    const struct store_param params[] = {STORE_I(COUNTY_LOCK),
                                         STORE_I(setup->config->counties[index].code)};
    struct err ignored;
    int result;

    if (store_run(store, "select pg_advisory_lock($1::integer, $2::integer)", params, 2, NULL, NULL,
                  err) < 0)
        return err_wrap(err, "cannot lock the county");
    result = county_run_locked(store, setup, index, stopping, order, done, err);
    if (result < 0)
        store_rollback(store);
    if (!store_lost(store))
        (void)!store_run(store, "select pg_advisory_unlock($1::integer, $2::integer)", params, 2,
                         NULL, NULL, &ignored);
    return result;
}

int
county_half_in(struct store *store, uint32_t county, bool *ret_half, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;

    if (store_run(store, county_sql_half_in.text, &STORE_I(county), 1, &row, NULL, err) < 0)
        return err_wrap(err, "cannot ask for open submissions");
    *ret_half = store_bool(row, 0, 0);
    return 0;
}
