/* Workbooks: cells are text, row numbers grow, and a second reading gives the same rows. */
#include "fuzz.h"

#include "sdk/sheet/xlsx.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct refusal refusal = {0};
    AUTO(source_close) struct source *source = xlsx_new(fuzz_open(bytes, len), &refusal);

    assert((source == NULL) == (refusal.code != REFUSAL_NONE));
    if (source != NULL)
        fuzz_check_book(source, false);
    return 0;
}
