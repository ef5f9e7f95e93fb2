#include "sdk/table.h"

#include <stdio.h>
#include <string.h>

#include "sdk/convert.h"

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
        else if (*u > ' ')
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

/* Columns that have a field's own name go first, so that an alias never takes its place. */
static void
table_match_pass(struct table *table, const struct source_row *row, const struct mapping *mapping,
                 bool own)
{
    char name[TABLE_NAME_MAX];

    for (uint32_t i = table->report ? TABLE_REPORT_COLUMNS : 0; i < row->count; i++) {
        uint32_t len = table_name(row->cells[i], name);
        int field = len == 0 ? -1 : table_own_field(table->type, name);

        if (len == 0)
            continue;
        table->width = i >= table->width ? i + 1 : table->width;
        if (strcmp(name, "操作") == 0) {
            table->operation = (int)i;
        } else if (own && field >= 0) {
            if (table->column[field] >= 0)
                table->twice = field;
            table->column[field] = (int)i;
        } else if (!own && field < 0) {
            field = mapping_field(mapping, table->type, name, len);
            if (field >= 0 && table->column[field] < 0)
                table->column[field] = (int)i;
            else
                table_add_unknown(table, name, len);
        }
    }
}

static void
table_match(struct table *table, const struct record_type *type, const struct mapping *mapping,
            const struct source_row *row)
{
    *table = (struct table){.type = type, .header_row = row->row_no, .operation = -1, .twice = -1};
    table->report = table_is_report(row);
    for (size_t i = 0; i < RECORD_FIELDS_MAX; i++)
        table->column[i] = -1;
    table_match_pass(table, row, mapping, true);
    table_match_pass(table, row, mapping, false);
    for (size_t i = 0; i < type->field_count; i++) {
        table->found += table->column[i] >= 0;
        table->missing += table->column[i] < 0 && !type->fields[i].optional;
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
table_refuse(const struct table *best, struct refusal *refusal)
{
    char missing[TABLE_LIST_BYTES] = "", unknown[TABLE_LIST_BYTES] = "";

    if (best->header_row == 0) {
        refusal_set(refusal, "empty", "空文件：文件里什么都没有。如本月无数据请发零报告（--nil）。",
                    "the file is empty; when there is nothing this month, send a nil report "
                    "(--nil)");
        return SOURCE_REFUSED;
    }
    if (best->found == 0) {
        refusal_set(refusal, "column_missing",
                    "前 %d 行里没有找到表头。请在第一行写上模板的列名（如“%s”、“%s”）后重新发送。",
                    "no header in the first %d rows; put the template's column names (such as '%s' "
                    "and '%s') in the first row",
                    TABLE_HEADER_ROWS, best->type->fields[0].column, best->type->fields[1].column);
        return SOURCE_REFUSED;
    }
    if (best->twice >= 0) {
        refusal_set(refusal, "column_twice", "“%s”列出现了两次。请只保留一列后重新发送。",
                    "column '%s' is there twice; keep one of the two",
                    best->type->fields[best->twice].column);
        return SOURCE_REFUSED;
    }
    for (size_t i = 0; i < best->type->field_count; i++)
        if (best->column[i] < 0 && !best->type->fields[i].optional)
            table_add_name(missing, "、", best->type->fields[i].column);
    for (uint32_t i = 0; i < best->unknown_count; i++)
        table_add_name(unknown, "、", best->unknown[i]);
    if (unknown[0] == '\0')
        refusal_set(refusal, "column_missing", "缺少必需的列：%s。请按模板补上后重新发送。",
                    "required columns are missing: %s; add them as the template has them", missing);
    else
        refusal_set(refusal, "column_missing",
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

enum source_read
table_find(struct source *source, const struct record_type *type, const struct mapping *mapping,
           struct table *ret_table, struct refusal *refusal, struct err *err)
{
    struct table best = {.type = type}, table;
    struct source_row row;

    for (int looked = 0; looked < TABLE_HEADER_ROWS;) {
        enum source_read read = source_next(source, &row, refusal, err);

        if (read == SOURCE_END)
            break;
        if (read != SOURCE_ROW)
            return read;
        if (table_is_blank(&row))
            continue;
        looked++;
        table_match(&table, type, mapping, &row);
        if (table.missing == 0 && table.twice < 0) {
            *ret_table = table;
            return SOURCE_ROW;
        }
        if (best.header_row == 0 || table.found > best.found)
            best = table;
    }
    return table_refuse(&best, refusal);
}

/* The type of `sector` that a row is the header of. `ret_tie` when two match equally well. */
static const struct record_type *
table_guess_row(const struct source_row *row, const char *sector, const struct mapping *mapping,
                bool *ret_tie)
{
    const struct record_type *best = NULL, *type;
    struct table table;
    int found = 0;

    for (size_t i = 0; (type = record_at(i)) != NULL; i++) {
        if (strcmp(type->sector, sector) != 0)
            continue;
        table_match(&table, type, mapping, row);
        if (table.missing > 0 || table.found < found)
            continue;
        *ret_tie = table.found == found;
        found = table.found;
        best = type;
    }
    return best;
}

enum source_read
table_guess(struct source *source, const char *sector, const struct mapping *mapping,
            const struct record_type **ret_type, struct refusal *refusal, struct err *err)
{
    struct source_row row;
    bool tie = false;

    *ret_type = NULL;
    for (int looked = 0; looked < TABLE_HEADER_ROWS && *ret_type == NULL;) {
        enum source_read read = source_next(source, &row, refusal, err);

        if (read == SOURCE_END)
            break;
        if (read != SOURCE_ROW)
            return read;
        if (table_is_blank(&row))
            continue;
        looked++;
        *ret_type = table_guess_row(&row, sector, mapping, &tie);
    }
    if (*ret_type != NULL && !tie)
        return SOURCE_ROW;
    *ret_type = NULL;
    refusal_set(refusal, "type_unknown",
                "从表头看不出这是哪一种表。请用 --type 指明，或按“表名.年月.csv”命名文件。",
                "the header does not tell which record type this is; name it with --type, or call "
                "the file '<record type>.<period>.csv'");
    return SOURCE_REFUSED;
}
