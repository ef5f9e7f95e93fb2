#include "store/tuple.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/store_sql.h"

#define EPOCH_DAYS 10957 /* 2000-01-01, PostgreSQL's day 0 */
#define TEXT_OID 25
#define NUMERIC_NEGATIVE 0x4000
#define NUMERIC_GROUP 4 /* decimal digits in one of numeric's digits */

static void
tuple_add_null(struct buf *out)
{
    buf_add_be32(out, UINT32_MAX);
}

static void
tuple_add_text(struct buf *out, const char *bytes, size_t len)
{
    buf_add_be32(out, (uint32_t)len);
    buf_add(out, bytes, len);
}

static void
tuple_add_int(struct buf *out, int64_t value)
{
    buf_add_be32(out, 4);
    buf_add_be32(out, (uint32_t)value);
}

static void
tuple_add_date(struct buf *out, int64_t days)
{
    tuple_add_int(out, days - EPOCH_DAYS);
}

static void
tuple_add_bool(struct buf *out, bool value)
{
    buf_add_be32(out, 1);
    buf_add_u8(out, value);
}

static void
tuple_add_list(struct buf *out, const struct record_item *items, uint32_t count)
{
    size_t bytes = 0;

    for (uint32_t i = 0; i < count; i++)
        bytes += 4 + items[i].len;
    buf_add_be32(out, (uint32_t)(count == 0 ? 12 : 20 + bytes));
    buf_add_be32(out, count == 0 ? 0 : 1); /* dimensions */
    buf_add_be32(out, 0);                  /* no nulls */
    buf_add_be32(out, TEXT_OID);
    if (count == 0)
        return;
    buf_add_be32(out, count);
    buf_add_be32(out, 1); /* lower bound */
    for (uint32_t i = 0; i < count; i++)
        tuple_add_text(out, items[i].bytes, items[i].len);
}

/* The digit at `at` of a number whose digits lie in [0, len), and 0 outside. */
static uint16_t
tuple_digit(const char *digits, long len, long at)
{
    return at >= 0 && at < len ? (uint16_t)(digits[at] - '0') : 0;
}

/* Append `groups` digits of base 10000 out of decimal digits that begin at `from`, maybe before 0. */
static void
tuple_add_groups(struct buf *out, const char *digits, long len, long from, long groups)
{
    for (long i = 0; i < groups; i++) {
        uint16_t group = 0;

        for (long j = 0; j < NUMERIC_GROUP; j++)
            group = (uint16_t)(group * 10 + tuple_digit(digits, len, from + i * NUMERIC_GROUP + j));
        buf_add_be16(out, group);
    }
}

/* numeric: count, weight, sign, scale, then digits of base 10000 around the decimal point. */
static void
tuple_add_decimal(struct buf *out, const char *text, size_t size)
{
    const char *end = text + size, *dot, *fraction;
    bool negative = size > 0 && *text == '-';
    long whole, decimals, before, after;

    text += negative;
    dot = memchr(text, '.', (size_t)(end - text));
    fraction = dot != NULL ? dot + 1 : end;
    whole = (dot != NULL ? dot : end) - text;
    decimals = end - fraction;
    before = (whole + NUMERIC_GROUP - 1) / NUMERIC_GROUP;
    after = (decimals + NUMERIC_GROUP - 1) / NUMERIC_GROUP;

    buf_add_be32(out, (uint32_t)(8 + 2 * (before + after)));
    buf_add_be16(out, (uint16_t)(before + after));
    buf_add_be16(out, (uint16_t)(before - 1));
    buf_add_be16(out, negative ? NUMERIC_NEGATIVE : 0);
    buf_add_be16(out, (uint16_t)decimals);
    tuple_add_groups(out, text, whole, whole - before * NUMERIC_GROUP, before);
    tuple_add_groups(out, fraction, decimals, 0, after);
}

static void
tuple_add_cell(struct buf *out, enum record_field_type type, const struct record_cell *cell)
{
    if (!cell->set) {
        tuple_add_null(out);
        return;
    }
    switch (type) {
    case RECORD_ID:
    case RECORD_NAME:
    case RECORD_AREA:
    case RECORD_PHONE:
    case RECORD_TEXT:
    case RECORD_CODE:
        tuple_add_text(out, cell->text.bytes, cell->text.len);
        break;
    case RECORD_DATE:
        tuple_add_date(out, cell->number);
        break;
    case RECORD_MONTH:
        tuple_add_date(out, clock_month_first((int32_t)cell->number));
        break;
    case RECORD_MONEY:
        buf_add_be32(out, 8);
        buf_add_be64(out, (uint64_t)cell->number);
        break;
    case RECORD_INT:
        tuple_add_int(out, cell->number);
        break;
    case RECORD_DEC:
        tuple_add_decimal(out, cell->text.bytes, cell->text.len);
        break;
    case RECORD_BOOL:
        tuple_add_bool(out, cell->number != 0);
        break;
    case RECORD_CODES:
    case RECORD_AREAS:
    case RECORD_TEXTS:
        tuple_add_list(out, cell->list.items, cell->list.count);
        break;
    }
}

/* The folded name, or null when there is none or it is the name itself. */
static void
tuple_add_key(struct buf *out, const char *name, size_t len, struct buf *scratch)
{
    buf_clear(scratch);
    if (len > 0)
        text_fold_name(name, len, scratch);
    if (scratch->len == 0 || (scratch->len == len && memcmp(scratch->bytes, name, len) == 0))
        tuple_add_null(out);
    else
        tuple_add_text(out, (const char *)scratch->bytes, scratch->len);
}

void
tuple_copy_rows(const struct record_type *type, struct buf *out)
{
    buf_add_fmt(out, "copy %s (county, submission, row_no, removed", type->table);
    for (size_t i = 0; i < type->field_count; i++)
        buf_add_fmt(out, ", \"%s\"", type->fields[i].name);
    buf_add_fmt(out, "%s) from stdin (format binary)", type->name_key ? ", name_key" : "");
}

const char *
tuple_copy_quarantine(void)
{
    return store_sql_quarantine_copy.text;
}

void
tuple_begin(struct buf *out)
{
    static const char signature[11] = "PGCOPY\n\377\r\n";

    buf_add(out, signature, sizeof(signature));
    buf_add_be32(out, 0); /* flags */
    buf_add_be32(out, 0); /* length of the header's extension */
}

void
tuple_end(struct buf *out)
{
    buf_add_be16(out, UINT16_MAX);
}

void
tuple_add_row(const struct record_type *type, uint32_t county, uint32_t submission,
              const struct record_row *row, struct buf *scratch, struct buf *out)
{
    buf_add_be16(out, (uint16_t)(4 + type->field_count + type->name_key));
    tuple_add_int(out, county);
    tuple_add_int(out, submission);
    tuple_add_int(out, row->row_no);
    tuple_add_bool(out, row->removed);
    for (size_t i = 0; i < type->field_count; i++)
        tuple_add_cell(out, type->fields[i].type, &row->cells[i]);
    if (type->name_key) {
        const struct record_cell *name = &row->cells[type->person_name];

        tuple_add_key(out, name->text.bytes, name->set ? name->text.len : 0, scratch);
    }
}

static void
tuple_add_item(struct buf *out, const struct record_item *item)
{
    if (item->len == 0)
        tuple_add_null(out);
    else
        tuple_add_text(out, item->bytes, item->len);
}

void
tuple_add_quarantine(uint32_t county, uint32_t submission, bool hub,
                     const struct record_unresolved *row, struct buf *scratch, struct buf *out)
{
    const char *reason = record_reason_name(row->reason);

    buf_add_be16(out, 11);
    tuple_add_int(out, county);
    tuple_add_int(out, submission);
    tuple_add_int(out, row->row_no);
    tuple_add_text(out, row->column.bytes, row->column.len);
    tuple_add_text(out, reason, strlen(reason));
    tuple_add_bool(out, hub);
    tuple_add_item(out, &row->id_no);
    tuple_add_item(out, &row->name);
    tuple_add_key(out, row->name.bytes, row->name.len, scratch);
    tuple_add_item(out, &row->phone);
    tuple_add_item(out, &row->household_no);
}
