#include "sdk/spool/session.h"

#include <inttypes.h>

#include "base/log.h"
#include "sdk/spooled.h"

#define SENT_MAX 512
#define CREDIT 10000

/* A hub that writes down what it got. */
static struct hub {
    struct {
        enum frame_kind kind;
        uint64_t seq;
        size_t payload_len;
    } sent[SENT_MAX];
    size_t count;
    struct frame_hello hello;
    int opened, closed, refuse_open, room; /* room: messages taken before it is full; -1 endless */
    bool broken;
} hub;

static struct receipts {
    int count;
    char file[64];
    char json[2048];
} receipts;

static struct session *session;
static struct queue *queue;
static int64_t now_ms;

static int
hub_open(void *context, struct err *err)
{
    (void)context;
    if (hub.refuse_open > 0) {
        hub.refuse_open--;
        return err_set(err, ERR_SYSTEM, "cannot connect");
    }
    hub.opened++;
    return 0;
}

static void
hub_close(void *context)
{
    (void)context;
    hub.closed++;
}

static uint64_t
hub_seq(const struct frame *frame)
{
    return frame->kind == FRAME_OPEN    ? frame->open.seq
           : frame->kind == FRAME_BATCH ? frame->batch.seq
           : frame->kind == FRAME_CLOSE ? frame->close.seq
                                        : 0;
}

static int
hub_send(void *context, const struct buf *control, const void *payload, size_t payload_len)
{
    AUTO_FRAME struct frame frame = {0};
    struct err err = {0};

    (void)context;
    (void)payload;
    if (hub.broken)
        return -1;
    if (hub.room == 0)
        return 0;
    if (hub.room > 0)
        hub.room--;
    ck_assert_msg(frame_decode(control->bytes, control->len, &frame, &err) == 0, "%s", err.text);
    ck_assert_uint_lt(hub.count, SENT_MAX);
    hub.sent[hub.count].kind = frame.kind;
    hub.sent[hub.count].seq = hub_seq(&frame);
    hub.sent[hub.count++].payload_len = payload_len;
    if (frame.kind == FRAME_HELLO) {
        hub.hello = frame.hello;
        ck_assert_str_eq(frame.hello.channel, "insurance-360781");
        ck_assert_str_eq(frame.hello.program, "insurance-adapter/1");
    }
    return 1;
}

static void
keep_receipt(void *context, const struct subfile_head *head, const uint8_t uuid[FRAME_UUID_BYTES],
             const char *json)
{
    struct receipts *kept = context;

    (void)uuid;
    kept->count++;
    (void)snprintf(kept->file, sizeof(kept->file), "%.60s", head->file);
    (void)snprintf(kept->json, sizeof(kept->json), "%s", json);
}

static void
start(void)
{
    const struct session_options options = {.channel = "insurance-360781",
                                            .program = "insurance-adapter/1",
                                            .link = {hub_open, hub_close, hub_send, NULL},
                                            .on_receipt = keep_receipt,
                                            .context = &receipts};

    queue = spooled_own();
    session = session_new(&options, queue);
}

static void
setup(void)
{
    log_init("test", (enum log_level)0);
    spooled_setup();
    hub = (struct hub){.room = -1};
    receipts = (struct receipts){0};
    now_ms = 1000000;
}

static void
teardown(void)
{
    session_free(session);
    queue_close(queue);
    session = NULL;
    queue = NULL;
    spooled_teardown();
}

static void
give(struct frame frame)
{
    session_receive(session, &frame, now_ms);
}

static struct frame
subscribe_frame(uint64_t next_seq, uint64_t credit)
{
    struct frame frame = {.kind = FRAME_SUBSCRIBE,
                          .subscribe = {.channel = "insurance-360781",
                                        .next_seq = next_seq,
                                        .generation = 3,
                                        .credit = credit,
                                        .batch_bytes = FRAME_PAYLOAD_BYTES,
                                        .ping_seconds = 5}};

    memcpy(frame.subscribe.epoch, queue_position(queue).epoch, FRAME_EPOCH_BYTES);
    return frame;
}

/* Bring a session over what is in the spool to SENDING. */
static void
begin(uint64_t next_seq, uint64_t credit)
{
    start();
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_HELLO_SENT);
    give(subscribe_frame(next_seq, credit));
    ck_assert_int_eq(session_state(session), SESSION_SENDING);
    hub.count = 0;
}

static struct frame
receipt_frame(uint8_t mark, uint64_t last_seq, enum frame_status status)
{
    struct frame frame = {.kind = FRAME_RECEIPT,
                          .receipt = {.last_seq = last_seq,
                                      .status = status,
                                      .county = 360781,
                                      .submission = 12,
                                      .revision = 2,
                                      .stored = 9,
                                      .quarantined = 1,
                                      .committed_at = 1761926400000000,
                                      .text = "",
                                      .text_zh = ""}};

    spooled_uuid(mark, frame.receipt.uuid);
    return frame;
}

static void
assert_sent(size_t index, enum frame_kind kind, uint64_t seq)
{
    ck_assert_uint_lt(index, hub.count);
    ck_assert_str_eq(frame_name(hub.sent[index].kind), frame_name(kind));
    ck_assert_uint_eq(hub.sent[index].seq, seq);
}

START_TEST(hello_says_what_the_spool_holds)
{
    uint8_t uuid[FRAME_UUID_BYTES];
    struct err err;

    spooled_put(1, 2);
    spooled_put(2, 1);
    start();
    spooled_uuid(1, uuid);
    ck_assert_int_eq(queue_answer(queue, uuid, "{}", 2, &err), 1);
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 1);
    assert_sent(0, FRAME_HELLO, 0);
    ck_assert_uint_eq(hub.hello.protocol, FRAME_PROTOCOL);
    ck_assert_uint_eq(hub.hello.first_seq, 1);
    ck_assert_uint_eq(hub.hello.next_seq, 8);
    ck_assert_uint_eq(hub.hello.receipts_from, 7);
}
END_TEST

START_TEST(entries_go_out_in_order_and_are_not_waited_for_one_by_one)
{
    spooled_put(1, 2);
    spooled_put(2, 0);
    begin(1, CREDIT);
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 6);
    assert_sent(0, FRAME_OPEN, 1);
    assert_sent(1, FRAME_BATCH, 2);
    assert_sent(2, FRAME_BATCH, 3);
    assert_sent(3, FRAME_CLOSE, 4);
    assert_sent(4, FRAME_OPEN, 5);
    assert_sent(5, FRAME_CLOSE, 6);
    ck_assert_uint_eq(hub.sent[1].payload_len, SPOOLED_PAYLOAD);
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 6);
}
END_TEST

START_TEST(sending_begins_where_the_hub_says)
{
    spooled_put(1, 2);
    begin(3, CREDIT);
    (void)session_tick(session, now_ms);
    assert_sent(0, FRAME_BATCH, 3);
    assert_sent(1, FRAME_CLOSE, 4);
    ck_assert_uint_eq(queue_position(queue).acked, 3);
}
END_TEST

START_TEST(payload_consumes_credit_and_credit_lets_it_go_on)
{
    spooled_put(1, 4);
    begin(1, 2 * SPOOLED_PAYLOAD + 50);
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 3); /* OPEN and two batches */
    give((struct frame){.kind = FRAME_CREDIT, .credit = {50}});
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 4);
    give((struct frame){.kind = FRAME_CREDIT, .credit = {SPOOLED_PAYLOAD}});
    (void)session_tick(session, now_ms);
    assert_sent(4, FRAME_BATCH, 5);
    assert_sent(5, FRAME_CLOSE, 6);
}
END_TEST

START_TEST(a_hub_that_gives_no_credit_is_left)
{
    spooled_put(1, 2);
    begin(1, 10);
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 1);
    give((struct frame){.kind = FRAME_ACK, .ack = {2}});
    for (int i = 0; i < 16 && session_state(session) == SESSION_SENDING; i++) {
        give((struct frame){.kind = FRAME_PING});
        (void)session_tick(session, now_ms);
        now_ms += 1000;
    }
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
}
END_TEST

START_TEST(waiting_for_an_acknowledgement_is_no_reason_to_leave)
{
    spooled_put(1, 2);
    begin(1, 10);
    for (int i = 0; i < 60; i++) {
        give((struct frame){.kind = FRAME_PING});
        (void)session_tick(session, now_ms);
        now_ms += 1000;
    }
    ck_assert_int_eq(session_state(session), SESSION_SENDING);
}
END_TEST

START_TEST(an_acknowledgement_beyond_what_was_sent_skips_the_rest)
{
    spooled_put(1, 4); /* 1..6 */
    spooled_put(2, 1); /* 7..9 */
    begin(1, SPOOLED_PAYLOAD);
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 2);
    give(receipt_frame(1, 6, FRAME_DUPLICATE));
    give((struct frame){.kind = FRAME_ACK, .ack = {7}});
    give((struct frame){.kind = FRAME_CREDIT, .credit = {CREDIT}});
    (void)session_tick(session, now_ms);
    assert_sent(2, FRAME_OPEN, 7);
    assert_sent(4, FRAME_CLOSE, 9);
    ck_assert_uint_eq(queue_position(queue).acked, 7);
}
END_TEST

START_TEST(an_acknowledgement_of_what_never_was_ends_the_connection)
{
    spooled_put(1, 1);
    begin(1, CREDIT);
    give((struct frame){.kind = FRAME_ACK, .ack = {99}});
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
    ck_assert_uint_eq(queue_position(queue).acked, 1);
}
END_TEST

START_TEST(a_receipt_is_on_disk_and_handed_on)
{
    uint8_t uuid[FRAME_UUID_BYTES];

    spooled_put(1, 1);
    begin(1, CREDIT);
    (void)session_tick(session, now_ms);
    give((struct frame){.kind = FRAME_ACK, .ack = {4}});
    give(receipt_frame(1, 3, FRAME_COMMITTED));
    ck_assert_int_eq(receipts.count, 1);
    ck_assert_str_eq(receipts.file, "/agency/file.csv");
    spooled_uuid(1, uuid);
    AUTO(free) char *json = spool_receipt(spooled_spool, uuid);
    ck_assert_ptr_nonnull(json);
    ck_assert_str_eq(json, receipts.json);
    ck_assert_ptr_nonnull(strstr(json, "\"status\":\"committed\",\"committed\":true"));
    ck_assert_ptr_nonnull(strstr(json, "\"period\":\"2025-10\""));
    ck_assert_ptr_nonnull(strstr(json, "\"revision\":2,\"submission\":12,\"stored\":9,"));
    ck_assert_ptr_nonnull(strstr(json, "\"time\":\"2025-11-01T00:00:00+08:00\""));
    ck_assert_uint_eq(queue_position(queue).receipts_from, 0);
}
END_TEST

START_TEST(a_receipt_for_a_stranger_is_passed_over)
{
    spooled_put(1, 1);
    begin(1, CREDIT);
    give(receipt_frame(9, 3, FRAME_COMMITTED));
    ck_assert_int_eq(receipts.count, 0);
    ck_assert_int_eq(session_state(session), SESSION_SENDING);
}
END_TEST

START_TEST(a_lost_receipt_is_asked_for_in_the_next_session)
{
    spooled_put(1, 1);
    begin(1, CREDIT);
    (void)session_tick(session, now_ms);
    give((struct frame){.kind = FRAME_ACK, .ack = {4}});
    now_ms += SESSION_SILENCE_MS;
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
    now_ms += SESSION_BACKOFF_MIN_MS;
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_HELLO_SENT);
    ck_assert_uint_eq(hub.hello.receipts_from, 3);
    ck_assert_int_eq(hub.opened, 2);
}
END_TEST

START_TEST(what_was_sent_and_not_acknowledged_is_sent_again)
{
    spooled_put(1, 2);
    begin(1, CREDIT);
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 4);
    session_broken(session, &(struct err){.code = ERR_SYSTEM, .text = "cut"}, now_ms);
    now_ms += SESSION_BACKOFF_MIN_MS;
    (void)session_tick(session, now_ms);
    give(subscribe_frame(2, CREDIT));
    hub.count = 0;
    (void)session_tick(session, now_ms);
    assert_sent(0, FRAME_BATCH, 2);
    ck_assert_uint_eq(hub.count, 3);
}
END_TEST

START_TEST(resend_goes_back)
{
    spooled_put(1, 2);
    begin(1, CREDIT);
    (void)session_tick(session, now_ms);
    give((struct frame){.kind = FRAME_RESEND, .resend = {2}});
    (void)session_tick(session, now_ms);
    assert_sent(4, FRAME_BATCH, 2);
    assert_sent(6, FRAME_CLOSE, 4);
    give((struct frame){.kind = FRAME_RESEND, .resend = {77}});
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
}
END_TEST

START_TEST(a_retryable_refusal_pauses_and_goes_on_from_there)
{
    spooled_put(1, 2);
    begin(1, CREDIT);
    (void)session_tick(session, now_ms);
    give((struct frame){.kind = FRAME_NACK,
                        .nack = {2, ERR_STORE, "the database is away", "", true}});
    give((struct frame){.kind = FRAME_NACK,
                        .nack = {3, ERR_STORE, "the database is away", "", true}});
    ck_assert_int_eq(session_state(session), SESSION_PAUSED);
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 4);
    now_ms += SESSION_BACKOFF_MIN_MS;
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_SENDING);
    assert_sent(4, FRAME_BATCH, 2);
    ck_assert_int_eq(hub.opened, 1);
}
END_TEST

START_TEST(a_final_refusal_stops)
{
    spooled_put(1, 2);
    begin(1, CREDIT);
    give((struct frame){.kind = FRAME_NACK,
                        .nack = {1, ERR_DENIED, "not your county", "ask ops", false}});
    ck_assert_int_eq(session_state(session), SESSION_STOPPED);
    ck_assert_int_eq(session_failure(session)->code, ERR_DENIED);
    ck_assert_str_eq(session_failure(session)->text, "the hub refuses entry 1: not your county");
    ck_assert_str_eq(session_failure(session)->hint, "ask ops");
    ck_assert_int_eq(hub.closed, 1);
    (void)session_tick(session, now_ms + 100000);
    ck_assert_int_eq(hub.opened, 1);
}
END_TEST

START_TEST(a_rejection_is_tried_again_after_the_time_it_names)
{
    start();
    (void)session_tick(session, now_ms);
    give((struct frame){.kind = FRAME_REJECT,
                        .reject = {ERR_CONFLICT, "another session lives", "", true, 15}});
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
    (void)session_tick(session, now_ms + 14999);
    ck_assert_int_eq(hub.opened, 1);
    (void)session_tick(session, now_ms + 15000);
    ck_assert_int_eq(hub.opened, 2);
}
END_TEST

START_TEST(a_final_rejection_stops_with_the_hubs_hint)
{
    start();
    (void)session_tick(session, now_ms);
    give((struct frame){.kind = FRAME_REJECT,
                        .reject = {ERR_DENIED, "unknown key", "register the key", false, 0}});
    ck_assert_int_eq(session_state(session), SESSION_STOPPED);
    ck_assert_str_eq(session_failure(session)->text, "the hub rejects the session: unknown key");
    ck_assert_str_eq(session_failure(session)->hint, "register the key");
}
END_TEST

START_TEST(a_fenced_session_never_connects_again)
{
    start();
    (void)session_tick(session, now_ms);
    give(subscribe_frame(1, CREDIT));
    give((struct frame){.kind = FRAME_FENCED, .fenced = {8}});
    ck_assert_int_eq(session_state(session), SESSION_FENCED);
    ck_assert_int_eq(session_failure(session)->code, ERR_FENCED);
    ck_assert_str_eq(session_failure(session)->text,
                     "a newer session (generation 8) has taken over this channel");
    (void)session_tick(session, now_ms + 1000000);
    ck_assert_int_eq(hub.opened, 1);
}
END_TEST

START_TEST(a_draining_hub_is_left_in_peace_until_it_is_back)
{
    spooled_put(1, 2);
    begin(1, CREDIT);
    give((struct frame){.kind = FRAME_DRAIN, .drain = {"restart"}});
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 0);
    give((struct frame){.kind = FRAME_ACK, .ack = {1}});
    now_ms += SESSION_BACKOFF_MIN_MS;
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_HELLO_SENT);
}
END_TEST

START_TEST(a_ping_is_answered_and_pings_go_out)
{
    begin(1, CREDIT);
    give((struct frame){.kind = FRAME_PING, .ping = {5, 0}});
    ck_assert_uint_eq(hub.count, 1);
    assert_sent(0, FRAME_PONG, 0);
    now_ms += 4999;
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 1);
    now_ms += 1;
    (void)session_tick(session, now_ms);
    assert_sent(1, FRAME_PING, 0);
}
END_TEST

START_TEST(silence_ends_the_connection_also_before_the_first_answer)
{
    start();
    (void)session_tick(session, now_ms);
    now_ms += SESSION_SILENCE_MS - 1;
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_HELLO_SENT);
    now_ms += 1;
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
}
END_TEST

START_TEST(the_pause_before_connecting_doubles_up_to_its_limit_and_progress_resets_it)
{
    int64_t pause = 0, expected = SESSION_BACKOFF_MIN_MS;

    hub.refuse_open = 12;
    start();
    for (int i = 0; i < 12; i++) {
        (void)session_tick(session, now_ms);
        ck_assert_int_eq(hub.opened, 0);
        for (pause = 0; hub.refuse_open == 12 - i - 1 && hub.opened == 0; pause += 10)
            (void)session_tick(session, now_ms + pause);
        now_ms += pause - 10;
        ck_assert_int_le(pause - 10, expected + 10);
        ck_assert_int_ge(pause, expected - expected / 5);
        expected = expected * 2 > SESSION_BACKOFF_MAX_MS ? SESSION_BACKOFF_MAX_MS : expected * 2;
        if (hub.opened > 0)
            break;
    }
    ck_assert_int_eq(expected, SESSION_BACKOFF_MAX_MS);
    give(subscribe_frame(1, CREDIT));
    give((struct frame){.kind = FRAME_PONG});
    session_broken(session, &(struct err){.code = ERR_SYSTEM, .text = "cut"}, now_ms);
    (void)session_tick(session, now_ms + SESSION_BACKOFF_MIN_MS);
    ck_assert_int_eq(hub.opened, 2);
}
END_TEST

/* Frames that a hub must not send in a state, and answers that do not fit. */
START_TEST(an_unexpected_frame_ends_the_connection)
{
    begin(1, CREDIT);
    give((struct frame){.kind = FRAME_HELLO, .hello = {.channel = "x", .program = "y"}});
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
    (void)session_tick(session, now_ms + SESSION_BACKOFF_MIN_MS);
    ck_assert_int_eq(session_state(session), SESSION_HELLO_SENT);
    give((struct frame){.kind = FRAME_ACK, .ack = {1}});
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
    give((struct frame){.kind = FRAME_ACK, .ack = {1}}); /* late: nobody listens */
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
}
END_TEST

START_TEST(a_subscription_that_does_not_fit_ends_the_connection)
{
    struct frame frame;

    spooled_put(1, 1);
    start();
    (void)session_tick(session, now_ms);
    frame = subscribe_frame(5, CREDIT); /* the spool ends at 4 */
    give(frame);
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
    now_ms += SESSION_BACKOFF_MIN_MS;
    (void)session_tick(session, now_ms);
    frame = subscribe_frame(1, CREDIT);
    frame.subscribe.epoch[0] ^= 1;
    give(frame);
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
    now_ms += 2 * SESSION_BACKOFF_MIN_MS;
    (void)session_tick(session, now_ms);
    frame = subscribe_frame(1, CREDIT);
    frame.subscribe.channel = "water-360781";
    give(frame);
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
}
END_TEST

START_TEST(a_batch_over_the_hubs_limit_stops)
{
    struct frame frame;

    spooled_put(1, 1);
    start();
    (void)session_tick(session, now_ms);
    frame = subscribe_frame(1, CREDIT);
    frame.subscribe.batch_bytes = SPOOLED_PAYLOAD - 1;
    give(frame);
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_STOPPED);
    ck_assert_str_eq(session_failure(session)->text, "the hub takes batches of 99 bytes at most");
    ck_assert_str_eq(session_failure(session)->hint, "raise the hub's batch_bytes");
}
END_TEST

START_TEST(a_full_link_is_tried_again_and_nothing_is_skipped)
{
    spooled_put(1, 3);
    begin(1, CREDIT);
    hub.room = 2;
    ck_assert_int_eq(session_tick(session, now_ms), 10);
    ck_assert_uint_eq(hub.count, 2);
    hub.room = -1;
    (void)session_tick(session, now_ms);
    assert_sent(2, FRAME_BATCH, 3);
    assert_sent(4, FRAME_CLOSE, 5);
}
END_TEST

START_TEST(a_broken_link_connects_again)
{
    spooled_put(1, 1);
    begin(1, CREDIT);
    hub.broken = true;
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
}
END_TEST

START_TEST(a_damaged_submission_waits_for_those_before_and_is_left_out)
{
    uint8_t epoch[FRAME_EPOCH_BYTES];
    char path[512];

    spooled_put(1, 1); /* 1..3 */
    spooled_put(2, 1); /* 4..6 */
    spooled_put(3, 1); /* 7..9 */
    begin(1, CREDIT);
    memcpy(epoch, queue_position(queue).epoch, sizeof(epoch));
    spooled_queue_path(4, 6, 2, path);
    spooled_flip(path, SUBFILE_HEADER_BYTES + 60);
    (void)session_tick(session, now_ms);
    ck_assert_uint_eq(hub.count, 3);
    give((struct frame){.kind = FRAME_ACK, .ack = {4}});
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_SENDING); /* the receipt of 1 is missing */
    give(receipt_frame(1, 3, FRAME_COMMITTED));
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_CONNECTING);
    ck_assert_int_eq(receipts.count, 2);
    ck_assert_ptr_nonnull(strstr(receipts.json, "damaged: send the file again"));
    (void)session_tick(session, now_ms);
    ck_assert_mem_ne(hub.hello.epoch, epoch, sizeof(epoch));
    ck_assert_uint_eq(hub.hello.first_seq, 7);
    ck_assert_uint_eq(hub.hello.next_seq, 10);
    give(subscribe_frame(7, CREDIT));
    hub.count = 0;
    (void)session_tick(session, now_ms);
    assert_sent(0, FRAME_OPEN, 7);
}
END_TEST

START_TEST(leaving_says_goodbye)
{
    begin(1, CREDIT);
    session_free(session);
    session = NULL;
    assert_sent(0, FRAME_DRAIN, 0);
    ck_assert_int_eq(hub.closed, 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("session");
    TCase *tcase = tcase_create("session");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, hello_says_what_the_spool_holds);
    tcase_add_test(tcase, entries_go_out_in_order_and_are_not_waited_for_one_by_one);
    tcase_add_test(tcase, sending_begins_where_the_hub_says);
    tcase_add_test(tcase, payload_consumes_credit_and_credit_lets_it_go_on);
    tcase_add_test(tcase, a_hub_that_gives_no_credit_is_left);
    tcase_add_test(tcase, waiting_for_an_acknowledgement_is_no_reason_to_leave);
    tcase_add_test(tcase, an_acknowledgement_beyond_what_was_sent_skips_the_rest);
    tcase_add_test(tcase, an_acknowledgement_of_what_never_was_ends_the_connection);
    tcase_add_test(tcase, a_receipt_is_on_disk_and_handed_on);
    tcase_add_test(tcase, a_receipt_for_a_stranger_is_passed_over);
    tcase_add_test(tcase, a_lost_receipt_is_asked_for_in_the_next_session);
    tcase_add_test(tcase, what_was_sent_and_not_acknowledged_is_sent_again);
    tcase_add_test(tcase, resend_goes_back);
    tcase_add_test(tcase, a_retryable_refusal_pauses_and_goes_on_from_there);
    tcase_add_test(tcase, a_final_refusal_stops);
    tcase_add_test(tcase, a_rejection_is_tried_again_after_the_time_it_names);
    tcase_add_test(tcase, a_final_rejection_stops_with_the_hubs_hint);
    tcase_add_test(tcase, a_fenced_session_never_connects_again);
    tcase_add_test(tcase, a_draining_hub_is_left_in_peace_until_it_is_back);
    tcase_add_test(tcase, a_ping_is_answered_and_pings_go_out);
    tcase_add_test(tcase, silence_ends_the_connection_also_before_the_first_answer);
    tcase_add_test(tcase,
                   the_pause_before_connecting_doubles_up_to_its_limit_and_progress_resets_it);
    tcase_add_test(tcase, an_unexpected_frame_ends_the_connection);
    tcase_add_test(tcase, a_subscription_that_does_not_fit_ends_the_connection);
    tcase_add_test(tcase, a_batch_over_the_hubs_limit_stops);
    tcase_add_test(tcase, a_full_link_is_tried_again_and_nothing_is_skipped);
    tcase_add_test(tcase, a_broken_link_connects_again);
    tcase_add_test(tcase, a_damaged_submission_waits_for_those_before_and_is_left_out);
    tcase_add_test(tcase, leaving_says_goodbye);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
