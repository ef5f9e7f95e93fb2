#include "sdk/prepare/table.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "sdk/prepare/convert.h"
#include "sdk/prepare/title.h"

#define TABLE_NAME_MAX 256   /* bytes of a column name; a longer cell is none */
#define TABLE_SHOWN_MAX 48   /* bytes of a name that is shown */
#define TABLE_SHOWN_DIGITS 5 /* a longer run of digits is no name but somebody's data */
#define TABLE_LIST_BYTES 320 /* of the names in a refusal */

const char *const table_report_columns[TABLE_REPORT_COLUMNS] = {"行号", "列名", "原因", "处理办法"};

/* A column name without the blanks in it, and without the star that marks required ones. */
static uint32_t
table_name(struct source_cell cell, char name[TABLE_NAME_MAX])
{
    uint32_t len = 0;

    cell = convert_unwrap(cell);
    if (cell.len >= TABLE_NAME_MAX)
        return 0;
    for (uint32_t i = 0; i < cell.len; i++) {
        const unsigned char *u = (const unsigned char *)cell.bytes + i;

        if (cell.len - i >= 3 &&
            (memcmp(u, "　", 3) == 0 || (u[0] == 0xe2 && u[1] == 0x80 && u[2] <= 0x8f)))
            i += 2;
        else if (cell.len - i >= 2 && u[0] == 0xc2 && u[1] == 0xa0)
            i += 1;
        else if (cell.len - i >= 3 && memcmp(u, "＊", 3) == 0)
            i += 2;
        else if (*u > ' ' && *u != '*')
            name[len++] = (char)*u;
    }
    name[len] = '\0';
    return len;
}

static int
table_own_field(const struct record_type *type, const char *name)
{
    for (size_t i = 0; i < type->field_count; i++)
        if (strcmp(type->fields[i].column, name) == 0)
            return (int)i;
    return -1;
}

/* Whether a name is one of the type's, by itself or by alias. */
static bool
table_is_known(const struct record_type *type, const struct mapping *mapping, const char *name,
               uint32_t len)
{
    return table_own_field(type, name) >= 0 || mapping_field(mapping, type, name, len) >= 0;
}

/* A column name, without the unit behind it unless an alias has it; `ret_unit` as the name says. */
static uint32_t
table_plain_name(const struct record_type *type, const struct mapping *mapping,
                 struct source_cell cell, char name[TABLE_NAME_MAX], enum mapping_unit *ret_unit)
{
    static const char *const units[] = {"（元）", "(元)", "（元)", "(元）", "（万元）", "(万元)"};
    uint32_t len = table_name(cell, name);

    *ret_unit = MAPPING_EITHER;

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        uint32_t unit = (uint32_t)strlen(units[i]);

        if (len > unit && memcmp(name + len - unit, units[i], unit) == 0 &&
            !table_is_known(type, mapping, name, len)) {
            len -= unit;
            name[len] = '\0';
            *ret_unit = i < 4 ? MAPPING_YUAN : MAPPING_TEN_THOUSAND;
        }
    }
    return len;
}

/*
 * Name an unknown column — but never what looks like a row's content: a file
 * without a header has people where the names should be.
 */
static void
table_add_unknown(struct table *table, const char *name, uint32_t len)
{
    int digits = 0;

    if (table->unknown_count == TABLE_UNKNOWN_MAX)
        return;
    for (uint32_t i = 0; i < len && digits <= TABLE_SHOWN_DIGITS; i++)
        digits = name[i] >= '0' && name[i] <= '9' ? digits + 1 : 0;
    if (len > TABLE_SHOWN_MAX || digits > TABLE_SHOWN_DIGITS)
        len = (uint32_t)strlen(name = "(…)");
    memcpy(table->unknown[table->unknown_count], name, len);
    table->unknown[table->unknown_count++][len] = '\0';
}

/* Whether the row begins as a reject report does. */
static bool
table_is_report(const struct source_row *row)
{
    char name[TABLE_NAME_MAX];

    for (uint32_t i = 0; i < TABLE_REPORT_COLUMNS; i++)
        if (i >= row->count || table_name(row->cells[i], name) == 0 ||
            strcmp(name, table_report_columns[i]) != 0)
            return false;
    return true;
}

/* Give a field its column; remembers a header that counts in another unit than the mapping says. */
static void
table_set(struct table *table, const struct mapping *mapping, int field, const char *name,
          uint32_t column, enum mapping_unit unit)
{
    enum mapping_unit declared = mapping_unit(mapping, table->type, field);

    table->column[field] = (int)column;
    if (field == table->type->key[0])
        (void)snprintf(table->key_name, sizeof(table->key_name), "%.*s", TABLE_COLUMN_BYTES - 1,
                       name);
    if (table->type->fields[field].type == RECORD_MONEY && unit != MAPPING_EITHER &&
        declared != unit && (declared != MAPPING_EITHER || unit == MAPPING_TEN_THOUSAND))
        table->unit = field;
}

/* A name that is no field's own. */
static void
table_match_other(struct table *table, const struct mapping *mapping, const char *name,
                  uint32_t len, uint32_t column, enum mapping_unit unit)
{
    int field = mapping_field(mapping, table->type, name, len);
    int township = mapping_township(mapping, table->type, name, len);

    if (field >= 0 && table->column[field] < 0)
        table_set(table, mapping, field, name, column, unit);
    else if (township >= 0 && table->township[township] < 0)
        table->township[township] = (int)column;
    else if (table->split != (int)column)
        table_add_unknown(table, name, len);
}

/* Columns that have a field's own name go first, so that an alias never takes its place. */
static void
table_match_pass(struct table *table, const struct source_row *row, const struct mapping *mapping,
                 bool own)
{
    const char *split = mapping_split(mapping, table->type);
    char name[TABLE_NAME_MAX];

    for (uint32_t i = table->report ? TABLE_REPORT_COLUMNS : 0; i < row->count; i++) {
        enum mapping_unit unit;
        uint32_t len = table_plain_name(table->type, mapping, row->cells[i], name, &unit);
        int field = len == 0 ? -1 : table_own_field(table->type, name);

        if (len == 0)
            continue;
        table->width = i >= table->width ? i + 1 : table->width;
        if (split != NULL && strcmp(name, split) == 0)
            table->split = (int)i;
        if (strcmp(name, "操作") == 0) {
            table->operation = (int)i;
        } else if (strcmp(name, TABLE_NOTE) == 0) {
            table->note = (int)i;
        } else if (own && field >= 0) {
            if (table->column[field] >= 0)
                table->twice = field;
            table_set(table, mapping, field, name, i, unit);
        } else if (!own && field < 0) {
            table_match_other(table, mapping, name, len, i, unit);
        }
    }
}

/* Whether a value is required and nothing in the file or the mapping gives it. */
static bool
table_is_missing(const struct table *table, const struct mapping *mapping, size_t field)
{
    return table->column[field] < 0 && !table->type->fields[field].optional &&
           mapping_default(mapping, table->type, (int)field) == NULL;
}

static void
table_match(struct table *table, const struct record_type *type, const struct mapping *mapping,
            const struct source_row *row)
{
    *table = (struct table){.type = type,
                            .header_row = row->row_no,
                            .operation = -1,
                            .note = -1,
                            .split = -1,
                            .unit = -1,
                            .twice = -1};
    table->report = table_is_report(row);
    for (size_t i = 0; i < RECORD_FIELDS_MAX; i++)
        table->column[i] = table->township[i] = -1;
    table_match_pass(table, row, mapping, true);
    table_match_pass(table, row, mapping, false);
    for (size_t i = 0; i < type->field_count; i++) {
        table->found += table->column[i] >= 0;
        table->missing += table_is_missing(table, mapping, i);
    }
}

static void
table_add_name(char list[TABLE_LIST_BYTES], const char *mark, const char *name)
{
    size_t len = strlen(list);

    if (len + strlen(name) + 8 < TABLE_LIST_BYTES)
        (void)snprintf(list + len, TABLE_LIST_BYTES - len, "%s%s", len > 0 ? mark : "", name);
}

static enum source_read
table_refuse(const struct table *best, const struct mapping *mapping, struct refusal *refusal)
{
    char missing[TABLE_LIST_BYTES] = "", unknown[TABLE_LIST_BYTES] = "";

    if (best->header_row == 0) {
        refusal_set(refusal, REFUSAL_EMPTY,
                    "空文件：文件里什么都没有。如本月无数据请发零报告（--nil）。",
                    "the file is empty; when there is nothing this month, send a nil report "
                    "(--nil)");
        return SOURCE_REFUSED;
    }
    if (best->found == 0) {
        refusal_set(refusal, REFUSAL_COLUMN_MISSING,
                    "前 %d 行里没有找到表头。请在第一行写上模板的列名（如“%s”、“%s”）后重新发送。",
                    "no header in the first %d rows; put the template's column names (such as '%s' "
                    "and '%s') in the first row",
                    TABLE_HEADER_ROWS, best->type->fields[0].column, best->type->fields[1].column);
        return SOURCE_REFUSED;
    }
    if (best->twice >= 0) {
        refusal_set(refusal, REFUSAL_COLUMN_TWICE, "“%s”列出现了两次。请只保留一列后重新发送。",
                    "column '%s' is there twice; keep one of the two",
                    best->type->fields[best->twice].column);
        return SOURCE_REFUSED;
    }
    for (size_t i = 0; i < best->type->field_count; i++)
        if (table_is_missing(best, mapping, i))
            table_add_name(missing, "、", best->type->fields[i].column);
    for (uint32_t i = 0; i < best->unknown_count; i++)
        table_add_name(unknown, "、", best->unknown[i]);
    if (unknown[0] == '\0')
        refusal_set(refusal, REFUSAL_COLUMN_MISSING, "缺少必需的列：%s。请按模板补上后重新发送。",
                    "required columns are missing: %s; add them as the template has them", missing);
    else
        refusal_set(refusal, REFUSAL_COLUMN_MISSING,
                    "缺少必需的列：%s。文件中不认识的列：%s。请按模板改列名，或在适配器配置的 "
                    "columns 中登记本单位的列名。",
                    "required columns are missing: %s; columns not known: %s; use the template's "
                    "names or list your own under 'columns' in the adapter's configuration",
                    missing, unknown);
    return SOURCE_REFUSED;
}

static bool
table_is_blank(const struct source_row *row)
{
    for (uint32_t i = 0; i < row->count; i++)
        if (convert_unwrap(row->cells[i]).len > 0)
            return false;
    return true;
}

/* The row above the one that is looked at, and a row that is made of the two. */
struct table_look {
    uint32_t row_no; /* of the row above; 0: there is none */
    uint32_t count;
    struct buf upper, names;
    struct source_cell above[SOURCE_CELLS_MAX], cells[SOURCE_CELLS_MAX];
    bool more;     /* a title says that sums count more than yuan */
    int32_t month; /* that a title names; 0: none */
};

static void
table_look_done(struct table_look *look)
{
    buf_done(&look->upper);
    buf_done(&look->names);
}
#define AUTO_LOOK __attribute__((cleanup(table_look_done)))

/* Keep a row that was no header: with the row below it, it may be one in two lines. */
static void
table_look_keep(struct table_look *look, const struct source_row *row)
{
    size_t at = 0;

    buf_clear(&look->upper);
    (void)buf_reserve(&look->upper, 1);
    look->row_no = row->row_no;
    look->count = row->count;
    for (uint32_t i = 0; i < row->count; i++)
        buf_add(&look->upper, row->cells[i].bytes, row->cells[i].len);
    look->more = look->more || title_counts_more(row);
    look->month = title_month(row) != 0 ? title_month(row) : look->month;
    for (uint32_t i = 0; i < row->count; i++) {
        look->above[i] =
            (struct source_cell){(const char *)look->upper.bytes + at, row->cells[i].len};
        at += row->cells[i].len;
    }
}

/* The name of a column whose header stands in two lines: lower, upper, or both together. */
static void
table_look_name(struct table_look *look, const struct record_type *type,
                const struct mapping *mapping, struct source_cell above, struct source_cell group,
                struct source_cell lower)
{
    char low[TABLE_NAME_MAX], high[TABLE_NAME_MAX], both[2 * TABLE_NAME_MAX];
    enum mapping_unit unit;
    uint32_t len = table_plain_name(type, mapping, lower, low, &unit);

    if (len == 0) {
        buf_add(&look->names, above.bytes, above.len);
        return;
    }
    if (!table_is_known(type, mapping, low, len) && table_name(group, high) > 0) {
        int total = snprintf(both, sizeof(both), "%s%s", high, low);

        if (table_is_known(type, mapping, both, (uint32_t)total)) {
            buf_add_str(&look->names, both);
            return;
        }
    }
    buf_add(&look->names, lower.bytes, lower.len);
}

/* Put the kept row and the one below it together. */
static struct source_row
table_look_join(struct table_look *look, const struct record_type *type,
                const struct mapping *mapping, const struct source_row *row)
{
    static const struct source_cell none = {"", 0};
    uint32_t count = look->count > row->count ? look->count : row->count;
    struct source_cell group = none;
    size_t ends[SOURCE_CELLS_MAX];

    buf_clear(&look->names);
    (void)buf_reserve(&look->names, 1);
    for (uint32_t i = 0; i < count; i++) {
        struct source_cell above = i < look->count ? look->above[i] : none;

        group = convert_unwrap(above).len > 0 ? above : group;
        table_look_name(look, type, mapping, above, group, i < row->count ? row->cells[i] : none);
        ends[i] = look->names.len;
    }
    for (uint32_t i = 0; i < count; i++) {
        size_t from = i == 0 ? 0 : ends[i - 1];

        look->cells[i] = (struct source_cell){(const char *)look->names.bytes + from,
                                              (uint32_t)(ends[i] - from)};
    }
    return (struct source_row){row->row_no, count, look->cells};
}

/* Whether the row and the kept one just above it are the whole header of `type`, in two lines. */
static bool
table_look_joins(struct table_look *look, const struct record_type *type,
                 const struct mapping *mapping, const struct source_row *row,
                 struct table *ret_table)
{
    struct source_row joined;

    if (look->row_no == 0 || look->row_no + 1 != row->row_no)
        return false;
    joined = table_look_join(look, type, mapping, row);
    table_match(ret_table, type, mapping, &joined);
    ret_table->two_lines = true;
    return ret_table->missing == 0 && ret_table->twice < 0 && !ret_table->report;
}

/* Match a row as the header of `type`, by itself or with the row above when that finds more. */
static void
table_look_match(struct table_look *look, const struct record_type *type,
                 const struct mapping *mapping, const struct source_row *row,
                 struct table *ret_table)
{
    struct table table;

    table_match(ret_table, type, mapping, row);
    if (!ret_table->report && table_look_joins(look, type, mapping, row, &table) &&
        (ret_table->missing > 0 || table.found > ret_table->found))
        *ret_table = table;
}

/*
 * Where a header has every required column, and others that it does not name, the row below may be
 * its second line. When it is none, the source goes back behind the header.
 */
static enum source_read
table_look_below(struct table_look *look, struct source *source, const struct mapping *mapping,
                 struct source_row *row, struct table *table, struct refusal *refusal,
                 struct err *err)
{
    struct table joined;
    enum source_read read;

    if (table->two_lines || table->report || table->found >= (int)table->width)
        return SOURCE_ROW;
    table_look_keep(look, row);
    read = source_next(source, row, refusal, err);
    if (read == SOURCE_REFUSED || read == SOURCE_ERROR)
        return read;
    if (read == SOURCE_ROW && table_look_joins(look, table->type, mapping, row, &joined) &&
        joined.found > table->found) {
        *table = joined;
        return SOURCE_ROW;
    }
    if (source_rewind(source, err) != 0)
        return SOURCE_ERROR;
    do {
        read = source_next(source, row, refusal, err);
    } while (read == SOURCE_ROW && row->row_no < table->header_row);
    return read;
}

/* The first sum whose unit the file and the mapping tell apart, or -1; a title is for all sums. */
int
table_wrong_unit(const struct table *table, const struct mapping *mapping, bool more)
{
    if (table->unit >= 0)
        return table->unit;
    for (size_t i = 0; more && i < table->type->field_count; i++)
        if (table->type->fields[i].type == RECORD_MONEY && table->column[i] >= 0 &&
            mapping_unit(mapping, table->type, (int)i) != MAPPING_TEN_THOUSAND)
            return (int)i;
    return -1;
}

enum source_read
table_refuse_unit(const struct table *table, const struct mapping *mapping, int field,
                  struct refusal *refusal)
{
    const char *column = table->type->fields[field].column;

    if (mapping_unit(mapping, table->type, field) == MAPPING_TEN_THOUSAND)
        refusal_set(refusal, REFUSAL_UNIT,
                    "“%s”的列名写着元，而适配器配置的 units 中登记的是万元。请核对单位，改列名或"
                    "改配置后重新发送。",
                    "the header of %s says yuan, and 'units' in the adapter's configuration says "
                    "units of 10,000: correct the one that is wrong",
                    column);
    else
        refusal_set(refusal, REFUSAL_UNIT,
                    "表头写着金额单位是万元，而“%s”应以元为单位。请把金额换算成元并改掉“万元”，或在"
                    "适配器配置的 units 中登记该列为万元，然后重新发送。",
                    "the header says that money is in units of 10,000 yuan, and %s is in yuan: "
                    "convert the sums and change the header, or list the column under 'units' in "
                    "the adapter's configuration, and send the file again",
                    column);
    return SOURCE_REFUSED;
}

/* Look for the header in the present sheet. SOURCE_END: not there, `best` is what came closest. */
enum source_read
table_find_here(struct source *source, const struct mapping *mapping, struct table *best,
                struct refusal *refusal, struct err *err)
{
    AUTO_LOOK struct table_look look = {0};
    const struct record_type *type = best->type;
    struct source_row row;
    struct table table;
    int unit;

    for (int looked = 0; looked < TABLE_HEADER_ROWS; looked++) {
        enum source_read read = source_next(source, &row, refusal, err);

        while (read == SOURCE_ROW && table_is_blank(&row))
            read = source_next(source, &row, refusal, err);
        if (read != SOURCE_ROW)
            return read;
        table_look_match(&look, type, mapping, &row, &table);
        if (table.missing == 0 && table.twice < 0) {
            read = table_look_below(&look, source, mapping, &row, &table, refusal, err);
            if (read != SOURCE_ROW)
                return read;
            table.title_month = look.month;
            *best = table;
            unit = table_wrong_unit(&table, mapping, look.more);
            return unit >= 0 ? table_refuse_unit(&table, mapping, unit, refusal) : SOURCE_ROW;
        }
        if (best->header_row == 0 || table.found > best->found)
            *best = table;
        table_look_keep(&look, &row);
    }
    return SOURCE_END;
}

enum source_read
table_find(struct source *source, const struct record_type *type, const struct mapping *mapping,
           struct table *ret_table, struct refusal *refusal, struct err *err)
{
    struct table best = {.type = type};
    enum source_read read;

    do {
        read = table_find_here(source, mapping, &best, refusal, err);
        if (read == SOURCE_ROW)
            *ret_table = best;
        if (read != SOURCE_END)
            return read;
        read = source_next_sheet(source, refusal, err);
    } while (read == SOURCE_ROW);
    return read == SOURCE_END ? table_refuse(&best, mapping, refusal) : read;
}

/* The type of `sector` that a row is the header of. `ret_tie` when two match equally well. */
static const struct record_type *
table_guess_row(struct table_look *look, const struct source_row *row, const char *sector,
                const struct mapping *mapping, bool *ret_tie)
{
    const struct record_type *best = NULL, *type;
    struct table table;
    int found = 0;

    for (size_t i = 0; (type = record_at(i)) != NULL; i++) {
        if (strcmp(type->sector, sector) != 0)
            continue;
        table_look_match(look, type, mapping, row, &table);
        if (table.missing > 0 || table.found < found)
            continue;
        *ret_tie = table.found == found;
        found = table.found;
        best = type;
    }
    return best;
}

/* Look in the present sheet. SOURCE_END: none of its first rows is a header. */
static enum source_read
table_guess_sheet(struct source *source, const char *sector, const struct mapping *mapping,
                  const struct record_type **ret_type, bool *ret_tie, struct refusal *refusal,
                  struct err *err)
{
    AUTO_LOOK struct table_look look = {0};
    struct source_row row;

    for (int looked = 0; looked < TABLE_HEADER_ROWS; looked++) {
        enum source_read read = source_next(source, &row, refusal, err);

        while (read == SOURCE_ROW && table_is_blank(&row))
            read = source_next(source, &row, refusal, err);
        if (read != SOURCE_ROW)
            return read;
        *ret_type = table_guess_row(&look, &row, sector, mapping, ret_tie);
        if (*ret_type != NULL)
            return SOURCE_ROW;
        table_look_keep(&look, &row);
    }
    return SOURCE_END;
}

enum source_read
table_guess(struct source *source, const char *sector, const struct mapping *mapping,
            const struct record_type **ret_type, struct refusal *refusal, struct err *err)
{
    enum source_read read;
    bool tie = false;

    *ret_type = NULL;
    do {
        read = table_guess_sheet(source, sector, mapping, ret_type, &tie, refusal, err);
        if (read == SOURCE_END)
            read = source_next_sheet(source, refusal, err);
        else if (read != SOURCE_ROW || !tie)
            return read;
        else
            break;
    } while (read == SOURCE_ROW);
    *ret_type = NULL;
    if (read == SOURCE_REFUSED || read == SOURCE_ERROR)
        return read;
    refusal_set(refusal, REFUSAL_TYPE_UNKNOWN,
                "从表头看不出这是哪一种表。请用 --type 指明，或按“表名.年月.csv”命名文件。",
                "the header does not tell which record type this is; name it with --type, or call "
                "the file '<record type>.<period>.csv'");
    return SOURCE_REFUSED;
}
