/* An old workbook's cells, without the container round their stream: rows are text, their numbers
   grow, a second reading gives the same, and all of them are in proportion to the stream. */
#include "fuzz.h"

#include "base/text.h"
#include "sdk/sheet/biff.h"

static uint64_t
read_sheet(struct biff *biff, size_t sheet, size_t most)
{
    enum biff_read read = BIFF_BROKEN;
    struct biff_row row;
    uint64_t sum = 0;
    uint32_t last = 0;

    if (biff_choose(biff, sheet))
        while ((read = biff_next(biff, &row)) == BIFF_ROW_READ) {
            size_t len = row.ends[row.count - 1];

            assert(row.row_no > last && row.row_no <= 65536);
            assert(row.count > 0 && row.count <= SOURCE_CELLS_MAX && len <= SOURCE_LINE_MAX);
            for (uint32_t i = 1; i < row.count; i++)
                assert(row.ends[i - 1] <= row.ends[i]);
            assert(text_utf8_length(row.text, len) >= 0);
            for (size_t i = 0; i < len; i++)
                sum = sum * 31 + (unsigned char)row.text[i];
            assert(len <= most);
            most -= len;
            last = row.row_no;
        }
    return sum * 31 + read;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(biff_close) struct biff *biff = biff_open(bytes, len);
    size_t most = BIFF_SPREAD_MAX + BIFF_SPREAD * len;

    if (biff == NULL)
        return 0;
    assert(biff_sheets(biff) > 0 && biff_sheets(biff) <= BIFF_SHEETS_MAX);
    for (size_t i = 0; i < biff_sheets(biff); i++) {
        uint64_t sum = read_sheet(biff, i, most);

        assert(text_utf8_length(biff_name(biff, i), strlen(biff_name(biff, i))) >= 0);
        assert(strlen(biff_name(biff, i)) < BIFF_NAME_MAX);
        assert(read_sheet(biff, i, most) == sum);
    }
    return 0;
}
