#include "judge/affected_fill.h"

#include <assert.h>

#include "base/buf.h"
#include "identity/identity.h"
#include "judge/affected_query.h"
#include "judge/judge_sql.h"
#include "judge/wide.h"

/* The kind of subject by which rows of the record type belong to the affected set. */
static const struct affected_kind *
affected_belongs(const struct record_type *type)
{
    for (size_t i = 0; i < AFFECTED_KINDS; i++)
        if (affected_field(type, subject_column(affected_kinds[i].subject)))
            return &affected_kinds[i];
    assert(!"a record type that names a person, a household or a house");
    return NULL;
}

/* Put in the rows that decide whether rows of affected_<type> count: their reversals, and newer
   rows of their keys that name somebody else. */
static int
affected_complete(struct store *store, const struct affected *affected,
                  const struct affected_type *one, const char *name, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    const struct record_type *type = one->type;

    if (type->cancels >= 0) {
        const char *cancels = type->fields[type->cancels].name;

        BUF_ADD_FILLED(&sql, judge_sql_affected_cancelling.text, {"name", name},
                       {"table", type->table}, {"county", affected->month->county_text},
                       {"submissions", one->every}, {"cancels", cancels},
                       {"key", type->fields[type->key[0]].name});
        if (affected_run(store, &sql, err) < 0)
            return -1;
    }
    return affected_put_superseding(store, affected, one, err);
}

/* Append the submissions of a record type, with those of the earlier register. */
static void
affected_add_every(const struct affected *affected, const struct affected_type *one,
                   struct buf *out)
{
    buf_add_fmt(out, "'%s'::integer[]", one->every);
    for (size_t i = 0; i < affected->type_count; i++)
        if (affected->types[i].before && affected->types[i].type == one->type)
            buf_add_fmt(out, " || '%s'::integer[]", affected->types[i].every);
}

static int
affected_fill_one(struct store *store, const struct affected *affected,
                  const struct affected_type *one, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, sought = {0}, submissions = {0};
    char name[AFFECTED_NAME_MAX];
    const struct affected_kind *kind = affected_belongs(one->type);

    affected_table_name(one->type, name);
    if (affected_create(store, one->type, err) < 0)
        return err_wrap(err, "cannot make %s", name);
    affected_add_sought(subject_column(kind->subject), kind->table, 0, NULL, &sought);
    affected_add_every(affected, one, &submissions);
    BUF_ADD_FILLED(&sql, judge_sql_affected_fill.text, {"name", name}, {"sought", buf_str(&sought)},
                   {"table", one->type->table}, {"column", subject_column(kind->subject)},
                   {"county", affected->month->county_text},
                   {"submissions", buf_str(&submissions)});
    if (affected_run(store, &sql, err) < 0)
        return err_wrap(err, "cannot read %s of whom the change touches", one->type->name);
    if (identity_takes(one->type)) {
        affected_add_linked(affected, one->type, &sql);
        if (affected_put(store, name, &sql, NULL, err) < 0)
            return -1;
    }
    return affected_complete(store, affected, one, name, err);
}

/* Drop the tables affected_<type> of a smaller affected set, with the views upon them. */
static int
affected_drop(struct store *store, const struct affected *affected, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    char name[AFFECTED_NAME_MAX];

    buf_add_str(&sql, "drop view if exists affected_subject cascade; drop table if exists ");
    for (size_t i = 0, n = 0; i < affected->type_count; i++) {
        if (affected->types[i].before || affected->types[i].type->joins)
            continue;
        affected_table_name(affected->types[i].type, name);
        buf_add_fmt(&sql, "%s%s", n++ > 0 ? ", " : "", name);
    }
    buf_add_str(&sql, " cascade");
    return store_script(store, buf_str(&sql), err);
}

int
affected_fill(struct store *store, const struct affected *affected, struct err *err)
{
    AUTO_BUF struct buf analyze = {0};
    char name[AFFECTED_NAME_MAX], houses[AFFECTED_NAME_MAX];

    affected_table_name(record_of_role(RECORD_HOUSES), houses);
    if (affected_drop(store, affected, err) < 0 ||
        affected_gain(store, "affected_house", "house_no", houses, affected->round, err) < 0 ||
        store_script(store,
                     AFFECTED_BY_INDEX
                     "; analyze affected_person, affected_household, affected_house",
                     err) < 0)
        return -1;
    buf_add_str(&analyze, "analyze ");
    for (size_t i = 0, n = 0; i < affected->type_count; i++) {
        const struct affected_type *one = &affected->types[i];

        if (one->before || !rows_names(one->type))
            continue;
        if (!one->type->joins && affected_fill_one(store, affected, one, err) < 0)
            return -1;
        affected_table_name(one->type, name);
        buf_add_fmt(&analyze, "%s%s", n++ > 0 ? ", " : "", name);
    }
    buf_add_fmt(&analyze, "; %s; " AFFECTED_TAKEN_IN, judge_sql_affected_subject.text);
    return store_script(store, buf_str(&analyze), err);
}
