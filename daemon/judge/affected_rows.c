#include "judge/affected_rows.h"

#include <string.h>

#include "base/buf.h"
#include "identity/identity.h"
#include "judge/affected_query.h"
#include "judge/judge_sql.h"
#include "judge/wide.h"

/* Add to the affected set the persons, households and houses that the rows of a table, or of a
   query in brackets, name, in each of these columns that the record type has. */
static int
affected_gain_all(struct store *store, const struct record_type *type, const char *from, int round,
                  struct err *err)
{
    for (size_t i = 0; i < AFFECTED_KINDS; i++) {
        const struct affected_kind *kind = &affected_kinds[i];

        if (affected_field(type, subject_column(kind->subject)) &&
            affected_gain(store, kind->table, subject_column(kind->subject), from, round, err) < 0)
            return -1;
    }
    return 0;
}

/* --- rows that came or went --- */

/* Put into an empty table the rows that came or went, and all other rows, read now or before, under
   their keys. */
static int
affected_touch(struct store *store, const struct affected *affected,
               const struct affected_type *one, const char *name, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, key = {0}, t_key = {0}, sought_key = {0};
    const struct record_type *type = one->type;

    BUF_ADD_FILLED(&sql, judge_sql_affected_changed.text, {"name", name}, {"table", type->table},
                   {"county", affected->month->county_text}, {"changed", one->changed});
    if (affected_run(store, &sql, err) < 0)
        return -1;
    if (affected_key_tells(type) || strcmp(one->changed, one->every) == 0)
        return 0;
    buf_add_fmt(&sql, "analyze %s", name);
    if (affected_run(store, &sql, err) < 0)
        return -1;
    rows_add_keys(type, "", &key);
    rows_add_keys(type, "t.", &t_key);
    rows_add_keys(type, "sought.", &sought_key);
    BUF_ADD_FILLED(&sql, judge_sql_affected_beside.text, {"name", name}, {"key", buf_str(&key)},
                   {"table", type->table}, {"t_key", buf_str(&t_key)},
                   {"sought_key", buf_str(&sought_key)}, {"county", affected->month->county_text},
                   {"every", one->every}, {"changed", one->changed});
    return affected_run(store, &sql, err);
}

/* A settlement counts only without a reversal: add the persons whose settlements the changed
   reversals name. */
static int
affected_seed_reversed(struct store *store, const struct affected *affected,
                       const struct affected_type *one, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    const char *cancels;

    if (one->type->cancels < 0)
        return 0;
    cancels = one->type->fields[one->type->cancels].name;
    BUF_ADD_FILLED(&sql, judge_sql_affected_reversed.text, {"table", one->type->table},
                   {"county", affected->month->county_text}, {"submissions", one->every},
                   {"key", one->type->fields[one->type->key[0]].name}, {"cancels", cancels});
    return affected_gain(store, "affected_person", "id_no", buf_str(&sql), affected->round, err);
}

/* True when the natural key contains every person, household and house column, so that older rows
   of the key name nobody else, and the record type joins nobody, so that its rows need not stay. */
static bool
affected_tells(const struct affected_type *one)
{
    return affected_key_tells(one->type) && !one->type->joins;
}

/* Add the persons, households and houses that rows of such lists name, in one statement of all
   lists. */
static int
affected_seed_told(struct store *store, const struct affected *affected, struct err *err)
{
    for (size_t i = 0; i < AFFECTED_KINDS; i++) {
        const struct affected_kind *kind = &affected_kinds[i];
        AUTO_BUF struct buf from = {0};

        for (size_t j = 0; j < affected->type_count; j++) {
            const struct affected_type *one = &affected->types[j];

            if (!one->differs || !affected_tells(one) ||
                !affected_field(one->type, subject_column(kind->subject)))
                continue;
            buf_add_str(&from, from.len > 0 ? " union all " : "(");
            BUF_ADD_FILLED(&from, judge_sql_affected_told.text,
                           {"column", subject_column(kind->subject)}, {"table", one->type->table},
                           {"county", affected->month->county_text}, {"changed", one->changed});
        }
        if (from.len == 0)
            continue;
        buf_add_str(&from, ")");
        if (affected_gain(store, kind->table, subject_column(kind->subject), buf_str(&from),
                          affected->round, err) < 0)
            return err_wrap(err, "cannot read whom changed rows name");
    }
    return 0;
}

static int
affected_seed(struct store *store, const struct affected *affected, const struct affected_type *one,
              struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    bool stays = one->type->joins && !one->before;
    char name[AFFECTED_NAME_MAX] = "changed_row";

    if (!one->differs || !rows_names(one->type) || affected_tells(one))
        return 0;
    /* A row of a joining list may name nobody and still be linked with a member: the row stays. */
    if (stays)
        affected_table_name(one->type, name);
    else
        BUF_ADD_FILLED(&sql, judge_sql_changed_row.text, {"table", one->type->table});
    if ((!stays && affected_run(store, &sql, err) < 0) ||
        affected_touch(store, affected, one, name, err) < 0 ||
        affected_gain_all(store, one->type, name, affected->round, err) < 0 ||
        affected_seed_reversed(store, affected, one, err) < 0)
        return err_wrap(err, "cannot read what has changed of %s", one->type->name);
    return stays ? 0 : store_script(store, "drop table changed_row", err);
}

/* Add the owners of the houses whose renovation changed, by whatever list of houses counts. Owners
   of houses whose own rows changed are in the set already. */
static int
affected_seed_houses(struct store *store, const struct affected *affected, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    bool renovated = false;

    for (size_t i = 0; i < affected->type_count; i++)
        renovated = renovated || (affected->types[i].differs && affected->types[i].type->id < 0 &&
                                  affected_field(affected->types[i].type, "house_no"));
    for (size_t i = 0; renovated && i < affected->type_count; i++) {
        const struct affected_type *one = &affected->types[i];

        if (one->type->role != RECORD_HOUSES)
            continue;
        BUF_ADD_FILLED(&sql, judge_sql_renovated.text, {"table", one->type->table},
                       {"type", record_ident(one->type)});
        const struct store_param params[] = {STORE_I(affected->month->county), STORE_T(one->every)};
        if (store_run(store, buf_str(&sql), params, 2, NULL, NULL, err) < 0 ||
            affected_gain_all(store, one->type, "renovated", affected->round, err) < 0)
            return -1;
        return store_script(store, "drop table renovated", err);
    }
    return 0;
}

static int
affected_create_tables(struct store *store, const struct affected *affected, struct err *err)
{
    for (size_t i = 0; i < affected->type_count; i++)
        if (affected->types[i].type->joins && !affected->types[i].before &&
            affected_create(store, affected->types[i].type, err) < 0)
            return -1;
    return store_script(store, judge_sql_affected_tables.text, err);
}

int
affected_rows_begin(struct store *store, struct affected *affected, struct err *err)
{
    affected->round = 1;
    if (store_script(store, AFFECTED_BY_INDEX, err) < 0 ||
        affected_create_tables(store, affected, err) < 0)
        return err_wrap(err, "cannot make the affected");
    if (affected_seed_told(store, affected, err) < 0)
        return -1;
    for (size_t i = 0; i < affected->type_count; i++)
        if (affected_seed(store, affected, &affected->types[i], err) < 0)
            return -1;
    if (affected_seed_houses(store, affected, err) < 0)
        return err_wrap(err, "cannot read whose houses have changed");
    return 0;
}

int
affected_rows_add(struct store *store, struct affected *affected, const char *persons,
                  const char *households, struct err *err)
{
    AUTO_BUF struct buf person = {0}, household = {0};
    struct store_param params[] = {STORE_I(affected->round), STORE_T(persons)};

    BUF_ADD_FILLED(&person, judge_sql_affected_add.text, {"subjects", "affected_person"},
                   {"column", "id_no"});
    BUF_ADD_FILLED(&household, judge_sql_affected_add.text, {"subjects", "affected_household"},
                   {"column", "household_no"});
    if (store_run(store, buf_str(&person), params, 2, NULL, NULL, err) < 0)
        return -1;
    params[1] = STORE_T(households);
    return store_run(store, buf_str(&household), params, 2, NULL, NULL, err);
}

/* --- the closure --- */

/* Put into affected_<type> the rows of a joining list in whose column stands a person or household
   of this round; `missing`: only of persons and households that have no row there yet. */
static int
affected_take(struct store *store, const struct affected *affected, const struct affected_type *one,
              const char *column, const char *table, bool missing, int64_t *count, struct err *err)
{
    AUTO_BUF struct buf rows = {0}, sought = {0};
    char name[AFFECTED_NAME_MAX];

    affected_table_name(one->type, name);
    affected_add_sought(column, table, affected->round, missing ? name : NULL, &sought);
    BUF_ADD_FILLED(&rows, judge_sql_affected_take.text, {"sought", buf_str(&sought)},
                   {"table", one->type->table}, {"column", column},
                   {"county", affected->month->county_text}, {"submissions", one->every});
    return affected_put(store, name, &rows, count, err);
}

/* Put in the rows of a joining list that are linked with persons of the affected set, and add the
   persons with whom rows of affected_<type> are linked. */
static int
affected_join_linked(struct store *store, const struct affected *affected,
                     const struct affected_type *one, int64_t *count, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    char name[AFFECTED_NAME_MAX];

    affected_table_name(one->type, name);
    affected_add_linked(affected, one->type, &sql);
    if (affected_put(store, name, &sql, count, err) < 0)
        return -1;
    BUF_ADD_FILLED(&sql, judge_sql_affected_linked_person.text, {"name", name},
                   {"month", affected->month->first}, {"type", one->type->name});
    return affected_gain(store, "affected_person", "id_no", buf_str(&sql), affected->round + 1,
                         err);
}

/* Members, houses and accounts of this round's households and persons bring the other persons and
   households that their rows name; in the first round the rows that came or went do so, too. */
static int
affected_join_list(struct store *store, const struct affected *affected,
                   const struct affected_type *one, struct err *err)
{
    char name[AFFECTED_NAME_MAX];
    int64_t came = 0;

    affected_table_name(one->type, name);
    if (affected_take(store, affected, one, "household_no", "affected_household", false, &came,
                      err) < 0 ||
        affected_take(store, affected, one, "id_no", "affected_person", one->once, &came, err) <
            0 ||
        (identity_takes(one->type) && affected_join_linked(store, affected, one, &came, err) < 0))
        return -1;
    if (came == 0 && affected->round > 1)
        return 0;
    if (affected_put_superseding(store, affected, one, err) < 0)
        return -1;
    return affected_gain_all(store, one->type, name, affected->round + 1, err);
}

static int
affected_round(struct store *store, const struct affected *affected, struct err *err)
{
    if (store_script(store, "analyze affected_person, affected_household", err) < 0)
        return -1;
    for (size_t i = 0; i < affected->type_count; i++) {
        const struct affected_type *one = &affected->types[i];

        if (one->before || !one->type->joins)
            continue;
        if (affected_join_list(store, affected, one, err) < 0)
            return err_wrap(err, "cannot follow %s", one->type->name);
    }
    return 0;
}

int
affected_rows_close(struct store *store, struct affected *affected, int64_t most, bool *ret_large,
                    struct err *err)
{
    bool more = true;

    if (store_script(store, AFFECTED_BY_INDEX, err) < 0)
        return -1;
    *ret_large = false;
    while (more && !*ret_large) {
        AUTO(store_result_free) struct store_result *row = NULL;

        if (affected_round(store, affected, err) < 0 ||
            store_run(store, judge_sql_affected_reached.text, &STORE_I(affected->round), 1, &row,
                      NULL, err) < 0)
            return -1;
        affected->persons = store_int(row, 0, 0);
        affected->households = store_int(row, 0, 1);
        more = store_bool(row, 0, 2);
        *ret_large = affected->persons > most;
        affected->round++;
    }
    return 0;
}
