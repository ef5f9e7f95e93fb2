#include "wide.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "query.h"

#define WIDE_STALE_SHARE 5 /* statistics are renewed when a fifth of a table has changed */

void
wide_done(struct wide *wide)
{
    for (size_t i = 0; i < wide->type_count; i++)
        content_done(&wide->types[i].content);
    content_done(&wide->before);
    wide->type_count = 0;
}

void
wide_view_name(const struct record_type *type, char ret_name[64])
{
    (void)snprintf(ret_name, 64, "%s", type->name);
    for (char *at = ret_name; *at != '\0'; at++)
        if (*at == '.')
            *at = '_';
}

bool
wide_names(const struct record_type *type)
{
    for (size_t i = 0; i < type->field_count; i++)
        if (strcmp(type->fields[i].name, "id_no") == 0 ||
            strcmp(type->fields[i].name, "household_no") == 0 ||
            strcmp(type->fields[i].name, "house_no") == 0)
            return true;
    return false;
}

const struct content *
wide_content(const struct wide *wide, const struct record_type *type)
{
    for (size_t i = 0; i < wide->type_count; i++)
        if (wide->types[i].content.type == type)
            return &wide->types[i].content;
    assert(!"a record type of this build");
    return NULL;
}

int
wide_drop(struct store *store, struct err *err)
{
    return store_run(store, "discard temp", NULL, 0, NULL, NULL, err);
}

/* --- content views --- */

enum wide_pick { WIDE_ALL, WIDE_BASES, WIDE_LATER };

/* Whether a part takes part in a list: of one producer, or of all (-1). */
static bool
wide_picks(const struct content_part *part, enum wide_pick pick, int producer)
{
    if (producer >= 0 && part->producer_no != producer)
        return false;
    return pick == WIDE_ALL || (pick == WIDE_BASES) == (part->rank == 0);
}

/* Append '{1,2,3}'::integer[]: the submissions of some parts, in order of rank. */
static void
wide_add_list(const struct content *content, enum wide_pick pick, int producer, struct buf *out)
{
    bool first = true;

    buf_add_str(out, "'{");
    for (size_t i = 0; i < content->part_count; i++) {
        if (!wide_picks(&content->parts[i], pick, producer))
            continue;
        buf_add_fmt(out, "%s%" PRId32, first ? "" : ",", content->parts[i].submission);
        first = false;
    }
    buf_add_str(out, "}'::integer[]");
}

static void
wide_add_keys(const struct record_type *type, const char *prefix, struct buf *out)
{
    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++)
        buf_add_fmt(out, "%s%s%s", i > 0 ? ", " : "", prefix, type->fields[type->key[i]].name);
}

static size_t
wide_count_parts(const struct content *content, enum wide_pick pick, int producer)
{
    size_t count = 0;

    for (size_t i = 0; i < content->part_count; i++)
        count += wide_picks(&content->parts[i], pick, producer);
    return count;
}

/* The newest row of each natural key among some parts, deletions left out. */
static void
wide_add_newest(const struct wide_content *wide, uint32_t county, enum wide_pick pick, int producer,
                struct buf *out)
{
    const struct content *content = &wide->content;

    buf_add_str(out, "select * from (select distinct on (");
    wide_add_keys(content->type, "", out);
    buf_add_fmt(out, ") * from %s where county = %" PRIu32 " and submission = any(", wide->table,
                county);
    wide_add_list(content, pick, producer, out);
    buf_add_str(out, ") order by ");
    wide_add_keys(content->type, "", out);
    buf_add_str(out, ", array_position(");
    wide_add_list(content, pick, producer, out);
    buf_add_str(out, ", submission) desc, row_no) as newest where not removed");
}

/* A base without the rows that later parts of the producer replace or remove, and those parts. */
static void
wide_add_mended(const struct wide_content *wide, uint32_t county, int producer, struct buf *out)
{
    const struct content *content = &wide->content;
    const struct record_type *type = content->type;

    buf_add_fmt(out,
                "select base.* from %s as base where base.county = %" PRIu32
                " and base.submission = any(",
                wide->table, county);
    wide_add_list(content, WIDE_BASES, producer, out);
    buf_add_fmt(out,
                ") and not exists (select from %s as later where later.county = %" PRIu32
                " and later.submission = any(",
                wide->table, county);
    wide_add_list(content, WIDE_LATER, producer, out);
    buf_add_str(out, ") and (");
    wide_add_keys(type, "later.", out);
    buf_add_str(out, ") = (");
    wide_add_keys(type, "base.", out);
    buf_add_str(out, ")) union all ");
    wide_add_newest(wide, county, WIDE_LATER, producer, out);
}

static void
wide_add_simple(const struct wide_content *wide, uint32_t county, enum wide_pick pick, int producer,
                struct buf *out)
{
    buf_add_fmt(out, "select * from %s where county = %" PRIu32 " and submission = any(",
                wide->table, county);
    wide_add_list(&wide->content, pick, producer, out);
    buf_add_str(out, ")");
}

/*
 * The query for what each producer says. Without a key twice, parts are put
 * side by side; later parts of a roster replace rows of its base; otherwise the
 * newest row of each key counts, which costs a sort.
 */
static void
wide_add_producers(const struct wide_content *wide, uint32_t county, struct buf *out)
{
    const struct content *content = &wide->content;
    bool events =
        content->type->kind == RECORD_EVENTS || content->type->cadence == RECORD_ON_CHANGE;
    bool later = wide_count_parts(content, WIDE_LATER, -1) > 0;

    if (content->part_count == 0) {
        buf_add_fmt(out, "select * from %s where false", wide->table);
        return;
    }
    if (wide->unique && (events || !later)) {
        wide_add_simple(wide, county, WIDE_ALL, -1, out);
        return;
    }
    for (int producer = 0; producer < content->producer_count; producer++) {
        bool mended = wide_count_parts(content, WIDE_LATER, producer) > 0;

        buf_add_str(out, producer > 0 ? " union all " : "");
        if (!wide->unique || events)
            wide_add_newest(wide, county, WIDE_ALL, producer, out);
        else if (mended)
            wide_add_mended(wide, county, producer, out);
        else
            wide_add_simple(wide, county, WIDE_BASES, producer, out);
    }
}

/* Whether producers of the register may hold one household or person twice between them. */
static bool
wide_contradicts(const struct wide_content *wide)
{
    const struct content *content = &wide->content;

    return strcmp(content->type->sector, "register") == 0 && wide_names(content->type) &&
           content->producer_count > 1 &&
           (!wide->unique || wide_count_parts(content, WIDE_LATER, -1) > 0);
}

static int
wide_compare_parts(const void *left, const void *right)
{
    const struct content_part *a = left, *b = right;

    if (a->period != b->period)
        return a->period > b->period ? -1 : 1;
    if (a->revision != b->revision)
        return a->revision > b->revision ? -1 : 1;
    return strcmp(a->producer, b->producer);
}

/* Append '{3,1,2}'::integer[]: the parts, newest first; the producers' codes decide between equals,
   since what came first must not. */
static void
wide_add_by_age(const struct content *content, struct buf *out)
{
    struct content_part *parts = mem_grow(NULL, content->part_count, sizeof(*parts));

    memcpy(parts, content->parts, content->part_count * sizeof(*parts));
    qsort(parts, content->part_count, sizeof(*parts), wide_compare_parts);
    buf_add_str(out, "'{");
    for (size_t i = 0; i < content->part_count; i++)
        buf_add_fmt(out, "%s%" PRId32, i > 0 ? "," : "", parts[i].submission);
    buf_add_str(out, "}'::integer[]");
    free(parts);
}

/* The query for a content. The register says once where everybody lives: the newest row counts. */
static void
wide_add_content(const struct wide_content *wide, uint32_t county, struct buf *out)
{
    if (!wide_contradicts(wide)) {
        wide_add_producers(wide, county, out);
        return;
    }
    buf_add_str(out, "select distinct on (");
    wide_add_keys(wide->content.type, "", out);
    buf_add_str(out, ") * from (");
    wide_add_producers(wide, county, out);
    buf_add_str(out, ") as said order by ");
    wide_add_keys(wide->content.type, "", out);
    buf_add_str(out, ", array_position(");
    wide_add_by_age(&wide->content, out);
    buf_add_str(out, ", submission)");
}

/* Ask, once for a set of submissions, whether every natural key in it occurs once. For a scope it
   is not worth asking (`known_only`): what is not known costs the slower way over few rows. */
static int
wide_ask_unique(struct store *store, const struct wide_content *wide, uint32_t county,
                enum wide_pick pick, bool known_only, bool *ret_unique, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, list = {0};
    const struct content *content = &wide->content;
    AUTO(store_result_free) struct store_result *known = NULL, *asked = NULL;
    const struct store_param params[] = {STORE_I(county), STORE_T(content->type->name)};

    wide_add_list(content, pick, -1, &list);
    buf_add_fmt(&sql,
                "select is_distinct from match.distinct_keys"
                " where county = $1 and record_type = $2 and submissions = %s",
                buf_str(&list));
    if (store_run(store, buf_str(&sql), params, 2, &known, NULL, err) < 0)
        return -1;
    if (store_rows(known) == 1 || known_only) {
        *ret_unique = store_rows(known) == 1 && store_bool(known, 0, 0);
        return 0;
    }
    buf_clear(&sql);
    /* Counting 64-bit hashes sorts numbers; two keys of one hash only cost the slower way. */
    buf_add_fmt(&sql,
                "insert into match.distinct_keys (county, record_type, submissions, is_distinct)"
                " select $1, $2, %s, count(*) = count(distinct hashtextextended(concat_ws('/', ",
                buf_str(&list));
    wide_add_keys(content->type, "", &sql);
    buf_add_fmt(&sql, "), 0)) from %s where county = $1 and submission = any(%s)",
                content->type->table, buf_str(&list));
    buf_add_str(&sql, " returning is_distinct");
    if (store_run(store, buf_str(&sql), params, 2, &asked, NULL, err) < 0)
        return -1;
    *ret_unique = store_bool(asked, 0, 0);
    return 0;
}

/* A roster's base decides: what later parts replace is no duplicate. */
static int
wide_find_unique(struct store *store, struct wide_content *wide, uint32_t county, bool known_only,
                 struct err *err)
{
    const struct content *content = &wide->content;
    bool events =
        content->type->kind == RECORD_EVENTS || content->type->cadence == RECORD_ON_CHANGE;

    wide->unique = true;
    if (content->part_count == 0)
        return 0;
    for (size_t i = 0; events && i < content->part_count; i++)
        if (content->parts[i].kind != CONTENT_FULL)
            wide->unique = false;
    if (!wide->unique)
        return 0;
    return wide_ask_unique(store, wide, county, events ? WIDE_ALL : WIDE_BASES, known_only,
                           &wide->unique, err);
}

/* Make <kind>_<type><suffix>: "content", or "raw" where rows are still to be linked. */
static int
wide_create_content(struct store *store, const struct wide_content *wide, uint32_t county,
                    const char *kind, const char *suffix, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    char name[64];
    bool everybody = wide->table == wide->content.type->table && strcmp(kind, "content") == 0;
    bool table = everybody && wide_contradicts(wide); /* or every reader would sort again */

    wide_view_name(wide->content.type, name);
    buf_add_fmt(&sql, "create %s %s_%s%s%s as ", table ? "temp table" : "or replace temp view",
                kind, name, suffix, table ? " on commit drop" : "");
    wide_add_content(wide, county, &sql);
    if (table)
        buf_add_fmt(&sql, "; analyze %s_%s%s", kind, name, suffix);
    if (store_script(store, buf_str(&sql), err) < 0)
        return err_wrap(err, "cannot read the content of %s", wide->content.type->name);
    return 0;
}

/* Renew a feed table's statistics when they say too little about what it holds now. */
static int
wide_refresh(struct store *store, const struct record_type *type, struct err *err)
{
    const struct store_param params[] = {STORE_T(type->table), STORE_I(WIDE_STALE_SHARE)};

    return store_run(store,
                     "select feed.refresh_statistics($1::regclass)"
                     " from pg_class join pg_stat_all_tables on relid = pg_class.oid"
                     " where pg_class.oid = $1::regclass and (reltuples < 0"
                     " or n_mod_since_analyze > 1000 + reltuples / $2::integer)",
                     params, 2, NULL, NULL, err);
}

/* --- views for rules --- */

/* Rules see no name, phone or address, so none can get into a finding. */
static bool
wide_visible(const struct record_field *field)
{
    return field->type != RECORD_NAME && field->type != RECORD_PHONE &&
           strcmp(field->name, "address") != 0;
}

#define WIDE_AGREES(row)                                                                           \
    "(" row ".fold = coalesce(r.name_key, r.name)"                                                 \
    " or match.one_apart(" row ".fold, coalesce(r.name_key, r.name)))"

static void
wide_add_person_link(struct buf *columns, struct buf *joins)
{
    buf_add_str(columns, ", p.id_no as person, p.household_no as person_household,"
                         " case when r.resolved is not null then r.resolved"
                         " when p.fold = coalesce(r.name_key, r.name) then ''"
                         " when p.id_no is not null then 'name_one' end as link");
    buf_add_str(joins, " left join person_row as p on p.id_no = r.id_no and " WIDE_AGREES("p"));
}

static void
wide_add_household_link(struct buf *columns, struct buf *joins)
{
    /* A linked row is its member's household's, whatever household number it gives. */
    buf_add_str(columns, ", case when r.resolved is not null then p.household_no"
                         " else coalesce(head.household_no, p.household_no) end as household,"
                         " case when r.resolved is not null then r.resolved"
                         " when head.household_no is not null then 'household_no'"
                         " when p.fold = coalesce(r.name_key, r.name) then ''"
                         " when p.id_no is not null then 'name_one' end as link");
    buf_add_str(joins, " left join person_row as head on head.household_no = r.household_no"
                       " and head.relation = '户主' and " WIDE_AGREES("head"));
    buf_add_str(joins, " left join person_row as p on p.id_no = r.id_no and " WIDE_AGREES("p"));
}

/*
 * The view of a record type: its fields, the source, and whose row it is. Lists
 * of households are tables, since several rules read whose row it is.
 */
static int
wide_create_view(struct store *store, const struct record_type *type, const char *suffix,
                 struct err *err)
{
    AUTO_BUF struct buf sql = {0}, columns = {0}, joins = {0};
    bool register_type = strcmp(type->sector, "register") == 0;
    bool of_household = !register_type && type->household_no >= 0;
    char name[64];

    wide_view_name(type, name);
    buf_add_fmt(&columns, "'%s/' || r.submission || '/' || r.row_no as source", type->name);
    for (size_t i = 0; i < type->field_count; i++)
        if (wide_visible(&type->fields[i]))
            buf_add_fmt(&columns, ", r.%s", type->fields[i].name);
    if (of_household)
        wide_add_household_link(&columns, &joins);
    else if (!register_type && type->id >= 0)
        wide_add_person_link(&columns, &joins);
    buf_add_fmt(&sql, "create temp %s %s%s%s as select %s from content_%s%s as r%s",
                of_household ? "table" : "view", name, suffix,
                of_household ? " on commit drop" : "", buf_str(&columns), name, suffix,
                buf_str(&joins));
    if (of_household)
        buf_add_fmt(&sql, "; analyze %s%s", name, suffix);
    if (store_script(store, buf_str(&sql), err) < 0)
        return err_wrap(err, "cannot make the view %s%s", name, suffix);
    return 0;
}

/* The row of a number among several: one that agrees first, then the best. */
static int
wide_create_picked(struct store *store, const struct wide *wide, const char *type_name,
                   const char *picked, const char *where, const char *best, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    const struct record_type *type = record_find(type_name);
    char name[64];

    wide_view_name(type, name);
    buf_add_fmt(&sql, "create temp view %s as ", picked);
    for (size_t i = 0; i < wide->type_count; i++) {
        const struct wide_content *one = &wide->types[i];

        if (one->content.type != type)
            continue;
        if (one->unique && one->content.producer_count <= 1)
            buf_add_fmt(&sql, "select r.* from content_%s as r where %s", name, where);
        else
            buf_add_fmt(&sql,
                        "select distinct on (r.id_no) r.* from content_%s as r"
                        " join content_register_member as m on m.id_no = r.id_no where %s"
                        " order by r.id_no, coalesce(m.name_key, m.name)"
                        " = coalesce(r.name_key, r.name) or match.one_apart("
                        "coalesce(m.name_key, m.name), coalesce(r.name_key, r.name)) desc,"
                        " %s desc, r.submission, r.row_no",
                        name, where, best);
    }
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* --- the month --- */

/* Say where a record type's rows are. */
static void
wide_locate(struct wide_content *wide, bool scoped)
{
    char view[64];

    wide->table = wide->content.type->table;
    if (!scoped || !wide_names(wide->content.type))
        return;
    wide_view_name(wide->content.type, view);
    (void)snprintf(wide->scoped, sizeof(wide->scoped), "scoped_%s", view);
    wide->table = wide->scoped;
}

static int
wide_resolve(struct store *store, const struct content_book *book, struct wide *wide,
             struct err *err)
{
    const struct record_type *type;

    for (size_t i = 0; (type = record_at(i)) != NULL; i++) {
        struct wide_content *one = &wide->types[i];

        assert(i < WIDE_TYPES_MAX);
        wide->type_count = i + 1;
        content_resolve(book, type, wide->month, &one->content);
        wide_locate(one, wide->scoped);
        if (one->content.part_count > 0 && !wide->scoped && wide_refresh(store, type, err) < 0)
            return -1;
        if (wide_find_unique(store, one, wide->county, wide->scoped, err) < 0 ||
            wide_create_content(store, one, wide->county, resolve_takes(type) ? "raw" : "content",
                                "", err) < 0)
            return -1;
    }
    struct wide_content before = {0};
    content_resolve_before(book, wide->month, &wide->before);
    before.content = wide->before;
    wide_locate(&before, wide->scoped);
    if (wide_find_unique(store, &before, wide->county, wide->scoped, err) < 0)
        return -1;
    return wide_create_content(store, &before, wide->county, "content", "_before", err);
}

/* What the linkage is to know of the month. */
static struct resolve
wide_resolves(const struct wide *wide, const struct content_book *book)
{
    struct resolve resolve = {.county = wide->county,
                              .month = wide->month,
                              .book = book,
                              .scoped = wide->scoped,
                              .type_count = wide->type_count};

    for (size_t i = 0; i < wide->type_count; i++)
        resolve.types[i] =
            (struct resolve_content){wide->types[i].content.type, &wide->types[i].content, false};
    return resolve;
}

/* Link what number and name leave open, and make the contents of all lists of persons. */
static int
wide_link(struct store *store, const struct content_book *book, struct wide *wide, struct err *err)
{
    struct resolve resolve = wide_resolves(wide, book);

    if ((wide->scoped ? resolve_stand(store, &resolve, err) : resolve_month(store, &resolve, err)) <
        0)
        return -1;
    for (size_t i = 0; i < wide->type_count; i++) {
        AUTO_BUF struct buf sql = {0};
        char name[64];

        if (!resolve_takes(resolve.types[i].type))
            continue;
        wide_view_name(resolve.types[i].type, name);
        buf_add_fmt(&sql, "create or replace temp view content_%s as ", name);
        resolve_add_content(&resolve, i, &sql);
        if (store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err) < 0)
            return err_wrap(err, "cannot read the content of %s", resolve.types[i].type->name);
    }
    return 0;
}

/* every_<type>: what raw_<type> or content_<type> holds of a scope, of everybody. */
static int
wide_create_every(struct store *store, const struct wide *wide, struct err *err)
{
    for (size_t i = 0; i < wide->type_count; i++) {
        struct wide_content one = wide->types[i];

        if (!resolve_takes(one.content.type) && strcmp(one.content.type->sector, "register") != 0)
            continue;
        one.table = one.content.type->table;
        if (wide_find_unique(store, &one, wide->county, true, err) < 0 ||
            wide_create_content(store, &one, wide->county, "every", "", err) < 0)
            return -1;
    }
    return 0;
}

int
wide_relink(struct store *store, const struct content_book *book, uint32_t county, int32_t month,
            bool members, struct resolve_moved *ret_moved, struct err *err)
{
    AUTO_WIDE struct wide wide = {.county = county, .month = month, .scoped = true};

    if (wide_resolve(store, book, &wide, err) < 0 || wide_create_every(store, &wide, err) < 0)
        return -1;
    struct resolve resolve = wide_resolves(&wide, book);
    return resolve_touched(store, &resolve, members, ret_moved, err);
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
wide_run(struct store *store, const char *file, const struct store_param *params, size_t count,
         struct err *err)
{
    if (store_run(store, query_text(file), params, count, NULL, NULL, err) < 0)
        return err_wrap(err, "%s", file);
    return 0;
}

/* listed, settled, spent, household_row, person_row. */
static int
wide_create_tables(struct store *store, const struct wide *wide, const struct profile *profile,
                   struct err *err)
{
    char county[8], first[11], last[11], start[11];
    int32_t end = clock_month_last(wide->month);

    (void)snprintf(county, sizeof(county), "%06" PRIu32, wide->county);
    clock_format_date(clock_month_first(wide->month), first);
    clock_format_date(end, last);
    clock_format_date(clock_month_first(clock_month_add(wide->month, -CONTENT_HISTORY)), start);

    const struct store_param listed[] = {STORE_T(last)};
    const struct store_param settled[] = {STORE_T(start), STORE_T(last)};
    const struct store_param household[] = {STORE_T(county), STORE_T(first), STORE_T(last),
                                            STORE_T(profile->exclude_pension ? "true" : "false"),
                                            STORE_T(profile->exclude_job_cost ? "true" : "false")};
    const struct store_param person[] = {STORE_I(wide_date_number(end)),
                                         STORE_I(wide_last_august(wide->month)), STORE_T(county)};

    if (wide_run(store, "listed.sql", listed, 1, err) < 0 ||
        wide_run(store, "settled.sql", settled, 2, err) < 0 ||
        store_script(store, "analyze listed; analyze settled", err) < 0 ||
        wide_run(store, "spent.sql", NULL, 0, err) < 0 ||
        store_script(store, "analyze spent", err) < 0 ||
        wide_run(store, "household.sql", household, 5, err) < 0 ||
        store_script(store, "analyze household_row", err) < 0 ||
        wide_run(store, "person.sql", person, 3, err) < 0 ||
        store_script(store, "analyze person_row", err) < 0)
        return err_wrap(err, "cannot make the wide rows");
    return 0;
}

/* The views, and who may read them. */
static int
wide_create_views(struct store *store, const struct wide *wide, struct err *err)
{
    AUTO_BUF struct buf grant = {0};
    char name[64];

    buf_add_str(&grant, "grant select on household, person, civil_list, settlement, audit,"
                        " standard, contributing, register_household_before");
    for (size_t i = 0; i < wide->type_count; i++) {
        const struct record_type *type = wide->types[i].content.type;

        if (wide_create_view(store, type, "", err) < 0)
            return -1;
        wide_view_name(type, name);
        buf_add_fmt(&grant, ", %s", name);
    }
    if (wide_create_view(store, wide->before.type, "_before", err) < 0 ||
        store_script(store, query_text("view.sql"), err) < 0)
        return err_wrap(err, "cannot make the views for rules");
    buf_add_str(&grant, " to qs_rule");
    return store_script(store, buf_str(&grant), err);
}

/* contributing: every submission that the month reads. */
static int
wide_create_contributing(struct store *store, const struct wide *wide, struct err *err)
{
    AUTO_BUF struct buf list = {0}, sql = {0};

    buf_add_str(&list, "'{");
    for (size_t i = 0, n = 0; i < wide->type_count; i++)
        for (size_t j = 0; j < wide->types[i].content.part_count; j++)
            buf_add_fmt(&list, "%s%" PRId32, n++ > 0 ? "," : "",
                        wide->types[i].content.parts[j].submission);
    buf_add_str(&list, "}'::integer[]");
    buf_add_fmt(&sql,
                "create temp view contributing as select record_type, submission, producer,"
                " period, revision, kind from ops.submission where county = %" PRIu32
                " and submission = any(%s)",
                wide->county, buf_str(&list));
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* standard: the row of civil.standard in force at the end of the month, if there is one. */
static int
wide_find_standard(struct store *store, struct wide *wide, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    AUTO(store_result_free) struct store_result *row = NULL;
    char last[11];

    clock_format_date(clock_month_last(wide->month), last);
    buf_add_fmt(&sql,
                "create temp view standard as select monthly, effective_from,"
                " 'civil.standard/' || submission || '/' || row_no as source"
                " from content_civil_standard where left(area, 6) = '%06" PRIu32 "'"
                " and effective_from <= date '%s' order by effective_from desc, submission desc,"
                " row_no limit 1",
                wide->county, last);
    if (store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err) < 0 ||
        store_run(store, "select monthly from standard", NULL, 0, &row, NULL, err) < 0)
        return err_wrap(err, "cannot read the standard");
    wide->standard = store_rows(row) == 1 && !store_null(row, 0, 0);
    wide->monthly = wide->standard ? store_int(row, 0, 0) : 0;
    return 0;
}

static int
wide_create(struct store *store, const struct content_book *book, const struct profile *profile,
            struct wide *wide, struct err *err)
{
    char insured[64];

    (void)snprintf(insured, sizeof(insured), "r.insured_year = %" PRId32, wide->month / 100);
    /* Statistics of a fresh feed may be rough; a nested loop over whole lists never pays, for the
       rules neither. */
    if (store_script(
            store,
            wide->scoped
                ? "set local enable_nestloop = off"
                : "set local enable_nestloop = off; set local default_statistics_target = 20",
            err) < 0 ||
        (!wide->scoped && wide_drop(store, err) < 0) || wide_resolve(store, book, wide, err) < 0 ||
        wide_link(store, book, wide, err) < 0 ||
        wide_create_picked(store, wide, "insurance.enrolment", "picked_enrolment", insured,
                           "r.status = '1'", err) < 0 ||
        wide_create_picked(store, wide, "education.student", "picked_student", "true",
                           "r.status <> '08'", err) < 0 ||
        wide_create_tables(store, wide, profile, err) < 0 ||
        wide_find_standard(store, wide, err) < 0 || wide_create_contributing(store, wide, err) < 0)
        return -1;
    return wide_create_views(store, wide, err);
}

int
wide_build(struct store *store, const struct content_book *book, uint32_t county, int32_t month,
           const struct profile *profile, bool scoped, struct wide *ret_wide, struct err *err)
{
    struct wide wide = {.county = county, .month = month, .scoped = scoped};

    if (wide_create(store, book, profile, &wide, err) < 0) {
        wide_done(&wide);
        return -1;
    }
    *ret_wide = wide;
    return 0;
}

int
wide_build_register(struct store *store, const struct content_book *book, uint32_t county,
                    int32_t month, bool scoped, struct err *err)
{
    static const char *const names[] = {"register.household", "register.member"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct wide_content one = {0};
        int result;

        content_resolve(book, record_find(names[i]), month, &one.content);
        wide_locate(&one, scoped);
        result = wide_find_unique(store, &one, county, scoped, err) < 0
                     ? -1
                     : wide_create_content(store, &one, county, "content", "", err);
        content_done(&one.content);
        if (result < 0)
            return -1;
    }
    return 0;
}
