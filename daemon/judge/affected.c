#include "judge/affected.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "identity/identity.h"
#include "judge/judge_sql.h"
#include "judge/affected_fill.h"
#include "judge/affected_query.h"
#include "judge/affected_rows.h"
#include "judge/wide.h"

#define AFFECTED_BEFORE "/before" /* behind the record type, of the earlier register */
#define AFFECTED_SHARE 5  /* judging more than a fifth of the members by parts gains nothing */
#define AFFECTED_FEW 1000 /* persons that are always few */

void
affected_done(struct affected *affected)
{
    for (size_t i = 0; i < affected->type_count; i++) {
        free(affected->types[i].every);
        free(affected->types[i].changed);
        free(affected->types[i].superseding);
    }
    affected->type_count = 0;
}

/* --- the digest of rules, profile and program --- */

/* SHA-256 over rules, profile and the program's own SQL. */
static void
affected_judged_by(const struct affected *affected, uint8_t ret_judged_by[DIGEST_BYTES])
{
    struct digest digest;

    digest_init(&digest);
    digest_add(&digest, affected->profile->digest, sizeof(affected->profile->digest));
    for (size_t i = 0; i < affected->rules->count; i++)
        digest_add(&digest, affected->rules->list[i].digest, DIGEST_BYTES);
    for (size_t i = 0; i < judge_sql_count; i++)
        digest_add(&digest, judge_sql_all[i]->text, strlen(judge_sql_all[i]->text) + 1);
    identity_digest(&digest);
    digest_finish(&digest, ret_judged_by);
}

/* Whether the month was judged by the same rules, profile and program. */
static int
affected_judged_by_same(struct store *store, const struct affected *affected, bool *ret_known,
                        bool *ret_same, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;
    uint8_t judged_by[DIGEST_BYTES];

    affected_judged_by(affected, judged_by);
    const struct store_param params[] = {STORE_I(affected->month->county),
                                         STORE_T(affected->month->first),
                                         STORE_B(judged_by, sizeof(judged_by))};
    if (store_run(store, judge_sql_affected_judged_by.text, params, 3, &row, NULL, err) < 0)
        return -1;
    *ret_known = store_rows(row) == 1;
    *ret_same = *ret_known && store_bool(row, 0, 0);
    return 0;
}

/* --- the submissions that the month reads, now and before --- */

static int
affected_compare_numbers(const void *left, const void *right)
{
    const int32_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

/* List a content's submissions, ascending. */
static void
affected_list_submissions(const struct content *content, struct list *out)
{
    int32_t *numbers = mem_grow(NULL, content->part_count + 1, sizeof(*numbers));

    for (size_t i = 0; i < content->part_count; i++)
        numbers[i] = content->parts[i].submission;
    qsort(numbers, content->part_count, sizeof(*numbers), affected_compare_numbers);
    for (size_t i = 0; i < content->part_count; i++)
        list_add_int(out, numbers[i]);
    free(numbers);
}

/* Record types, and of each the submissions that the month reads, as a text. */
struct affected_reading {
    struct list types, lists;
};

static void
affected_reading_done(struct affected_reading *reading)
{
    list_done(&reading->types);
    list_done(&reading->lists);
}
#define AUTO_READING __attribute__((cleanup(affected_reading_done)))

static void
affected_read_one(const struct content *content, const char *suffix,
                  struct affected_reading *reading)
{
    AUTO_LIST struct list submissions = {0};
    AUTO_BUF struct buf name = {0};

    if (!content->complete)
        return;
    buf_add_fmt(&name, "%s%s", content->type->name, suffix);
    list_add_text(&reading->types, buf_str(&name));
    affected_list_submissions(content, &submissions);
    list_add_text(&reading->lists, list_str(&submissions));
}

static void
affected_read(const struct month *month, struct affected_reading *reading)
{
    for (size_t i = 0; i < month->count; i++)
        affected_read_one(&month->contents[i], "", reading);
    affected_read_one(&month->before, AFFECTED_BEFORE, reading);
}

static void
affected_add_type(struct affected *affected, const struct record_type *type, bool before)
{
    assert(affected->type_count < AFFECTED_TYPES_MAX);
    affected->types[affected->type_count++] =
        (struct affected_type){.type = type,
                               .before = before,
                               .every = mem_strdup("{}"),
                               .changed = mem_strdup("{}"),
                               .superseding = mem_strdup("{}")};
}

static struct affected_type *
affected_find_type(struct affected *affected, const char *name)
{
    for (size_t i = 0; i < affected->type_count; i++) {
        struct affected_type *one = &affected->types[i];
        size_t len = strlen(one->type->name);

        if (strncmp(one->type->name, name, len) == 0 &&
            strcmp(name + len, one->before ? AFFECTED_BEFORE : "") == 0)
            return one;
    }
    return NULL;
}

/*
 * Compare the submissions that the month reads with those in match.reading. Fills
 * `affected->types`; `*ret_same_types` is false when a record type has become complete or ceased to
 * be; `*ret_rows` is how many rows the submissions that came or went hold.
 */
static int
affected_compare(struct store *store, struct affected *affected, bool *ret_same_types,
                 int64_t *ret_rows, struct err *err)
{
    AUTO(store_result_free) struct store_result *rows = NULL;
    AUTO_READING struct affected_reading reading = {0};
    const struct month *month = affected->month;

    for (size_t i = 0; i < month->count; i++)
        affected_add_type(affected, month->contents[i].type, false);
    affected_add_type(affected, record_of_role(RECORD_HOUSEHOLDS), true);
    affected_read(month, &reading);
    const struct store_param params[] = {STORE_I(month->county), STORE_T(month->first),
                                         STORE_T(list_str(&reading.types)),
                                         STORE_T(list_str(&reading.lists))};
    if (store_run(store, judge_sql_affected_compare.text, params, 4, &rows, NULL, err) < 0)
        return err_wrap(err, "cannot compare with what the month read");
    *ret_same_types = true;
    *ret_rows = 0;
    for (size_t i = 0; i < store_rows(rows); i++) {
        struct affected_type *one = affected_find_type(affected, store_text(rows, i, 0));

        if (one == NULL || !store_bool(rows, i, 1)) {
            *ret_same_types = false;
            continue;
        }
        free(one->every);
        free(one->changed);
        one->every = mem_strdup(store_text(rows, i, 2));
        one->changed = mem_strdup(store_text(rows, i, 3));
        one->differs = strcmp(one->changed, "{}") != 0;
        *ret_rows += store_int(rows, i, 4);
    }
    return 0;
}

/* --- rows in place of others of their key --- */

/* Whether a joining list that has not changed holds each number once, and is all of one submission.
   */
static bool
affected_is_once(const struct affected_type *one, const struct rows *rows)
{
    return one->type->joins && one->type->key[0] == one->type->id && one->type->key[1] < 0 &&
           !one->differs && rows->unique && rows->content->part_count == 1;
}

/* Find, from what match.distinct_keys knows, the submissions of each record type that may hold a
   row in place of another row of its key (`superseding`). The earlier register is the last type,
   and has no such rows. */
static int
affected_find_superseding(struct store *store, struct affected *affected, struct err *err)
{
    const struct month *month = affected->month;
    struct rows *list = mem_zalloc((month->count + 1) * sizeof(*list));
    int result;

    for (size_t i = 0; i < month->count; i++)
        rows_locate(&list[i], &month->contents[i], NULL);
    result = rows_ask(store, list, month->count, month->county, true, err);
    for (size_t i = 0; result == 0 && i < month->count; i++) {
        struct affected_type *one = &affected->types[i];
        AUTO_LIST struct list superseding = {0};

        rows_list_superseding(&list[i], &superseding);
        free(one->superseding);
        one->superseding = mem_strdup(list_str(&superseding));
        one->once = affected_is_once(one, &list[i]);
    }
    free(list);
    return result;
}

/* --- whether an affected set can be judged apart --- */

/*
 * Whether the change names no person, household or house although rules about people read it (the
 * standard), or a rule about an area reads lists of people. Rules about works and complaints alone
 * are always judged in full: their lists are small.
 */
static bool
affected_is_general(const struct affected *affected)
{
    for (size_t i = 0; i < affected->rules->count; i++) {
        const struct rule *rule = &affected->rules->list[i];
        bool area;

        if (rule->broken != NULL || !profile_runs(affected->profile, rule->id))
            continue;
        area = rules_of_area(rule);
        /* A rule that counts submissions depends on all of them. */
        if (strstr(rule->sql, "contributing") != NULL)
            return true;
        for (size_t j = 0; j < affected->type_count; j++) {
            const struct affected_type *one = &affected->types[j];

            if (rules_reads(rule, one->type) &&
                (area ? rows_names(one->type) : one->differs && !rows_names(one->type)))
                return true;
        }
    }
    return false;
}

bool
affected_moves_register(const struct affected *affected)
{
    for (size_t i = 0; i < affected->type_count; i++)
        if (affected->types[i].differs && !affected->types[i].before &&
            record_is_register(affected->types[i].type))
            return true;
    return false;
}

/* The standard decides built-in values that any rule may use. */
static bool
affected_moves_standard(const struct affected *affected)
{
    for (size_t i = 0; i < affected->type_count; i++)
        if (affected->types[i].differs && affected->types[i].type->role == RECORD_STANDARD)
            return true;
    return false;
}

/* How many persons an affected set may hold before judging it costs more than judging everybody. */
static int64_t
affected_most(const struct month *month)
{
    return AFFECTED_FEW + month_of_role(month, RECORD_MEMBERS)->stored / AFFECTED_SHARE;
}

static int
affected_decide(struct store *store, struct affected *affected, struct err *err)
{
    bool known, same, same_types = false;
    int64_t rows = 0;

    if (affected_judged_by_same(store, affected, &known, &same, err) < 0 ||
        affected_compare(store, affected, &same_types, &rows, err) < 0)
        return -1;
    if (!known)
        affected->why = "first";
    else if (!same)
        affected->why = "rules";
    else if (!same_types)
        affected->why = "types";
    else if (affected_moves_standard(affected))
        affected->why = "standard";
    else if (affected_is_general(affected))
        affected->why = "general";
    else if (rows > affected_most(affected->month))
        affected->why = "large";
    return 0;
}

int
affected_find(struct store *store, const struct rules *rules, const struct profile *profile,
              const struct month *month, bool full, struct affected *ret_affected, struct err *err)
{
    AUTO_AFFECTED struct affected affected = {
        .month = month, .rules = rules, .profile = profile, .why = full ? "ordered" : NULL};
    bool large = false;

    if (wide_drop(store, err) < 0 || (!full && affected_decide(store, &affected, err) < 0))
        return -1;
    if (affected.why == NULL) {
        if (affected_find_superseding(store, &affected, err) < 0 ||
            affected_rows_begin(store, &affected, err) < 0 ||
            affected_rows_close(store, &affected, affected_most(month), &large, err) < 0)
            return -1;
        if (large)
            affected.why = "large";
    }
    affected.full = affected.why != NULL;
    if ((affected.full ? wide_drop(store, err) : affected_fill(store, &affected, err)) < 0)
        return -1;
    *ret_affected = affected;
    affected.type_count = 0; /* the texts are the caller's */
    return 0;
}

/* Drop the tables of the affected set, and judge in full after all. */
static int
affected_give_up(struct store *store, struct affected *affected, const char *why, struct err *err)
{
    affected->full = true;
    affected->why = why;
    affected->persons = affected->households = 0;
    return wide_drop(store, err);
}

int
affected_leave(struct store *store, struct affected *affected, const char *why, struct err *err)
{
    if (store_run(store, "rollback to savepoint affected", NULL, 0, NULL, NULL, err) < 0)
        return -1;
    return affected_give_up(store, affected, why, err);
}

int
affected_add(struct store *store, struct affected *affected, const char *persons,
             const char *households, struct err *err)
{
    bool large;

    if (affected_rows_add(store, affected, persons, households, err) < 0 ||
        affected_rows_close(store, affected, affected_most(affected->month), &large, err) < 0)
        return -1;
    return large ? affected_give_up(store, affected, "large", err)
                 : affected_fill(store, affected, err);
}

int
affected_keep(struct store *store, struct err *err)
{
    return store_run(store, "savepoint affected", NULL, 0, NULL, NULL, err);
}

/* --- guards of absence --- */

/* Whether rows that cannot be read keep back what the rule finds. */
static bool
affected_guards(const struct rule *rule)
{
    return rule->absence_count + rule->doubt_count > 0;
}

static void
affected_list_guarded(const struct affected *affected, struct list *out)
{
    for (size_t i = 0; i < affected->rules->count; i++)
        if (affected_guards(&affected->rules->list[i]))
            list_add_text(out, affected->rules->list[i].id);
}

/* Append a query for the persons who name a subject of `subject` in a list, under a name that is in
   `shifted`. */
static void
affected_add_called(const struct affected_type *one, const struct month *month, const char *column,
                    struct buf *out)
{
    BUF_ADD_FILLED(out, judge_sql_affected_called.text, {"table", one->type->table},
                   {"county", month->county_text}, {"submissions", one->every}, {"column", column});
}

/* Whether a guarded rule reads this record type. */
static bool
affected_calls(const struct affected *affected, const struct record_type *type)
{
    for (size_t i = 0; i < affected->rules->count; i++)
        if (affected_guards(&affected->rules->list[i]) &&
            rules_reads(&affected->rules->list[i], type))
            return true;
    return false;
}

/* Find persons and households outside the affected set whose findings, or withheld subjects, of
   guarded rules may change: those whose number, name or household number is in `shifted`. */
static int
affected_find_shifted(struct store *store, const struct affected *affected,
                      struct store_result **ret_found, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, called = {0};
    AUTO_LIST struct list rules = {0};
    const struct month *month = affected->month;

    for (size_t i = 0; i < affected->type_count; i++) {
        const struct affected_type *one = &affected->types[i];

        if (one->before || one->type->id < 0 || !one->type->name_key)
            continue;
        if (affected_calls(affected, one->type))
            affected_add_called(one, month, "id_no", &called);
        if (one->type->role == RECORD_MEMBERS)
            affected_add_called(one, month, "household_no", &called);
    }
    BUF_ADD_FILLED(&sql, judge_sql_affected_shifted_subjects.text, {"called", buf_str(&called)});
    affected_list_guarded(affected, &rules);
    const struct store_param params[] = {STORE_I(month->county), STORE_T(month->first),
                                         STORE_T(list_str(&rules))};
    if (store_run(store, buf_str(&sql), params, 3, ret_found, NULL, err) < 0)
        return err_wrap(err, "cannot find whom the guards of absence mean");
    return 0;
}

int
affected_widen(struct store *store, struct affected *affected, bool *ret_wider, struct err *err)
{
    AUTO(store_result_free) struct store_result *any = NULL, *found = NULL;
    const struct month *month = affected->month;

    const struct store_param params[] = {STORE_I(month->county), STORE_T(month->first)};
    *ret_wider = false;
    if (store_run(store, judge_sql_unknown_outside.text, params, 2, NULL, NULL, err) < 0 ||
        store_run(store, judge_sql_affected_shifted.text, params, 2, NULL, NULL, err) < 0 ||
        store_run(store, "select exists (select from shifted)", NULL, 0, &any, NULL, err) < 0)
        return err_wrap(err, "cannot compare the guards of absence");
    if (!store_bool(any, 0, 0))
        return 0;
    if (affected_find_shifted(store, affected, &found, err) < 0)
        return -1;
    if (store_null(found, 0, 0) && store_null(found, 0, 1))
        return 0;
    *ret_wider = true;
    if (store_run(store, "rollback to savepoint affected", NULL, 0, NULL, NULL, err) < 0 ||
        affected_add(store, affected, store_text(found, 0, 0), store_text(found, 0, 1), err) < 0)
        return -1;
    return affected->full ? 0 : affected_keep(store, err);
}

void
affected_list_subjects(const struct rules *rules, struct list *ids, struct list *subjects)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->list[i].broken != NULL)
            continue;
        list_add_text(ids, rules->list[i].id);
        list_add_text(subjects, subject_name(rules->list[i].subject));
    }
}

/* List the rules about people, households and houses, and their subjects; rules about areas are
   judged in full. */
static void
affected_list_trimmed(const struct rules *rules, struct list *ids, struct list *subjects)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->list[i].broken != NULL || rules_of_area(&rules->list[i]))
            continue;
        list_add_text(ids, rules->list[i].id);
        list_add_text(subjects, subject_name(rules->list[i].subject));
    }
}

int
affected_trim(struct store *store, const struct affected *affected, struct err *err)
{
    AUTO_LIST struct list ids = {0}, subjects = {0};

    affected_list_trimmed(affected->rules, &ids, &subjects);

    const struct store_param params[] = {STORE_T(list_str(&ids)), STORE_T(list_str(&subjects))};
    return store_run(store, judge_sql_affected_trim.text, params, 2, NULL, NULL, err);
}

/* --- the next time --- */

int
affected_note(struct store *store, const struct affected *affected, struct err *err)
{
    AUTO_READING struct affected_reading reading = {0};
    const struct month *month = affected->month;
    uint8_t judged_by[DIGEST_BYTES];

    affected_read(month, &reading);
    affected_judged_by(affected, judged_by);
    const struct store_param noted[] = {STORE_I(month->county),
                                        STORE_T(month->first),
                                        STORE_B(judged_by, sizeof(judged_by)),
                                        STORE_T(affected->full ? "full" : "affected"),
                                        STORE_T(affected->why),
                                        STORE_I(affected->persons),
                                        STORE_I(affected->households)};
    const struct store_param read[] = {STORE_I(month->county), STORE_T(month->first),
                                       STORE_T(list_str(&reading.types)),
                                       STORE_T(list_str(&reading.lists))};
    if (store_run(store, judge_sql_affected_note.text, noted, 7, NULL, NULL, err) < 0 ||
        store_run(store, judge_sql_affected_reading.text, read, 4, NULL, NULL, err) < 0 ||
        store_run(store, judge_sql_affected_unknown.text, read, 2, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot note what the month has read");
    return 0;
}
