#include "judge/judge_write.h"

#include "base/buf.h"
#include "judge/reference.h"
#include "judge/judge_sql.h"
#include "rules/subject.h"
#include "store/list.h"

static int
judge_create_found(struct store *store, const struct judge *judge, struct err *err)
{
    AUTO_LIST struct list ids = {0}, versions = {0}, subjects = {0}, routes = {0};
    uint8_t inner[REFERENCE_PAD_BYTES], outer[REFERENCE_PAD_BYTES];

    reference_pads(judge->key, inner, outer);
    for (size_t i = 0; i < judge->rules->count; i++) {
        const struct rule *rule = &judge->rules->list[i];

        if (rule->broken != NULL)
            continue;
        list_add_text(&ids, rule->id);
        list_add_int(&versions, rule->version);
        list_add_text(&subjects, subject_name(rule->subject));
        list_add_text(&routes, rule->route);
    }

    const struct store_param params[] = {
        STORE_B(inner, sizeof(inner)), STORE_B(outer, sizeof(outer)), STORE_T(list_str(&ids)),
        STORE_T(list_str(&versions)),  STORE_T(list_str(&subjects)),  STORE_T(list_str(&routes))};
    if (store_run(store, judge_sql_finding.text, params, 6, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot gather the findings");
    return store_script(store, "analyze found", err);
}

/*
 * Make replaced and released: the month's findings and withheld subjects in whose place come those
 * found now. All of them, or those about the affected set and about areas, which are always judged
 * in full.
 */
static int
judge_create_replaced(struct store *store, const struct judge *judge,
                      const struct affected *affected, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, findings = {0}, withheld = {0}, rules = {0}, subjects = {0},
                        areas = {0};
    AUTO_LIST struct list rule_list = {0}, subject_list = {0}, area_list = {0};
    const struct month *month = affected->month;

    if (!affected->full) {
        affected_list_subjects(judge->rules, &rule_list, &subject_list);
        for (int i = 0; i < SUBJECTS; i++)
            if (subject_column((enum subject)i) == NULL)
                list_add_text(&area_list, subject_name((enum subject)i));
        list_add_literal(&rule_list, "text", &rules);
        list_add_literal(&subject_list, "text", &subjects);
        list_add_literal(&area_list, "text", &areas);
        BUF_ADD_FILLED(&findings, judge_sql_replaced_held.text, {"areas", buf_str(&areas)});
        BUF_ADD_FILLED(&withheld, judge_sql_released_held.text, {"rules", buf_str(&rules)},
                       {"subjects", buf_str(&subjects)});
    }
    BUF_ADD_FILLED(&sql, judge_sql_replaced.text, {"county", month->county_text},
                   {"month", month->first}, {"held", buf_str(&findings)});
    buf_add_str(&sql, ";");
    BUF_ADD_FILLED(&sql, judge_sql_released.text, {"county", month->county_text},
                   {"month", month->first}, {"held", buf_str(&withheld)});
    buf_add_str(&sql, "; analyze replaced, released");
    /* Few rows of match.finding are looked up one by one. */
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

/*
 * Note in match.run how the rules' runs ended. Where the month was judged before, another state of
 * a rule decides how far its findings reach into other months, and another list that would have
 * helped is told in events.
 */
static int
judge_write_runs(struct store *store, const struct judge *judge, const char *month,
                 struct judge_run *runs, struct err *err)
{
    AUTO_LIST struct list ids = {0}, versions = {0}, states = {0}, missing = {0}, unhelped = {0},
                          reasons = {0}, families = {0};

    for (size_t i = 0; i < judge->rules->count; i++) {
        struct judge_run *run = &runs[i];

        if (run->state == JUDGE_OFF)
            continue;
        list_add_text(&ids, run->rule->id);
        list_add_int(&versions, run->rule->version);
        list_add_text(&states, judge_state_name(run->state));
        list_add_text(&missing, list_str(&run->missing));
        list_add_text(&unhelped, list_str(&run->unhelped));
        list_add_text(&reasons, run->reason[0] != '\0' ? run->reason : NULL);
        list_add_text(&families, run->rule->family);
    }
    if (ids.count == 0)
        return 0;

    const struct store_param params[] = {STORE_I(judge->county),       STORE_T(month),
                                         STORE_T(list_str(&ids)),      STORE_T(list_str(&versions)),
                                         STORE_T(list_str(&states)),   STORE_T(list_str(&missing)),
                                         STORE_T(list_str(&unhelped)), STORE_T(list_str(&reasons)),
                                         STORE_T(list_str(&families))};
    if (store_run(store, judge_sql_run.text, params, 9, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot note the runs of the rules");
    return 0;
}

/* Delete the runs of rules that are off or gone: their spells end. A rule without a run in the
   month before may carry its findings of other months. */
static int
judge_forget_runs(struct store *store, const struct judge *judge, const char *month,
                  struct err *err)
{
    AUTO_LIST struct list ids = {0};

    for (size_t i = 0; i < judge->rules->count; i++)
        if (profile_runs(judge->profile, judge->rules->list[i].id))
            list_add_text(&ids, judge->rules->list[i].id);

    const struct store_param params[] = {STORE_I(judge->county), STORE_T(month),
                                         STORE_T(list_str(&ids))};
    return store_run(store, judge_sql_forget.text, params, 3, NULL, NULL, err);
}

/* Write match.month. A month that was not judged before stands between others, or behind them: then
   only open cases look different. */
static int
judge_write_month(struct store *store, const struct judge *judge, const struct month *month,
                  struct err *err)
{
    uint8_t input[DIGEST_BYTES], rows[DIGEST_BYTES];

    judge_input(judge, month, input, rows);
    const struct store_param params[] = {STORE_I(month->county), STORE_T(month->first),
                                         STORE_B(rows, sizeof(rows)), STORE_B(input, sizeof(input)),
                                         STORE_T(judge->profile->name)};
    return store_run(store, judge_sql_month.text, params, 5, NULL, NULL, err);
}

int
judge_write(struct store *store, const struct judge *judge, const struct affected *affected,
            struct judge_run *runs, struct err *err)
{
    const struct month *month = affected->month;

    /* Makes the county's row of match.county, in which the next statements note what changes. */
    if (judge_write_month(store, judge, month, err) < 0 ||
        judge_create_found(store, judge, err) < 0 ||
        judge_create_replaced(store, judge, affected, err) < 0 ||
        judge_write_found(store, judge, month->first, err) < 0 ||
        judge_forget_runs(store, judge, month->first, err) < 0 ||
        judge_write_runs(store, judge, month->first, runs, err) < 0)
        return -1;
    return affected_note(store, affected, err);
}
