#include "judge/judge_write.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "judge/reference.h"
#include "judge/judge_sql.h"

static int
judge_create_found(struct store *store, const struct judge *judge, struct err *err)
{
    AUTO_BUF struct buf ids = {0}, versions = {0}, subjects = {0}, routes = {0};
    uint8_t inner[REFERENCE_PAD_BYTES], outer[REFERENCE_PAD_BYTES];

    reference_pads(judge->key, inner, outer);
    for (size_t i = 0, n = 0; i < judge->rules->count; i++) {
        const struct rule *rule = &judge->rules->list[i];
        const char *separator = n > 0 ? "," : "{";

        if (rule->broken != NULL)
            continue;
        n++;
        buf_add_fmt(&ids, "%s\"%s\"", separator, rule->id);
        buf_add_fmt(&versions, "%s%d", separator, rule->version);
        buf_add_fmt(&subjects, "%s\"%s\"", separator, rule->subject);
        buf_add_fmt(&routes, "%s\"%s\"", separator, rule->route);
    }
    buf_add_str(&ids, "}");
    buf_add_str(&versions, "}");
    buf_add_str(&subjects, "}");
    buf_add_str(&routes, "}");

    const struct store_param params[] = {
        STORE_B(inner, sizeof(inner)), STORE_B(outer, sizeof(outer)), STORE_T(buf_str(&ids)),
        STORE_T(buf_str(&versions)),   STORE_T(buf_str(&subjects)),   STORE_T(buf_str(&routes))};
    if (store_run(store, judge_sql_finding.text, params, 6, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot gather the findings");
    return store_script(store, "analyze found", err);
}

/*
 * replaced and released: the month's findings and withheld subjects in whose
 * place comes what was found now. All of them, or those of the affected set and of
 * areas, which are always judged in full.
 */
static int
judge_create_replaced(struct store *store, const struct judge *judge, const char *month,
                      const struct affected *affected, struct err *err)
{
    static const char held[] = " in (select subject_type, subject from affected_subject)";
    AUTO_BUF struct buf sql = {0}, ids = {0}, subjects = {0};

    affected_add_subjects(judge->rules, &ids, &subjects);
    buf_add_fmt(&sql,
                "create temp table replaced on commit drop as"
                " select rule, subject, key from match.finding"
                " where county = %" PRIu32 " and month = '%s'",
                judge->county, month);
    if (!affected->full)
        buf_add_fmt(&sql,
                    " and (subject_type in ('works', 'complaint') or (subject_type, subject)%s)",
                    held);
    buf_add_str(&sql, "; create temp table released on commit drop as"
                      " select w.rule, w.subject from match.withheld as w");
    if (!affected->full)
        buf_add_fmt(&sql,
                    " join unnest('%s'::text[], '%s'::text[]) as a (rule, subject_type)"
                    " on a.rule = w.rule and (a.subject_type, w.subject)%s",
                    buf_str(&ids), buf_str(&subjects), held);
    buf_add_fmt(&sql,
                " where w.county = %" PRIu32 " and w.month = '%s'; analyze replaced, released",
                judge->county, month);
    /* Few of a month's findings are looked up one by one. */
    if (!affected->full)
        buf_add_str(&sql, "; set local enable_nestloop = on");
    return store_script(store, buf_str(&sql), err);
}

static int
judge_write_found(struct store *store, const struct judge *judge, const char *month,
                  struct err *err)
{
    uint8_t inner[REFERENCE_PAD_BYTES], outer[REFERENCE_PAD_BYTES];

    reference_pads(judge->key, inner, outer);
    const struct store_param params[] = {STORE_I(judge->county), STORE_T(month),
                                         STORE_B(inner, sizeof(inner)),
                                         STORE_B(outer, sizeof(outer))};
    if (store_run(store, judge_sql_store.text, params, 2, NULL, NULL, err) < 0 ||
        store_run(store, judge_sql_withheld.text, params, 4, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot write the findings");
    return 0;
}

/* Append an element of an array of texts; `braced`: the text without its braces. */
static void
judge_add_element(struct buf *out, const char *text, bool braced)
{
    buf_add_str(out, out->len > 0 ? "," : "{");
    if (text == NULL) {
        buf_add_str(out, "null");
        return;
    }
    buf_add_str(out, braced ? "\"{" : "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_add_u8(out, '\\');
        buf_add_u8(out, (uint8_t)*text);
    }
    buf_add_str(out, braced ? "}\"" : "\"");
}

/*
 * Note how the rules' runs ended. What a month that was there before says of one
 * decides how far its findings reach into others, and is told in events.
 */
static int
judge_write_runs(struct store *store, const struct judge *judge, const char *month,
                 struct judge_run *runs, struct err *err)
{
    AUTO_BUF struct buf ids = {0}, versions = {0}, states = {0}, missing = {0}, unhelped = {0},
                        reasons = {0};

    for (size_t i = 0; i < judge->rules->count; i++) {
        struct judge_run *run = &runs[i];

        if (strcmp(run->state, "off") == 0)
            continue;
        judge_add_element(&ids, run->rule->id, false);
        buf_add_fmt(&versions, "%s%d", versions.len > 0 ? "," : "{", run->rule->version);
        judge_add_element(&states, run->state, false);
        judge_add_element(&missing, buf_str(&run->missing), true);
        judge_add_element(&unhelped, buf_str(&run->unhelped), true);
        judge_add_element(&reasons, run->reason[0] != '\0' ? run->reason : NULL, false);
    }
    if (ids.len == 0)
        return 0;

    struct buf *const arrays[] = {&ids, &versions, &states, &missing, &unhelped, &reasons};
    struct store_param params[8] = {STORE_I(judge->county), STORE_T(month)};

    for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
        buf_add_str(arrays[i], "}");
        params[i + 2] = STORE_T(buf_str(arrays[i]));
    }
    if (store_run(store, judge_sql_run.text, params, 8, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot note the runs of the rules");
    return 0;
}

/* Rules that are off or gone leave no row: their spells end. One that was not there before may carry
   what it found in other months. */
static int
judge_forget_runs(struct store *store, const struct judge *judge, const char *month,
                  struct err *err)
{
    AUTO_BUF struct buf ids = {0};

    buf_add_str(&ids, "{");
    for (size_t i = 0, n = 0; i < judge->rules->count; i++)
        if (profile_runs(judge->profile, judge->rules->list[i].id))
            buf_add_fmt(&ids, "%s\"%s\"", n++ > 0 ? "," : "", judge->rules->list[i].id);
    buf_add_str(&ids, "}");

    const struct store_param params[] = {STORE_I(judge->county), STORE_T(month),
                                         STORE_T(buf_str(&ids))};
    return store_run(store, judge_sql_forget.text, params, 3, NULL, NULL, err);
}

/* A month that was not judged before stands between others, or behind them: then only what is
   open looks different. */
static int
judge_write_month(struct store *store, const struct judge *judge, const struct content_book *book,
                  int32_t month, const char *first, struct err *err)
{
    uint8_t input[DIGEST_BYTES], rows[DIGEST_BYTES];

    judge_input(judge, book, month, input, rows);
    const struct store_param params[] = {STORE_I(judge->county), STORE_T(first),
                                         STORE_B(rows, sizeof(rows)), STORE_B(input, sizeof(input)),
                                         STORE_T(judge->profile->name)};
    return store_run(store, judge_sql_month.text, params, 5, NULL, NULL, err);
}

int
judge_write(struct store *store, const struct judge *judge, const struct content_book *book,
            int32_t month, const struct affected *affected, struct judge_run *runs, struct err *err)
{
    char first[11];

    clock_format_date(clock_month_first(month), first);
    /* The county's row is there from now on: it takes note of what changes. */
    if (judge_write_month(store, judge, book, month, first, err) < 0 ||
        judge_create_found(store, judge, err) < 0 ||
        judge_create_replaced(store, judge, first, affected, err) < 0 ||
        judge_write_found(store, judge, first, err) < 0 ||
        judge_forget_runs(store, judge, first, err) < 0 ||
        judge_write_runs(store, judge, first, runs, err) < 0)
        return -1;
    return affected_note(store, book, month, affected, err);
}
