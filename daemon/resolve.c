#include "resolve.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "link/model.h"
#include "link/pool.h"
#include "query.h"
#include "resolve_pairs.h"
#include "resolve_read.h"
#include "resolve_verdict.h"

#define RESOLVE_THREADS_MAX 8

bool
resolve_takes(const struct record_type *type)
{
    return strcmp(type->sector, "register") != 0 && type->id >= 0 && type->person_name >= 0 &&
           type->name_key;
}

/* ---- what pass 1 leaves open ---- */

static void
resolve_view(const struct record_type *type, struct buf *out)
{
    buf_add_str(out, "raw_");
    for (const char *at = type->name; *at != '\0'; at++)
        buf_add_u8(out, (uint8_t)(*at == '.' ? '_' : *at));
}

/* Whether a field is part of the natural key. */
static bool
resolve_is_key(const struct record_type *type, int field)
{
    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++)
        if (type->key[i] == field)
            return true;
    return false;
}

/* Append concat_ws of the natural key's fields, without the number when `rest`. */
static void
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
resolve_add_field(const struct record_type *type, const char *name, struct buf *out)
{
    if (record_field_find(type, name) >= 0)
        buf_add_fmt(out, ", r.%s", name);
    else
        buf_add_str(out, ", null::text");
}

#define RESOLVE_INTO                                                                               \
    "insert into unresolved (record_type, record_key, key_rest, submission, row_no, quarantined,"  \
    " known_id, known_name, known_fold, known_household, id_no, name, phone, address, area,"       \
    " household_no) "
#define RESOLVE_AGREES(member, fold)                                                               \
    "(coalesce(" member ".name_key, " member ".name) = " fold                                      \
    " or match.one_apart(coalesce(" member ".name_key, " member ".name), " fold "))"

/* Append the rows of a list of persons, as a part of one query over all such lists. */
static void
resolve_add_persons(const struct record_type *type, struct buf *out)
{
    buf_add_fmt(out, "select '%s'::text as record_type, ", type->name);
    resolve_add_key(type, "r.", false, out);
    buf_add_str(out, " as record_key, ");
    resolve_add_key(type, "r.", true, out);
    buf_add_str(out, " as key_rest, r.submission, r.row_no, r.id_no, r.name,"
                     " coalesce(r.name_key, r.name) as fold");
    resolve_add_field(type, "phone", out);
    buf_add_str(out, " as phone");
    resolve_add_field(type, "address", out);
    buf_add_str(out, " as address");
    resolve_add_field(type, "area", out);
    buf_add_str(out, " as area from ");
    resolve_view(type, out);
    buf_add_str(out, " as r");
}

/* Lists of persons: nobody has the number, or somebody of another name has. */
static int
resolve_find_persons(struct store *store, const struct resolve *resolve, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, lists = {0};

    for (size_t i = 0; i < resolve->type_count; i++) {
        const struct resolve_content *one = &resolve->types[i];

        if (!resolve_takes(one->type) || one->type->household_no >= 0 ||
            one->content->part_count == 0)
            continue;
        buf_add_str(&lists, lists.len > 0 ? " union all " : "");
        resolve_add_persons(one->type, &lists);
    }
    if (lists.len == 0)
        return 0;
    buf_add_fmt(&sql,
                RESOLVE_INTO
                "select k.record_type, k.record_key, k.key_rest, k.submission,"
                " k.row_no, false, m.id_no, m.name, coalesce(m.name_key, m.name),"
                " m.household_no, k.id_no, k.name, k.phone, k.address, k.area, null"
                " from (%s) as k left join content_register_member as m"
                " on m.id_no = k.id_no where m.id_no is null or not " RESOLVE_AGREES("m", "k.fold"),
                buf_str(&lists));
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* Lists of households: neither the household's head nor the number says whose it is. */
static int
resolve_find_households(struct store *store, const struct record_type *type, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    buf_add_fmt(&sql, RESOLVE_INTO "select '%s', ", type->name);
    resolve_add_key(type, "r.", false, &sql);
    buf_add_str(&sql, ", ");
    resolve_add_key(type, "r.", true, &sql);
    buf_add_str(&sql, ", r.submission, r.row_no, false, m.id_no, m.name,"
                      " coalesce(m.name_key, m.name), m.household_no, r.id_no, r.name");
    resolve_add_field(type, "phone", &sql);
    resolve_add_field(type, "address", &sql);
    resolve_add_field(type, "area", &sql);
    buf_add_str(&sql, ", r.household_no from ");
    resolve_view(type, &sql);
    buf_add_str(
        &sql,
        " as r left join content_register_member as m on m.id_no = r.id_no"
        " left join content_register_member as head on head.household_no = r.household_no"
        " and head.relation = '户主' and " RESOLVE_AGREES(
            "head", "coalesce(r.name_key, r.name)") " where head.id_no is null"
                                                    " and (m.id_no is null or not " RESOLVE_AGREES(
                                                        "m", "coalesce(r.name_key, r.name)") ")");
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* Append '{1,2}': the submissions of the newest period, all of them or corrections. */
static void
resolve_add_parts(const struct content *content, bool corrections, struct buf *out)
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

/* Rows that could not be used and that no correction mends: linked, they count as presence only. */
static int
resolve_find_quarantined(struct store *store, uint32_t county, const struct content *content,
                         struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    buf_add_fmt(&sql,
                RESOLVE_INTO "select '%s', concat_ws('/', 'quarantine', q.id_no, q.name, q.phone,"
                             " q.household_no), '', q.submission, q.row_no, true, null, null, null,"
                             " null, q.id_no, q.name, q.phone, null, null, q.household_no"
                             " from ops.quarantine as q where q.county = $1 and q.name is not null"
                             " and q.submission = any(",
                content->type->name);
    resolve_add_parts(content, false, &sql);
    buf_add_fmt(&sql,
                ") and not exists (select from content_register_member as m"
                " where m.id_no = q.id_no) and not exists (select from %s as mended"
                " where mended.county = $1 and mended.submission > q.submission"
                " and mended.submission = any(",
                content->type->table);
    resolve_add_parts(content, true, &sql);
    buf_add_str(&sql, ") and (mended.id_no = q.id_no or coalesce(mended.name_key, mended.name)"
                      " = coalesce(q.name_key, q.name)))");
    return store_run(store, buf_str(&sql), &STORE_I(county), 1, NULL, NULL, err);
}

static int
resolve_find(struct store *store, const struct resolve *resolve, struct err *err)
{
    if (store_script(store, query_text("resolve.sql"), err) < 0 ||
        resolve_find_persons(store, resolve, err) < 0)
        return -1;
    for (size_t i = 0; i < resolve->type_count; i++) {
        const struct resolve_content *one = &resolve->types[i];

        if (!resolve_takes(one->type) || one->content->part_count == 0)
            continue;
        if (one->type->household_no >= 0 && resolve_find_households(store, one->type, err) < 0)
            return -1;
        if (one->content->quarantined > 0 &&
            resolve_find_quarantined(store, resolve->county, one->content, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- linking them ---- */

static unsigned
resolve_threads(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (cores < 1)
        return 1;
    return cores > RESOLVE_THREADS_MAX ? RESOLVE_THREADS_MAX : (unsigned)cores;
}

static int
resolve_put(struct store *store, const struct buf *rows, struct err *err)
{
    int64_t count;

    if (store_copy_begin(store, "copy scored from stdin (format binary)", err) < 0 ||
        store_copy_add(store, rows->bytes, rows->len, err) < 0)
        return -1;
    return store_copy_end(store, &count, err);
}

/* Link the rows of `unresolved` with the month's members and write table `scored`. */
static int
resolve_score(struct store *store, const struct resolve *resolve, struct err *err)
{
    AUTO_RESOLVE_SET struct resolve_set rows = {0}, members = {0};
    AUTO_BUF struct buf out = {0};
    struct resolve_pairs pairs = {0};
    AUTO_RESOLVE_DECISIONS struct resolve_decisions decisions = {0};
    int32_t today = clock_month_last(resolve->month);

    if (resolve_decisions_load(store, resolve->county, &decisions, err) < 0 ||
        resolve_read_rows(store, today, &rows, err) < 0 ||
        ((rows.open > 0 || decisions.count > 0) &&
         resolve_read_members(store, today, &members, err) < 0))
        return -1;
    if (rows.open > 0)
        resolve_pairs_find(rows.persons, rows.open, members.persons, members.count,
                           resolve_threads(), &pairs);
    const struct resolve_input input = {&rows, &members, &pairs, &decisions};
    resolve_verdict_write(&input, &out);
    resolve_pairs_done(&pairs);
    return resolve_put(store, &out, err);
}

/* One row a member and key in a list that has each person once: his own goes before any other. */
static int
resolve_take(struct store *store, const struct resolve *resolve, struct err *err)
{
    AUTO_BUF struct buf types = {0};

    buf_add_str(&types, "{");
    for (size_t i = 0; i < resolve->type_count; i++) {
        AUTO_BUF struct buf sql = {0};
        const struct record_type *type = resolve->types[i].type;

        if (!resolve_takes(type) || !resolve_is_key(type, type->id) ||
            resolve->types[i].content->part_count == 0)
            continue;
        buf_add_fmt(&types, "%s\"%s\"", types.len > 1 ? "," : "", type->name);
        buf_add_fmt(&sql, "update scored as s set band = 'taken' from unresolved as u, ");
        resolve_view(type, &sql);
        buf_add_fmt(
            &sql,
            " as r where s.record_type = '%s' and not s.quarantined"
            " and s.band in ('linked', 'review') and u.record_type = s.record_type"
            " and u.submission = s.submission and u.row_no = s.row_no and not u.quarantined"
            " and r.id_no = s.id_no and (r.submission, r.row_no) <> (s.submission, s.row_no)"
            " and ",
            type->name);
        resolve_add_key(type, "r.", true, &sql);
        buf_add_str(&sql, " = u.key_rest");
        if (store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err) < 0)
            return -1;
    }
    buf_add_str(&types, "}");
    return store_run(store, query_text("resolve_taken.sql"), &STORE_T(buf_str(&types)), 1, NULL,
                     NULL, err);
}

/* Which record types have linked rows. */
static int
resolve_note(struct store *store, struct resolve *resolve, struct err *err)
{
    AUTO(store_result_free) struct store_result *types = NULL;

    if (store_run(store,
                  "select distinct record_type from resolved"
                  " where band = 'linked' and not quarantined",
                  NULL, 0, &types, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < resolve->type_count; i++)
        for (size_t j = 0; j < store_rows(types); j++)
            if (strcmp(store_text(types, j, 0), resolve->types[i].type->name) == 0)
                resolve->types[i].linked = true;
    return 0;
}

/* Whether rows of the month are open, in it all or in the scope; noted when it is judged whole. */
static int
resolve_note_open(struct store *store, struct resolve *resolve, struct err *err)
{
    static const char ask[] =
        "select exists (select from unresolved where known_id is null)"
        " or exists (select from match.linkage where county = $1 and month = $2 and open_rows > 0)"
        " or exists (select from match.decision where county = $1)";
    static const char note[] =
        "insert into match.linkage as l (county, month, open_rows)"
        " select $1, $2, count(*) from unresolved where known_id is null"
        " on conflict (county, month) do update set open_rows = excluded.open_rows"
        " where l.open_rows <> excluded.open_rows";
    AUTO(store_result_free) struct store_result *open = NULL;
    char first[11];

    clock_format_date(clock_month_first(resolve->month), first);
    const struct store_param params[] = {STORE_I(resolve->county), STORE_T(first)};
    if (!resolve->scoped)
        return store_run(store, note, params, 2, NULL, NULL, err);
    if (store_run(store, ask, params, 2, &open, NULL, err) < 0)
        return -1;
    resolve->whole = store_bool(open, 0, 0);
    return 0;
}

static int
resolve_write(struct store *store, struct resolve *resolve, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    char first[11];

    clock_format_date(clock_month_first(resolve->month), first);
    const struct store_param params[] = {STORE_I(resolve->county), STORE_T(first),
                                         STORE_T(MODEL_VERSION)};
    /* A scope knows nothing of the links of those outside. */
    buf_add_fmt(&sql,
                "delete from match.link as l where l.county = $1 and l.month = $2 and not exists ("
                "select from scored as s where s.record_type = l.record_type"
                " and s.submission = l.submission and s.row_no = l.row_no"
                " and s.quarantined = l.quarantined and s.band <> 'apart')%s",
                resolve->scoped ? " and l.id_no in (select id_no from scope_person)" : "");
    if (store_run(store, buf_str(&sql), params, 2, NULL, NULL, err) < 0 ||
        store_run(store, query_text("link.sql"), params, 3, NULL, NULL, err) < 0 ||
        store_run(store, query_text("resolved.sql"), NULL, 0, NULL, NULL, err) < 0 ||
        store_script(store, "analyze resolved", err) < 0)
        return -1;
    return resolve_note(store, resolve, err);
}

int
resolve_month(struct store *store, struct resolve *resolve, struct err *err)
{
    AUTO(store_result_free) struct store_result *any = NULL;

    if (resolve_find(store, resolve, err) < 0 ||
        store_run(store, "select exists (select from unresolved)", NULL, 0, &any, NULL, err) < 0)
        return err_wrap(err, "cannot find the rows to be linked");
    if (resolve_note_open(store, resolve, err) < 0)
        return err_wrap(err, "cannot note the rows to be linked");
    if (store_bool(any, 0, 0) && !resolve->whole &&
        (store_script(store, "analyze unresolved", err) < 0 ||
         resolve_score(store, resolve, err) < 0 || store_script(store, "analyze scored", err) < 0 ||
         resolve_take(store, resolve, err) < 0))
        return err_wrap(err, "cannot link the month's rows");
    if (resolve->whole)
        return store_run(store, query_text("resolved.sql"), NULL, 0, NULL, NULL, err);
    if (resolve_write(store, resolve, err) < 0)
        return err_wrap(err, "cannot write the links");
    return 0;
}

/* ---- how the rest reads them ---- */

void
resolve_add_content(const struct resolve *resolve, size_t index, struct buf *out)
{
    const struct record_type *type = resolve->types[index].type;

    if (!resolve->types[index].linked) {
        buf_add_str(out, "select r.*, null::text as resolved from ");
        resolve_view(type, out);
        buf_add_str(out, " as r");
        return;
    }
    buf_add_str(out, "select r.county, r.submission, r.row_no, r.removed");
    for (size_t i = 0; i < type->field_count; i++)
        if ((int)i == type->id)
            buf_add_fmt(out, ", coalesce(l.id_no, r.%s) as %s", type->fields[i].name,
                        type->fields[i].name);
        else
            buf_add_fmt(out, ", r.%s", type->fields[i].name);
    buf_add_str(out, ", coalesce(l.fold, r.name_key) as name_key, l.how as resolved from ");
    resolve_view(type, out);
    buf_add_fmt(out,
                " as r left join resolved as l on l.record_type = '%s' and l.band = 'linked'"
                " and not l.quarantined and l.submission = r.submission and l.row_no = r.row_no",
                type->name);
}
