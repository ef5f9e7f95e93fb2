#include "judge/judge_guard.h"

#include "judge/judge_sql.h"

const char *
judge_state_name(enum judge_state state)
{
    static const char *const names[] = {[JUDGE_OFF] = "off",
                                        [JUDGE_RUN] = "run",
                                        [JUDGE_NOT_RUN] = "not_run",
                                        [JUDGE_FAILED] = "failed"};

    return names[state];
}

/* List a content's submissions: all of a roster, whose base may be older; of an event list those of
   the newest period, or the corrections among them. */
static void
judge_list_parts(const struct content *content, bool corrections, struct list *out)
{
    bool roster = content->type->kind == RECORD_ROSTER;

    for (size_t i = 0; i < content->part_count; i++) {
        const struct content_part *part = &content->parts[i];

        if (roster ||
            (part->period == content->period && (!corrections || part->kind == CONTENT_CORRECTION)))
            list_add_int(out, part->submission);
    }
}

/* Note the quarantined rows that no later row of the same number, name or household mends. */
static int
judge_note_quarantined(struct store *store, const struct judge *judge,
                       const struct content *content, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, mended = {0};
    AUTO_LIST struct list parts = {0}, corrections = {0};
    bool persons = content->type->id >= 0 && content->type->name_key;
    bool households = !persons && content->type->household_no >= 0;

    judge_list_parts(content, false, &parts);
    judge_list_parts(content, true, &corrections);
    const struct store_param params[] = {STORE_T(content->type->name), STORE_I(judge->county),
                                         STORE_T(list_str(&parts)),
                                         STORE_T(list_str(&corrections))};
    if (persons || households)
        BUF_ADD_FILLED(&mended, judge_sql_unknown_mended.text, {"table", content->type->table},
                       {"same", persons ? judge_sql_unknown_mended_person.text
                                        : "mended.household_no = q.household_no"});
    BUF_ADD_FILLED(&sql, judge_sql_unknown_quarantined.text, {"mended", buf_str(&mended)});
    return store_run(store, buf_str(&sql), params, persons || households ? 4 : 3, NULL, NULL, err);
}

/* Note the numbers that a list has under another name: neither the member nor the person whose name
   it is can be called absent. */
static int
judge_note_conflicts(struct store *store, const struct content *content, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, rows = {0};
    const struct record_type *type = content->type;

    if (type->id < 0 || !type->name_key)
        return 0;
    BUF_ADD_FILLED(&rows,
                   type->best != NULL ? judge_sql_unknown_conflict_picked.text
                                      : judge_sql_unknown_conflict_content.text,
                   {"type", record_ident(type)});
    BUF_ADD_FILLED(&sql, judge_sql_unknown_conflict.text, {"rows", buf_str(&rows)});
    return store_run(store, buf_str(&sql), &STORE_T(type->name), 1, NULL, NULL, err);
}

/* Note the members with whom a row of the list that is in doubt, or that could not be used, is
   linked. */
static int
judge_note_linked(struct store *store, const struct content *content, struct err *err)
{
    return store_run(store, judge_sql_unknown_linked.text, &STORE_T(content->type->name), 1, NULL,
                     NULL, err);
}

/* Whether a rule's subjects are persons of this list who need not be in the register. */
static bool
judge_calls(const struct rule *rule, const struct record_type *type)
{
    bool listed = false;

    for (size_t i = 0; i < rule->need_count; i++) {
        if (rule->needs[i]->role == RECORD_MEMBERS)
            return false;
        listed = listed || rule->needs[i] == type;
    }
    for (size_t i = 0; i < rule->absence_count; i++)
        if (rule->absence[i] == type)
            return false;
    return listed && rule->absence_count > 0 && type->id >= 0 && type->name_key;
}

/* For a rule that needs no register: note the numbers that the list it reads for absence has under
   another name than the list of its subjects. */
static int
judge_note_called(struct store *store, const struct rule *rule, const struct record_type *absent,
                  struct err *err)
{
    for (size_t i = 0; i < rule->need_count; i++) {
        AUTO_BUF struct buf sql = {0};

        if (!judge_calls(rule, rule->needs[i]))
            continue;
        BUF_ADD_FILLED(&sql, judge_sql_unknown_called.text, {"absent", record_ident(absent)},
                       {"type", record_ident(rule->needs[i])});
        if (store_run(store, buf_str(&sql), &STORE_T(absent->name), 1, NULL, NULL, err) < 0)
            return -1;
    }
    return 0;
}

/* Put into `called` the numbers and names that lists give the persons whom the rule has found, for
   withhold.sql. */
static int
judge_put_called(struct store *store, const struct rule *rule, struct err *err)
{
    if (store_run(store, "delete from called", NULL, 0, NULL, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < rule->need_count; i++) {
        AUTO_BUF struct buf sql = {0};

        if (!judge_calls(rule, rule->needs[i]))
            continue;
        BUF_ADD_FILLED(&sql, judge_sql_called_list.text, {"type", record_ident(rule->needs[i])});
        if (store_run(store, buf_str(&sql), &STORE_T(rule->id), 1, NULL, NULL, err) < 0)
            return -1;
    }
    return 0;
}

/* Put into `called` the owners of the houses that the rule has found, the households that house and
   register give these owners, and the other members of the household that was found. */
static int
judge_put_owners(struct store *store, const struct rule *rule, struct err *err)
{
    if (rule->subject != SUBJECT_HOUSE || !rules_reads(rule, record_of_role(RECORD_HOUSES)) ||
        !rules_reads(rule, record_of_role(RECORD_MEMBERS)))
        return 0;
    return store_run(store, judge_sql_called_owner.text, &STORE_T(rule->id), 1, NULL, NULL, err);
}

/* Whether a rule that ran has this record type in one of its lists. */
static bool
judge_asks(const struct judge_run *run, const struct record_type *const *list, size_t count,
           const struct record_type *type)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == type && run->state == JUDGE_RUN)
            return true;
    return false;
}

int
judge_guard_note(struct store *store, const struct judge *judge, const struct wide *wide,
                 const struct judge_run *runs, struct err *err)
{
    for (size_t i = 0; i < wide->month->count; i++) {
        const struct content *content = &wide->month->contents[i];
        bool absent = false, doubtful = false;

        for (size_t j = 0; j < judge->rules->count; j++) {
            const struct rule *rule = runs[j].rule;

            doubtful =
                doubtful || judge_asks(&runs[j], rule->doubt, rule->doubt_count, content->type);
            if (!judge_asks(&runs[j], rule->absence, rule->absence_count, content->type))
                continue;
            absent = true;
            if (judge_note_called(store, rule, content->type, err) < 0)
                return -1;
        }
        if (content->part_count == 0)
            continue;
        if (((absent || doubtful) && (judge_note_quarantined(store, judge, content, err) < 0 ||
                                      judge_note_linked(store, content, err) < 0)) ||
            (absent && judge_note_conflicts(store, content, err) < 0))
            return -1;
    }
    return store_script(store, "analyze unknown", err);
}

static void
judge_list_types(const struct record_type *const *types, size_t count, struct list *out)
{
    for (size_t i = 0; i < count; i++)
        list_add_text(out, types[i]->name);
}

int
judge_guard_withhold(struct store *store, const struct judge_run *run, struct err *err)
{
    AUTO_LIST struct list absence = {0}, doubt = {0};
    const struct rule *rule = run->rule;

    if (rule->absence_count + rule->doubt_count == 0 || run->state != JUDGE_RUN)
        return 0;
    judge_list_types(rule->absence, rule->absence_count, &absence);
    judge_list_types(rule->doubt, rule->doubt_count, &doubt);
    if (judge_put_called(store, rule, err) < 0 || judge_put_owners(store, rule, err) < 0)
        return -1;

    const struct store_param params[] = {
        STORE_T(rule->id), STORE_T(list_str(&absence)),
        STORE_T(rule->subject == SUBJECT_HOUSEHOLD ? "true" : "false"), STORE_T(list_str(&doubt))};
    return store_run(store, judge_sql_withhold.text, params, 4, NULL, NULL, err);
}
