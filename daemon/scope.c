#include "scope.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "query.h"
#include "scope_fill.h"
#include "scope_query.h"
#include "scope_rows.h"
#include "wide.h"

#define SCOPE_BEFORE "/before" /* behind the record type, of the earlier register */
#define SCOPE_SHARE 5          /* judging more than a fifth of the members by parts gains nothing */
#define SCOPE_FEW 1000         /* persons that are always few */

void
scope_done(struct scope *scope)
{
    for (size_t i = 0; i < scope->type_count; i++) {
        free(scope->types[i].every);
        free(scope->types[i].changed);
        free(scope->types[i].rivals);
    }
    scope->type_count = 0;
}

static void
scope_month(int32_t month, char ret_first[11])
{
    clock_format_date(clock_month_first(month), ret_first);
}

/* --- what judges --- */

/* SHA-256 over rules, profile and the program's own SQL. */
static void
scope_means(const struct scope *scope, uint8_t ret_means[DIGEST_BYTES])
{
    struct digest digest;

    digest_init(&digest);
    digest_add(&digest, scope->profile->digest, sizeof(scope->profile->digest));
    for (size_t i = 0; i < scope->rules->count; i++)
        digest_add(&digest, scope->rules->list[i].digest, DIGEST_BYTES);
    for (size_t i = 0; i < query_count; i++)
        digest_add(&digest, query_files[i].text, strlen(query_files[i].text) + 1);
    digest_finish(&digest, ret_means);
}

/* Whether the month was judged by the same rules, profile and program. */
static int
scope_same_means(struct store *store, const struct scope *scope, const char *month, bool *ret_known,
                 bool *ret_same, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;
    uint8_t means[DIGEST_BYTES];

    scope_means(scope, means);
    const struct store_param params[] = {STORE_I(scope->county), STORE_T(month),
                                         STORE_B(means, sizeof(means))};
    if (store_run(store,
                  "select coalesce(means = $3, false) from match.month where county = $1"
                  " and month = $2",
                  params, 3, &row, NULL, err) < 0)
        return -1;
    *ret_known = store_rows(row) == 1;
    *ret_same = *ret_known && store_bool(row, 0, 0);
    return 0;
}

/* --- what is read, now and before --- */

static int
scope_compare_numbers(const void *left, const void *right)
{
    const int32_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

/* Append "{1,2}": a content's submissions, ascending. */
static void
scope_add_submissions(const struct content *content, struct buf *out)
{
    int32_t *numbers = mem_grow(NULL, content->part_count + 1, sizeof(*numbers));

    for (size_t i = 0; i < content->part_count; i++)
        numbers[i] = content->parts[i].submission;
    qsort(numbers, content->part_count, sizeof(*numbers), scope_compare_numbers);
    buf_add_str(out, "{");
    for (size_t i = 0; i < content->part_count; i++)
        buf_add_fmt(out, "%s%" PRId32, i > 0 ? "," : "", numbers[i]);
    buf_add_str(out, "}");
    free(numbers);
}

/* Two arrays of texts for PostgreSQL: record types, and the submissions that the month reads. */
struct scope_reading {
    struct buf types, lists;
};

static void
scope_reading_done(struct scope_reading *reading)
{
    buf_done(&reading->types);
    buf_done(&reading->lists);
}
#define AUTO_READING __attribute__((cleanup(scope_reading_done)))

static void
scope_read_one(const struct content *content, const char *suffix, struct scope_reading *reading)
{
    const char *separator = reading->types.len > 0 ? "," : "{";

    if (!content->complete)
        return;
    buf_add_fmt(&reading->types, "%s\"%s%s\"", separator, content->type->name, suffix);
    buf_add_fmt(&reading->lists, "%s\"", separator);
    scope_add_submissions(content, &reading->lists);
    buf_add_str(&reading->lists, "\"");
}

static void
scope_read(const struct content_book *book, int32_t month, struct scope_reading *reading)
{
    const struct record_type *type;

    for (size_t i = 0; (type = record_at(i)) != NULL; i++) {
        AUTO_CONTENT struct content content = {0};

        content_resolve(book, type, month, &content);
        scope_read_one(&content, "", reading);
    }
    AUTO_CONTENT struct content before = {0};
    content_resolve_before(book, month, &before);
    scope_read_one(&before, SCOPE_BEFORE, reading);
    buf_add_str(&reading->types, reading->types.len > 0 ? "}" : "{}");
    buf_add_str(&reading->lists, reading->lists.len > 0 ? "}" : "{}");
}

static void
scope_add_type(struct scope *scope, const struct record_type *type, bool before)
{
    assert(scope->type_count < SCOPE_TYPES_MAX);
    scope->types[scope->type_count++] = (struct scope_type){.type = type,
                                                            .before = before,
                                                            .every = mem_strdup("{}"),
                                                            .changed = mem_strdup("{}"),
                                                            .rivals = mem_strdup("{}")};
}

static struct scope_type *
scope_find_type(struct scope *scope, const char *name)
{
    for (size_t i = 0; i < scope->type_count; i++) {
        struct scope_type *one = &scope->types[i];
        size_t len = strlen(one->type->name);

        if (strncmp(one->type->name, name, len) == 0 &&
            strcmp(name + len, one->before ? SCOPE_BEFORE : "") == 0)
            return one;
    }
    return NULL;
}

/*
 * Compare what the month reads with what it read. Fills the scope's types;
 * `*ret_same_types` is false when a record type has become complete or ceased
 * to be; `*ret_rows` is how many rows came or went.
 */
static int
scope_compare(struct store *store, const struct content_book *book, int32_t month,
              struct scope *scope, bool *ret_same_types, int64_t *ret_rows, struct err *err)
{
    AUTO(store_result_free) struct store_result *rows = NULL;
    AUTO_READING struct scope_reading reading = {0};
    const struct record_type *type;
    char first[11];

    for (size_t i = 0; (type = record_at(i)) != NULL; i++)
        scope_add_type(scope, type, false);
    scope_add_type(scope, record_find("register.household"), true);
    scope_read(book, month, &reading);
    scope_month(month, first);
    const struct store_param params[] = {STORE_I(scope->county), STORE_T(first),
                                         STORE_T(buf_str(&reading.types)),
                                         STORE_T(buf_str(&reading.lists))};
    if (store_run(store, query_text("scope_compare.sql"), params, 4, &rows, NULL, err) < 0)
        return err_wrap(err, "cannot compare with what the month read");
    *ret_same_types = true;
    *ret_rows = 0;
    for (size_t i = 0; i < store_rows(rows); i++) {
        struct scope_type *one = scope_find_type(scope, store_text(rows, i, 0));

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

/* --- what replaces what --- */

/* Whether a list that has not changed holds each number once, and is all of one submission. */
static bool
scope_is_once(const struct scope_type *one, const struct wide_content *wide)
{
    return scope_joins(one->type) && one->type->key[0] == one->type->id && one->type->key[1] < 0 &&
           !one->differs && wide->unique && wide->content.part_count == 1;
}

/* Say of each record type where a row can be that stands in place of another, by what is known of
   its keys. */
static int
scope_find_rivals(struct store *store, const struct content_book *book, struct scope *scope,
                  struct err *err)
{
    struct wide_content *list = mem_zalloc((scope->type_count + 1) * sizeof(*list));
    int result;

    for (size_t i = 0; i < scope->type_count; i++)
        if (!scope->types[i].before)
            content_resolve(book, scope->types[i].type, scope->month, &list[i].content);
    result = wide_content_ask(store, list, scope->type_count, scope->county, true, err);
    for (size_t i = 0; i < scope->type_count; i++) {
        struct scope_type *one = &scope->types[i];
        AUTO_BUF struct buf rivals = {0};

        if (!one->before && result == 0) {
            wide_content_add_rivals(&list[i], &rivals);
            free(one->rivals);
            one->rivals = mem_strdup(buf_str(&rivals));
            one->once = scope_is_once(one, &list[i]);
        }
        content_done(&list[i].content);
    }
    free(list);
    return result;
}

/* --- whether a part can be judged --- */

/*
 * Whether the change is about nobody although rules about people read it (the
 * standard), or a rule about an area reads lists of people. Rules about works
 * and complaints alone are always judged whole: their lists are small.
 */
static bool
scope_is_general(const struct scope *scope)
{
    for (size_t i = 0; i < scope->rules->count; i++) {
        const struct rule *rule = &scope->rules->list[i];
        bool area;

        if (rule->broken != NULL || !profile_runs(scope->profile, rule->id))
            continue;
        area = rules_of_area(rule);
        /* A rule that counts submissions depends on all of them. */
        if (strstr(rule->sql, "contributing") != NULL)
            return true;
        for (size_t j = 0; j < scope->type_count; j++) {
            const struct scope_type *one = &scope->types[j];

            if (rules_reads(rule, one->type) &&
                (area ? wide_names(one->type) : one->differs && !wide_names(one->type)))
                return true;
        }
    }
    return false;
}

bool
scope_moves_register(const struct scope *scope)
{
    for (size_t i = 0; i < scope->type_count; i++)
        if (scope->types[i].differs && !scope->types[i].before &&
            strcmp(scope->types[i].type->sector, "register") == 0 &&
            wide_names(scope->types[i].type))
            return true;
    return false;
}

/* The standard decides built-in values that any rule may use. */
static bool
scope_moves_standard(const struct scope *scope)
{
    for (size_t i = 0; i < scope->type_count; i++)
        if (scope->types[i].differs && strcmp(scope->types[i].type->name, "civil.standard") == 0)
            return true;
    return false;
}

/* How many persons may be touched before judging them apart costs more than judging everybody. */
static int64_t
scope_most(const struct content_book *book, int32_t month)
{
    AUTO_CONTENT struct content member = {0};

    content_resolve(book, record_find("register.member"), month, &member);
    return SCOPE_FEW + member.stored / SCOPE_SHARE;
}

static int
scope_decide(struct store *store, const struct content_book *book, int32_t month,
             struct scope *scope, int64_t most, struct err *err)
{
    bool known, same_means, same_types = false;
    int64_t rows = 0;
    char first[11];

    scope_month(month, first);
    if (scope_same_means(store, scope, first, &known, &same_means, err) < 0 ||
        scope_compare(store, book, month, scope, &same_types, &rows, err) < 0)
        return -1;
    if (!known)
        scope->why = "first";
    else if (!same_means)
        scope->why = "rules";
    else if (!same_types)
        scope->why = "types";
    else if (scope_moves_standard(scope))
        scope->why = "standard";
    else if (scope_is_general(scope))
        scope->why = "general";
    else if (rows > most)
        scope->why = "large";
    return 0;
}

int
scope_find(struct store *store, uint32_t county, const struct rules *rules,
           const struct profile *profile, const struct content_book *book, int32_t month,
           bool asked, struct scope *ret_scope, struct err *err)
{
    AUTO_SCOPE struct scope scope = {.county = county,
                                     .month = month,
                                     .rules = rules,
                                     .profile = profile,
                                     .why = asked ? "asked" : NULL};
    int64_t most = scope_most(book, month);
    bool large = false;

    if (wide_drop(store, err) < 0 ||
        (!asked && scope_decide(store, book, month, &scope, most, err) < 0))
        return -1;
    if (scope.why == NULL) {
        if (scope_find_rivals(store, book, &scope, err) < 0 ||
            scope_rows_begin(store, &scope, err) < 0 ||
            scope_rows_close(store, &scope, most, &large, err) < 0)
            return -1;
        if (large)
            scope.why = "large";
    }
    scope.whole = scope.why != NULL;
    if ((scope.whole ? wide_drop(store, err) : scope_fill(store, &scope, err)) < 0)
        return -1;
    *ret_scope = scope;
    scope.type_count = 0; /* the texts are the caller's */
    return 0;
}

/* Judge whole after all, and drop what was made. */
static int
scope_give_up(struct store *store, struct scope *scope, const char *why, struct err *err)
{
    scope->whole = true;
    scope->why = why;
    scope->persons = scope->households = 0;
    return wide_drop(store, err);
}

int
scope_leave(struct store *store, struct scope *scope, const char *why, struct err *err)
{
    if (store_run(store, "rollback to savepoint scope", NULL, 0, NULL, NULL, err) < 0)
        return -1;
    return scope_give_up(store, scope, why, err);
}

int
scope_add(struct store *store, struct scope *scope, const struct content_book *book,
          const char *persons, const char *households, struct err *err)
{
    bool large;

    if (scope_rows_add(store, scope, persons, households, err) < 0 ||
        scope_rows_close(store, scope, scope_most(book, scope->month), &large, err) < 0)
        return -1;
    return large ? scope_give_up(store, scope, "large", err) : scope_fill(store, scope, err);
}

int
scope_keep(struct store *store, struct err *err)
{
    return store_run(store, "savepoint scope", NULL, 0, NULL, NULL, err);
}

/* --- guards of absence --- */

/* Whether what cannot be read keeps back what a rule finds. */
static bool
scope_guards(const struct rule *rule)
{
    return rule->absence_count + rule->doubt_count > 0;
}

/* Append the rules that are guarded, as an array. */
static void
scope_add_guarded(const struct scope *scope, struct buf *out)
{
    buf_add_str(out, "{");
    for (size_t i = 0, n = 0; i < scope->rules->count; i++)
        if (scope_guards(&scope->rules->list[i]))
            buf_add_fmt(out, "%s\"%s\"", n++ > 0 ? "," : "", scope->rules->list[i].id);
    buf_add_str(out, "}");
}

/* Append a query for those among `subject` whom a list calls by a name that has shifted. */
static void
scope_add_called(const struct scope_type *one, uint32_t county, const char *column, struct buf *out)
{
    buf_add_fmt(out,
                " union select t.id_no from %s as t where t.county = %" PRIu32
                " and t.submission = any('%s'::integer[])"
                " and t.%s in (select subject from subject)"
                " and coalesce(t.name_key, t.name) in (select fold from shifted)",
                one->type->table, county, one->every, column);
}

/* Whether a guarded rule speaks of whom this list holds. */
static bool
scope_calls(const struct scope *scope, const struct record_type *type)
{
    for (size_t i = 0; i < scope->rules->count; i++)
        if (scope_guards(&scope->rules->list[i]) && rules_reads(&scope->rules->list[i], type))
            return true;
    return false;
}

/* Whom the shifted numbers and names mean: those the month found, or kept back, for an absence. */
static int
scope_find_shifted(struct store *store, const struct scope *scope, const char *month,
                   struct store_result **ret_found, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, rules = {0};

    buf_add_str(&sql, "with subject as (select subject from match.finding where county = $1"
                      " and month = $2 and rule = any($3::text[]) union"
                      " select subject from match.withheld where county = $1 and month = $2"
                      " and rule = any($3::text[])), person as ("
                      "select id_no from shifted where id_no is not null");
    for (size_t i = 0; i < scope->type_count; i++) {
        const struct scope_type *one = &scope->types[i];

        if (one->before || one->type->id < 0 || !one->type->name_key)
            continue;
        if (scope_calls(scope, one->type))
            scope_add_called(one, scope->county, "id_no", &sql);
        if (strcmp(one->type->name, "register.member") == 0)
            scope_add_called(one, scope->county, "household_no", &sql);
    }
    buf_add_str(&sql, "), household as (select household_no from shifted"
                      " where household_no is not null)"
                      " select (select array_agg(id_no) from person where id_no not in"
                      " (select id_no from scope_person))::text,"
                      " (select array_agg(household_no) from household where household_no not in"
                      " (select household_no from scope_household))::text");
    scope_add_guarded(scope, &rules);
    const struct store_param params[] = {STORE_I(scope->county), STORE_T(month),
                                         STORE_T(buf_str(&rules))};
    if (store_run(store, buf_str(&sql), params, 3, ret_found, NULL, err) < 0)
        return err_wrap(err, "cannot find whom the guards of absence mean");
    return 0;
}

int
scope_widen(struct store *store, struct scope *scope, const struct content_book *book,
            bool *ret_wider, struct err *err)
{
    AUTO(store_result_free) struct store_result *any = NULL, *found = NULL;
    char first[11];

    scope_month(scope->month, first);
    const struct store_param params[] = {STORE_I(scope->county), STORE_T(first)};
    *ret_wider = false;
    if (store_run(store,
                  "insert into unknown (record_type, id_no, fold, household_no, why)"
                  " select record_type, id_no, fold, household_no, why from match.unknown"
                  " where county = $1 and month = $2 and why = 'conflict'"
                  " and id_no not in (select id_no from scope_person)",
                  params, 2, NULL, NULL, err) < 0 ||
        store_run(store, query_text("scope_shifted.sql"), params, 2, NULL, NULL, err) < 0 ||
        store_run(store, "select exists (select from shifted)", NULL, 0, &any, NULL, err) < 0)
        return err_wrap(err, "cannot compare the guards of absence");
    if (!store_bool(any, 0, 0))
        return 0;
    if (scope_find_shifted(store, scope, first, &found, err) < 0)
        return -1;
    if (store_null(found, 0, 0) && store_null(found, 0, 1))
        return 0;
    *ret_wider = true;
    if (store_run(store, "rollback to savepoint scope", NULL, 0, NULL, NULL, err) < 0 ||
        scope_add(store, scope, book, store_text(found, 0, 0), store_text(found, 0, 1), err) < 0)
        return -1;
    return scope->whole ? 0 : scope_keep(store, err);
}

void
scope_add_subjects(const struct rules *rules, struct buf *ids, struct buf *subjects)
{
    size_t count = 0;

    buf_add_str(ids, "{");
    buf_add_str(subjects, "{");
    for (size_t i = 0; i < rules->count; i++) {
        const char *separator = count > 0 ? "," : "";

        if (rules->list[i].broken != NULL)
            continue;
        count++;
        buf_add_fmt(ids, "%s\"%s\"", separator, rules->list[i].id);
        buf_add_fmt(subjects, "%s\"%s\"", separator, rules->list[i].subject);
    }
    buf_add_str(ids, "}");
    buf_add_str(subjects, "}");
}

int
scope_trim(struct store *store, const struct scope *scope, struct err *err)
{
    AUTO_BUF struct buf ids = {0}, subjects = {0};

    scope_add_subjects(scope->rules, &ids, &subjects);

    const struct store_param params[] = {STORE_T(buf_str(&ids)), STORE_T(buf_str(&subjects))};
    return store_run(store, query_text("scope_trim.sql"), params, 2, NULL, NULL, err);
}

/* --- the next time --- */

int
scope_note(struct store *store, const struct content_book *book, int32_t month,
           const struct scope *scope, struct err *err)
{
    static const char sql[] =
        "update match.month set means = $3, scope = $4, why = $5, persons = $6, households = $7"
        " where county = $1 and month = $2";
    AUTO_READING struct scope_reading reading = {0};
    uint8_t means[DIGEST_BYTES];
    char first[11];

    scope_read(book, month, &reading);
    scope_means(scope, means);
    scope_month(month, first);
    const struct store_param noted[] = {
        STORE_I(scope->county),        STORE_T(first),
        STORE_B(means, sizeof(means)), STORE_T(scope->whole ? "whole" : "touched"),
        STORE_T(scope->why),           STORE_I(scope->persons),
        STORE_I(scope->households)};
    const struct store_param read[] = {STORE_I(scope->county), STORE_T(first),
                                       STORE_T(buf_str(&reading.types)),
                                       STORE_T(buf_str(&reading.lists))};
    if (store_run(store, sql, noted, 7, NULL, NULL, err) < 0 ||
        store_run(store, query_text("scope_reading.sql"), read, 4, NULL, NULL, err) < 0 ||
        store_run(store, query_text("scope_unknown.sql"), read, 2, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot note what the month has read");
    return 0;
}
