#include "judge/quality.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "judge/judge_sql.h"
#include "judge/wide.h"

#define QUALITY_DAMAGED_SHARE 20 /* one row in so many cannot be used for one column: damaged */

/* Begin one more part of the query: what is found, and in which list. */
static void
quality_begin(struct buf *sql, const char *check, const char *meaning,
              const struct record_type *type)
{
    buf_add_fmt(sql, "%s select '%s' as check, '%s' as meaning, '%s' as record_type,",
                sql->len > 0 ? " union all" : "", check, meaning, type->name);
}

static bool
quality_names(const struct record_type *type)
{
    return type->id >= 0 && type->name_key;
}

/* Rows that could not be used: bad numbers, keys that contradict each other, damaged columns. */
static void
quality_add_quarantine(const struct record_type *type, struct buf *sql)
{
    quality_begin(sql, "Q01", "证件号码有误", type);
    buf_add_fmt(sql,
                " q.submission, q.row_no, q.field from came as c join ops.quarantine as q"
                " on q.county = $1 and q.submission = c.submission"
                " where c.record_type = '%s' and q.reason = 'id'",
                type->name);
    quality_begin(sql, "Q04", "主键重复且内容不同", type);
    buf_add_fmt(sql,
                " q.submission, q.row_no, q.field from came as c join ops.quarantine as q"
                " on q.county = $1 and q.submission = c.submission"
                " where c.record_type = '%s' and q.reason = 'key'",
                type->name);
    quality_begin(sql, "Q02", "整列数据损坏", type);
    buf_add_fmt(sql,
                " q.submission, null::integer, q.field from came as c join ops.quarantine as q"
                " on q.county = $1 and q.submission = c.submission"
                " where c.record_type = '%s' and q.reason <> 'key'"
                " group by q.submission, q.field, c.rows having count(*) * %d > c.rows",
                type->name, QUALITY_DAMAGED_SHARE);
}

/* Numbers that the register has under another name, and that it does not have. Whose row it is
   instead makes the number no better, so rows are read as they came (`raw`). */
static void
quality_add_identity(const struct record_type *type, const char *view, const char *raw,
                     struct buf *sql)
{
    quality_begin(sql, "Q03", "同一证件号码姓名不一致", type);
    buf_add_fmt(sql,
                " r.submission, r.row_no, 'name' from %s_%s as r join came as c"
                " on c.submission = r.submission join content_register_member as m"
                " on m.id_no = r.id_no where match.fold(m.name_key, m.name)"
                " <> match.fold(r.name_key, r.name) and not match.one_apart("
                "match.fold(m.name_key, m.name), match.fold(r.name_key, r.name))",
                raw, view);
    quality_begin(sql, "Q06", "证件号码不在农户信息中", type);
    buf_add_fmt(sql,
                " r.submission, r.row_no, 'id_no' from content_%s as r join came as c"
                " on c.submission = r.submission where r.id_no is not null and not exists"
                " (select from content_register_member as m where m.id_no = r.id_no)",
                view);
}

/* Rows that are, or may be, a member's who has another number in the register, whether or not he has
   a row under that one too. A number that the register has as well is told as Q03. */
static void
quality_add_numbers(const struct record_type *type, const char *view, struct buf *sql)
{
    quality_begin(sql, "Q04", "疑似同一人有两个证件号码，请与农户信息核对", type);
    buf_add_fmt(sql,
                " r.submission, r.row_no, 'id_no' from link_row as l join came as c"
                " on c.submission = l.submission join raw_%s as r on r.submission = l.submission"
                " and r.row_no = l.row_no where l.record_type = '%s' and not l.quarantined"
                " and r.id_no <> l.id_no and not exists"
                " (select from content_register_member as m where m.id_no = r.id_no)",
                view, type->name);
}

/* Append the submissions of a content's parts as an array of SQL. */
static void
quality_add_parts(const struct content *content, struct buf *sql)
{
    AUTO_LIST struct list list = {0};

    for (size_t i = 0; i < content->part_count; i++)
        list_add_int(&list, content->parts[i].submission);
    list_add_literal(&list, "integer", sql);
}

/*
 * Keys that two producers hold, and of event lists keys that come back with
 * other content. The row of the month is told.
 */
static void
quality_add_doubles(const struct content *content, struct buf *sql)
{
    const struct record_type *type = content->type;
    bool events = type->kind == RECORD_EVENTS;

    if (content->part_count < 2 || (content->producer_count < 2 && !events))
        return;
    quality_begin(sql, "Q04", events ? "同一编号内容前后不一" : "同一主键由两个单位报送", type);
    buf_add_fmt(sql, " r.submission, r.row_no, '%s' from %s as r join came as c",
                type->fields[type->key[0]].name, type->table);
    buf_add_fmt(sql,
                " on c.submission = r.submission where r.county = $1 and not r.removed"
                " and exists (select from %s as o join ops.submission as s on s.county = $1"
                " and s.submission = o.submission where o.county = $1 and not o.removed"
                " and o.submission = any(",
                type->table);
    quality_add_parts(content, sql);
    buf_add_str(sql, ") and (");
    rows_add_keys(type, "o.", sql);
    buf_add_str(sql, ") = (");
    rows_add_keys(type, "r.", sql);
    buf_add_str(sql, ") and ");
    if (events)
        buf_add_str(sql, "to_jsonb(o) - '{submission,row_no}'::text[]"
                         " <> to_jsonb(r) - '{submission,row_no}'::text[]");
    else
        buf_add_str(sql, "s.producer <> c.producer");
    if (type->role == RECORD_MEMBERS)
        buf_add_str(sql, " and o.household_no = r.household_no"); /* else quality_add_moved's */
    buf_add_str(sql, ")");
}

/*
 * Members whom what the month reads puts into two households: a delta or
 * correction into another than its producer first did and without having
 * deleted them there, or two producers. Rows that their own producer replaced
 * later are not told, so that a clerk sees when he has put it right.
 */
static void
quality_add_moved(const struct content *content, struct buf *sql)
{

    if (content->type->role != RECORD_MEMBERS || content->part_count < 2)
        return;
    quality_begin(sql, "Q04", "同一人出现在两户，以最新报送为准；请核对，从另一户中删除",
                  content->type);
    buf_add_str(sql, " r.submission, r.row_no, 'household_no' from rehoused as r join came as c"
                     " on c.submission = r.submission where r.newest and (r.first <> r.household_no"
                     " or exists (select from rehoused as o where o.id_no = r.id_no and o.newest"
                     " and o.producer <> r.producer and o.household_no <> r.household_no))");
}

static int
quality_create_rehoused(struct store *store, const struct month *month, struct err *err)
{
    AUTO_LIST struct list list = {0};
    const struct content *members = month_of_role(month, RECORD_MEMBERS);

    for (size_t i = 0; i < members->part_count; i++)
        list_add_int(&list, members->parts[i].submission);
    const struct store_param params[] = {STORE_I(month->county), STORE_T(list_str(&list))};
    if (store_run(store, judge_sql_rehoused.text, params, 2, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot look for members of two households");
    return store_script(store, "analyze rehoused", err);
}

/* What one list only can have wrong. */
static void
quality_add_own(const struct record_type *type, struct buf *sql)
{
    if (type->sum != NULL) {
        quality_begin(sql, "Q05", "各项支付与总额不符", type);
        buf_add_fmt(sql,
                    " r.submission, r.row_no, '%s' from content_%s as r join came as c"
                    " on c.submission = r.submission, lateral (select abs(-r.%s",
                    type->sum->total, record_ident(type), type->sum->total);
        for (size_t i = 0; type->sum->parts[i] != NULL; i++)
            buf_add_fmt(sql, " + r.%s", type->sum->parts[i]);
        buf_add_fmt(sql, ") as off) as d where d.off > 20000 and d.off * 100 > abs(r.%s)",
                    type->sum->total);
    }
    if (type->role == RECORD_MEMBERS) {
        quality_begin(sql, "Q04", "户主不止一人或没有户主", type);
        buf_add_str(sql, " (min(array[r.submission, r.row_no]))[1],"
                         " (min(array[r.submission, r.row_no]))[2], 'relation'"
                         " from content_register_member as r group by r.household_no"
                         " having count(*) filter (where r.relation = '户主') <> 1");
    }
}

static void
quality_add_type(const struct content *content, struct buf *sql)
{
    const struct record_type *type = content->type;
    const char *view = record_ident(type);

    quality_add_quarantine(type, sql);
    if (quality_names(type) && !record_is_register(type)) {
        quality_add_identity(type, view, identity_takes(type) ? "raw" : "content", sql);
        if (identity_takes(type))
            quality_add_numbers(type, view, sql);
    }
    quality_add_doubles(content, sql);
    quality_add_moved(content, sql);
    quality_add_own(type, sql);
}

int
quality_report(struct store *store, const struct judge *judge, const struct month *month,
               const char *sector, struct store_result **ret_result, struct err *err)
{
    AUTO_BUF struct buf parts = {0}, sql = {0};
    const struct store_param params[] = {STORE_I(month->county), STORE_T(month->first)};
    struct wide wide;

    if (wide_open(store, month, false, &wide, err) < 0 ||
        wide_build(store, &wide, judge->profile, err) < 0 ||
        store_run(store, judge_sql_came.text, params, 2, NULL, NULL, err) < 0 ||
        store_script(store, "analyze came", err) < 0 ||
        quality_create_rehoused(store, month, err) < 0)
        return -1;
    for (size_t i = 0; i < month->count; i++)
        if (strcmp(month->contents[i].type->sector, sector) == 0)
            quality_add_type(&month->contents[i], &parts);
    if (parts.len == 0)
        return err_set(err, ERR_INPUT, "there is no sector '%s'", sector);
    buf_add_fmt(&sql,
                "select f.check, f.meaning, f.record_type, s.producer,"
                " to_char(s.period, 'YYYY-MM'), s.revision, f.row_no, f.field from (%s) as f"
                " join ops.submission as s on s.county = $1 and s.submission = f.submission"
                " order by f.check, f.record_type, s.producer, s.submission, f.row_no",
                buf_str(&parts));
    if (store_run(store, buf_str(&sql), params, 1, ret_result, NULL, err) < 0)
        return err_wrap(err, "cannot look through the lists of %s", sector);
    return 0;
}
