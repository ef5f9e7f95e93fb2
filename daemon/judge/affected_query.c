#include "judge/affected_query.h"

#include <stdio.h>
#include <string.h>

#include "judge/judge_sql.h"
#include "judge/wide.h"

const struct affected_kind affected_kinds[AFFECTED_KINDS] = {
    {"affected_person", SUBJECT_PERSON},
    {"affected_household", SUBJECT_HOUSEHOLD},
    {"affected_house", SUBJECT_HOUSE}};

bool
affected_field(const struct record_type *type, const char *name)
{
    return record_field_find(type, name) >= 0;
}

void
affected_table_name(const struct record_type *type, char ret_name[AFFECTED_NAME_MAX])
{
    (void)snprintf(ret_name, AFFECTED_NAME_MAX, "affected_%s", record_ident(type));
}

int
affected_run(struct store *store, struct buf *sql, struct err *err)
{
    int result = store_run(store, buf_str(sql), NULL, 0, NULL, NULL, err);

    buf_clear(sql);
    return result;
}

int
affected_create(struct store *store, const struct record_type *type, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    BUF_ADD_FILLED(&sql, judge_sql_affected_list.text, {"type", record_ident(type)},
                   {"table", type->table});
    return affected_run(store, &sql, err);
}

bool
affected_key_tells(const struct record_type *type)
{
    for (size_t i = 0; i < AFFECTED_KINDS; i++) {
        const char *column = subject_column(affected_kinds[i].subject);
        bool keyed = false;

        if (!affected_field(type, column))
            continue;
        for (int k = 0; k < RECORD_KEY_MAX && type->key[k] >= 0; k++)
            keyed = keyed || strcmp(type->fields[type->key[k]].name, column) == 0;
        if (!keyed)
            return false;
    }
    return true;
}

int
affected_gain(struct store *store, const char *table, const char *column, const char *from,
              int round, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    char number[16];

    (void)snprintf(number, sizeof(number), "%d", round);
    BUF_ADD_FILLED(&sql, judge_sql_affected_gain.text, {"subjects", table}, {"round", number},
                   {"column", column}, {"from", from});
    return affected_run(store, &sql, err);
}

void
affected_add_sought(const char *column, const char *table, int round, const char *except,
                    struct buf *out)
{
    buf_add_fmt(out, "(select %s from %s where true", column, table);
    if (round > 0)
        buf_add_fmt(out, " and round = %d", round);
    if (except != NULL)
        buf_add_fmt(out, " and %s not in (select %s from %s)", column, column, except);
    buf_add_str(out, ") as sought");
}

int
affected_put(struct store *store, const char *name, struct buf *rows, int64_t *count,
             struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    int64_t put;

    BUF_ADD_FILLED(&sql, judge_sql_affected_put.text, {"name", name}, {"rows", buf_str(rows)});
    buf_clear(rows);
    if (store_run(store, buf_str(&sql), NULL, 0, NULL, &put, err) < 0)
        return -1;
    if (count != NULL)
        *count += put;
    return 0;
}

int
affected_put_superseding(struct store *store, const struct affected *affected,
                         const struct affected_type *one, struct err *err)
{
    AUTO_BUF struct buf rows = {0}, key = {0}, t_key = {0};
    char name[AFFECTED_NAME_MAX];

    if (affected_key_tells(one->type) || strcmp(one->superseding, "{}") == 0)
        return 0;
    affected_table_name(one->type, name);
    rows_add_keys(one->type, "", &key);
    rows_add_keys(one->type, "t.", &t_key);
    BUF_ADD_FILLED(&rows, judge_sql_affected_superseding.text, {"table", one->type->table},
                   {"county", affected->month->county_text}, {"submissions", one->superseding},
                   {"t_key", buf_str(&t_key)}, {"key", buf_str(&key)}, {"name", name});
    return affected_put(store, name, &rows, NULL, err);
}

void
affected_add_linked(const struct affected *affected, const struct record_type *type,
                    struct buf *out)
{
    BUF_ADD_FILLED(out, judge_sql_affected_linked.text, {"table", type->table},
                   {"county", affected->month->county_text}, {"month", affected->month->first},
                   {"name", type->name});
}
