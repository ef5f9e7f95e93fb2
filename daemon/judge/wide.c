#include "judge/wide.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "judge/judge_sql.h"

#define WIDE_STALE_SHARE 5 /* statistics are renewed when a fifth of a table has changed */

int
wide_drop(struct store *store, struct err *err)
{
    return store_run(store, "discard temp", NULL, 0, NULL, NULL, err);
}

/* Renew a feed table's statistics when too many of its rows have changed since they were taken. */
static int
wide_refresh(struct store *store, const struct record_type *type, struct err *err)
{
    const struct store_param params[] = {STORE_T(type->table), STORE_I(WIDE_STALE_SHARE)};

    return store_run(store, judge_sql_statistics.text, params, 2, NULL, NULL, err);
}

/* --- views for rules --- */

/* Rules see no name, phone or address, so none can get into a finding. */
static bool
wide_visible(const struct record_field *field)
{
    return field->type != RECORD_NAME && field->type != RECORD_PHONE &&
           strcmp(field->name, "address") != 0;
}

/* Append the view of a record type. */
static void
wide_add_view(const struct record_type *type, const char *suffix, struct buf *script)
{
    AUTO_BUF struct buf columns = {0}, joins = {0};
    bool of_register = record_is_register(type);
    bool of_household = !of_register && type->household_no >= 0;
    const char *name = record_ident(type);

    buf_add_fmt(&columns, "'%s/' || r.submission || '/' || r.row_no as source", type->name);
    for (size_t i = 0; i < type->field_count; i++)
        if (wide_visible(&type->fields[i]))
            buf_add_fmt(&columns, ", r.%s", type->fields[i].name);
    if (of_household) {
        buf_add_fmt(&columns, "\n%s", judge_sql_record_view_household.text);
        buf_add_str(&joins, judge_sql_record_view_of_head.text);
    } else if (!of_register && type->id >= 0) {
        buf_add_fmt(&columns, "\n%s", judge_sql_record_view_person.text);
    }
    if (!of_register && type->id >= 0)
        buf_add_str(&joins, judge_sql_record_view_of_person.text);
    BUF_ADD_FILLED(script, judge_sql_record_view.text, {"form", of_household ? "table" : "view"},
                   {"type", name}, {"suffix", suffix},
                   {"keep", of_household ? "on commit drop" : ""}, {"columns", buf_str(&columns)},
                   {"joins", buf_str(&joins)});
    buf_add_str(script, ";");
    if (of_household)
        buf_add_fmt(script, " analyze %s%s;", name, suffix);
}

/* --- one row a person --- */

/* Append ", r.status in ('1') desc", or, of rows to be avoided, asc. */
static void
wide_add_preference(const struct record_value *value, const char *order, struct buf *sql)
{
    if (value == NULL)
        return;
    buf_add_fmt(sql, ", r.%s in (", value->field);
    for (size_t i = 0; value->is[i] != NULL; i++)
        buf_add_fmt(sql, "%s'%s'", i > 0 ? ", " : "", value->is[i]);
    buf_add_fmt(sql, ") %s", order);
}

/* Make picked_<type>: of several rows of a number one whose name agrees goes first, then the best.
   */
static int
wide_create_picked(struct store *store, const struct wide *wide, const struct rows *one,
                   struct err *err)
{
    AUTO_BUF struct buf sql = {0}, rows = {0}, year = {0}, order = {0};
    const struct record_type *type = one->content->type;
    const char *name = record_ident(type);

    if (type->best->year != NULL)
        buf_add_fmt(&year, "r.%s = %" PRId32, type->best->year, wide->month->month / 100);
    else
        buf_add_str(&year, "true");
    wide_add_preference(type->best->prefer, "desc", &order);
    wide_add_preference(type->best->avoid, "asc", &order);
    if (one->unique && one->content->producer_count <= 1)
        buf_add_fmt(&rows, "select r.* from content_%s as r where %s", name, buf_str(&year));
    else
        BUF_ADD_FILLED(&rows, judge_sql_picked_best.text, {"type", name}, {"year", buf_str(&year)},
                       {"order", buf_str(&order)});
    BUF_ADD_FILLED(&sql, judge_sql_picked.text, {"type", name}, {"rows", buf_str(&rows)});
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* The picked rows of every list of which a person has one. */
static int
wide_create_best(struct store *store, const struct wide *wide, struct err *err)
{
    for (size_t i = 0; i < wide->month->count; i++)
        if (wide->rows[i].content->type->best != NULL &&
            wide_create_picked(store, wide, &wide->rows[i], err) < 0)
            return -1;
    return 0;
}

/* person_row: person.sql with a column and a join for each list of which a person has one row. */
static int
wide_create_persons(struct store *store, const struct wide *wide, const struct store_param *params,
                    size_t count, struct err *err)
{
    AUTO_BUF struct buf agrees = {0}, picked = {0}, sql = {0};

    for (size_t i = 0; i < wide->month->count; i++) {
        const struct record_type *type = wide->month->contents[i].type;

        if (type->best == NULL)
            continue;
        BUF_ADD_FILLED(&agrees, judge_sql_person_agrees.text, {"list", record_ident(type)});
        BUF_ADD_FILLED(&picked, judge_sql_person_picked.text, {"list", record_ident(type)});
    }
    BUF_ADD_FILLED(&sql, judge_sql_person.text, {"agrees", buf_str(&agrees)},
                   {"picked", buf_str(&picked)});
    return store_run(store, buf_str(&sql), params, count, NULL, NULL, err);
}

/* --- the month --- */

/* Locate the rows of every content; of everybody, with statistics that the planner can go by. */
static int
wide_find_rows(struct store *store, struct wide *wide, struct err *err)
{
    const struct month *month = wide->month;
    const char *copies = wide->affected ? WIDE_AFFECTED : NULL;

    for (size_t i = 0; i < month->count; i++) {
        const struct content *content = &month->contents[i];

        rows_locate(&wide->rows[i], content, copies);
        if (content->part_count > 0 && !wide->affected &&
            wide_refresh(store, content->type, err) < 0)
            return -1;
    }
    rows_locate(&wide->before, &month->before, copies);
    if (rows_ask(store, wide->rows, month->count, month->county, wide->affected, err) < 0)
        return -1;
    return rows_ask(store, &wide->before, 1, month->county, wide->affected, err);
}

/* Append content_<type><suffix> as the rows of a query or, `rows` being NULL, of raw_<type>. */
static void
wide_add_content(const struct record_type *type, const char *suffix, const char *rows,
                 struct buf *script)
{
    AUTO_BUF struct buf raw = {0};

    buf_add_fmt(&raw, "select * from raw_%s%s", record_ident(type), suffix);
    BUF_ADD_FILLED(script, judge_sql_content.text, {"type", record_ident(type)}, {"suffix", suffix},
                   {"rows", rows != NULL ? rows : buf_str(&raw)});
    buf_add_str(script, ";");
}

static int
wide_create_contents(struct store *store, const struct wide *wide, struct err *err)
{
    AUTO_BUF struct buf script = {0};

    for (size_t i = 0; i < wide->month->count; i++) {
        const struct record_type *type = wide->month->contents[i].type;

        rows_add(&wide->rows[i], wide->month->county, ROWS_RAW, "", &script);
        if (!identity_takes(type))
            wide_add_content(type, "", NULL, &script);
    }
    rows_add(&wide->before, wide->month->county, ROWS_RAW, "_before", &script);
    wide_add_content(wide->month->before.type, "_before", NULL, &script);
    if (store_script(store, buf_str(&script), err) < 0)
        return err_wrap(err, "cannot read the month's rows");
    return 0;
}

static int
wide_make(struct store *store, struct wide *wide, struct err *err)
{
    if ((!wide->affected &&
         (wide_drop(store, err) < 0 ||
          store_script(store, "set local default_statistics_target = 20", err) < 0)) ||
        wide_find_rows(store, wide, err) < 0)
        return -1;
    return wide_create_contents(store, wide, err);
}

int
wide_open(struct store *store, const struct month *month, bool affected, struct wide *ret_wide,
          struct err *err)
{
    struct wide wide = {.month = month, .affected = affected};

    if (wide_make(store, &wide, err) < 0)
        return -1;
    *ret_wide = wide;
    return 0;
}

/* Link the unmatched rows, and make content_<type> of all lists of persons. */
static int
wide_link(struct store *store, const struct wide *wide, struct err *err)
{
    struct identity identity = {.month = wide->month, .affected = wide->affected};
    AUTO_BUF struct buf rows = {0}, script = {0};

    if ((wide->affected ? identity_stand(store, &identity, err)
                        : identity_month(store, &identity, err)) < 0)
        return -1;
    for (size_t i = 0; i < wide->month->count; i++) {
        const struct record_type *type = wide->month->contents[i].type;

        if (!identity_takes(type))
            continue;
        identity_add_content(&identity, i, &rows);
        wide_add_content(type, "", buf_str(&rows), &script);
        buf_clear(&rows);
    }
    if (store_script(store, buf_str(&script), err) < 0)
        return err_wrap(err, "cannot read the lists of persons");
    return 0;
}

/* Make every_<type>, the rows of everybody beside the affected set's in raw_<type>: of the lists of
   persons, or of the register. */
static int
wide_create_every(struct store *store, const struct wide *wide, bool persons, struct err *err)
{
    AUTO_BUF struct buf script = {0};

    for (size_t i = 0; i < wide->month->count; i++) {
        struct rows one = wide->rows[i];

        if (persons ? !identity_takes(one.content->type) : !record_is_register(one.content->type))
            continue;
        rows_locate(&one, one.content, NULL);
        rows_add(&one, wide->month->county, ROWS_EVERY, "", &script);
    }
    return store_script(store, buf_str(&script), err);
}

int
wide_relink(struct store *store, const struct wide *wide, bool members,
            struct identity_moved *ret_moved, struct err *err)
{
    struct identity identity = {.month = wide->month, .affected = wide->affected};
    bool stand;

    *ret_moved = (struct identity_moved){0};
    if (wide_create_every(store, wide, false, err) < 0 ||
        identity_look(store, &identity, members, &stand, err) < 0)
        return -1;
    if (stand)
        return 0;
    if (wide_create_every(store, wide, true, err) < 0)
        return -1;
    return identity_again(store, &identity, ret_moved, err);
}

/* "YYYYMMDD" of a date as a number. */
static int64_t
wide_date_number(int32_t date)
{
    int year, month, day;

    clock_civil(date, &year, &month, &day);
    return year * 10000 + month * 100 + day;
}

/* The last 31 August up to the end of the month, as a number. */
static int64_t
wide_last_august(int32_t month)
{
    return (month / 100 - (month % 100 < 8 ? 1 : 0)) * 10000 + 831;
}

static int
wide_run(struct store *store, const struct sql *sql, const struct store_param *params, size_t count,
         struct err *err)
{
    if (store_run(store, sql->text, params, count, NULL, NULL, err) < 0)
        return err_wrap(err, "%s", sql->name);
    return 0;
}

/* listed, settlement_row, spent, household_row, person_row. */
static int
wide_create_tables(struct store *store, const struct wide *wide, const struct profile *profile,
                   struct err *err)
{
    const struct month *month = wide->month;
    char county[8], start[CLOCK_DATE_TEXT];
    int32_t end = clock_month_last(month->month);

    (void)snprintf(county, sizeof(county), "%06" PRIu32, wide->month->county);
    clock_format_first(clock_month_add(month->month, -CONTENT_HISTORY), start);

    const struct store_param listed[] = {STORE_T(month->last)};
    const struct store_param settlements[] = {STORE_T(start), STORE_T(month->last)};
    const struct store_param household[] = {STORE_T(county), STORE_T(month->first),
                                            STORE_T(month->last),
                                            STORE_T(profile->exclude_pension ? "true" : "false"),
                                            STORE_T(profile->exclude_job_cost ? "true" : "false")};
    const struct store_param person[] = {STORE_I(wide_date_number(end)),
                                         STORE_I(wide_last_august(month->month)), STORE_T(county)};

    if (wide_run(store, &judge_sql_listed, listed, 1, err) < 0 ||
        wide_run(store, &judge_sql_settlement_row, settlements, 2, err) < 0 ||
        store_script(store, "analyze listed; analyze settlement_row", err) < 0 ||
        wide_run(store, &judge_sql_spent, NULL, 0, err) < 0 ||
        store_script(store, "analyze spent", err) < 0 ||
        wide_run(store, &judge_sql_household, household, 5, err) < 0 ||
        store_script(store, "analyze household_row", err) < 0 ||
        wide_create_persons(store, wide, person, 3, err) < 0 ||
        store_script(store, "analyze person_row", err) < 0)
        return err_wrap(err, "cannot make the wide rows");
    return 0;
}

/* Make the views for rules, which qs_rule may select. */
static int
wide_create_views(struct store *store, const struct wide *wide, struct err *err)
{
    AUTO_BUF struct buf script = {0}, names = {0};

    for (size_t i = 0; i < wide->month->count; i++) {
        const struct record_type *type = wide->rows[i].content->type;

        wide_add_view(type, "", &script);
        buf_add_fmt(&names, ", %s", record_ident(type));
    }
    wide_add_view(wide->before.content->type, "_before", &script);
    buf_add_str(&script, judge_sql_view.text);
    buf_add_str(&script, ";");
    BUF_ADD_FILLED(&script, judge_sql_view_grant.text, {"types", buf_str(&names)});
    if (store_script(store, buf_str(&script), err) < 0)
        return err_wrap(err, "cannot make the views for rules");
    return 0;
}

static int
wide_create_contributing(struct store *store, const struct wide *wide, struct err *err)
{
    AUTO_LIST struct list list = {0};
    AUTO_BUF struct buf submissions = {0}, sql = {0};

    for (size_t i = 0; i < wide->month->count; i++)
        for (size_t j = 0; j < wide->month->contents[i].part_count; j++)
            list_add_int(&list, wide->month->contents[i].parts[j].submission);
    list_add_literal(&list, "integer", &submissions);
    BUF_ADD_FILLED(&sql, judge_sql_contributing.text, {"county", wide->month->county_text},
                   {"submissions", buf_str(&submissions)});
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

static int
wide_find_standard(struct store *store, struct wide *wide, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    AUTO(store_result_free) struct store_result *row = NULL;
    const struct record_type *type = record_of_role(RECORD_STANDARD);
    char county[16];

    (void)snprintf(county, sizeof(county), "%06" PRIu32, wide->month->county);
    BUF_ADD_FILLED(&sql, judge_sql_standard.text, {"name", type->name},
                   {"type", record_ident(type)}, {"county", county}, {"last", wide->month->last});
    if (store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err) < 0 ||
        store_run(store, "select monthly from standard", NULL, 0, &row, NULL, err) < 0)
        return err_wrap(err, "cannot read the standard");
    wide->standard = store_rows(row) == 1 && !store_null(row, 0, 0);
    wide->monthly = wide->standard ? store_int(row, 0, 0) : 0;
    return 0;
}

int
wide_build(struct store *store, struct wide *wide, const struct profile *profile, struct err *err)
{
    /* Statistics of a fresh feed may be rough; a nested loop over whole lists never pays, for the
       rules neither. */
    if (store_script(store, "set local enable_nestloop = off", err) < 0 ||
        wide_link(store, wide, err) < 0 || wide_create_best(store, wide, err) < 0 ||
        wide_create_tables(store, wide, profile, err) < 0 ||
        wide_find_standard(store, wide, err) < 0 || wide_create_contributing(store, wide, err) < 0)
        return -1;
    return wide_create_views(store, wide, err);
}

int
wide_build_register(struct store *store, const struct month *month, const char *copies,
                    struct err *err)
{
    static const enum record_role roles[] = {RECORD_HOUSEHOLDS, RECORD_MEMBERS};
    AUTO_BUF struct buf script = {0};

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        struct rows one = {0};

        rows_locate(&one, month_of_role(month, roles[i]), copies);
        if (rows_ask(store, &one, 1, month->county, copies != NULL, err) < 0)
            return -1;
        rows_add(&one, month->county, ROWS_RAW, "", &script);
        wide_add_content(one.content->type, "", NULL, &script);
    }
    return store_script(store, buf_str(&script), err);
}
