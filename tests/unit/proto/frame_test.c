#include "frame.h"

#include <string.h>

#include "base/clock.h"
#include "part.h"
#include "unit.h"

static struct buf bytes;
static struct frame frame, back;
static struct err err;

static void
setup(void)
{
    bytes = (struct buf){0};
    frame = back = (struct frame){0};
    err = (struct err){0};
}

static void
teardown(void)
{
    frame_free(&back);
    buf_done(&bytes);
}

/* The least that a valid frame of each kind has. */
static void
fill(enum frame_kind kind)
{
    frame = (struct frame){.kind = kind};
    switch (kind) {
    case FRAME_HELLO:
        frame.hello =
            (struct frame_hello){.protocol = 1, .channel = "c", .first_seq = 1, .next_seq = 1};
        break;
    case FRAME_SUBSCRIBE:
        frame.subscribe = (struct frame_subscribe){.channel = "c", .next_seq = 1};
        break;
    case FRAME_REJECT:
        frame.reject = (struct frame_reject){.code = 7, .text = "t"};
        break;
    case FRAME_OPEN:
        frame.open = (struct frame_open){.seq = 1,
                                         .last_seq = 3,
                                         .producer = "p",
                                         .record_type = "civil.relief",
                                         .county = 360799,
                                         .period = 202409,
                                         .rows = 1,
                                         .batches = 1};
        break;
    case FRAME_BATCH:
        frame.batch = (struct frame_batch){.seq = 1, .rows = 1};
        break;
    case FRAME_CLOSE:
        frame.close = (struct frame_close){.seq = 3, .rows = 1, .batches = 1};
        break;
    case FRAME_ACK:
        frame.ack.next_seq = 1;
        break;
    case FRAME_RECEIPT:
        frame.receipt = (struct frame_receipt){.last_seq = 3};
        break;
    case FRAME_NACK:
        frame.nack = (struct frame_nack){.code = 4, .text = "t"};
        break;
    case FRAME_CREDIT:
        frame.credit.bytes = 1;
        break;
    case FRAME_RESEND:
        frame.resend.from_seq = 1;
        break;
    case FRAME_EVENT:
        frame.event.seq = 1;
        break;
    case FRAME_PING:
    case FRAME_PONG:
    case FRAME_DRAIN:
    case FRAME_FENCED:
        break;
    }
}

static int
round_trip(void)
{
    buf_clear(&bytes);
    frame_encode(&frame, &bytes);
    return frame_decode(bytes.bytes, bytes.len, &back, &err);
}

START_TEST(the_least_of_every_kind_is_valid)
{
    fill((enum frame_kind)_i);
    ck_assert_msg(round_trip() == 0, "%s", err.text);
    ck_assert_int_eq(back.kind, _i);
    ck_assert_int_eq(frame_has_payload(back.kind), _i == FRAME_BATCH || _i == FRAME_EVENT);
    ck_assert_str_ne(frame_name(back.kind), "");
}
END_TEST

START_TEST(an_open_comes_back_with_every_field)
{
    fill(FRAME_OPEN);
    frame.open.kind = FRAME_CORRECTION;
    frame.open.revision = 4;
    frame.open.unresolved = 2;
    memset(frame.open.uuid, 0x11, sizeof(frame.open.uuid));
    memset(frame.open.digest, 0x22, sizeof(frame.open.digest));
    ck_assert_int_eq(round_trip(), 0);
    ck_assert_uint_eq(back.open.seq, 1);
    ck_assert_uint_eq(back.open.last_seq, 3);
    ck_assert_str_eq(back.open.producer, "p");
    ck_assert_str_eq(back.open.record_type, "civil.relief");
    ck_assert_uint_eq(back.open.county, 360799);
    ck_assert_uint_eq(back.open.period, 202409);
    ck_assert_int_eq(back.open.kind, FRAME_CORRECTION);
    ck_assert_uint_eq(back.open.revision, 4);
    ck_assert(!back.open.nil);
    ck_assert_uint_eq(back.open.unresolved, 2);
    ck_assert_mem_eq(back.open.uuid, frame.open.uuid, FRAME_UUID_BYTES);
    ck_assert_mem_eq(back.open.digest, frame.open.digest, FRAME_DIGEST_BYTES);
}
END_TEST

START_TEST(a_receipt_names_its_warnings_and_refused_rows)
{
    const struct frame_refused refused[] = {{4, "id_no", 1}, {7, NULL, 2}};

    fill(FRAME_RECEIPT);
    frame.receipt.status = FRAME_REFUSED;
    frame.receipt.text_zh = "空文件";
    frame.receipt.warning_count = 2;
    frame.receipt.warnings[0] = "partial";
    frame.receipt.warnings_zh[0] = "不完整";
    frame.receipt.warnings[1] = "identical";
    frame.receipt.refused = refused;
    frame.receipt.refused_count = 2;
    ck_assert_int_eq(round_trip(), 0);
    ck_assert_int_eq(back.receipt.status, FRAME_REFUSED);
    ck_assert_str_eq(back.receipt.text, "");
    ck_assert_str_eq(back.receipt.text_zh, "空文件");
    ck_assert_uint_eq(back.receipt.warning_count, 2);
    ck_assert_str_eq(back.receipt.warnings[1], "identical");
    ck_assert_str_eq(back.receipt.warnings_zh[0], "不完整");
    ck_assert_str_eq(back.receipt.warnings_zh[1], "");
    ck_assert_uint_eq(back.receipt.refused_count, 2);
    ck_assert_uint_eq(back.receipt.refused[0].row_no, 4);
    ck_assert_str_eq(back.receipt.refused[0].column, "id_no");
    ck_assert_str_eq(back.receipt.refused[1].column, "");
    ck_assert_uint_eq(back.receipt.refused[1].reason, 2);
}
END_TEST

START_TEST(totals_keep_their_sign)
{
    fill(FRAME_CLOSE);
    frame.close.total_count = 3;
    frame.close.totals[0] = INT64_MIN;
    frame.close.totals[2] = 5;
    ck_assert_int_eq(round_trip(), 0);
    ck_assert_uint_eq(back.close.total_count, 3);
    ck_assert_int_eq(back.close.totals[0], INT64_MIN);
    ck_assert_int_eq(back.close.totals[1], 0);
    ck_assert_int_eq(back.close.totals[2], 5);
}
END_TEST

START_TEST(a_text_over_its_limit_is_cut_between_characters)
{
    char text[400];

    for (size_t i = 0; i + 3 < sizeof(text); i += 3)
        memcpy(text + i, "李", 4);
    fill(FRAME_NACK);
    frame.nack.text = text;
    ck_assert_int_eq(round_trip(), 0);
    ck_assert_uint_eq(strlen(back.nack.text), 255);
}
END_TEST

START_TEST(lists_end_at_their_limit)
{
    static struct frame_refused refused[FRAME_REFUSED_MAX + 1];

    for (size_t i = 0; i <= FRAME_REFUSED_MAX; i++)
        refused[i] = (struct frame_refused){(uint32_t)i + 1, "settlement_no", 4};
    fill(FRAME_RECEIPT);
    frame.receipt.refused = refused;
    frame.receipt.refused_count = FRAME_REFUSED_MAX + 1;
    ck_assert_int_eq(round_trip(), 0);
    ck_assert_uint_eq(back.receipt.refused_count, FRAME_REFUSED_MAX);
    ck_assert_uint_lt(bytes.len, FRAME_CONTROL_BYTES);
}
END_TEST

/* Each case writes a wrong frame, which the encoder does not refuse. */
static void
hello_channel(void)
{
    frame.hello.channel = NULL;
}
static void
hello_order(void)
{
    frame.hello.first_seq = 5;
}
static void
hello_zero(void)
{
    frame.hello.first_seq = 0;
}
static void
open_last(void)
{
    frame.open.last_seq = 4;
}
static void
open_county(void)
{
    frame.open.county = 36079;
}
static void
open_period(void)
{
    frame.open.period = 202413;
}
static void
open_kind(void)
{
    frame.open.kind = (enum frame_submission)3;
}
static void
open_nil(void)
{
    frame.open.nil = true;
}
static void
open_empty(void)
{
    frame.open.rows = 0;
}
static void
open_huge(void)
{
    frame.open.rows = (uint64_t)INT64_MAX + 1;
}
static void
batch_empty(void)
{
    frame.batch.rows = 0;
}
static void
close_nil(void)
{
    frame.close.nil = true;
}
static void
receipt_row(void)
{
    static const struct frame_refused refused = {0, "id_no", 1};

    frame.receipt.refused = &refused;
    frame.receipt.refused_count = 1;
}
static void
receipt_time(void)
{
    frame.receipt.committed_at = CLOCK_TIME_MAX + 1;
}
static void
nack_code(void)
{
    frame.nack.code = 0;
}
static void
credit_none(void)
{
    frame.credit.bytes = 0;
}
static void
subscribe_batch(void)
{
    frame.subscribe.batch_bytes = FRAME_PAYLOAD_BYTES + 1;
}

static const struct {
    enum frame_kind kind;
    void (*break_it)(void);
    const char *text;
} wrong[] = {
    {FRAME_HELLO, hello_channel, "HELLO: channel is missing"},
    {FRAME_HELLO, hello_order, "HELLO: next_seq is before first_seq"},
    {FRAME_HELLO, hello_zero, "HELLO: first_seq is out of bounds"},
    {FRAME_OPEN, open_last, "OPEN: last_seq is not seq + batches + 1"},
    {FRAME_OPEN, open_county, "OPEN: county is out of bounds"},
    {FRAME_OPEN, open_period, "OPEN: period is no month"},
    {FRAME_OPEN, open_kind, "OPEN: kind is out of bounds"},
    {FRAME_OPEN, open_nil, "OPEN: nil stands beside rows"},
    {FRAME_OPEN, open_empty, "OPEN: batches does not fit the rows"},
    {FRAME_OPEN, open_huge, "OPEN: rows is out of bounds"},
    {FRAME_BATCH, batch_empty, "BATCH: rows is out of bounds"},
    {FRAME_CLOSE, close_nil, "CLOSE: nil stands beside rows"},
    {FRAME_RECEIPT, receipt_row, "RECEIPT: refused is out of bounds"},
    {FRAME_RECEIPT, receipt_time, "RECEIPT: committed_at is out of bounds"},
    {FRAME_NACK, nack_code, "NACK: code is out of bounds"},
    {FRAME_CREDIT, credit_none, "CREDIT: bytes is out of bounds"},
    {FRAME_SUBSCRIBE, subscribe_batch, "SUBSCRIBE: batch_bytes is out of bounds"},
};

START_TEST(a_frame_out_of_bounds_is_refused_with_its_field)
{
    fill(wrong[_i].kind);
    wrong[_i].break_it();
    ck_assert_int_eq(round_trip(), -1);
    ck_assert_int_eq(err.code, ERR_PROTOCOL);
    ck_assert_str_eq(err.text, wrong[_i].text);
    ck_assert_ptr_null(back.owner);
}
END_TEST

#define BYTES(text) text, sizeof(text) - 1
static const struct {
    const char *bytes;
    size_t len;
    const char *text;
} broken[] = {
    {BYTES("\xff\xff"), "a control frame is no valid message"},
    {BYTES("\x3a\x05\x08\x01"), "a control frame is no valid message"},
    {BYTES(""), "a control frame has no body known here"},
    {BYTES("\xfa\x01\x00"), "a control frame has no body known here"},
    {BYTES("\x3a\x00"), "ACK: next_seq is missing"},
    {BYTES("\x1a\x05\x08\x01\x12\x01\xff"), "a text is no UTF-8 or holds a NUL"},
    {BYTES("\x1a\x07\x08\x01\x12\x03\x61\x00\x62"), "a text is no UTF-8 or holds a NUL"},
    {BYTES("\x2a\x06\x08\x01\x22\x02\x61\x62"), "BATCH: rows is missing"},
    {BYTES("\x82\x01\x07\x08\x01\x12\x03\x61\x62\x63"), "EVENT: digest is out of bounds"},
};

START_TEST(bytes_that_are_no_frame_are_refused)
{
    ck_assert_int_eq(frame_decode((const uint8_t *)broken[_i].bytes, broken[_i].len, &back, &err),
                     -1);
    ck_assert_int_eq(err.code, ERR_PROTOCOL);
    ck_assert_str_eq(err.text, broken[_i].text);
}
END_TEST

START_TEST(a_frame_over_the_limit_is_refused)
{
    memset(buf_reserve(&bytes, FRAME_CONTROL_BYTES + 1), 0, FRAME_CONTROL_BYTES + 1);
    ck_assert_int_eq(frame_decode(bytes.bytes, FRAME_CONTROL_BYTES + 1, &back, &err), -1);
    ck_assert_str_eq(err.text, "a control frame of 262145 bytes is over the limit of 262144");
}
END_TEST

START_TEST(a_text_over_its_limit_is_refused)
{
    char text[300];
    uint8_t *at;

    memset(text, 'x', sizeof(text));
    at = buf_reserve(&bytes, 400); /* drain { text: 257 characters } */
    bytes.len += (size_t)(part_text_put(at, 1, text, FRAME_TEXT_BYTES + 1) - at);
    at = buf_reserve(&bytes, 400);
    bytes.len = (size_t)(part_text_put(at, FRAME_DRAIN, (char *)bytes.bytes, bytes.len) - at);
    ck_assert_int_eq(frame_decode(at, bytes.len, &back, &err), -1);
    ck_assert_str_eq(err.text, "DRAIN: text is out of bounds");
}
END_TEST

START_TEST(a_frame_is_freed_twice_without_harm)
{
    fill(FRAME_RECEIPT);
    ck_assert_int_eq(round_trip(), 0);
    frame_free(&back);
    frame_free(&back);
    frame_free(&frame);
}
END_TEST

/* Any single byte changed, or the end cut off: decoded or refused, never worse. */
START_TEST(a_damaged_frame_does_no_harm)
{
    fill((enum frame_kind)_i);
    frame_encode(&frame, &bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        for (unsigned flip = 1; flip < 256; flip++) {
            bytes.bytes[i] ^= (uint8_t)flip;
            (void)!frame_decode(bytes.bytes, bytes.len, &back, &err);
            frame_free(&back);
            bytes.bytes[i] ^= (uint8_t)flip;
        }
        (void)!frame_decode(bytes.bytes, i, &back, &err);
        frame_free(&back);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("frame");
    TCase *tcase = tcase_create("frame");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, the_least_of_every_kind_is_valid, FRAME_HELLO, FRAME_EVENT + 1);
    tcase_add_test(tcase, an_open_comes_back_with_every_field);
    tcase_add_test(tcase, a_receipt_names_its_warnings_and_refused_rows);
    tcase_add_test(tcase, totals_keep_their_sign);
    tcase_add_test(tcase, a_text_over_its_limit_is_cut_between_characters);
    tcase_add_test(tcase, lists_end_at_their_limit);
    tcase_add_loop_test(tcase, a_frame_out_of_bounds_is_refused_with_its_field, 0,
                        UNIT_COUNT(wrong));
    tcase_add_loop_test(tcase, bytes_that_are_no_frame_are_refused, 0, UNIT_COUNT(broken));
    tcase_add_test(tcase, a_frame_over_the_limit_is_refused);
    tcase_add_test(tcase, a_text_over_its_limit_is_refused);
    tcase_add_test(tcase, a_frame_is_freed_twice_without_harm);
    tcase_add_loop_test(tcase, a_damaged_frame_does_no_harm, FRAME_HELLO, FRAME_EVENT + 1);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
