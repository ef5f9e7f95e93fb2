#include "store/feed.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "record.h"
#include "store/store_sql.h"

enum feed_column { FEED_TABLE, FEED_NAME, FEED_TYPE, FEED_OPEN, FEED_GUARDED };

/* Columns by which judging looks rows up, besides the first one of the key. */
static const char *const feed_sought[] = {"id_no", "household_no", "house_no"};
#define FEED_SOUGHT (sizeof(feed_sought) / sizeof(feed_sought[0]))

static const char *
feed_sql_type(enum record_field_type type)
{
    switch (type) {
    case RECORD_ID:
    case RECORD_NAME:
    case RECORD_AREA:
    case RECORD_PHONE:
    case RECORD_TEXT:
    case RECORD_CODE:
        return "text";
    case RECORD_DATE:
    case RECORD_MONTH:
        return "date";
    case RECORD_MONEY:
        return "bigint";
    case RECORD_INT:
        return "integer";
    case RECORD_DEC:
        return "numeric";
    case RECORD_BOOL:
        return "boolean";
    case RECORD_CODES:
    case RECORD_AREAS:
    case RECORD_TEXTS:
        return "text[]";
    }
    return NULL;
}

static bool
feed_is_key(const struct record_type *type, size_t field)
{
    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++)
        if (type->key[i] == (int)field)
            return true;
    return false;
}

/* --- a table that is not there --- */

static void
feed_add_index(const struct record_type *type, const char *column, const char *where,
               struct buf *script)
{
    buf_add_fmt(script, "create index %s_%s on %s (county, %s)%s%s;", record_ident(type), column,
                type->table, column, where[0] != '\0' ? " where " : "", where);
}

static void
feed_add_indexes(const struct record_type *type, struct buf *script)
{
    const char *first = type->fields[type->key[0]].name;
    bool keyed = false;

    for (size_t i = 0; i < FEED_SOUGHT; i++) {
        if (record_field_find(type, feed_sought[i]) < 0)
            continue;
        feed_add_index(type, feed_sought[i], "", script);
        keyed = keyed || strcmp(feed_sought[i], first) == 0;
    }
    if (!keyed)
        feed_add_index(type, first, "", script);
    if (type->cancels >= 0) {
        AUTO_BUF struct buf where = {0};

        buf_add_fmt(&where, "%s is not null", type->fields[type->cancels].name);
        feed_add_index(type, type->fields[type->cancels].name, buf_str(&where), script);
    }
}

static void
feed_add_table(const struct record_type *type, struct buf *script)
{
    AUTO_BUF struct buf fields = {0};

    for (size_t i = 0; i < type->field_count; i++)
        buf_add_fmt(&fields, "%s%s %s%s", i > 0 ? ", " : "", type->fields[i].name,
                    feed_sql_type(type->fields[i].type), feed_is_key(type, i) ? " not null" : "");
    buf_add_str(&fields, type->name_key ? ", name_key text" : "");
    BUF_ADD_FILLED(script, store_sql_feed_table.text, {"table", type->table},
                   {"fields", buf_str(&fields)});
    feed_add_indexes(type, script);
}

/* --- tables and columns that the database has --- */

/* Rows of feed_tables.sql about one table: from `*at`, as many as come back. */
static size_t
feed_rows_of(const struct store_result *rows, const char *table, size_t *ret_first)
{
    size_t count = 0;

    for (size_t i = 0; i < store_rows(rows); i++) {
        if (strcmp(store_text(rows, i, FEED_TABLE), table) != 0)
            continue;
        if (count++ == 0)
            *ret_first = i;
    }
    return count;
}

static const char *
feed_type_of(const struct store_result *rows, size_t first, size_t count, const char *column)
{
    for (size_t i = first; i < first + count; i++)
        if (strcmp(store_text(rows, i, FEED_NAME), column) == 0)
            return store_text(rows, i, FEED_TYPE);
    return NULL;
}

/* Append the statement that makes a missing column, or refuse one of another type. */
static int
feed_bring_column(const struct record_type *type, const char *known, const char *column,
                  const char *wanted, bool key, struct buf *script, struct err *err)
{
    if (known != NULL && strcmp(known, wanted) == 0)
        return 0;
    if (known == NULL && !key) {
        buf_add_fmt(script, "alter table %s add column %s %s;", type->table, column, wanted);
        return 0;
    }
    if (known == NULL)
        (void)err_set(err, ERR_CONFLICT, "%s has rows without %s, which is part of the key now",
                      type->table, column);
    else
        (void)err_set(err, ERR_CONFLICT, "%s.%s is %s, and this program stores %s", type->table,
                      column, known, wanted);
    return err_hint(err, "give the changed record type or field another name");
}

/* Append the statements that make or extend a record type's table; none when it is complete. */
static int
feed_bring_type(const struct record_type *type, const struct store_result *rows, struct buf *script,
                struct err *err)
{
    size_t first = 0, count = feed_rows_of(rows, record_ident(type), &first);

    if (count == 0) {
        feed_add_table(type, script);
    } else {
        for (size_t i = 0; i < type->field_count; i++) {
            const char *name = type->fields[i].name;

            if (feed_bring_column(type, feed_type_of(rows, first, count, name), name,
                                  feed_sql_type(type->fields[i].type), feed_is_key(type, i), script,
                                  err) < 0)
                return -1;
        }
        if (type->name_key && feed_bring_column(type, feed_type_of(rows, first, count, "name_key"),
                                                "name_key", "text", false, script, err) < 0)
            return -1;
    }
    if (count == 0 || !store_bool(rows, first, FEED_GUARDED))
        BUF_ADD_FILLED(script, store_sql_feed_guard.text, {"table", type->table});
    if (count == 0 || !store_bool(rows, first, FEED_OPEN))
        buf_add_fmt(script, "grant select on %s to qs_match;", type->table);
    return 0;
}

/* Append the statements that close the tables of record types that this program does not know. */
static void
feed_close_others(const struct store_result *rows, struct buf *script, int *changed)
{
    for (size_t i = 0; i < store_rows(rows); i++) {
        const char *table = store_text(rows, i, FEED_TABLE);
        bool known = i > 0 && strcmp(table, store_text(rows, i - 1, FEED_TABLE)) == 0;

        for (size_t j = 0; !known && record_at(j) != NULL; j++)
            known = strcmp(table, record_ident(record_at(j))) == 0;
        if (known || !store_bool(rows, i, FEED_OPEN))
            continue;
        buf_add_fmt(script, "revoke all on feed.%s from qs_match;", table);
        (*changed)++;
    }
}

static int
feed_plan(struct store *store, struct buf *script, int *ret_changed, struct err *err)
{
    AUTO(store_result_free) struct store_result *rows = NULL;

    *ret_changed = 0;
    if (store_run(store, store_sql_feed_tables.text, NULL, 0, &rows, NULL, err) < 0)
        return err_wrap(err, "cannot read which feed tables there are");
    for (size_t i = 0; record_at(i) != NULL; i++) {
        size_t before = script->len;

        if (feed_bring_type(record_at(i), rows, script, err) < 0)
            return -1;
        *ret_changed += script->len > before;
    }
    feed_close_others(rows, script, ret_changed);
    return 0;
}

int
feed_bring(struct store *store, int *ret_changed, struct err *err)
{
    AUTO_BUF struct buf script = {0};

    buf_add_str(&script, "set local role qs_ingest;");
    if (feed_plan(store, &script, ret_changed, err) < 0)
        return -1;
    if (*ret_changed == 0)
        return 0;
    if (store_begin(store, err) < 0 || store_script(store, buf_str(&script), err) < 0 ||
        store_commit(store, err) < 0) {
        store_rollback(store);
        return err_wrap(err, "cannot bring the feed tables to the record types");
    }
    return 0;
}

int
feed_check(struct store *store, struct err *err)
{
    AUTO_BUF struct buf script = {0};
    int changed;

    if (feed_plan(store, &script, &changed, err) < 0)
        return -1;
    if (changed == 0)
        return 0;
    (void)err_set(err, ERR_CONFLICT, "the database lacks feed tables or columns of this program");
    return err_hint(err, "run qianshaod --migrate");
}
