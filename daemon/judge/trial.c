#include "judge/trial.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "judge/judge_sql.h"

#define TRIAL_TIMEOUT_MS 10000 /* on an empty month a query ends at once */
#define TRIAL_FUNCTION "qs_trial"

/* The store, judge and views that one trial works on, and its result. */
struct trial {
    struct store *store;
    const struct judge *judge;
    const struct wide *wide;
    struct buf *problems;
    bool *refused; /* by rule; a rule is refused once */
    size_t count;
};

/* Note that a rule is refused, at a character of its query; 0: at its first line. */
static void
trial_refuse(struct trial *trial, size_t index, int character, const char *reason)
{
    const struct rule *rule = &trial->judge->rules->list[index];

    buf_add_fmt(trial->problems, "%s:%d: %s\n", rule->file,
                character > 0 ? rules_line(rule, character) : rule->line, reason);
    trial->refused[index] = true;
    trial->count++;
}

/* Refuse a rule for PostgreSQL's complaint about a statement that has `lead` characters before the
   rule's query. */
static void
trial_refuse_statement(struct trial *trial, size_t index, size_t lead, const struct err *why)
{
    const char *complaint = store_complaint(trial->store);

    trial_refuse(trial, index, store_position(trial->store) - (int)lead,
                 complaint[0] != '\0' ? complaint : why->text);
}

static int
trial_savepoint(struct trial *trial, struct err *err)
{
    return store_run(trial->store, "savepoint trial", NULL, 0, NULL, NULL, err);
}

static int
trial_rollback(struct trial *trial, struct err *err)
{
    return store_script(trial->store,
                        "rollback to savepoint trial; release savepoint trial; reset role", err);
}

/* "bigint, date": the types of a query's parameters. */
static void
trial_add_types(const struct rule *rule, struct buf *out)
{
    for (size_t i = 0; i < rule->slot_count; i++) {
        int parameter = rule->slots[i].parameter;

        buf_add_fmt(out, "%s%s", i > 0 ? ", " : "",
                    parameter < 0 ? rules_builtin_type(rule->slots[i].name)
                                  : rules_sql_type(rule->parameters[parameter].type));
    }
}

/* Parse the query as a function, and refuse relations and functions that a rule may not read or
   call. */
static int
trial_parse(struct trial *trial, size_t index, struct err *err)
{
    const struct rule *rule = &trial->judge->rules->list[index];
    AUTO(store_result_free) struct store_result *reads = NULL;
    AUTO_BUF struct buf sql = {0}, types = {0};
    struct err why;
    size_t lead;

    trial_add_types(rule, &types);
    BUF_ADD_FILLED(&sql, judge_sql_trial_function.text, {"function", TRIAL_FUNCTION},
                   {"types", buf_str(&types)}, {"area", rules_of_area(rule) ? "q.area" : "null"});
    lead = sql.len;
    buf_add_fmt(&sql, "%s\n) as q; end", rule->sql);
    if (trial_savepoint(trial, err) < 0)
        return -1;
    if (store_run(trial->store, buf_str(&sql), NULL, 0, NULL, NULL, &why) < 0)
        trial_refuse_statement(trial, index, lead, &why);
    else if (store_run(trial->store, judge_sql_trial_reads.text, &STORE_T(TRIAL_FUNCTION), 1,
                       &reads, NULL, err) < 0)
        return -1;
    else if (!store_null(reads, 0, 0))
        trial_refuse(trial, index, 0, store_text(reads, 0, 0));
    return trial_rollback(trial, err);
}

/* Run the query on the empty month. */
static int
trial_execute(struct trial *trial, size_t index, struct err *err)
{
    const struct rule *rule = &trial->judge->rules->list[index];
    struct err why;

    if (trial_savepoint(trial, err) < 0)
        return -1;
    if (judge_try(trial->store, trial->judge, trial->wide, rule, &why) < 0) {
        if (store_lost(trial->store)) {
            *err = why;
            return -1;
        }
        buf_add_fmt(trial->problems, "%.*s%s\n",
                    (int)(strlen(rule->file) - strlen(rules_file(rule))), rule->file, why.text);
        trial->refused[index] = true;
        trial->count++;
    }
    return trial_rollback(trial, err);
}

/* Plan the query on the stand-ins of a million rows. */
static int
trial_plan(struct trial *trial, size_t index, struct err *err)
{
    const struct rule *rule = &trial->judge->rules->list[index];
    AUTO(store_result_free) struct store_result *plan = NULL, *loops = NULL;
    AUTO_BUF struct buf sql = {0}, name = {0};
    struct err why;

    if (trial_savepoint(trial, err) < 0)
        return -1;
    buf_add_str(&sql, "prepare " TRIAL_FUNCTION);
    if (rule->slot_count > 0) {
        buf_add_str(&sql, " (");
        trial_add_types(rule, &sql);
        buf_add_str(&sql, ")");
    }
    buf_add_fmt(&sql, " as %s", rule->sql);
    buf_add_str(&name, "explain (format json) execute " TRIAL_FUNCTION);
    for (size_t i = 0; i < rule->slot_count; i++)
        buf_add_fmt(&name, "%snull%s", i > 0 ? ", " : " (", i + 1 == rule->slot_count ? ")" : "");
    if (store_run(trial->store, buf_str(&sql), NULL, 0, NULL, NULL, &why) < 0 ||
        store_run(trial->store, buf_str(&name), NULL, 0, &plan, NULL, &why) < 0) {
        trial_refuse_statement(trial, index, 0, &why);
    } else {
        if (store_run(trial->store, judge_sql_trial_plan.text, &STORE_T(store_text(plan, 0, 0)), 1,
                      &loops, NULL, err) < 0)
            return -1;
        if (store_int(loops, 0, 0) > 0)
            trial_refuse(trial, index, 0,
                         "its plan goes through a whole table once for every row of another;"
                         " join on equal values");
        if (store_run(trial->store, "deallocate " TRIAL_FUNCTION, NULL, 0, NULL, NULL, err) < 0)
            return -1;
    }
    return trial_rollback(trial, err);
}

/* Do one step for every rule that was not refused by an earlier one. */
static int
trial_each(struct trial *trial, int (*step)(struct trial *, size_t, struct err *), struct err *err)
{
    for (size_t i = 0; i < trial->judge->rules->count; i++)
        if (!trial->refused[i] && trial->judge->rules->list[i].broken == NULL &&
            step(trial, i, err) < 0)
            return err_wrap(err, "cannot try rule %s", trial->judge->rules->list[i].id);
    return 0;
}

/* Put the stand-ins in the place of the month's views. */
static int
trial_stand_in(struct trial *trial, struct err *err)
{
    AUTO(store_result_free) struct store_result *views = NULL;

    if (store_run(trial->store, judge_sql_trial_views.text, NULL, 0, &views, NULL, err) < 0 ||
        wide_drop(trial->store, err) < 0 ||
        store_script(trial->store, "set local plan_cache_mode = force_generic_plan", err) < 0)
        return -1;
    for (size_t i = 0; i < store_rows(views); i++)
        if (store_run(trial->store, store_text(views, i, 0), NULL, 0, NULL, NULL, err) < 0)
            return -1;
    return 0;
}

static int
trial_steps(struct trial *trial, int timeout_ms, struct err *err)
{
    char timeout[64];

    (void)snprintf(timeout, sizeof(timeout), "set local statement_timeout = %d", timeout_ms);
    if (store_script(trial->store, judge_sql_found.text, err) < 0 ||
        store_script(trial->store, "grant select on finding to qs_rule", err) < 0 ||
        store_script(trial->store, timeout, err) < 0 || trial_each(trial, trial_parse, err) < 0 ||
        trial_each(trial, trial_execute, err) < 0 || trial_stand_in(trial, err) < 0)
        return -1;
    return trial_each(trial, trial_plan, err);
}

int
trial_run(struct store *store, const struct judge *judge, int timeout_ms, struct buf *problems,
          size_t *ret_refused, struct err *err)
{
    AUTO(content_book_free) struct content_book *book = content_book_new(NULL, 0, NULL, 0);
    AUTO_MONTH struct month empty = {0};
    struct wide wide;
    int year, month, day, result = -1;

    clock_civil(clock_today(), &year, &month, &day);
    month_open(book, judge->county, year * 100 + month, &empty);
    if (store_begin(store, err) < 0)
        return -1;
    if (wide_open(store, &empty, false, &wide, err) == 0 &&
        wide_build(store, &wide, judge->profile, err) == 0) {
        struct trial trial = {.store = store,
                              .judge = judge,
                              .wide = &wide,
                              .problems = problems,
                              .refused = mem_zalloc(judge->rules->count * sizeof(bool))};

        result =
            trial_steps(&trial, timeout_ms < TRIAL_TIMEOUT_MS ? timeout_ms : TRIAL_TIMEOUT_MS, err);
        *ret_refused = trial.count;
        free(trial.refused);
    }
    store_rollback(store);
    return result;
}
