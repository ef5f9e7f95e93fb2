/*
 * The header: any rows end in one answer, the same twice; and a header that is drawn from a record
 * type's template is found with all its columns, whatever stands above and between.
 */
#include "fuzz.h"

#include "base/reader.h"
#include "sdk/prepare/table.h"

#define TITLES_MAX 4 /* rows above a drawn header, which has two lines at most */

static const struct record_type *
pick_type(uint8_t choice)
{
    size_t count = 0;

    while (record_at(count) != NULL)
        count++;
    return record_at(choice % count);
}

static enum source_read
find(const struct record_type *type, const void *bytes, size_t len, struct table *ret_table)
{
    AUTO(source_close) struct source *source = reader_new(fuzz_open(bytes, len));
    struct refusal refusal = {0};
    struct err err = {0};
    enum source_read read = table_find(source, type, NULL, ret_table, &refusal, &err);

    assert(read == SOURCE_ROW || read == SOURCE_REFUSED);
    assert((read == SOURCE_REFUSED) == (refusal.code != REFUSAL_NONE));
    return read;
}

static void
check_table(const struct record_type *type, const struct table *table)
{
    bool taken[SOURCE_CELLS_MAX] = {0};
    int found = 0;

    assert(table->type == type && table->header_row > 0 && table->width <= SOURCE_CELLS_MAX);
    assert(table->missing == 0 && table->twice < 0);
    for (size_t i = 0; i < type->field_count; i++) {
        int column = table->column[i];

        assert(column < (int)table->width);
        assert(column >= 0 || type->fields[i].optional);
        assert(column < 0 || !taken[column]);
        if (column >= 0)
            taken[column] = true;
        found += column >= 0;
    }
    assert(table->found == found);
}

/* Any rows: the answer holds together, and the type that the header tells is one that it fits. */
static void
check_any(const struct record_type *type, const uint8_t *bytes, size_t len)
{
    AUTO(source_close) struct source *source = reader_new(fuzz_open(bytes, len));
    const struct record_type *guessed = NULL;
    struct table table, again;
    struct refusal refusal = {0};
    struct err err = {0};

    if (find(type, bytes, len, &table) == SOURCE_ROW) {
        check_table(type, &table);
        assert(find(type, bytes, len, &again) == SOURCE_ROW);
        assert(memcmp(table.column, again.column, sizeof(table.column)) == 0);
        assert(table.header_row == again.header_row && table.two_lines == again.two_lines);
    }
    if (table_guess(source, type->sector, NULL, &guessed, &refusal, &err) == SOURCE_ROW)
        assert(strcmp(guessed->sector, type->sector) == 0);
    else
        assert(guessed == NULL && refusal.code != REFUSAL_NONE);
}

/* The order of a drawn header's columns; `order[at]` is the field of column `at`. */
static void
draw_order(struct fuzz_input *input, size_t count, size_t order[RECORD_FIELDS_MAX])
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count - 1; i > 0; i--) {
        size_t other = fuzz_take(input) % (i + 1), kept = order[i];

        order[i] = order[other];
        order[other] = kept;
    }
}

/* A name as a form has it: with a blank or a line break in it, a star, or the unit of money. */
static void
draw_name(struct fuzz_input *input, const struct record_field *field, struct buf *out)
{
    static const char *const breaks[] = {"", "\n", "　", " ", "\r\n", "\xc2\xa0"};
    const char *name = field->column;
    size_t first = (unsigned char)*name >= 0xe0 ? 3 : 1;
    uint8_t choice = fuzz_take(input);

    buf_add_str(out, choice & 0x80 ? "\"*" : "\"");
    buf_add(out, name, first);
    buf_add_str(out, breaks[choice % (sizeof(breaks) / sizeof(breaks[0]))]);
    buf_add_str(out, name + first);
    buf_add_str(out, field->type == RECORD_MONEY && (choice & 0x40) ? "（元）\"" : "\"");
}

/* One line of a header; `upper` and `lower` say which names stand in it, for a name in two lines. */
static void
draw_line(struct fuzz_input *input, const struct record_type *type, const size_t *order,
          size_t split, bool upper, struct buf *out)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if (i > 0)
            buf_add_u8(out, ',');
        if (upper == (i >= split))
            draw_name(input, &type->fields[order[i]], out);
        else if (upper && i == 0)
            buf_add_str(out, "基本信息");
    }
    buf_add_u8(out, '\n');
}

static void
check_drawn(const struct record_type *type, struct fuzz_input *input)
{
    AUTO_BUF struct buf text = {0};
    size_t order[RECORD_FIELDS_MAX];
    unsigned titles = fuzz_take(input) % (TITLES_MAX + 1);
    bool two_lines = fuzz_take(input) % 2 == 1;
    size_t split = two_lines ? 1 + fuzz_take(input) % (type->field_count - 1) : 0;
    struct table table;

    draw_order(input, type->field_count, order);
    buf_add_str(&text, ",\n"); /* settles that commas divide the cells */
    for (unsigned i = 0; i < titles; i++)
        buf_add_str(&text, "某某县上报表,,\n");
    draw_line(input, type, order, split, true, &text);
    if (two_lines)
        draw_line(input, type, order, split, false, &text);
    assert(find(type, text.bytes, text.len, &table) == SOURCE_ROW);
    check_table(type, &table);
    assert(table.found == (int)type->field_count && table.unknown_count == 0);
    assert(table.two_lines == two_lines);
    assert(table.header_row == 2 + titles + two_lines);
    for (size_t i = 0; i < type->field_count; i++)
        assert(table.column[order[i]] == (int)i);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fuzz_input input = {bytes, len};
    const struct record_type *type = pick_type(fuzz_take(&input));

    check_any(type, input.bytes, input.len);
    check_drawn(type, &input);
    return 0;
}
