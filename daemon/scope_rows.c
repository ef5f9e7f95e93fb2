#include "scope_rows.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "resolve.h"
#include "scope_query.h"
#include "wide.h"

/* Add whom the rows of a table, or of a query in brackets, name in whichever columns a record type has. */
static int
scope_gain_all(struct store *store, const struct record_type *type, const char *from, int round,
               struct err *err)
{
    for (size_t i = 0; i < SCOPE_KINDS; i++) {
        const struct scope_kind *kind = &scope_kinds[i];

        if (scope_field(type, kind->column) &&
            scope_gain(store, kind->whom, kind->column, from, round, err) < 0)
            return -1;
    }
    return 0;
}

/* --- rows that came or went --- */

/* Put into an empty table the rows that came or went, and whatever else stood or stands under their
   keys. */
static int
scope_touch(struct store *store, const struct scope *scope, const struct scope_type *one,
            const char *name, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    const struct record_type *type = one->type;

    buf_add_fmt(&sql,
                "insert into %s select * from %s where county = %" PRIu32
                " and submission = any('%s'::integer[])",
                name, type->table, scope->county, one->changed);
    if (scope_run(store, &sql, err) < 0)
        return -1;
    if (scope_key_tells(type) || strcmp(one->changed, one->every) == 0)
        return 0;
    buf_add_fmt(&sql, "analyze %s", name);
    if (scope_run(store, &sql, err) < 0)
        return -1;
    /* In order: then an index and what it points to are gone through forwards. */
    buf_add_fmt(&sql, "insert into %s select t.* from (select distinct ", name);
    wide_add_keys(type, "", &sql);
    buf_add_fmt(&sql, " from %s order by ", name);
    wide_add_keys(type, "", &sql);
    buf_add_fmt(&sql, ") as sought join %s as t on (", type->table);
    wide_add_keys(type, "t.", &sql);
    buf_add_str(&sql, ") = (");
    wide_add_keys(type, "sought.", &sql);
    buf_add_str(&sql, ")");
    buf_add_fmt(&sql,
                " where t.county = %" PRIu32 " and t.submission = any('%s'::integer[])"
                " and t.submission <> all('%s'::integer[])",
                scope->county, one->every, one->changed);
    return scope_run(store, &sql, err);
}

/* A reversal that came or went lets the settlement it names count or not. */
static int
scope_seed_reversed(struct store *store, const struct scope *scope, const struct scope_type *one,
                    struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    if (!scope_field(one->type, "reversal_of"))
        return 0;
    buf_add_fmt(&sql,
                "(select id_no from %s where county = %" PRIu32
                " and submission = any('%s'::integer[]) and settlement_no in"
                " (select reversal_of from touched where reversal_of is not null))",
                one->type->table, scope->county, one->every);
    return scope_gain(store, "scope_person", "id_no", buf_str(&sql), scope->round, err);
}

/* Whether who has to do with a row that came or went is said by the row itself, whatever else stands
   under its key, and the row need not stay. */
static bool
scope_tells(const struct scope_type *one)
{
    return scope_key_tells(one->type) && !scope_joins(one->type);
}

/* Those whom such rows name, of all lists at once. */
static int
scope_seed_told(struct store *store, const struct scope *scope, struct err *err)
{
    for (size_t i = 0; i < SCOPE_KINDS; i++) {
        const struct scope_kind *kind = &scope_kinds[i];
        AUTO_BUF struct buf from = {0};

        for (size_t j = 0; j < scope->type_count; j++) {
            const struct scope_type *one = &scope->types[j];

            if (one->differs && scope_tells(one) && scope_field(one->type, kind->column))
                buf_add_fmt(&from,
                            "%sselect %s from %s where county = %" PRIu32
                            " and submission = any('%s'::integer[])",
                            from.len > 0 ? " union all " : "(", kind->column, one->type->table,
                            scope->county, one->changed);
        }
        if (from.len == 0)
            continue;
        buf_add_str(&from, ")");
        if (scope_gain(store, kind->whom, kind->column, buf_str(&from), scope->round, err) < 0)
            return err_wrap(err, "cannot read whom changed rows name");
    }
    return 0;
}

static int
scope_seed(struct store *store, const struct scope *scope, const struct scope_type *one,
           struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    bool stays = scope_joins(one->type) && !one->before;
    char name[SCOPE_NAME_MAX] = "touched";

    if (!one->differs || !wide_names(one->type) || scope_tells(one))
        return 0;
    /* A row of a joining list may name nobody and still be linked with somebody: it stays. */
    if (stays)
        scope_table_name(one->type, name);
    else
        buf_add_fmt(&sql, "create temp table touched (like %s) on commit drop", one->type->table);
    if ((!stays && scope_run(store, &sql, err) < 0) ||
        scope_touch(store, scope, one, name, err) < 0 ||
        scope_gain_all(store, one->type, name, scope->round, err) < 0 ||
        scope_seed_reversed(store, scope, one, err) < 0)
        return err_wrap(err, "cannot read what has changed of %s", one->type->name);
    return stays ? 0 : store_script(store, "drop table touched", err);
}

/* Houses whose renovation changed: their owners, by whatever list of houses counts. Of houses that
   changed themselves they are known. */
static int
scope_seed_houses(struct store *store, const struct scope *scope, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    bool renovated = false;

    for (size_t i = 0; i < scope->type_count; i++)
        renovated = renovated || (scope->types[i].differs && scope->types[i].type->id < 0 &&
                                  scope_field(scope->types[i].type, "house_no"));
    for (size_t i = 0; renovated && i < scope->type_count; i++) {
        const struct scope_type *one = &scope->types[i];

        if (strcmp(one->type->name, "housing.house") != 0)
            continue;
        buf_add_fmt(&sql,
                    "create temp table touched on commit drop as select * from %s"
                    " where county = %" PRIu32 " and submission = any('%s'::integer[])"
                    " and house_no in (select house_no from scope_house"
                    " except select house_no from scoped_housing_house)",
                    one->type->table, scope->county, one->every);
        if (scope_run(store, &sql, err) < 0 ||
            scope_gain_all(store, one->type, "touched", scope->round, err) < 0)
            return -1;
        return store_script(store, "drop table touched", err);
    }
    return 0;
}

static int
scope_create_tables(struct store *store, const struct scope *scope, struct err *err)
{
    static const char whom[] =
        "create temp table scope_person (round integer, id_no text) on commit drop;"
        "create temp table scope_household (round integer, household_no text) on commit drop;"
        "create temp table scope_house (round integer, house_no text) on commit drop";
    AUTO_BUF struct buf sql = {0};
    char name[SCOPE_NAME_MAX];

    for (size_t i = 0; i < scope->type_count; i++) {
        if (!scope_joins(scope->types[i].type) || scope->types[i].before)
            continue;
        scope_table_name(scope->types[i].type, name);
        buf_add_fmt(&sql, "create temp table %s (like %s) on commit drop;", name,
                    scope->types[i].type->table);
    }
    buf_add_str(&sql, whom);
    return store_script(store, buf_str(&sql), err);
}

int
scope_rows_begin(struct store *store, struct scope *scope, struct err *err)
{
    scope->round = 1;
    if (store_script(store, SCOPE_BY_INDEX, err) < 0 || scope_create_tables(store, scope, err) < 0)
        return err_wrap(err, "cannot make the scope");
    if (scope_seed_told(store, scope, err) < 0)
        return -1;
    for (size_t i = 0; i < scope->type_count; i++)
        if (scope_seed(store, scope, &scope->types[i], err) < 0)
            return -1;
    if (scope_seed_houses(store, scope, err) < 0)
        return err_wrap(err, "cannot read whose houses have changed");
    return 0;
}

int
scope_rows_add(struct store *store, struct scope *scope, const char *persons,
               const char *households, struct err *err)
{
    static const char person[] = "insert into scope_person select distinct $1::integer, id_no from "
                                 "unnest($2::text[]) as id_no"
                                 " where id_no not in (select id_no from scope_person)";
    static const char household[] =
        "insert into scope_household select distinct $1::integer, household_no"
        " from unnest($2::text[]) as household_no"
        " where household_no not in (select household_no from scope_household)";
    struct store_param params[] = {STORE_I(scope->round), STORE_T(persons)};

    if (store_run(store, person, params, 2, NULL, NULL, err) < 0)
        return -1;
    params[1] = STORE_T(households);
    return store_run(store, household, params, 2, NULL, NULL, err);
}

/* --- the closure --- */

/* Take in rows of a joining list by a column that someone of this round stands in; `missing`: of those
   who have none yet. */
static int
scope_take(struct store *store, const struct scope *scope, const struct scope_type *one,
           const char *column, const char *whom, bool missing, int64_t *count, struct err *err)
{
    AUTO_BUF struct buf rows = {0};
    char name[SCOPE_NAME_MAX];

    scope_table_name(one->type, name);
    buf_add_str(&rows, "select t.* from ");
    scope_add_sought(column, whom, scope->round, missing ? name : NULL, &rows);
    buf_add_fmt(&rows,
                " join %s as t on t.%s = sought.%s where t.county = %" PRIu32
                " and t.submission = any('%s'::integer[])",
                one->type->table, column, column, scope->county, one->every);
    return scope_put(store, name, &rows, count, err);
}

/* Rows of a joining list that are linked with those of the scope come in, and with whom its rows are
   linked. */
static int
scope_join_linked(struct store *store, const struct scope *scope, const struct scope_type *one,
                  int64_t *count, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    char name[SCOPE_NAME_MAX], first[11];

    scope_table_name(one->type, name);
    scope_add_linked(scope, one->type, &sql);
    if (scope_put(store, name, &sql, count, err) < 0)
        return -1;
    clock_format_date(clock_month_first(scope->month), first);
    buf_add_fmt(&sql,
                "(select l.id_no from %s as t join match.link as l on l.county = t.county"
                " and l.month = '%s' and l.record_type = '%s' and l.submission = t.submission"
                " and l.row_no = t.row_no where l.band = 'linked' and not l.quarantined)",
                name, first, one->type->name);
    return scope_gain(store, "scope_person", "id_no", buf_str(&sql), scope->round + 1, err);
}

/* Members, houses and accounts of this round's households and persons bring whom else they name; the
   first round's are those that came or went, too. */
static int
scope_join_list(struct store *store, const struct scope *scope, const struct scope_type *one,
                struct err *err)
{
    char name[SCOPE_NAME_MAX];
    int64_t came = 0;

    scope_table_name(one->type, name);
    if (scope_take(store, scope, one, "household_no", "scope_household", false, &came, err) < 0 ||
        scope_take(store, scope, one, "id_no", "scope_person", one->once, &came, err) < 0 ||
        (resolve_takes(one->type) && scope_join_linked(store, scope, one, &came, err) < 0))
        return -1;
    if (came == 0 && scope->round > 1)
        return 0;
    if (scope_put_rivals(store, scope, one, err) < 0)
        return -1;
    return scope_gain_all(store, one->type, name, scope->round + 1, err);
}

static int
scope_round(struct store *store, const struct scope *scope, struct err *err)
{
    if (store_script(store, "analyze scope_person, scope_household", err) < 0)
        return -1;
    for (size_t i = 0; i < scope->type_count; i++) {
        const struct scope_type *one = &scope->types[i];

        if (one->before || !scope_joins(one->type))
            continue;
        if (scope_join_list(store, scope, one, err) < 0)
            return err_wrap(err, "cannot follow %s", one->type->name);
    }
    return 0;
}

int
scope_rows_close(struct store *store, struct scope *scope, int64_t most, bool *ret_large,
                 struct err *err)
{
    static const char sql[] =
        "select (select count(*) from scope_person), (select count(*) from scope_household),"
        " exists (select from scope_person where round > $1)"
        " or exists (select from scope_household where round > $1)";
    bool more = true;

    if (store_script(store, SCOPE_BY_INDEX, err) < 0)
        return -1;
    *ret_large = false;
    while (more && !*ret_large) {
        AUTO(store_result_free) struct store_result *row = NULL;

        if (scope_round(store, scope, err) < 0 ||
            store_run(store, sql, &STORE_I(scope->round), 1, &row, NULL, err) < 0)
            return -1;
        scope->persons = store_int(row, 0, 0);
        scope->households = store_int(row, 0, 1);
        more = store_bool(row, 0, 2);
        *ret_large = scope->persons > most;
        scope->round++;
    }
    return 0;
}
