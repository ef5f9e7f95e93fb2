/* Receipts kept as JSON in the spool, which anybody on the machine may have touched. */
#include "fuzz.h"

#include <stdio.h>

#include "sdk/spool/receipt.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO_BUF struct buf text = {0};
    AUTO_RECEIPT struct receipt receipt = {0};
    struct err err = {0};
    char *printed = NULL;
    size_t printed_len;
    FILE *out;

    buf_add(&text, bytes, len);
    if (receipt_parse(buf_str(&text), &receipt, &err) != 0) {
        fuzz_check_err(&err);
        assert(receipt.tree == NULL);
        return 0;
    }
    out = open_memstream(&printed, &printed_len);
    assert(out != NULL);
    receipt_print(&receipt, out);
    (void)fclose(out);
    assert(printed_len > 0);
    free(printed);
    assert(receipt_exit(&receipt) >= 0);
    return 0;
}
