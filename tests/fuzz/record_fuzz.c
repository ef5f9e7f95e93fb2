/*
 * Batch payloads: a row that was read and encoded again is the same row, and one that passes the
 * check has a well-formed tuple for PostgreSQL. Byte 0: the record type.
 */
#include "fuzz.h"

#include "record.h"
#include "store/tuple.h"

#define ROWS_MAX 4096 /* looked at of one payload */

static const struct record_type *
type_of(uint8_t byte)
{
    size_t count = 0;

    while (record_at(count) != NULL)
        count++;
    return record_at(byte % count);
}

static int32_t
take(const uint8_t **at, const uint8_t *end, int bytes)
{
    uint32_t value = 0;

    assert(end - *at >= bytes);
    for (int i = 0; i < bytes; i++)
        value = value << 8 | *(*at)++;
    return (int32_t)value;
}

/* COPY BINARY: the number of columns, then each one's length, -1 for null, and bytes. */
static void
check_tuple(const uint8_t *at, size_t len, int columns)
{
    const uint8_t *end = at + len;

    assert(take(&at, end, 2) == columns);
    for (int i = 0; i < columns; i++) {
        int32_t size = take(&at, end, 4);

        assert(size >= -1 && size <= end - at);
        at += size > 0 ? size : 0;
    }
    assert(at == end);
}

static int
count_columns(const char *copy)
{
    int columns = 1;

    for (; *copy != '\0'; copy++)
        columns += *copy == ',';
    return columns;
}

static void
check_stored(const struct record_type *type, const struct record_row *row)
{
    AUTO_BUF struct buf copy = {0}, scratch = {0}, tuple = {0};

    tuple_copy_rows(type, &copy);
    tuple_add_row(type, FUZZ_COUNTY, 1, row, &scratch, &tuple);
    check_tuple(tuple.bytes, tuple.len, count_columns(buf_str(&copy)));
}

static void
check_row(const struct record_type *type, const struct record_row *row)
{
    AUTO_BUF struct buf first = {0}, second = {0};
    struct record_reader reader = {0};
    struct record_row again;
    struct record_unresolved unresolved;
    struct err err = {0};
    enum record_reason reason;
    int field = -1, field_again = -1;

    assert(row->row_no > 0 && row->row_no <= RECORD_ROW_NO_MAX);
    reason = record_check(type, row, FUZZ_COUNTY, FUZZ_TODAY, &field);
    assert(reason == RECORD_OK || (field >= 0 && (size_t)field < type->field_count));
    if (reason == RECORD_OK)
        check_stored(type, row);
    record_encode(type, row, &first);
    record_reader_open(&reader, type, first.bytes, first.len);
    assert(record_read(&reader, &again, &unresolved, &err) == RECORD_ROW);
    record_encode(type, &again, &second);
    assert(first.len == second.len && memcmp(first.bytes, second.bytes, first.len) == 0);
    assert(record_key_hash(type, row) == record_key_hash(type, &again));
    assert(record_content_hash(type, row) == record_content_hash(type, &again));
    assert(record_check(type, &again, FUZZ_COUNTY, FUZZ_TODAY, &field_again) == reason);
    assert(field == field_again);
    assert(record_read(&reader, &again, &unresolved, &err) == RECORD_END);
    record_reader_done(&reader);
}

static void
check_unresolved(const struct record_type *type, const struct record_unresolved *row)
{
    AUTO_BUF struct buf first = {0}, second = {0};
    AUTO_BUF struct buf scratch = {0}, tuple = {0};
    struct record_reader reader = {0};
    struct record_row other;
    struct record_unresolved again;
    struct err err = {0};

    tuple_add_quarantine(FUZZ_COUNTY, 1, false, row, &scratch, &tuple);
    check_tuple(tuple.bytes, tuple.len, count_columns(tuple_copy_quarantine()));
    record_encode_unresolved(row, &first);
    record_reader_open(&reader, type, first.bytes, first.len);
    assert(record_read(&reader, &other, &again, &err) == RECORD_UNRESOLVED);
    assert(again.row_no == row->row_no && again.reason == row->reason);
    record_encode_unresolved(&again, &second);
    assert(first.len == second.len && memcmp(first.bytes, second.bytes, first.len) == 0);
    record_reader_done(&reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fuzz_input input = {bytes, len};
    const struct record_type *type = type_of(fuzz_take(&input));
    struct record_reader reader = {0};
    struct record_unresolved unresolved;
    struct record_row row;
    struct err err = {0};
    enum record_read read = RECORD_ROW;

    record_reader_open(&reader, type, input.bytes, input.len);
    for (int i = 0; i < ROWS_MAX && (read == RECORD_ROW || read == RECORD_UNRESOLVED); i++) {
        read = record_read(&reader, &row, &unresolved, &err);
        if (read == RECORD_ROW)
            check_row(type, &row);
        else if (read == RECORD_UNRESOLVED)
            check_unresolved(type, &unresolved);
    }
    if (read == RECORD_ERROR) {
        fuzz_check_err(&err);
        assert(err.code == ERR_PROTOCOL);
    }
    record_reader_done(&reader);
    return 0;
}
