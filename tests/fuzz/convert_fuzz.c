/* Cells: a value written in its plain form is the same value. Bytes 0 and 1: record type and field. */
#include "fuzz.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/text.h"
#include "sdk/prepare/convert.h"

#define PLAIN_MAX 1024 /* bytes of a name that is still read */

static size_t
count_types(void)
{
    size_t count = 0;

    while (record_at(count) != NULL)
        count++;
    return count;
}

/* Fen as yuan; sign and digits apart, because -0.05 has no negative whole part. */
static void
print_money(int64_t fen, struct buf *out)
{
    uint64_t amount = fen < 0 ? -(uint64_t)fen : (uint64_t)fen;

    buf_add_fmt(out, "%s%" PRIu64 ".%02" PRIu64, fen < 0 ? "-" : "", amount / 100, amount % 100);
}

/* Write a value as the template asks for it; returns false for one that has no such form. */
static bool
print(const struct record_field *field, const struct record_cell *cell, struct buf *out)
{
    char text[16];

    switch (field->type) {
    case RECORD_DATE:
        clock_format_date((int32_t)cell->number, text);
        buf_add_str(out, text);
        return true;
    case RECORD_MONTH:
        clock_format_month((int32_t)cell->number, text);
        buf_add_str(out, text);
        return true;
    case RECORD_MONEY:
        print_money(cell->number, out);
        return true;
    case RECORD_INT:
        buf_add_fmt(out, "%" PRId64, cell->number);
        return true;
    case RECORD_BOOL:
        buf_add_str(out, cell->number != 0 ? "是" : "否");
        return true;
    case RECORD_CODES:
    case RECORD_AREAS:
    case RECORD_TEXTS:
        for (uint32_t i = 0; i < cell->list.count; i++) {
            buf_add_str(out, i > 0 ? "、" : "");
            buf_add(out, cell->list.items[i].bytes, cell->list.items[i].len);
        }
        return true;
    case RECORD_TEXT: /* taken as it stands; without its quotes and blanks it may be another */
        return false;
    case RECORD_ID:
    case RECORD_NAME:
    case RECORD_AREA:
    case RECORD_PHONE:
    case RECORD_CODE:
    case RECORD_DEC:
        buf_add(out, cell->text.bytes, cell->text.len);
        return true;
    }
    return false;
}

/* A row with nothing but this value, as it travels. */
static void
encode(const struct record_type *type, int field, const struct record_cell *cell, struct buf *out)
{
    struct record_row row = {.row_no = 1};

    row.cells[field] = *cell;
    record_encode(type, &row, out);
}

static void
check_travels(const struct record_type *type, const struct buf *payload)
{
    struct record_reader reader = {0};
    struct record_unresolved unresolved;
    struct record_row row;
    struct err err = {0};

    record_reader_open(&reader, type, payload->bytes, payload->len);
    assert(payload->len > RECORD_ROW_BYTES ||
           record_read(&reader, &row, &unresolved, &err) == RECORD_ROW);
    record_reader_done(&reader);
}

static void
check_field(const struct record_type *type, int field, struct source_cell cell)
{
    AUTO(convert_free) struct convert *convert = convert_new(type, NULL);
    AUTO_BUF struct buf plain = {0}, first = {0}, second = {0};
    struct record_cell value, again;
    enum record_reason reason;

    convert_begin(convert, cell.len);
    reason = convert_cell(convert, field, cell, &value);
    assert(reason <= RECORD_REASON_LAST && (reason == RECORD_OK || !value.set));
    if (reason != RECORD_OK || !value.set)
        return;
    if (type->fields[field].type == RECORD_INT &&
        (value.number < INT32_MIN || value.number > INT32_MAX))
        return; /* record_check refuses it before it travels */
    encode(type, field, &value, &first);
    check_travels(type, &first);
    if (!print(&type->fields[field], &value, &plain))
        return;
    cell = (struct source_cell){buf_str(&plain), (uint32_t)plain.len};
    if (convert_unwrap(cell).len != cell.len || cell.len > PLAIN_MAX)
        return; /* a second apostrophe stood behind the first; or the form is longer than a cell */
    convert_begin(convert, plain.len);
    assert(convert_cell(convert, field, cell, &again) == RECORD_OK);
    if (!again.set)
        return; /* the only item of a list was a word for nothing */
    encode(type, field, &again, &second);
    assert(first.len == second.len && memcmp(first.bytes, second.bytes, first.len) == 0);
}

static void
check_read(const struct record_type *type, int field, struct source_cell cell)
{
    AUTO(convert_free) struct convert *convert = convert_new(type, NULL);
    struct record_item read;

    if (field != type->id && field != type->person_name && field != type->phone &&
        field != type->household_no)
        return;
    convert_begin(convert, cell.len);
    read = convert_read(convert, field, cell);
    assert(read.len == 0 || text_utf8_length(read.bytes, read.len) >= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fuzz_input input = {bytes, len};
    const struct record_type *type = record_at(fuzz_take(&input) % count_types());
    int field = (int)(fuzz_take(&input) % type->field_count);
    struct source_cell cell = {(const char *)input.bytes, (uint32_t)input.len};

    if (text_utf8_length(cell.bytes, cell.len) < 0)
        return -1; /* no source gives such a cell */
    check_field(type, field, cell);
    check_read(type, field, cell);
    return 0;
}
