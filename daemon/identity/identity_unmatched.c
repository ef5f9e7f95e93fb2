#include "identity/identity_unmatched.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "identity/identity_sql.h"
#include "store/list.h"

#define IDENTITY_INTO                                                                              \
    "insert into unmatched (record_type, record_key, key_rest, submission, row_no, quarantined,"   \
    " known_id, known_name, known_fold, known_household, id_no, name, phone, address, area,"       \
    " household_no) "
#define IDENTITY_AGREES(member, fold)                                                              \
    "(" member ".fold = " fold " or match.one_apart(" member ".fold, " fold "))"

/* ---- pieces of queries ---- */

void
identity_add_view(const struct identity *identity, const struct record_type *type, bool everybody,
                  struct buf *out)
{
    buf_add_fmt(out, "%s_%s", everybody && identity->affected ? "every" : "raw",
                record_ident(type));
}

void
identity_add_key(const struct record_type *type, const char *prefix, bool rest, struct buf *out)
{
    buf_add_str(out, "concat_ws('/', null::text"); /* there may be nothing behind the number */
    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++)
        if (!rest || type->key[i] != type->id)
            buf_add_fmt(out, ", %s%s", prefix, type->fields[type->key[i]].name);
    buf_add_str(out, ")");
}

/* Append r.<field>, or null where the record type has none. */
static void
unmatched_add_field(const struct record_type *type, const char *name, struct buf *out)
{
    if (record_field_find(type, name) >= 0)
        buf_add_fmt(out, ", r.%s", name);
    else
        buf_add_str(out, ", null::text");
}

/* ---- lists of persons ---- */

/* Append the parts of the natural key as key_1, key_2 and key_3, and as rest_1 to rest_3 without the
   number: put together only for the rows that are open. */
static void
unmatched_add_parts_of_key(const struct record_type *type, struct buf *out)
{
    bool ended = false;

    for (int i = 0; i < RECORD_KEY_MAX; i++) {
        ended = ended || type->key[i] < 0;
        if (ended)
            buf_add_fmt(out, "null::text as key_%d, null::text as rest_%d, ", i + 1, i + 1);
        else if (type->key[i] == type->id)
            buf_add_fmt(out, "r.id_no as key_%d, null::text as rest_%d, ", i + 1, i + 1);
        else
            buf_add_fmt(out, "r.%s::text as key_%d, r.%s::text as rest_%d, ",
                        type->fields[type->key[i]].name, i + 1, type->fields[type->key[i]].name,
                        i + 1);
    }
}

/* Append the rows of a list of persons, as a part of one query over all such lists. */
static void
unmatched_add_persons(const struct identity *identity, const struct record_type *type,
                      struct buf *out)
{
    buf_add_fmt(out, "select '%s'::text as record_type, ", type->name);
    unmatched_add_parts_of_key(type, out);
    buf_add_str(out, "r.submission, r.row_no, r.id_no, r.name,"
                     " match.fold(r.name_key, r.name) as fold");
    unmatched_add_field(type, "phone", out);
    buf_add_str(out, " as phone");
    unmatched_add_field(type, "address", out);
    buf_add_str(out, " as address");
    unmatched_add_field(type, "area", out);
    buf_add_str(out, " as area from ");
    identity_add_view(identity, type, false, out);
    buf_add_str(out, " as r");
}

static bool
unmatched_is_of_persons(const struct content *content)
{
    return identity_takes(content->type) && content->type->household_no < 0 &&
           content->part_count > 0;
}

/* Nobody has the number, or somebody of another name has. */
static int
unmatched_find_persons(struct store *store, const struct identity *identity, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, lists = {0};

    for (size_t i = 0; i < identity->month->count; i++) {
        if (!unmatched_is_of_persons(&identity->month->contents[i]))
            continue;
        buf_add_str(&lists, lists.len > 0 ? " union all " : "");
        unmatched_add_persons(identity, identity->month->contents[i].type, &lists);
    }
    if (lists.len == 0)
        return 0;
    buf_add_fmt(
        &sql,
        IDENTITY_INTO
        "select k.record_type, concat_ws('/', key_1, key_2, key_3),"
        " concat_ws('/', rest_1, rest_2, rest_3), k.submission,"
        " k.row_no, false, m.id_no, m.name, m.fold,"
        " m.household_no, k.id_no, k.name, k.phone, k.address, k.area, null"
        " from (%s) as k left join named as m"
        " on m.id_no = k.id_no where (m.id_no is null or not " IDENTITY_AGREES("m", "k.fold") ")",
        buf_str(&lists));
    if (identity
            ->affected) /* others are there for their keys; whether they are open is not known */
        buf_add_str(&sql, " and k.id_no in (select id_no from affected_person)");
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* ---- lists of households ---- */

/* Neither the household's head nor the number says whose it is. */
static int
unmatched_find_households(struct store *store, const struct identity *identity,
                          const struct record_type *type, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    buf_add_fmt(&sql, IDENTITY_INTO "select '%s', ", type->name);
    identity_add_key(type, "r.", false, &sql);
    buf_add_str(&sql, ", ");
    identity_add_key(type, "r.", true, &sql);
    buf_add_str(&sql, ", r.submission, r.row_no, false, m.id_no, m.name, m.fold,"
                      " m.household_no, r.id_no, r.name");
    unmatched_add_field(type, "phone", &sql);
    unmatched_add_field(type, "address", &sql);
    unmatched_add_field(type, "area", &sql);
    buf_add_str(&sql, ", r.household_no from ");
    identity_add_view(identity, type, false, &sql);
    buf_add_str(
        &sql, " as r left join named as m on m.id_no = r.id_no"
              " left join named as head on head.household_no = r.household_no"
              " and head.head and " IDENTITY_AGREES(
                  "head",
                  "match.fold(r.name_key, r.name)") " where head.id_no is null"
                                                    " and (m.id_no is null or not " IDENTITY_AGREES(
                                                        "m", "match.fold(r.name_key, r.name)") ")");
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* ---- rows that could not be used ---- */

/* Append the submissions of the newest period, all of them or corrections. */
static void
unmatched_add_parts(const struct content *content, bool corrections, struct buf *out)
{
    AUTO_LIST struct list list = {0};

    for (size_t i = 0; i < content->part_count; i++) {
        const struct content_part *part = &content->parts[i];

        if (part->period == content->period && (!corrections || part->kind == CONTENT_CORRECTION))
            list_add_int(&list, part->submission);
    }
    list_add_literal(&list, "integer", out);
}

/* Those that no correction mends: linked, they count as presence only. */
static int
unmatched_find_quarantined(struct store *store, const struct identity *identity,
                           const struct content *content, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    buf_add_fmt(&sql,
                IDENTITY_INTO
                "select '%s', concat_ws('/', 'quarantine', q.id_no, q.name, q.phone,"
                " q.household_no), '', q.submission, q.row_no, true, null, null, null,"
                " null, q.id_no, q.name, q.phone, null, null, q.household_no"
                " from ops.quarantine as q where q.county = $1 and q.name is not null"
                " and q.submission = any(",
                content->type->name);
    unmatched_add_parts(content, false, &sql);
    buf_add_fmt(&sql,
                ") and not exists (select from %s as m where m.id_no = q.id_no) and not exists "
                "(select from %s as mended"
                " where mended.county = $1 and mended.submission > q.submission"
                " and mended.submission = any(",
                identity->affected ? "every_register_member" : "named", content->type->table);
    unmatched_add_parts(content, true, &sql);
    buf_add_str(&sql, ") and (mended.id_no = q.id_no or match.fold(mended.name_key, mended.name)"
                      " = match.fold(q.name_key, q.name)))");
    return store_run(store, buf_str(&sql), &STORE_I(identity->month->county), 1, NULL, NULL, err);
}

/* ---- what is looked at ---- */

/* looked: which rows of an affected set are looked at again; see unmatched_add_persons. */
static int
unmatched_create_looked(struct store *store, const struct identity *identity, struct err *err)
{
    AUTO_BUF struct buf lists = {0}, sql = {0};

    for (size_t i = 0; identity->affected && i < identity->month->count; i++) {
        const struct content *content = &identity->month->contents[i];

        if (!identity_takes(content->type) || content->part_count == 0)
            continue;
        buf_add_str(&lists, lists.len > 0 ? " union all " : "");
        BUF_ADD_FILLED(&lists, identity_sql_looked_list.text, {"name", content->type->name},
                       {"type", record_ident(content->type)},
                       {"every_row", content->type->household_no < 0 ? "false" : "true"});
    }
    BUF_ADD_FILLED(&sql, identity_sql_looked.text,
                   {"lists", lists.len > 0 ? buf_str(&lists) : identity_sql_looked_none.text});
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* Without a register nobody can be meant: then no row is open, however many there are. */
static bool
unmatched_has_members(const struct identity *identity)
{
    for (size_t i = 0; i < identity->month->count; i++)
        if (identity->month->contents[i].type->role == RECORD_MEMBERS)
            return identity->month->contents[i].part_count > 0;
    return false;
}

static int
unmatched_create_named(struct store *store, const struct identity *identity, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    bool affected = identity->affected;

    BUF_ADD_FILLED(&sql, identity_sql_named.text,
                   {"form", affected ? "or replace temp view" : "temp table"},
                   {"keep", affected ? "" : "on commit drop"});
    if (store_script(store, buf_str(&sql), err) < 0)
        return -1;
    return affected ? 0 : store_script(store, "analyze named", err);
}

int
identity_unmatched_find(struct store *store, const struct identity *identity, struct err *err)
{
    if (store_script(store, identity_sql_unmatched.text, err) < 0)
        return -1;
    if (unmatched_create_looked(store, identity, err) < 0)
        return -1;
    if (!unmatched_has_members(identity))
        return 0;
    if (unmatched_create_named(store, identity, err) < 0 ||
        unmatched_find_persons(store, identity, err) < 0)
        return -1;
    for (size_t i = 0; i < identity->month->count; i++) {
        const struct content *one = &identity->month->contents[i];

        if (!identity_takes(one->type) || one->part_count == 0)
            continue;
        if (one->type->household_no >= 0 &&
            unmatched_find_households(store, identity, one->type, err) < 0)
            return -1;
        if (one->quarantined > 0 && unmatched_find_quarantined(store, identity, one, err) < 0)
            return -1;
    }
    return store_script(store, "analyze unmatched", err);
}

int
identity_unmatched_keep(struct store *store, const struct identity *identity, bool *ret_changed,
                        struct err *err)
{
    int64_t gone, come;

    const struct store_param params[] = {STORE_I(identity->month->county),
                                         STORE_T(identity->month->first),
                                         STORE_T(identity->affected ? "true" : "false")};
    if (store_run(store, identity_sql_unmatched_gone.text, params, 3, NULL, &gone, err) < 0 ||
        store_run(store, identity_sql_unmatched_come.text, params, 2, NULL, &come, err) < 0)
        return err_wrap(err, "cannot keep the unmatched rows");
    *ret_changed = gone + come > 0;
    return 0;
}

int
identity_unmatched_load(struct store *store, const struct identity *identity, struct err *err)
{
    static const char sql[] =
        "insert into unmatched (record_type, record_key, key_rest, submission, row_no,"
        " quarantined, known_id, known_name, known_fold, known_household, id_no, name, phone,"
        " address, area, household_no) select record_type, record_key, key_rest, submission,"
        " row_no, quarantined, known_id, known_name, known_fold, known_household, id_no, name,"
        " phone, address, area, household_no from match.unmatched_row"
        " where county = $1 and month = $2";

    const struct store_param params[] = {STORE_I(identity->month->county),
                                         STORE_T(identity->month->first)};
    if (store_script(store, "truncate unmatched", err) < 0 ||
        store_run(store, sql, params, 2, NULL, NULL, err) < 0)
        return -1;
    return store_script(store, "analyze unmatched", err);
}
