#include "resolve_open.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "query.h"

#define RESOLVE_INTO                                                                               \
    "insert into unresolved (record_type, record_key, key_rest, submission, row_no, quarantined,"  \
    " known_id, known_name, known_fold, known_household, id_no, name, phone, address, area,"       \
    " household_no) "
#define RESOLVE_AGREES(member, fold)                                                               \
    "(" member ".fold = " fold " or match.one_apart(" member ".fold, " fold "))"

/* ---- pieces of queries ---- */

void
resolve_add_view(const struct resolve *resolve, const struct record_type *type, bool everybody,
                 struct buf *out)
{
    buf_add_fmt(out, "%s_%s", everybody && resolve->scoped ? "every" : "raw", record_ident(type));
}

void
resolve_add_key(const struct record_type *type, const char *prefix, bool rest, struct buf *out)
{
    buf_add_str(out, "concat_ws('/', null::text"); /* there may be nothing behind the number */
    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++)
        if (!rest || type->key[i] != type->id)
            buf_add_fmt(out, ", %s%s", prefix, type->fields[type->key[i]].name);
    buf_add_str(out, ")");
}

/* Append r.<field>, or null where the record type has none. */
static void
open_add_field(const struct record_type *type, const char *name, struct buf *out)
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
open_add_parts_of_key(const struct record_type *type, struct buf *out)
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
open_add_persons(const struct resolve *resolve, const struct record_type *type, struct buf *out)
{
    buf_add_fmt(out, "select '%s'::text as record_type, ", type->name);
    open_add_parts_of_key(type, out);
    buf_add_str(out, "r.submission, r.row_no, r.id_no, r.name,"
                     " coalesce(r.name_key, r.name) as fold");
    open_add_field(type, "phone", out);
    buf_add_str(out, " as phone");
    open_add_field(type, "address", out);
    buf_add_str(out, " as address");
    open_add_field(type, "area", out);
    buf_add_str(out, " as area from ");
    resolve_add_view(resolve, type, false, out);
    buf_add_str(out, " as r");
}

static bool
open_is_of_persons(const struct resolve_content *one)
{
    return resolve_takes(one->type) && one->type->household_no < 0 && one->content->part_count > 0;
}

/* Nobody has the number, or somebody of another name has. */
static int
open_find_persons(struct store *store, const struct resolve *resolve, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, lists = {0};

    for (size_t i = 0; i < resolve->type_count; i++) {
        if (!open_is_of_persons(&resolve->types[i]))
            continue;
        buf_add_str(&lists, lists.len > 0 ? " union all " : "");
        open_add_persons(resolve, resolve->types[i].type, &lists);
    }
    if (lists.len == 0)
        return 0;
    buf_add_fmt(&sql,
                RESOLVE_INTO "select k.record_type, concat_ws('/', key_1, key_2, key_3),"
                             " concat_ws('/', rest_1, rest_2, rest_3), k.submission,"
                             " k.row_no, false, m.id_no, m.name, m.fold,"
                             " m.household_no, k.id_no, k.name, k.phone, k.address, k.area, null"
                             " from (%s) as k left join named as m"
                             " on m.id_no = k.id_no where (m.id_no is null or not " RESOLVE_AGREES(
                                 "m", "k.fold") ")",
                buf_str(&lists));
    if (resolve->scoped) /* others are there for their keys; whether they are open is not known */
        buf_add_str(&sql, " and k.id_no in (select id_no from scope_person)");
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* ---- lists of households ---- */

/* Neither the household's head nor the number says whose it is. */
static int
open_find_households(struct store *store, const struct resolve *resolve,
                     const struct record_type *type, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    buf_add_fmt(&sql, RESOLVE_INTO "select '%s', ", type->name);
    resolve_add_key(type, "r.", false, &sql);
    buf_add_str(&sql, ", ");
    resolve_add_key(type, "r.", true, &sql);
    buf_add_str(&sql, ", r.submission, r.row_no, false, m.id_no, m.name, m.fold,"
                      " m.household_no, r.id_no, r.name");
    open_add_field(type, "phone", &sql);
    open_add_field(type, "address", &sql);
    open_add_field(type, "area", &sql);
    buf_add_str(&sql, ", r.household_no from ");
    resolve_add_view(resolve, type, false, &sql);
    buf_add_str(
        &sql,
        " as r left join named as m on m.id_no = r.id_no"
        " left join named as head on head.household_no = r.household_no"
        " and head.head and " RESOLVE_AGREES(
            "head", "coalesce(r.name_key, r.name)") " where head.id_no is null"
                                                    " and (m.id_no is null or not " RESOLVE_AGREES(
                                                        "m", "coalesce(r.name_key, r.name)") ")");
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* ---- rows that could not be used ---- */

/* Append '{1,2}': the submissions of the newest period, all of them or corrections. */
static void
open_add_parts(const struct content *content, bool corrections, struct buf *out)
{
    bool first = true;

    buf_add_str(out, "'{");
    for (size_t i = 0; i < content->part_count; i++) {
        const struct content_part *part = &content->parts[i];

        if (part->period != content->period || (corrections && part->kind != CONTENT_CORRECTION))
            continue;
        buf_add_fmt(out, "%s%" PRId32, first ? "" : ",", part->submission);
        first = false;
    }
    buf_add_str(out, "}'::integer[]");
}

/* Those that no correction mends: linked, they count as presence only. */
static int
open_find_quarantined(struct store *store, const struct resolve *resolve,
                      const struct content *content, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    buf_add_fmt(&sql,
                RESOLVE_INTO "select '%s', concat_ws('/', 'quarantine', q.id_no, q.name, q.phone,"
                             " q.household_no), '', q.submission, q.row_no, true, null, null, null,"
                             " null, q.id_no, q.name, q.phone, null, null, q.household_no"
                             " from ops.quarantine as q where q.county = $1 and q.name is not null"
                             " and q.submission = any(",
                content->type->name);
    open_add_parts(content, false, &sql);
    buf_add_fmt(&sql,
                ") and not exists (select from %s as m where m.id_no = q.id_no) and not exists "
                "(select from %s as mended"
                " where mended.county = $1 and mended.submission > q.submission"
                " and mended.submission = any(",
                resolve->scoped ? "every_register_member" : "named", content->type->table);
    open_add_parts(content, true, &sql);
    buf_add_str(&sql, ") and (mended.id_no = q.id_no or coalesce(mended.name_key, mended.name)"
                      " = coalesce(q.name_key, q.name)))");
    return store_run(store, buf_str(&sql), &STORE_I(resolve->county), 1, NULL, NULL, err);
}

/* ---- what is looked at ---- */

/* looked: which rows of a scope are looked at again; see open_add_persons. */
static int
open_create_looked(struct store *store, const struct resolve *resolve, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    size_t count = 0;

    buf_add_str(&sql, "create or replace temp view looked as select record_type, submission, "
                      "row_no, id_no from (");
    for (size_t i = 0; resolve->scoped && i < resolve->type_count; i++) {
        const struct record_type *type = resolve->types[i].type;

        if (!resolve_takes(type) || resolve->types[i].content->part_count == 0)
            continue;
        buf_add_fmt(
            &sql,
            "%sselect '%s'::text as record_type, submission, row_no, id_no, %s as whole from ",
            count++ > 0 ? " union all " : "", type->name,
            type->household_no < 0 ? "false" : "true");
        buf_add_fmt(&sql, "scoped_%s", record_ident(type));
    }
    if (count == 0)
        buf_add_str(&sql, "select record_type, submission, row_no, id_no, false as whole"
                          " from unresolved where false) as r");
    else
        buf_add_str(&sql, ") as r where whole or id_no in (select id_no from scope_person)");
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* Without a register nobody can be meant: then no row is open, however many there are. */
static bool
open_has_members(const struct resolve *resolve)
{
    for (size_t i = 0; i < resolve->type_count; i++)
        if (strcmp(resolve->types[i].type->name, "register.member") == 0)
            return resolve->types[i].content->part_count > 0;
    return false;
}

/* named: the members whose rows the lists may hold; of a scope its own, which are few. */
static int
open_create_named(struct store *store, const struct resolve *resolve, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    buf_add_fmt(&sql,
                "create %s as select id_no, name, coalesce(name_key, name) as fold,"
                " household_no, relation = '户主' as head from content_register_member%s",
                resolve->scoped ? "or replace temp view named" : "temp table named on commit drop",
                resolve->scoped ? "" : "; analyze named");
    return store_script(store, buf_str(&sql), err);
}

int
resolve_open_find(struct store *store, const struct resolve *resolve, struct err *err)
{
    if (store_script(store, query_text("resolve.sql"), err) < 0)
        return -1;
    if (open_create_looked(store, resolve, err) < 0)
        return -1;
    if (!open_has_members(resolve))
        return 0;
    if (open_create_named(store, resolve, err) < 0 || open_find_persons(store, resolve, err) < 0)
        return -1;
    for (size_t i = 0; i < resolve->type_count; i++) {
        const struct resolve_content *one = &resolve->types[i];

        if (!resolve_takes(one->type) || one->content->part_count == 0)
            continue;
        if (one->type->household_no >= 0 &&
            open_find_households(store, resolve, one->type, err) < 0)
            return -1;
        if (one->content->quarantined > 0 &&
            open_find_quarantined(store, resolve, one->content, err) < 0)
            return -1;
    }
    return store_script(store, "analyze unresolved", err);
}

int
resolve_open_keep(struct store *store, const struct resolve *resolve, bool *ret_changed,
                  struct err *err)
{
    int64_t gone, come;
    char first[11];

    clock_format_date(clock_month_first(resolve->month), first);
    const struct store_param params[] = {STORE_I(resolve->county), STORE_T(first),
                                         STORE_T(resolve->scoped ? "true" : "false")};
    if (store_run(store, query_text("open_gone.sql"), params, 3, NULL, &gone, err) < 0 ||
        store_run(store, query_text("open_come.sql"), params, 2, NULL, &come, err) < 0)
        return err_wrap(err, "cannot keep the open rows");
    *ret_changed = gone + come > 0;
    return 0;
}

int
resolve_open_load(struct store *store, const struct resolve *resolve, struct err *err)
{
    static const char sql[] =
        "insert into unresolved (record_type, record_key, key_rest, submission, row_no,"
        " quarantined, known_id, known_name, known_fold, known_household, id_no, name, phone,"
        " address, area, household_no) select record_type, record_key, key_rest, submission,"
        " row_no, quarantined, known_id, known_name, known_fold, known_household, id_no, name,"
        " phone, address, area, household_no from match.open_row"
        " where county = $1 and month = $2";
    char first[11];

    clock_format_date(clock_month_first(resolve->month), first);
    const struct store_param params[] = {STORE_I(resolve->county), STORE_T(first)};
    if (store_script(store, "truncate unresolved", err) < 0 ||
        store_run(store, sql, params, 2, NULL, NULL, err) < 0)
        return -1;
    return store_script(store, "analyze unresolved", err);
}
