#include "scope_fill.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "resolve.h"
#include "scope_query.h"
#include "wide.h"

/* By what a record type's rows belong to the scope. */
static const struct scope_kind *
scope_belongs(const struct record_type *type)
{
    for (size_t i = 0; i < SCOPE_KINDS; i++)
        if (scope_field(type, scope_kinds[i].column))
            return &scope_kinds[i];
    assert(!"a record type that names a person, a household or a house");
    return NULL;
}

/* What else decides which of these rows count: reversals, and newer rows of their keys that name
   somebody else. */
static int
scope_complete(struct store *store, const struct scope *scope, const struct scope_type *one,
               const char *name, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    const struct record_type *type = one->type;

    if (scope_field(type, "reversal_of")) {
        buf_add_fmt(&sql,
                    "insert into %s select t.* from %s as t where t.county = %" PRIu32
                    " and t.submission = any('%s'::integer[]) and t.reversal_of is not null"
                    " and t.reversal_of in (select settlement_no from %s)"
                    " and t.id_no not in (select id_no from scope_person)",
                    name, type->table, scope->county, one->every, name);
        if (scope_run(store, &sql, err) < 0)
            return -1;
    }
    return scope_put_rivals(store, scope, one, err);
}

/* The submissions of a record type, those of the earlier register among them. */
static void
scope_add_every(const struct scope *scope, const struct scope_type *one, struct buf *out)
{
    buf_add_fmt(out, "'%s'::integer[]", one->every);
    for (size_t i = 0; i < scope->type_count; i++)
        if (scope->types[i].before && scope->types[i].type == one->type)
            buf_add_fmt(out, " || '%s'::integer[]", scope->types[i].every);
}

static int
scope_fill_one(struct store *store, const struct scope *scope, const struct scope_type *one,
               struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    char name[SCOPE_NAME_MAX];
    const struct scope_kind *kind = scope_belongs(one->type);

    scope_table_name(one->type, name);
    buf_add_fmt(&sql, "create temp table %s on commit drop as select t.* from ", name);
    scope_add_sought(kind->column, kind->whom, 0, NULL, &sql);
    buf_add_fmt(&sql,
                " join %s as t on t.%s = sought.%s where t.county = %" PRIu32
                " and t.submission = any(",
                one->type->table, kind->column, kind->column, scope->county);
    scope_add_every(scope, one, &sql);
    buf_add_str(&sql, ")");
    if (scope_run(store, &sql, err) < 0)
        return err_wrap(err, "cannot read %s of whom the change touches", one->type->name);
    if (resolve_takes(one->type)) {
        scope_add_linked(scope, one->type, &sql);
        if (scope_put(store, name, &sql, NULL, err) < 0)
            return -1;
    }
    return scope_complete(store, scope, one, name, err);
}

/* Drop what was made for a smaller scope, with the views upon it. */
static int
scope_drop(struct store *store, const struct scope *scope, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    char name[SCOPE_NAME_MAX];

    buf_add_str(&sql, "drop view if exists scope_subject cascade; drop table if exists ");
    for (size_t i = 0, n = 0; i < scope->type_count; i++) {
        if (scope->types[i].before || scope_joins(scope->types[i].type))
            continue;
        scope_table_name(scope->types[i].type, name);
        buf_add_fmt(&sql, "%s%s", n++ > 0 ? ", " : "", name);
    }
    buf_add_str(&sql, " cascade");
    return store_script(store, buf_str(&sql), err);
}

int
scope_fill(struct store *store, const struct scope *scope, struct err *err)
{
    static const char subject[] =
        "create temp view scope_subject as"
        " select 'person' as subject_type, id_no as subject from scope_person"
        " union all select 'household', household_no from scope_household"
        " union all select 'house', house_no from scope_house";
    AUTO_BUF struct buf analyze = {0};
    char name[SCOPE_NAME_MAX];

    if (scope_drop(store, scope, err) < 0 ||
        scope_gain(store, "scope_house", "house_no", "scoped_housing_house", scope->round, err) <
            0 ||
        store_script(store, SCOPE_BY_INDEX "; analyze scope_person, scope_household, scope_house",
                     err) < 0)
        return -1;
    buf_add_str(&analyze, "analyze ");
    for (size_t i = 0, n = 0; i < scope->type_count; i++) {
        const struct scope_type *one = &scope->types[i];

        if (one->before || !wide_names(one->type))
            continue;
        if (!scope_joins(one->type) && scope_fill_one(store, scope, one, err) < 0)
            return -1;
        scope_table_name(one->type, name);
        buf_add_fmt(&analyze, "%s%s", n++ > 0 ? ", " : "", name);
    }
    buf_add_fmt(&analyze, "; %s; " SCOPE_TAKEN_IN, subject);
    return store_script(store, buf_str(&analyze), err);
}
