#include "sdk/prepare/split.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "sdk/prepare/convert.h"
#include "sdk/sheet/input.h"
#include "sdk/prepare/sift.h"

#define SPLIT_DIGITS 6
#define SPLIT_COUNTY_MIN 110000
#define SPLIT_COUNTY_MAX 829999

/* The county that six digits or more begin with, or 0. */
static uint32_t
split_code(const char *bytes, size_t len)
{
    uint32_t county = 0;

    if (len < SPLIT_DIGITS)
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < '0' || bytes[i] > '9')
            return 0;
        if (i < SPLIT_DIGITS)
            county = county * 10 + (uint32_t)(bytes[i] - '0');
    }
    return county >= SPLIT_COUNTY_MIN && county <= SPLIT_COUNTY_MAX ? county : 0;
}

uint32_t
split_county(const struct table *table, const struct mapping *mapping, const struct source_row *row)
{
    const struct places *places = mapping_places(mapping);
    struct source_cell cell;
    uint32_t county;
    const char *code;

    if (table->split < 0 || (uint32_t)table->split >= row->count)
        return 0;
    cell = convert_unwrap(row->cells[table->split]);
    county = split_code(cell.bytes, cell.len);
    if (county != 0 || places == NULL || cell.len == 0)
        return county;
    code = places_find(places, (struct places_text){cell.bytes, cell.len},
                       (struct places_text){"", 0});
    return code == NULL ? 0 : split_code(code, strlen(code));
}

void
split_label(const char *path, uint32_t county, struct buf *out)
{
    buf_add_fmt(out, "%s.%06u", path, county);
}

void
split_path(const char *label, uint32_t county, struct buf *out)
{
    size_t len = strlen(label), end = SPLIT_DIGITS + 1;
    char ending[SPLIT_DIGITS + 2];

    (void)snprintf(ending, sizeof(ending), ".%06u", county % 1000000);
    if (len > end && strcmp(label + len - end, ending) == 0 && access(label, F_OK) != 0)
        len -= end;
    buf_add(out, label, len);
}

/* Add a county in its place; returns false when there is no room. */
static bool
split_add(struct split *split, uint32_t county)
{
    size_t at = split->count;

    while (at > 0 && split->counties[at - 1] > county)
        at--;
    if (at > 0 && split->counties[at - 1] == county)
        return true;
    if (split->count == SPLIT_COUNTIES_MAX)
        return false;
    memmove(split->counties + at + 1, split->counties + at,
            (split->count - at) * sizeof(*split->counties));
    split->counties[at] = county;
    split->count++;
    return true;
}

/* A row of no county, by the column that should tell it. */
static void
split_lose(struct split *split, const struct table *table, const struct source_row *row)
{
    int field = -1;

    for (size_t i = 0; i < table->type->field_count; i++)
        if (table->column[i] == table->split)
            field = (int)i;
    if ((split->lost_count & (split->lost_count + 1)) == 0) /* 0, 1, 3, 7 … are full */
        split->lost = mem_grow(split->lost, 2 * split->lost_count + 1, sizeof(*split->lost));
    split->lost[split->lost_count++] = (struct sink_row){row->row_no, RECORD_COUNTY, (int8_t)field};
}

static enum source_read
split_read(struct source *source, const struct table *table, const struct mapping *mapping,
           int32_t today, struct split *split, struct refusal *refusal, struct err *err)
{
    uint32_t last = 0;
    struct source_row row;
    enum source_read read;

    while ((read = source_next(source, &row, refusal, err)) == SOURCE_ROW) {
        uint32_t county;

        if (sift_row(table, &row, today) != SIFT_DATA)
            continue;
        county = split_county(table, mapping, &row);
        if (county == 0)
            split_lose(split, table, &row);
        else if (county != last && !split_add(split, county))
            refusal_set(refusal, REFUSAL_SPLIT_COLUMN,
                        "“%s”列里有 %d 个以上的县。请核对 split 中登记的列是否写错。",
                        "column %s holds more than %d counties; check the column under 'split'",
                        mapping_split(mapping, table->type), SPLIT_COUNTIES_MAX);
        if (refusal->code != REFUSAL_NONE)
            return SOURCE_REFUSED;
        last = county;
    }
    return read;
}

/* Read the sheet that has the header, from its first row; SOURCE_AGAIN once where cells are merged. */
static enum source_read
split_read_sheet(struct source *source, const struct record_type *type,
                 const struct mapping *mapping, int32_t today, struct split *split,
                 struct refusal *refusal, struct err *err)
{
    struct table table;
    enum source_read read = table_find(source, type, mapping, &table, refusal, err);

    if (read == SOURCE_ROW && table.split < 0) {
        refusal_set(refusal, REFUSAL_SPLIT_COLUMN,
                    "文件里没有“%s”列，无法按县拆分。请补上该列，或用 --county 指明是哪个县。",
                    "column %s is not there, by which the file is to be split; add it, or name the "
                    "county with --county",
                    mapping_split(mapping, type));
        return SOURCE_REFUSED;
    }
    return read == SOURCE_ROW ? split_read(source, &table, mapping, today, split, refusal, err)
                              : read;
}

int
split_find(const char *path, const struct record_type *type, const struct mapping *mapping,
           int32_t today, struct split *ret_split, struct refusal *refusal, struct err *err)
{
    AUTO(source_close) struct source *source = NULL;
    struct split split = {0};
    enum source_read read;

    *ret_split = split;
    if (input_open(path, &source, refusal, err) != 0)
        return -1;
    if (source == NULL)
        return 0;
    read = split_read_sheet(source, type, mapping, today, &split, refusal, err);
    if (read == SOURCE_AGAIN) {
        split_done(&split);
        read = source_rewind(source, err) != 0
                   ? SOURCE_ERROR
                   : split_read_sheet(source, type, mapping, today, &split, refusal, err);
    }
    if (read == SOURCE_ERROR || refusal->code != REFUSAL_NONE) {
        split_done(&split);
        return read == SOURCE_ERROR ? -1 : 0;
    }
    *ret_split = split;
    return 0;
}

void
split_done(struct split *split)
{
    free(split->lost);
    *split = (struct split){0};
}
