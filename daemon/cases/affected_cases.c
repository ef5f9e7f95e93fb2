#include "cases/affected_cases.h"

#include <inttypes.h>
#include <stdio.h>

#include "cases/cases_sql.h"
#include "judge/wide.h"

#define CONCERN_FEW 1000 /* changed rows of the register that are always few */
#define CONCERN_SHARE 5  /* and no more than a fifth of it */

void
affected_cases_done(struct affected_cases *concern)
{
    list_done(&concern->now);
    buf_done(&concern->every);
}

static int
concern_run(struct store *store, const struct sql *sql, const struct store_param *params,
            size_t count, const char *analyze, struct err *err)
{
    if (store_run(store, sql->text, params, count, NULL, NULL, err) < 0 ||
        store_script(store, analyze, err) < 0)
        return err_wrap(err, "%s", sql->name);
    return 0;
}

/* List the submissions that the month's register is made of; returns how many rows they hold. */
static int64_t
concern_read_register(const struct month *month, struct list *out)
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

/* --- what must be told anew --- */

/*
 * Compare the register with the one that named people last: those whose rows
 * came or went are touched, or everybody when these are too many.
 */
static int
concern_compare_register(struct store *store, struct affected_cases *concern, int64_t stored,
                         struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;
    const struct store_param params[] = {STORE_I(concern->county),
                                         STORE_T(list_str(&concern->now))};

    if (store_run(store, cases_sql_register_compare.text, params, 2, &row, NULL, err) < 0)
        return err_wrap(err, "cannot compare the register");
    concern->full = store_rows(row) == 0 || store_bool(row, 0, 0) ||
                    store_int(row, 0, 3) > CONCERN_FEW + stored / CONCERN_SHARE;
    if (concern->full)
        return 0;
    buf_add_str(&concern->every, store_text(row, 0, 2));
    if (store_int(row, 0, 4) == 0)
        return 0;

    const struct store_param renamed[] = {STORE_I(concern->county), STORE_T(store_text(row, 0, 1)),
                                          STORE_T(store_text(row, 0, 2))};
    return store_run(store, cases_sql_renamed.text, renamed, 3, NULL, NULL, err);
}

/* Make a table of the keys in `concern` or, when every case is told, a view of all. */
static int
concern_create(struct store *store, const struct affected_cases *concern, const struct sql *sql,
               const char *analyze, struct err *err)
{
    AUTO_BUF struct buf text = {0};
    char county[16];

    (void)snprintf(county, sizeof(county), "%" PRIu32, concern->county);
    BUF_ADD_FILLED(&text, sql->text, {"form", concern->full ? "temp view" : "temp table"},
                   {"keep", concern->full ? "" : "on commit drop"}, {"county", county},
                   {"keys", concern->full ? "" : " and key in (select key from concern)"});
    if (store_script(store, buf_str(&text), err) < 0)
        return err_wrap(err, "%s", sql->name);
    return concern->full ? 0 : store_script(store, analyze, err);
}

/* concern and caught: keys and their findings, or simply all of them. */
static int
concern_catch(struct store *store, const struct affected_cases *concern, const char *published,
              const char *publishing, struct err *err)
{
    const struct store_param params[] = {STORE_I(concern->county), STORE_T(published),
                                         STORE_T(publishing)};

    if (!concern->full &&
        concern_run(store, &cases_sql_concern, params, 3, "analyze concern", err) < 0)
        return -1;
    return concern_create(store, concern, &cases_sql_caught, "analyze caught", err);
}

int
affected_cases_stand(struct store *store, const struct affected_cases *concern, struct err *err)
{
    return concern_create(store, concern, &cases_sql_told_case, "analyze told_case", err);
}

/* --- whom the register names --- */

static int
concern_copy_register(struct store *store, struct affected_cases *concern, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, submissions = {0};
    char county[16];

    (void)snprintf(county, sizeof(county), "%" PRIu32, concern->county);
    buf_add_fmt(&submissions, "'%s'::integer[]", buf_str(&concern->every));
    BUF_ADD_FILLED(&sql, cases_sql_party_register.text, {"county", county},
                   {"submissions", buf_str(&submissions)});
    return store_script(store, buf_str(&sql), err);
}

static int
concern_name(struct store *store, const struct month *month, struct affected_cases *concern,
             struct err *err)
{
    if (concern_run(store, &cases_sql_party, NULL, 0, "analyze party", err) < 0 ||
        (!concern->full && concern_copy_register(store, concern, err) < 0) ||
        wide_build_register(store, month, concern->full ? NULL : "party", err) < 0 ||
        /* Statistics of what was just derived are rough; a nested loop over them never pays. */
        store_script(store, "set local enable_nestloop = off", err) < 0 ||
        concern_run(store, &cases_sql_concerned_member, NULL, 0, "analyze concerned_member", err) <
            0 ||
        concern_run(store, &cases_sql_concerned_household, NULL, 0, "analyze concerned_household",
                    err) < 0)
        return err_wrap(err, "cannot read the register");
    return 0;
}

int
affected_cases_find(struct store *store, const struct month *month, const char *published,
                    const char *publishing, struct affected_cases *ret_concern, struct err *err)
{
    AUTO_CONCERN struct affected_cases concern = {.county = month->county};
    int64_t stored = concern_read_register(month, &concern.now);

    /* Few of long lists are looked up by index. */
    if (wide_drop(store, err) < 0 ||
        store_script(store, "set local enable_nestloop = on; set local random_page_cost = 1.1",
                     err) < 0 ||
        concern_compare_register(store, &concern, stored, err) < 0 ||
        concern_catch(store, &concern, published, publishing, err) < 0 ||
        affected_cases_stand(store, &concern, err) < 0 ||
        concern_name(store, month, &concern, err) < 0)
        return err_wrap(err, "cannot find whose cases have changed");
    *ret_concern = concern;
    concern.now = (struct list){0}; /* the caller's now */
    concern.every = (struct buf){0};
    return 0;
}

int
affected_cases_note(struct store *store, struct affected_cases *concern, struct err *err)
{
    const struct store_param params[] = {STORE_I(concern->county),
                                         STORE_T(list_str(&concern->now))};

    if (store_run(store, "delete from match.touched where county = $1", params, 1, NULL, NULL,
                  err) < 0)
        return -1;
    return store_run(store, cases_sql_county_told.text, params, 2, NULL, NULL, err);
}
