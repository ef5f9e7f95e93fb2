#include "cases/affected_cases.h"

#include <inttypes.h>
#include <stdio.h>

#include "cases/cases_sql.h"
#include "judge/wide.h"

#define AFFECTED_CASES_FEW 1000 /* changed rows of the register that are always few */
#define AFFECTED_CASES_SHARE 5  /* and no more than a fifth of the register */

void
affected_cases_done(struct affected_cases *affected)
{
    list_done(&affected->now);
    buf_done(&affected->every);
}

static int
affected_cases_run(struct store *store, const struct sql *sql, const struct store_param *params,
                   size_t count, const char *analyze, struct err *err)
{
    if (store_run(store, sql->text, params, count, NULL, NULL, err) < 0 ||
        store_script(store, analyze, err) < 0)
        return err_wrap(err, "%s", sql->name);
    return 0;
}

/* List the submissions that the month's register is made of; returns how many rows they hold. */
static int64_t
affected_cases_list_register(const struct month *month, struct list *out)
{
    static const enum record_role roles[] = {RECORD_HOUSEHOLDS, RECORD_MEMBERS};
    int64_t stored = 0;

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        const struct content *content = month_of_role(month, roles[i]);

        stored += content->stored;
        for (size_t j = 0; j < content->part_count; j++)
            list_add_int(out, content->parts[j].submission);
    }
    return stored;
}

/* --- the keys whose cases must be derived --- */

/*
 * Compare the month's register with the one that named people when cases were told last, and note
 * in match.touched the keys of households and members whose rows came or went. So many changed rows
 * that looking them up costs more than deriving every case: the affected cases are all.
 */
static int
affected_cases_compare_register(struct store *store, struct affected_cases *affected,
                                int64_t stored, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;
    const struct store_param params[] = {STORE_I(affected->county),
                                         STORE_T(list_str(&affected->now))};

    if (store_run(store, cases_sql_register_compare.text, params, 2, &row, NULL, err) < 0)
        return err_wrap(err, "cannot compare the register");
    affected->full = store_rows(row) == 0 || store_bool(row, 0, 0) ||
                     store_int(row, 0, 3) > AFFECTED_CASES_FEW + stored / AFFECTED_CASES_SHARE;
    if (affected->full)
        return 0;
    buf_add_str(&affected->every, store_text(row, 0, 2));
    if (store_int(row, 0, 4) == 0)
        return 0;

    const struct store_param renamed[] = {STORE_I(affected->county), STORE_T(store_text(row, 0, 1)),
                                          STORE_T(store_text(row, 0, 2))};
    return store_run(store, cases_sql_renamed.text, renamed, 3, NULL, NULL, err);
}

/* Make `caught` or `told_case`: a table of the rows whose key is in `affected_key` or, when every
   case is told, a view of all. */
static int
affected_cases_create(struct store *store, const struct affected_cases *affected,
                      const struct sql *sql, const char *analyze, struct err *err)
{
    AUTO_BUF struct buf text = {0};
    char county[16];

    (void)snprintf(county, sizeof(county), "%" PRIu32, affected->county);
    BUF_ADD_FILLED(&text, sql->text, {"form", affected->full ? "temp view" : "temp table"},
                   {"keep", affected->full ? "" : "on commit drop"}, {"county", county},
                   {"keys", affected->full ? "" : " and key in (select key from affected_key)"});
    if (store_script(store, buf_str(&text), err) < 0)
        return err_wrap(err, "%s", sql->name);
    return affected->full ? 0 : store_script(store, analyze, err);
}

/* Make `affected_key`, unless every case is told, and `caught`. */
static int
affected_cases_catch(struct store *store, const struct affected_cases *affected,
                     const char *published, const char *publishing, struct err *err)
{
    const struct store_param params[] = {STORE_I(affected->county), STORE_T(published),
                                         STORE_T(publishing)};

    if (!affected->full && affected_cases_run(store, &cases_sql_affected_key, params, 3,
                                              "analyze affected_key", err) < 0)
        return -1;
    return affected_cases_create(store, affected, &cases_sql_caught, "analyze caught", err);
}

int
affected_cases_stand(struct store *store, const struct affected_cases *affected, struct err *err)
{
    return affected_cases_create(store, affected, &cases_sql_told_case, "analyze told_case", err);
}

/* --- the register's rows of parties --- */

static int
affected_cases_copy_register(struct store *store, struct affected_cases *affected, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, submissions = {0};
    char county[16];

    (void)snprintf(county, sizeof(county), "%" PRIu32, affected->county);
    buf_add_fmt(&submissions, "'%s'::integer[]", buf_str(&affected->every));
    BUF_ADD_FILLED(&sql, cases_sql_party_register.text, {"county", county},
                   {"submissions", buf_str(&submissions)});
    return store_script(store, buf_str(&sql), err);
}

static int
affected_cases_read_register(struct store *store, const struct month *month,
                             struct affected_cases *affected, struct err *err)
{
    if (affected_cases_run(store, &cases_sql_party, NULL, 0, "analyze party", err) < 0 ||
        (!affected->full && affected_cases_copy_register(store, affected, err) < 0) ||
        wide_build_register(store, month, affected->full ? NULL : "party", err) < 0 ||
        /* Statistics of fresh temporary tables are rough; a nested loop over them never pays. */
        store_script(store, "set local enable_nestloop = off", err) < 0 ||
        affected_cases_run(store, &cases_sql_concerned_member, NULL, 0, "analyze concerned_member",
                           err) < 0 ||
        affected_cases_run(store, &cases_sql_concerned_household, NULL, 0,
                           "analyze concerned_household", err) < 0)
        return err_wrap(err, "cannot read the register");
    return 0;
}

int
affected_cases_find(struct store *store, const struct month *month, const char *published,
                    const char *publishing, struct affected_cases *ret_affected, struct err *err)
{
    AUTO_AFFECTED_CASES struct affected_cases affected = {.county = month->county};
    int64_t stored = affected_cases_list_register(month, &affected.now);

    /* Few of long lists are looked up by index. */
    if (wide_drop(store, err) < 0 ||
        store_script(store, "set local enable_nestloop = on; set local random_page_cost = 1.1",
                     err) < 0 ||
        affected_cases_compare_register(store, &affected, stored, err) < 0 ||
        affected_cases_catch(store, &affected, published, publishing, err) < 0 ||
        affected_cases_stand(store, &affected, err) < 0 ||
        affected_cases_read_register(store, month, &affected, err) < 0)
        return err_wrap(err, "cannot find whose cases have changed");
    *ret_affected = affected;
    affected.now = (struct list){0}; /* the caller's now */
    affected.every = (struct buf){0};
    return 0;
}

int
affected_cases_note(struct store *store, struct affected_cases *affected, struct err *err)
{
    const struct store_param params[] = {STORE_I(affected->county),
                                         STORE_T(list_str(&affected->now))};

    if (store_run(store, "delete from match.touched where county = $1", params, 1, NULL, NULL,
                  err) < 0)
        return -1;
    return store_run(store, cases_sql_county_told.text, params, 2, NULL, NULL, err);
}
