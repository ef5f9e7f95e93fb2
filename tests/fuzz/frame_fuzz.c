/* Control frames: what was decoded and encoded again is the same frame, and its receipt is readable. */
#include "fuzz.h"

#include "frame.h"
#include "sdk/spool/receipt.h"

static const struct subfile_head head = {
    .producer = "jyj",
    .record_type = "education.student",
    .file = "education.student.2024-05.csv",
    .county = FUZZ_COUNTY,
    .period = FUZZ_PERIOD,
};

static void
check_receipt(const struct frame_receipt *frame)
{
    AUTO_BUF struct buf json = {0};
    AUTO_RECEIPT struct receipt receipt = {0};
    struct err err = {0};

    receipt_format(frame, &head, &json);
    assert(receipt_parse(buf_str(&json), &receipt, &err) == 0);
    assert((int)receipt.status == (int)frame->status);
    assert(receipt.revision == frame->revision && receipt.partial == frame->partial);
    assert(receipt.stored == frame->stored && receipt.quarantined == frame->quarantined);
    assert(strcmp(receipt.text_zh, frame->text_zh) == 0 && strcmp(receipt.text, frame->text) == 0);
    assert(receipt.warnings_zh->count == frame->warning_count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO_FRAME struct frame frame = {0}, again = {0};
    AUTO_BUF struct buf first = {0}, second = {0};
    struct err err = {0};

    if (frame_decode(bytes, len, &frame, &err) != 0) {
        fuzz_check_err(&err);
        assert(err.code == ERR_PROTOCOL && frame.owner == NULL);
        return 0;
    }
    assert(frame_name(frame.kind)[0] != '\0');
    frame_encode(&frame, &first);
    assert(first.len <= FRAME_CONTROL_BYTES);
    assert(frame_decode(first.bytes, first.len, &again, &err) == 0);
    assert(again.kind == frame.kind);
    frame_encode(&again, &second);
    assert(first.len == second.len && memcmp(first.bytes, second.bytes, first.len) == 0);
    if (frame.kind == FRAME_RECEIPT)
        check_receipt(&frame.receipt);
    return 0;
}
