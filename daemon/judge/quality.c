#include "judge/quality.h"

#include <string.h>

#include "base/buf.h"
#include "judge/judge_sql.h"
#include "judge/wide.h"

#define QUALITY_DAMAGED_SHARE                                                                      \
    "20" /* one row in so many is unusable for one column: the column is damaged */

/* Begin one more part of the query: the check, its meaning, and the list. */
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

/* Add rows that could not be used: bad numbers, keys that contradict each other, damaged columns.
   */
static void
quality_add_quarantine(const struct record_type *type, struct buf *sql)
{
    quality_begin(sql, "Q01", "证件号码有误", type);
    BUF_ADD_FILLED(sql, judge_sql_quality_quarantined.text, {"name", type->name}, {"reason", "id"});
    quality_begin(sql, "Q04", "主键重复且内容不同", type);
    BUF_ADD_FILLED(sql, judge_sql_quality_quarantined.text, {"name", type->name},
                   {"reason", "key"});
    quality_begin(sql, "Q02", "整列数据损坏", type);
    BUF_ADD_FILLED(sql, judge_sql_quality_damaged.text, {"name", type->name},
                   {"share", QUALITY_DAMAGED_SHARE});
}

/* Add numbers that the register has under another name, and numbers that the register does not
   have. A link with another member makes the number no better, so rows are read as they came
   (`raw`). */
static void
quality_add_identity(const struct record_type *type, const char *view, const char *raw,
                     struct buf *sql)
{
    quality_begin(sql, "Q03", "同一证件号码姓名不一致", type);
    BUF_ADD_FILLED(sql, judge_sql_quality_other_name.text, {"raw", raw}, {"type", view});
    quality_begin(sql, "Q06", "证件号码不在农户信息中", type);
    BUF_ADD_FILLED(sql, judge_sql_quality_unregistered.text, {"type", view});
}

/* Add rows that are, or may be, of a member with another number in the register, whether or not the
   member has a row under that number, too. A number that the register has as well is told as Q03.
   */
static void
quality_add_numbers(const struct record_type *type, const char *view, struct buf *sql)
{
    quality_begin(sql, "Q04", "疑似同一人有两个证件号码，请与农户信息核对", type);
    BUF_ADD_FILLED(sql, judge_sql_quality_two_numbers.text, {"type", view}, {"name", type->name});
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
 * Add keys that two producers hold, and of event lists keys that come back with other content. The
 * row of the month is told.
 */
static void
quality_add_doubles(const struct content *content, struct buf *sql)
{
    const struct record_type *type = content->type;
    bool events = type->kind == RECORD_EVENTS;
    AUTO_BUF struct buf submissions = {0}, o_key = {0}, r_key = {0}, differs = {0};

    if (content->part_count < 2 || (content->producer_count < 2 && !events))
        return;
    quality_begin(sql, "Q04", events ? "同一编号内容前后不一" : "同一主键由两个单位报送", type);
    quality_add_parts(content, &submissions);
    rows_add_keys(type, "o.", &o_key);
    rows_add_keys(type, "r.", &r_key);
    buf_add_str(&differs,
                events ? judge_sql_quality_other_content.text : "s.producer <> c.producer");
    if (type->role == RECORD_MEMBERS)
        buf_add_str(&differs,
                    " and o.household_no = r.household_no"); /* else quality_add_moved's */
    BUF_ADD_FILLED(sql, judge_sql_quality_doubles.text, {"field", type->fields[type->key[0]].name},
                   {"table", type->table}, {"submissions", buf_str(&submissions)},
                   {"o_key", buf_str(&o_key)}, {"r_key", buf_str(&r_key)},
                   {"differs", buf_str(&differs)});
}

/*
 * Add members whom the submissions of the month put into two households: a delta or correction
 * names another household than its producer first did, without having deleted the member there, or
 * two producers disagree. Rows that their own producer replaced later are not told, so that a clerk
 * sees when the list is right.
 */
static void
quality_add_moved(const struct content *content, struct buf *sql)
{
    if (content->type->role != RECORD_MEMBERS || content->part_count < 2)
        return;
    quality_begin(sql, "Q04", "同一人出现在两户，以最新报送为准；请核对，从另一户中删除",
                  content->type);
    buf_add_str(sql, judge_sql_quality_moved.text);
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

/* Add the errors that one list only can have: sums, and heads of households. */
static void
quality_add_own(const struct record_type *type, struct buf *sql)
{
    if (type->sum != NULL) {
        AUTO_BUF struct buf parts = {0};

        quality_begin(sql, "Q05", "各项支付与总额不符", type);
        for (size_t i = 0; type->sum->parts[i] != NULL; i++)
            buf_add_fmt(&parts, " + r.%s", type->sum->parts[i]);
        BUF_ADD_FILLED(sql, judge_sql_quality_sum.text, {"total", type->sum->total},
                       {"type", record_ident(type)}, {"parts", buf_str(&parts)});
    }
    if (type->role == RECORD_MEMBERS) {
        quality_begin(sql, "Q04", "户主不止一人或没有户主", type);
        buf_add_str(sql, judge_sql_quality_heads.text);
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
    BUF_ADD_FILLED(&sql, judge_sql_quality.text, {"parts", buf_str(&parts)});
    if (store_run(store, buf_str(&sql), params, 1, ret_result, NULL, err) < 0)
        return err_wrap(err, "cannot look through the lists of %s", sector);
    return 0;
}
