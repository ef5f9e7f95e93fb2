#include "month/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "month/month_sql.h"
#include "store/list.h"

#define ROWS_COUNTY_MAX 16

bool
rows_names(const struct record_type *type)
{
    for (size_t i = 0; i < type->field_count; i++)
        if (strcmp(type->fields[i].name, "id_no") == 0 ||
            strcmp(type->fields[i].name, "household_no") == 0 ||
            strcmp(type->fields[i].name, "house_no") == 0)
            return true;
    return false;
}

void
rows_locate(struct rows *rows, const struct content *content, const char *copies)
{
    const struct record_type *type = content->type;

    rows->content = content;
    if (copies != NULL && rows_names(type))
        (void)snprintf(rows->table, sizeof(rows->table), "%s_%s", copies, record_ident(type));
    else
        (void)snprintf(rows->table, sizeof(rows->table), "%s", type->table);
}

/* The parts of a content that a list takes: all; the bases, full lists that come first; or the
   later parts, which may hold rows in place of others: whatever is no full list, and full lists
   behind it. */
enum rows_pick { ROWS_ALL, ROWS_BASES, ROWS_LATER };

/* Whether a part is no full list, or comes behind a part of its producer that is none. */
static bool
rows_is_later(const struct content *content, const struct content_part *part)
{
    for (size_t i = 0; i < content->part_count; i++) {
        const struct content_part *one = &content->parts[i];

        if (one->producer_no == part->producer_no && one->rank <= part->rank &&
            one->kind != CONTENT_FULL)
            return true;
    }
    return false;
}

/* Whether a part takes part in a list: of one producer, or of all (-1). */
static bool
rows_picks(const struct content *content, size_t at, enum rows_pick pick, int producer)
{
    const struct content_part *part = &content->parts[at];

    if (producer >= 0 && part->producer_no != producer)
        return false;
    return pick == ROWS_ALL || (pick == ROWS_LATER) == rows_is_later(content, part);
}

/* List the submissions of some parts, in order of rank. */
static void
rows_list_parts(const struct content *content, enum rows_pick pick, int producer, struct list *out)
{
    for (size_t i = 0; i < content->part_count; i++)
        if (rows_picks(content, i, pick, producer))
            list_add_int(out, content->parts[i].submission);
}

/* Append the submissions of some parts as an array of SQL. */
static void
rows_add_list(const struct content *content, enum rows_pick pick, int producer, struct buf *out)
{
    AUTO_LIST struct list list = {0};

    rows_list_parts(content, pick, producer, &list);
    list_add_literal(&list, "integer", out);
}

void
rows_list_superseding(const struct rows *rows, struct list *out)
{
    rows_list_parts(rows->content, rows->unique ? ROWS_LATER : ROWS_ALL, -1, out);
}

void
rows_add_keys(const struct record_type *type, const char *prefix, struct buf *out)
{
    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++)
        buf_add_fmt(out, "%s%s%s", i > 0 ? ", " : "", prefix, type->fields[type->key[i]].name);
}

static size_t
rows_count_parts(const struct content *content, enum rows_pick pick, int producer)
{
    size_t count = 0;

    for (size_t i = 0; i < content->part_count; i++)
        count += rows_picks(content, i, pick, producer);
    return count;
}

static const char *
rows_county(uint32_t county, char ret_text[ROWS_COUNTY_MAX])
{
    (void)snprintf(ret_text, ROWS_COUNTY_MAX, "%" PRIu32, county);
    return ret_text;
}

/* The newest row of each natural key of a producer, deletions left out. */
static void
rows_add_newest(const struct rows *rows, uint32_t county, int producer, struct buf *out)
{
    AUTO_BUF struct buf key = {0}, submissions = {0};
    char county_text[ROWS_COUNTY_MAX];

    rows_add_keys(rows->content->type, "", &key);
    rows_add_list(rows->content, ROWS_ALL, producer, &submissions);
    BUF_ADD_FILLED(out, month_sql_rows_newest.text, {"key", buf_str(&key)}, {"table", rows->table},
                   {"county", rows_county(county, county_text)},
                   {"submissions", buf_str(&submissions)});
}

/* The newest row of each natural key without a sort, of bases that hold each key once: no row that
   a later part replaces or removes. Of a part's two rows of one key the first counts. */
static void
rows_add_mended(const struct rows *rows, uint32_t county, int producer, struct buf *out)
{
    const struct content *content = rows->content;
    AUTO_BUF struct buf later_key = {0}, said_key = {0}, submissions = {0}, later = {0};
    char county_text[ROWS_COUNTY_MAX];

    rows_add_keys(content->type, "later.", &later_key);
    rows_add_keys(content->type, "said.", &said_key);
    rows_add_list(content, ROWS_ALL, producer, &submissions);
    rows_add_list(content, ROWS_LATER, producer, &later);
    BUF_ADD_FILLED(out, month_sql_rows_mended.text, {"table", rows->table},
                   {"county", rows_county(county, county_text)},
                   {"submissions", buf_str(&submissions)}, {"later", buf_str(&later)},
                   {"later_key", buf_str(&later_key)}, {"said_key", buf_str(&said_key)});
}

static void
rows_add_simple(const struct rows *rows, uint32_t county, int producer, struct buf *out)
{
    buf_add_fmt(out, "select * from %s where county = %" PRIu32 " and submission = any(",
                rows->table, county);
    rows_add_list(rows->content, ROWS_ALL, producer, out);
    buf_add_str(out, ")");
}

/*
 * Append the query of each producer's rows. Parts whose keys are distinct are put side by side;
 * later parts replace rows of bases that hold each key once; otherwise the newest row of each key
 * counts, which costs a sort.
 */
static void
rows_add_producers(const struct rows *rows, uint32_t county, struct buf *out)
{
    const struct content *content = rows->content;

    if (content->part_count == 0) {
        buf_add_fmt(out, "select * from %s where false", rows->table);
        return;
    }
    if (rows->unique && rows_count_parts(content, ROWS_LATER, -1) == 0) {
        rows_add_simple(rows, county, -1, out);
        return;
    }
    for (int producer = 0; producer < content->producer_count; producer++) {
        buf_add_str(out, producer > 0 ? " union all " : "");
        if (!rows->unique)
            rows_add_newest(rows, county, producer, out);
        else if (rows_count_parts(content, ROWS_LATER, producer) > 0)
            rows_add_mended(rows, county, producer, out);
        else
            rows_add_simple(rows, county, producer, out);
    }
}

/* Whether producers of the register may hold one household or person twice between them. */
static bool
rows_contradicts(const struct rows *rows)
{
    const struct content *content = rows->content;

    return record_is_register(content->type) && content->producer_count > 1 &&
           (!rows->unique || rows_count_parts(content, ROWS_LATER, -1) > 0);
}

static int
rows_compare_parts(const void *left, const void *right)
{
    const struct content_part *a = left, *b = right;

    if (a->period != b->period)
        return a->period > b->period ? -1 : 1;
    if (a->revision != b->revision)
        return a->revision > b->revision ? -1 : 1;
    return strcmp(a->producer, b->producer);
}

/* Append '{3,1,2}'::integer[]: the parts, newest first; the producers' codes decide between parts
   of one age, since the order of arrival must not. */
static void
rows_add_by_age(const struct content *content, struct buf *out)
{
    AUTO_LIST struct list list = {0};
    struct content_part *parts = mem_grow(NULL, content->part_count, sizeof(*parts));

    memcpy(parts, content->parts, content->part_count * sizeof(*parts));
    qsort(parts, content->part_count, sizeof(*parts), rows_compare_parts);
    for (size_t i = 0; i < content->part_count; i++)
        list_add_int(&list, parts[i].submission);
    list_add_literal(&list, "integer", out);
    free(parts);
}

/* The query for a content. The register says once where everybody lives: the newest row counts. */
static void
rows_add_content(const struct rows *rows, uint32_t county, struct buf *out)
{
    if (!rows_contradicts(rows)) {
        rows_add_producers(rows, county, out);
        return;
    }
    buf_add_str(out, "select distinct on (");
    rows_add_keys(rows->content->type, "", out);
    buf_add_str(out, ") * from (");
    rows_add_producers(rows, county, out);
    buf_add_str(out, ") as said order by ");
    rows_add_keys(rows->content->type, "", out);
    buf_add_str(out, ", array_position(");
    rows_add_by_age(rows->content, out);
    buf_add_str(out, ", submission)");
}

/* Ask whether a record type's bases hold each key once, and keep the answer in match.distinct_keys.
   */
static int
rows_ask_rows(struct store *store, struct rows *rows, uint32_t county, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, list = {0}, key = {0};
    const struct content *content = rows->content;
    AUTO(store_result_free) struct store_result *asked = NULL;
    const struct store_param params[] = {STORE_I(county), STORE_T(content->type->name)};

    rows_add_list(content, ROWS_BASES, -1, &list);
    rows_add_keys(content->type, "", &key);
    BUF_ADD_FILLED(&sql, month_sql_keys_count.text, {"submissions", buf_str(&list)},
                   {"key", buf_str(&key)}, {"table", content->type->table});
    if (store_run(store, buf_str(&sql), params, 2, &asked, NULL, err) < 0)
        return -1;
    rows->unique = store_bool(asked, 0, 0);
    return 0;
}

/* Read the answers in match.distinct_keys: rows (place in the list, whether each key occurs once);
   NULL when no content has bases. */
static int
rows_find_known(struct store *store, const struct rows *list, size_t count, uint32_t county,
                struct store_result **ret_known, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, wanted = {0};
    size_t asked = 0;

    for (size_t i = 0; i < count; i++) {
        const struct content *content = list[i].content;

        if (rows_count_parts(content, ROWS_BASES, -1) == 0)
            continue;
        buf_add_fmt(&wanted, "%s(%zu, '%s', ", asked++ > 0 ? ", " : "", i, content->type->name);
        rows_add_list(content, ROWS_BASES, -1, &wanted);
        buf_add_str(&wanted, ")");
    }
    BUF_ADD_FILLED(&sql, month_sql_keys_known.text, {"wanted", buf_str(&wanted)});
    *ret_known = NULL;
    return asked == 0 ? 0
                      : store_run(store, buf_str(&sql), &STORE_I(county), 1, ret_known, NULL, err);
}

int
rows_ask(struct store *store, struct rows *list, size_t count, uint32_t county, bool known_only,
         struct err *err)
{
    AUTO(store_result_free) struct store_result *known = NULL;

    for (size_t i = 0; i < count; i++) {
        list[i].unique = rows_count_parts(list[i].content, ROWS_BASES, -1) == 0;
        list[i].known = list[i].unique;
    }
    if (rows_find_known(store, list, count, county, &known, err) < 0)
        return -1;
    for (size_t i = 0; known != NULL && i < store_rows(known); i++) {
        struct rows *rows = &list[store_int(known, i, 0)];

        rows->unique = store_bool(known, i, 1);
        rows->known = true;
    }
    for (size_t i = 0; i < count && !known_only; i++)
        if (!list[i].known && rows_ask_rows(store, &list[i], county, err) < 0)
            return -1;
    return 0;
}

void
rows_add(const struct rows *rows, uint32_t county, enum rows_view view, const char *suffix,
         struct buf *script)
{
    static const char *const kinds[] = {[ROWS_RAW] = "raw", [ROWS_EVERY] = "every"};
    const char *name = record_ident(rows->content->type);
    bool everybody = strcmp(rows->table, rows->content->type->table) == 0 && view == ROWS_RAW;
    bool table = everybody && rows_contradicts(rows); /* or every reader would sort again */
    AUTO_BUF struct buf query = {0};

    rows_add_content(rows, county, &query);
    BUF_ADD_FILLED(script, month_sql_rows.text,
                   {"form", table ? "temp table" : "or replace temp view"}, {"kind", kinds[view]},
                   {"type", name}, {"suffix", suffix}, {"keep", table ? "on commit drop" : ""},
                   {"rows", buf_str(&query)});
    if (table)
        buf_add_fmt(script, "; analyze %s_%s%s", kinds[view], name, suffix);
    buf_add_str(script, ";");
}
