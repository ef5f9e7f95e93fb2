/* Workbooks: cells are text, row numbers grow, and a second reading gives the same rows. */
#include "fuzz.h"

#include "base/text.h"
#include "sdk/xlsx.h"

/* Read the present sheet and return a sum over their cells. */
static uint64_t
read_sheet(struct source *source, struct refusal *refusal)
{
    struct source_row row;
    struct err err = {0};
    enum source_read read;
    uint64_t sum = 0;
    uint32_t last = 0;

    while ((read = source_next(source, &row, refusal, &err)) == SOURCE_ROW) {
        assert(row.row_no > last && row.count <= SOURCE_CELLS_MAX);
        last = row.row_no;
        for (uint32_t i = 0; i < row.count; i++) {
            assert(text_utf8_length(row.cells[i].bytes, row.cells[i].len) >= 0);
            for (uint32_t j = 0; j < row.cells[i].len; j++)
                sum = sum * 31 + (unsigned char)row.cells[i].bytes[j];
        }
        sum = sum * 31 + row.count;
    }
    assert(read != SOURCE_ERROR);
    assert((read == SOURCE_REFUSED) == (refusal->code != NULL));
    return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct refusal refusal = {0}, again = {0};
    AUTO(source_close) struct source *source = xlsx_new(fuzz_open(bytes, len), &refusal);
    struct err err = {0};

    assert((source == NULL) == (refusal.code != NULL));
    while (source != NULL && refusal.code == NULL) {
        uint64_t sum = read_sheet(source, &refusal);

        assert(source_rewind(source, &err) == 0);
        assert(read_sheet(source, &again) == sum && again.code == refusal.code);
        if (refusal.code != NULL || source_next_sheet(source, &refusal, &err) != SOURCE_ROW)
            break;
    }
    return 0;
}
