/* Old workbooks, as .xlsx: their container, and what the confined child and its parent say. */
#include "fuzz.h"

#include "sdk/sheet/xls.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct refusal refusal = {0};
    AUTO(source_close) struct source *source = xls_new(fuzz_open(bytes, len), &refusal);

    assert((source == NULL) == (refusal.code != REFUSAL_NONE));
    if (source != NULL)
        fuzz_check_book(source, true);
    return 0;
}
