/* CSV: what was read, written again with every cell quoted, is read as the same cells. */
#include "fuzz.h"

#include "base/text.h"
#include "base/reader.h"

#define FILL (256 * 1024) /* the reader's buffer, whose end is put inside the rows */
#define BOUNDARY_EVERY 16 /* inputs; it takes long */

/* What was read: the cells of each row, and how it ended. */
struct reading {
    struct buf rows; /* each row: count; each cell: length, bytes */
    uint32_t count;
    enum source_read end;
    enum refusal_code code; /* of the refusal */
};

static void
read_rows(struct source *source, struct reading *reading)
{
    struct refusal refusal = {0};
    struct source_row row;
    struct err err = {0};

    buf_clear(&reading->rows);
    reading->count = 0;
    while ((reading->end = source_next(source, &row, &refusal, &err)) == SOURCE_ROW) {
        assert(row.row_no == ++reading->count);
        assert(row.count >= 1 && row.count <= SOURCE_CELLS_MAX);
        buf_add_be32(&reading->rows, row.count);
        for (uint32_t i = 0; i < row.count; i++) {
            assert(text_utf8_length(row.cells[i].bytes, row.cells[i].len) >= 0);
            buf_add_be32(&reading->rows, row.cells[i].len);
            buf_add(&reading->rows, row.cells[i].bytes, row.cells[i].len);
        }
    }
    assert(reading->end != SOURCE_ERROR);
    assert((reading->end == SOURCE_REFUSED) == (refusal.code != REFUSAL_NONE));
    reading->code = refusal.code;
}

static void
read_bytes(const struct buf *bytes, struct reading *reading)
{
    AUTO(source_close) struct source *source = reader_new(fuzz_open(bytes->bytes, bytes->len));

    read_rows(source, reading);
}

static uint32_t
number_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static size_t
row_size(const uint8_t *row)
{
    size_t size = 4;

    for (uint32_t i = 0; i < number_at(row); i++)
        size += 4 + number_at(row + size);
    return size;
}

/* Every cell quoted, below a first row that settles that commas divide the cells. */
static void
write_rows(const struct reading *reading, struct buf *out)
{
    const uint8_t *at = reading->rows.bytes;

    buf_add_str(out, ",\n");
    for (uint32_t row = 0; row < reading->count; row++) {
        uint32_t count = number_at(at);

        at += 4;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t len = number_at(at);

            buf_add_str(out, i > 0 ? ",\"" : "\"");
            for (uint32_t j = 0; j < len; j++) {
                if (at[4 + j] == '"')
                    buf_add_u8(out, '"');
                buf_add_u8(out, at[4 + j]);
            }
            buf_add_u8(out, '"');
            at += 4 + len;
        }
        buf_add_u8(out, '\n');
    }
}

/* `second` has `more` rows in front of those of `first`. */
static void
check_behind(const struct reading *first, const struct reading *second, uint32_t more)
{
    const uint8_t *at = second->rows.bytes;

    assert(second->count == first->count + more);
    for (uint32_t i = 0; i < more; i++)
        at += row_size(at);
    assert(second->rows.len - (size_t)(at - second->rows.bytes) == first->rows.len);
    assert(first->rows.len == 0 || memcmp(at, first->rows.bytes, first->rows.len) == 0);
}

static void
check_written(const struct reading *reading)
{
    AUTO_BUF struct buf text = {0};
    struct reading again = {0};

    write_rows(reading, &text);
    if (text.len > SOURCE_LINE_MAX)
        return;
    read_bytes(&text, &again);
    assert(again.end == SOURCE_END);
    check_behind(reading, &again, 1);
    buf_done(&again.rows);
}

/* Where the buffer ends, `cut` bytes into the rows, makes no difference. */
static void
check_boundary(const uint8_t *bytes, size_t len, size_t cut)
{
    AUTO_BUF struct buf near = {0}, far = {0};
    struct reading first = {0}, second = {0};

    buf_add_str(&near, len % 2 == 0 ? "x,x\n" : "x\tx\n");
    buf_add(&far, near.bytes, near.len);
    memset(buf_reserve(&far, FILL), 'x', FILL);
    far.len = FILL - cut;
    far.bytes[far.len - 1] = '\n';
    buf_add(&near, bytes, len);
    buf_add(&far, bytes, len);
    read_bytes(&near, &first);
    read_bytes(&far, &second);
    assert(first.end == second.end && first.code == second.code);
    if (first.count > 0) {
        size_t skip = row_size(first.rows.bytes);
        struct reading rest = first;

        rest.rows.bytes += skip;
        rest.rows.len -= skip;
        rest.count--;
        check_behind(&rest, &second, 2);
    }
    buf_done(&first.rows);
    buf_done(&second.rows);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(source_close) struct source *source = reader_new(fuzz_open(bytes, len));
    struct reading first = {0}, second = {0};
    struct err err = {0};
    size_t sum = 0;

    read_rows(source, &first);
    assert(source_rewind(source, &err) == 0);
    read_rows(source, &second);
    assert(first.end == second.end && first.code == second.code);
    check_behind(&first, &second, 0);
    check_written(&first);
    for (size_t i = 0; i < len; i++)
        sum += bytes[i];
    if (len < FILL / 2 && sum % BOUNDARY_EVERY == 0)
        check_boundary(bytes, len, sum / BOUNDARY_EVERY % (len + 1));
    buf_done(&first.rows);
    buf_done(&second.rows);
    return 0;
}
