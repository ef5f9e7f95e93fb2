#include "judge/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "judge/judge_guard.h"
#include "judge/judge_write.h"
#include "judge/judge_sql.h"
#include "judge/affected.h"
#include "judge/wide.h"

#define JUDGE_DATE_MAX 24
#define JUDGE_TRIES 4 /* of an affected set that widens, before everybody is judged */

void
judge_input(const struct judge *judge, const struct month *month, uint8_t ret_input[DIGEST_BYTES],
            uint8_t ret_rows[DIGEST_BYTES])
{
    struct digest digest;

    digest_init(&digest);
    digest_add(&digest, month->lenient, sizeof(month->lenient));
    identity_decisions_digest(judge->decisions, month, &digest);
    digest_finish(&digest, ret_rows);
    digest_init(&digest);
    digest_add(&digest, month->strict, sizeof(month->strict));
    identity_decisions_digest(judge->decisions, month, &digest);
    digest_add(&digest, judge->profile->digest, sizeof(judge->profile->digest));
    for (size_t i = 0; i < judge->rules->count; i++)
        digest_add(&digest, judge->rules->list[i].digest, DIGEST_BYTES);
    digest_finish(&digest, ret_input);
}

/* --- whether a rule may run --- */

static void
judge_add_item(struct list *list, const char *name, const char *suffix)
{
    AUTO_BUF struct buf item = {0};

    buf_add_fmt(&item, "%s%s", name, suffix);
    list_add_text(list, buf_str(&item));
}

/* Whether a rule may conclude from a row that is not in the list. */
static bool
judge_absence_fits(const struct content *content, struct decimal most)
{
    struct decimal bound;
    int64_t quarantined = content->quarantined, scale = 1;

    if (content->partial)
        return false;
    for (int i = 0; i < most.scale; i++)
        scale *= 10;
    /* quarantined ÷ (stored + quarantined) ≤ most, in whole numbers */
    return !decimal_multiply(most, content->stored + quarantined, &bound) ||
           quarantined * scale <= bound.digits;
}

/* Whether a record type can be read for the month; a standard that is not in force is missing. */
static bool
judge_complete(const struct wide *wide, const struct record_type *type)
{
    const struct content *content = month_content(wide->month, type);

    if (type->role == RECORD_STANDARD)
        return content->complete && wide->standard;
    return content->complete;
}

static void
judge_check_needs(const struct judge *judge, const struct wide *wide, struct judge_run *run)
{
    const struct rule *rule = run->rule;

    for (size_t i = 0; i < rule->need_count; i++)
        if (!judge_complete(wide, rule->needs[i]))
            judge_add_item(&run->missing, rule->needs[i]->name, "");
    if (rule->before && !wide->month->before.complete)
        judge_add_item(&run->missing, record_of_role(RECORD_HOUSEHOLDS)->name, "/before");
    if (run->missing.count > 0) {
        run->state = JUDGE_NOT_RUN;
        (void)snprintf(run->reason, sizeof(run->reason), "incomplete");
        return;
    }
    for (size_t i = 0; i < rule->absence_count; i++) {
        const struct content *content = month_content(wide->month, rule->absence[i]);

        if (content->complete && !judge_absence_fits(content, judge->profile->absence_max)) {
            judge_add_item(&run->missing, rule->absence[i]->name, "");
            run->state = JUDGE_NOT_RUN;
            (void)snprintf(run->reason, sizeof(run->reason), "%s",
                           content->partial ? "partial" : "quarantined");
        }
    }
}

static void
judge_note_unhelped(const struct wide *wide, struct judge_run *run)
{
    const struct rule *rule = run->rule;

    for (size_t i = 0; i < rule->help_count; i++)
        if (!judge_complete(wide, rule->helps[i]))
            judge_add_item(&run->unhelped, rule->helps[i]->name, "");
    for (size_t i = 0; i < rule->history_count; i++) {
        const struct content *content = month_content(wide->month, rule->history[i]);

        for (size_t j = 0; j < content->missing_count; j++) {
            char month[16];

            if (clock_month_between(content->missing[j], wide->month->month) > rule->history_months)
                continue;
            month[0] = '/';
            clock_format_month(content->missing[j], month + 1);
            judge_add_item(&run->unhelped, rule->history[i]->name, month);
        }
    }
}

/* --- running a rule --- */

/* Values that every query may use, as text. */
struct judge_builtins {
    char county[16], year[16], month_first[CLOCK_DATE_TEXT], month_last[CLOCK_DATE_TEXT], term[24],
        term_month[16], school_year[32];
    char line[DECIMAL_TEXT], floor[DECIMAL_TEXT], dibao[DECIMAL_TEXT];
    bool standard;
};

static void
judge_fill_builtins(const struct judge *judge, const struct wide *wide,
                    struct judge_builtins *ret_builtins)
{
    static const struct profile_line once = {.set = true, .multiple = {.digits = 1}};
    struct judge_builtins b = {.standard = wide->standard};
    int32_t month = wide->month->month, first, last;

    (void)snprintf(b.county, sizeof(b.county), "%" PRIu32, judge->county);
    (void)snprintf(b.year, sizeof(b.year), "%" PRId32, month / 100);
    memcpy(b.month_first, wide->month->first, sizeof(b.month_first));
    memcpy(b.month_last, wide->month->last, sizeof(b.month_last));
    if (content_term(month, &first, &last)) {
        (void)snprintf(b.term, sizeof(b.term), "%" PRId32 "%s", first / 100,
                       first % 100 == 2 ? "春" : "秋");
        (void)snprintf(b.term_month, sizeof(b.term_month), "%d",
                       clock_month_between(first, month) + 1);
    }
    content_school_year(month, &first, &last);
    (void)snprintf(b.school_year, sizeof(b.school_year), "%" PRId32 "-%" PRId32, first / 100,
                   last / 100);
    if (!profile_amount(&judge->profile->line, wide->monthly, b.line) ||
        !profile_amount(&judge->profile->floor, wide->monthly, b.floor) ||
        !profile_amount(&once, wide->monthly, b.dibao))
        b.standard = false;
    *ret_builtins = b;
}

/* The text of a built-in value; NULL: unknown. */
static const char *
judge_builtin(const struct judge_builtins *b, const char *name)
{
    const struct {
        const char *name, *text;
    } known[] = {
        {"county", b->county},
        {"year", b->year},
        {"month_first", b->month_first},
        {"month_last", b->month_last},
        {"term", b->term},
        {"term_month", b->term_month},
        {"school_year", b->school_year},
        {"line", b->standard ? b->line : NULL},
        {"floor", b->standard ? b->floor : NULL},
        {"dibao", b->standard ? b->dibao : NULL},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].text != NULL && known[i].text[0] != '\0' ? known[i].text : NULL;
    return NULL;
}

/* A month-day in the judged year; 29 February is the last of February in other years. */
static void
judge_monthday(const char *text, int32_t month, char ret_date[JUDGE_DATE_MAX])
{
    int32_t date;

    if (strcmp(text, "02-29") == 0 && !clock_date(month / 100, 2, 29, &date))
        text = "02-28";
    (void)snprintf(ret_date, JUDGE_DATE_MAX, "%04" PRId32 "-%.5s", month / 100, text);
}

static void
judge_bind(const struct judge *judge, const struct wide *wide, const struct rule *rule,
           const struct judge_builtins *builtins, struct store_param *params,
           char (*dates)[JUDGE_DATE_MAX])
{
    for (size_t i = 0; i < rule->slot_count; i++) {
        int parameter = rule->slots[i].parameter;
        const char *text = parameter < 0 ? judge_builtin(builtins, rule->slots[i].name)
                                         : profile_value(judge->profile, rule, (size_t)parameter);

        if (parameter >= 0 && rule->parameters[parameter].type == RULES_MONTHDAY) {
            judge_monthday(text, wide->month->month, dates[i]);
            text = dates[i];
        }
        params[i] = STORE_T(text);
    }
}

/* "M05_self_paid.yaml:21: …" of a failed query, with PostgreSQL's message when that quotes no row.
   `lead` characters of the statement stand before the rule's query. */
static int
judge_fail(const struct store *store, const struct rule *rule, size_t lead, struct err *err)
{
    int position = store_position(store) - (int)lead;
    int line = position > 0 ? rules_line(rule, position) : rule->line;

    if (store_complaint(store)[0] != '\0')
        return err_set(err, ERR_STORE, "%s:%d: %s (SQLSTATE %s)", rules_file(rule), line,
                       store_complaint(store), store_sqlstate(store));
    if (strcmp(store_sqlstate(store), "57014") == 0)
        return err_set(err, ERR_STORE, "%s:%d: stopped: it took too long (SQLSTATE 57014)",
                       rules_file(rule), line);
    return err_wrap(err, "%s:%d", rules_file(rule), line);
}

int
judge_try(struct store *store, const struct judge *judge, const struct wide *wide,
          const struct rule *rule, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    struct store_param params[RULES_SLOTS_MAX] = {{0}};
    char dates[RULES_SLOTS_MAX][JUDGE_DATE_MAX];
    struct judge_builtins builtins;
    struct err ignored;
    size_t lead;

    judge_fill_builtins(judge, wide, &builtins);
    judge_bind(judge, wide, rule, &builtins, params, dates);
    BUF_ADD_FILLED(&sql, judge_sql_rule_found.text, {"rule", rule->id},
                   {"area", rules_of_area(rule) ? "q.area" : "null"});
    lead = sql.len;
    buf_add_fmt(&sql, "%s\n) as q", rule->sql);
    if (store_script(store, "savepoint rule; set local role qs_rule", err) < 0)
        return -1;
    if (store_run(store, buf_str(&sql), params, rule->slot_count, NULL, NULL, err) == 0)
        return store_script(store, "reset role; release savepoint rule", err);
    (void)judge_fail(store, rule, lead, err);
    if (!store_lost(store))
        (void)!store_script(store, "rollback to savepoint rule", &ignored);
    return -1;
}

static bool
judge_stopping(const struct judge *judge)
{
    return judge->stopping != NULL && atomic_load(judge->stopping);
}

/* Run one rule; only a lost connection or a stop ends the month. */
static int
judge_run_rule(struct store *store, const struct judge *judge, const struct wide *wide,
               struct judge_run *run, struct err *err)
{
    struct err why;

    if (run->state != JUDGE_RUN || judge_try(store, judge, wide, run->rule, &why) == 0)
        return 0;
    if (store_lost(store) || judge_stopping(judge)) {
        *err = why;
        return -1;
    }
    run->state = JUDGE_FAILED;
    (void)snprintf(run->reason, sizeof(run->reason), "%s", why.text);
    return 0;
}

/* --- the month --- */

/* Plan the run of each rule: its state, the record types that it lacks, and those that would have
   helped. */
static void
judge_plan(const struct judge *judge, const struct wide *wide, struct judge_run *runs)
{
    for (size_t i = 0; i < judge->rules->count; i++) {
        struct judge_run *run = &runs[i];

        run->rule = &judge->rules->list[i];
        run->state = profile_runs(judge->profile, run->rule->id) ? JUDGE_RUN : JUDGE_OFF;
        run->reason[0] = '\0';
        list_clear(&run->missing);
        list_clear(&run->unhelped);
        if (run->state == JUDGE_OFF)
            continue;
        if (run->rule->broken != NULL) {
            run->state = JUDGE_FAILED;
            (void)snprintf(run->reason, sizeof(run->reason), "%s:%s", rules_file(run->rule),
                           run->rule->broken);
            continue;
        }
        judge_check_needs(judge, wide, run);
        judge_note_unhelped(wide, run);
    }
}

/* Run the rules that read `finding`, or those that do not, and withhold what is not certain of what
   they found. */
static int
judge_run_pass(struct store *store, const struct judge *judge, const struct wide *wide,
               const struct affected *affected, struct judge_run *runs, bool findings,
               struct err *err)
{
    for (size_t i = 0; i < judge->rules->count; i++)
        if (runs[i].rule->findings == findings && runs[i].state == JUDGE_RUN &&
            judge_run_rule(store, judge, wide, &runs[i], err) < 0)
            return -1;
    if (!affected->full && affected_trim(store, affected, err) < 0)
        return -1;
    for (size_t i = 0; i < judge->rules->count; i++)
        if (runs[i].rule->findings == findings && judge_guard_withhold(store, &runs[i], err) < 0)
            return err_wrap(err, "cannot guard rule %s", runs[i].rule->id);
    return 0;
}

static int
judge_run_rules(struct store *store, const struct judge *judge, const struct wide *wide,
                const struct affected *affected, struct judge_run *runs, struct err *err)
{
    if (judge_run_pass(store, judge, wide, affected, runs, false, err) < 0 ||
        store_run(store, "grant select on finding to qs_rule", NULL, 0, NULL, NULL, err) < 0)
        return -1;
    return judge_run_pass(store, judge, wide, affected, runs, true, err);
}

/* Whether every rule is in the state that match.run has of the month. */
static int
judge_same_runs(struct store *store, const struct month *month, const struct judge *judge,
                const struct judge_run *runs, bool *ret_same, struct err *err)
{
    AUTO(store_result_free) struct store_result *rows = NULL;
    size_t matched = 0, expected = 0;
    const struct store_param params[] = {STORE_I(month->county), STORE_T(month->first)};

    if (store_run(store, "select rule, state from match.run where county = $1 and month = $2",
                  params, 2, &rows, NULL, err) < 0)
        return err_wrap(err, "cannot read the month's report");
    for (size_t i = 0; i < judge->rules->count; i++) {
        if (runs[i].state == JUDGE_OFF)
            continue;
        expected++;
        for (size_t j = 0; j < store_rows(rows); j++)
            if (strcmp(store_text(rows, j, 0), runs[i].rule->id) == 0 &&
                strcmp(store_text(rows, j, 1), judge_state_name(runs[i].state)) == 0)
                matched++;
    }
    *ret_same = matched == expected && expected == store_rows(rows);
    return 0;
}

/* Whether a rule failed although its file can be used. */
static bool
judge_any_failed(const struct judge *judge, const struct judge_run *runs)
{
    for (size_t i = 0; i < judge->rules->count; i++)
        if (runs[i].state == JUDGE_FAILED && runs[i].rule->broken == NULL)
            return true;
    return false;
}

/*
 * Judge the affected set, up to what is found. `*ret_again`: the affected set has changed
 * meanwhile, and must be judged once more as it is now.
 */
static int
judge_attempt(struct store *store, const struct judge *judge, struct wide *wide,
              struct affected *affected, struct judge_run *runs, bool *ret_again, struct err *err)
{
    bool same = true, wider = false;

    *ret_again = true;
    if (wide_build(store, wide, judge->profile, err) < 0 ||
        store_script(store, judge_sql_found.text, err) < 0)
        return -1;
    judge_plan(judge, wide, runs);
    if (!affected->full && judge_same_runs(store, wide->month, judge, runs, &same, err) < 0)
        return -1;
    if (!affected->full && !same)
        return affected_leave(store, affected, "runs", err);
    if (judge_guard_note(store, judge, wide, runs, err) < 0)
        return err_wrap(err, "cannot read what is quarantined");
    if (!affected->full && affected_widen(store, affected, &wider, err) < 0)
        return -1;
    if (wider)
        return 0;
    if (judge_run_rules(store, judge, wide, affected, runs, err) < 0)
        return -1;
    /* A rule that fails finds nothing at all, about subjects outside the affected set, too. */
    if (!affected->full && judge_any_failed(judge, runs))
        return affected_leave(store, affected, "failed", err);
    *ret_again = false;
    return 0;
}

/* Make the views of the affected set's rows as the set is now. */
static int
judge_open(struct store *store, const struct affected *affected, struct wide *wide, struct err *err)
{
    return wide_open(store, affected->month, !affected->full, wide, err);
}

/* Bring the month's links to the change, and take the persons and households of links that moved
   into the affected set. */
static int
judge_relink(struct store *store, struct affected *affected, struct wide *wide, struct err *err)
{
    AUTO_IDENTITY_MOVED struct identity_moved moved = {0};

    if (wide_relink(store, wide, affected_moves_register(affected), &moved, err) < 0)
        return err_wrap(err, "cannot link again");
    if ((moved.persons != NULL || moved.households != NULL) &&
        (affected_add(store, affected, moved.persons, moved.households, err) < 0 ||
         judge_open(store, affected, wide, err) < 0))
        return -1;
    return affected->full ? 0 : affected_keep(store, err);
}

static int
judge_month_runs(struct store *store, const struct judge *judge, struct affected *affected,
                 struct judge_run *runs, struct err *err)
{
    struct wide wide;
    bool again = true;

    if (judge_open(store, affected, &wide, err) < 0 ||
        (!affected->full && judge_relink(store, affected, &wide, err) < 0))
        return -1;
    for (int tries = 0; again; tries++) {
        if (tries == JUDGE_TRIES && !affected->full &&
            affected_leave(store, affected, "guards", err) < 0)
            return -1;
        if ((tries > 0 && judge_open(store, affected, &wide, err) < 0) ||
            judge_attempt(store, judge, &wide, affected, runs, &again, err) < 0)
            return -1;
    }
    return judge_write(store, judge, affected, runs, err);
}

int
judge_month(struct store *store, const struct judge *judge, const struct month *month, bool full,
            const char **ret_why, struct err *err)
{
    AUTO_AFFECTED struct affected affected = {0};
    struct judge_run *runs;
    int result;

    /* A small sample says enough about tables that serve one month. */
    if (store_script(store, "set local default_statistics_target = 1", err) < 0 ||
        affected_find(store, judge->rules, judge->profile, month, full, &affected, err) < 0)
        return err_wrap(err, "cannot judge %" PRId32 " of county %" PRIu32, month->month,
                        month->county);
    runs = mem_zalloc((judge->rules->count + 1) * sizeof(*runs));
    result = judge_month_runs(store, judge, &affected, runs, err);
    for (size_t i = 0; i < judge->rules->count; i++) {
        list_done(&runs[i].missing);
        list_done(&runs[i].unhelped);
    }
    free(runs);
    if (result < 0)
        return err_wrap(err, "cannot judge %" PRId32 " of county %" PRIu32, month->month,
                        month->county);
    *ret_why = affected.why;
    return 0;
}
