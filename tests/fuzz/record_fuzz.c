/* Batch payloads: a row that was read and encoded again is the same row. Byte 0: the record type. */
#include "fuzz.h"

#include "record.h"

#define ROWS_MAX 4096 /* looked at of one payload */

static const struct record_type *
type_of(uint8_t byte)
{
    size_t count = 0;

    while (record_at(count) != NULL)
        count++;
    return record_at(byte % count);
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
    struct record_reader reader = {0};
    struct record_row other;
    struct record_unresolved again;
    struct err err = {0};

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
