#include "roster/roster.h"

#include "base/clock.h"
#include "roster/roster_list.h"
#include "roster/roster_sql.h"

static const struct {
    void (*list)(const struct access *access, struct buf *out);
    const struct sql *end, *begin;
} tables[ROSTER_TABLES] = {
    [ROSTER_OFFICE] = {roster_list_offices, &roster_sql_office_end, &roster_sql_office_begin},
    [ROSTER_GRANT] = {roster_list_grants, &roster_sql_grant_end, &roster_sql_grant_begin},
    [ROSTER_KEY] = {roster_list_keys, &roster_sql_key_end, &roster_sql_key_begin},
    [ROSTER_LOGIN] = {roster_list_logins, &roster_sql_login_end, &roster_sql_login_begin},
};

struct roster *
roster_new(const struct access *access)
{
    struct roster *roster = mem_zalloc(sizeof(*roster));

    for (size_t i = 0; i < ROSTER_TABLES; i++) {
        tables[i].list(access, &roster->rows[i]);
        (void)buf_str(&roster->rows[i]);
    }
    return roster;
}

void
roster_free(struct roster *roster)
{
    if (roster == NULL)
        return;
    for (size_t i = 0; i < ROSTER_TABLES; i++)
        buf_done(&roster->rows[i]);
    free(roster);
}

const char *
roster_rows(const struct roster *roster, enum roster_table table)
{
    return (const char *)roster->rows[table].bytes;
}

/* Rows that end go first: a key may pass from one channel to another. */
static int
roster_write_table(struct store *store, const struct roster *roster, enum roster_table table,
                   const char *day, struct roster_changes *changes, struct err *err)
{
    const struct store_param params[] = {STORE_T(roster_rows(roster, table)), STORE_T(day)};
    int64_t ended, begun;

    if (store_run(store, tables[table].end->text, params, 2, NULL, &ended, err) < 0 ||
        store_run(store, tables[table].begin->text, params, 2, NULL, &begun, err) < 0)
        return err_wrap(err, "cannot write the access list (%s)", tables[table].end->name);
    changes->ended += ended;
    changes->begun += begun;
    return 0;
}

int
roster_write(struct store *store, const struct roster *roster, int32_t today,
             struct roster_changes *ret_changes, struct err *err)
{
    struct roster_changes changes = {0};
    char day[CLOCK_DATE_TEXT];

    clock_format_date(today, day);
    if (store_begin(store, err) < 0)
        return -1;
    for (size_t i = 0; i < ROSTER_TABLES; i++)
        if (roster_write_table(store, roster, (enum roster_table)i, day, &changes, err) < 0)
            return -1;
    if (store_commit(store, err) < 0)
        return -1;
    *ret_changes = changes;
    return 0;
}
