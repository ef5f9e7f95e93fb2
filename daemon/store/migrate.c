#include "store/migrate.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/feed.h"
#include "store/migration_sql.h"

#define MIGRATE_LOCK 7302119 /* advisory lock: one migration at a time */
#define MIGRATE_MAX 64

/* The number that a migration's name begins with. */
static int
migrate_number(const struct sql *file)
{
    return (int)strtol(file->name, NULL, 10);
}

/* Read which migrations were applied; an empty database has none. */
static int
migrate_versions(struct store *store, bool *ret_applied, int *ret_newest, struct err *err)
{
    AUTO(store_result_free) struct store_result *known = NULL, *rows = NULL;

    *ret_newest = 0;
    memset(ret_applied, 0, migration_sql_count * sizeof(*ret_applied));
    if (store_run(store, "select to_regclass('ops.schema_version') is not null", NULL, 0, &known,
                  NULL, err) < 0)
        return err_wrap(err, "cannot read the schema's version");
    if (!store_bool(known, 0, 0))
        return 0;
    if (store_run(store, "select version from ops.schema_version", NULL, 0, &rows, NULL, err) < 0)
        return err_wrap(err, "cannot read the schema's version");
    for (size_t i = 0; i < store_rows(rows); i++) {
        int version = (int)store_int(rows, i, 0);

        for (size_t j = 0; j < migration_sql_count; j++)
            ret_applied[j] = ret_applied[j] || migrate_number(migration_sql_all[j]) == version;
        *ret_newest = version > *ret_newest ? version : *ret_newest;
    }
    return 0;
}

static int
migrate_fail_newer(int newest, int own, struct err *err)
{
    (void)err_set(err, ERR_CONFLICT, "the database has schema %d, this program knows %d", newest,
                  own);
    return err_hint(err, "install the newer qianshaod");
}

static int
migrate_apply(struct store *store, const struct sql *file, struct err *err)
{
    if (store_begin(store, err) < 0 || store_script(store, file->text, err) < 0 ||
        store_run(store, "insert into ops.schema_version (version) values ($1)",
                  &STORE_I(migrate_number(file)), 1, NULL, NULL, err) < 0 ||
        store_commit(store, err) < 0) {
        store_rollback(store);
        return err_wrap(err, "migration %s failed", file->name);
    }
    return 0;
}

static int
migrate_locked(struct store *store, int *ret_applied, struct err *err)
{
    bool applied[MIGRATE_MAX];
    int newest, tables, own = migrate_number(migration_sql_all[migration_sql_count - 1]);

    assert(migration_sql_count <= MIGRATE_MAX);
    *ret_applied = 0;
    if (migrate_versions(store, applied, &newest, err) < 0)
        return -1;
    if (newest > own)
        return migrate_fail_newer(newest, own, err);
    for (size_t i = 0; i < migration_sql_count; i++) {
        if (applied[i])
            continue;
        if (migrate_apply(store, migration_sql_all[i], err) < 0)
            return -1;
        (*ret_applied)++;
    }
    if (feed_bring(store, &tables, err) < 0)
        return -1;
    *ret_applied += tables;
    return 0;
}

int
migrate_run(struct store *store, int *ret_applied, struct err *err)
{
    int result;

    if (store_run(store, "select pg_advisory_lock($1)", &STORE_I(MIGRATE_LOCK), 1, NULL, NULL,
                  err) < 0)
        return err_wrap(err, "cannot take the migration lock");
    result = migrate_locked(store, ret_applied, err);

    struct err ignored;
    (void)!store_run(store, "select pg_advisory_unlock($1)", &STORE_I(MIGRATE_LOCK), 1, NULL, NULL,
                     &ignored);
    return result;
}

int
migrate_check(struct store *store, struct err *err)
{
    bool applied[MIGRATE_MAX];
    int newest, own = migrate_number(migration_sql_all[migration_sql_count - 1]);

    assert(migration_sql_count <= MIGRATE_MAX);
    if (migrate_versions(store, applied, &newest, err) < 0)
        return -1;
    if (newest > own)
        return migrate_fail_newer(newest, own, err);
    for (size_t i = 0; i < migration_sql_count; i++)
        if (!applied[i]) {
            (void)err_set(err, ERR_CONFLICT, "the database lacks migration %s",
                          migration_sql_all[i]->name);
            return err_hint(err, "run qianshaod --migrate");
        }
    return feed_check(store, err);
}
