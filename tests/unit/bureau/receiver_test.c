#include "bureau/receiver.h"

#include "base/err.h"
#include "base/log.h"
#include "bureau/noted.h"

#define PING_MS 5000
#define DEAD_MS 15000

/* What the receiver said since the last look, and whether it is connected. */
static struct {
    int opened;
    bool connected, refuse;
    size_t count;
    struct frame sent[64];
    char channel[LEDGER_CHANNEL_MAX];
} hub;

static struct ledger *ledger;
static struct receiver *receiver;
static int64_t now_ms;

static int
hub_open(void *context, struct err *err)
{
    (void)context;
    if (hub.refuse)
        return err_set(err, ERR_CONFIG, "no such place");
    hub.connected = true;
    hub.opened++;
    return 0;
}

static void
hub_close(void *context)
{
    (void)context;
    hub.connected = false;
}

static void
hub_hear(void *context, const struct frame *frame)
{
    (void)context;
    ck_assert_uint_lt(hub.count, UNIT_COUNT(hub.sent));
    hub.sent[hub.count++] = *frame;
}

static void
start(void)
{
    static const struct receiver_options options = {
        .channel = NOTED_CHANNEL,
        .county = NOTED_COUNTY,
        .ping_ms = PING_MS,
        .dead_ms = DEAD_MS,
        .retry_max_ms = 30000,
        .link = {hub_open, hub_close, hub_hear, NULL},
    };

    ledger = noted_open();
    receiver = receiver_new(&options, ledger);
}

static void
stop(void)
{
    receiver_free(STEAL(receiver));
    ledger_close(STEAL(ledger));
}

static void
setup(void)
{
    noted_setup();
    memset(&hub, 0, sizeof(hub));
    now_ms = 1000;
    log_init("receiver-test", (enum log_level)0) /* nothing */;
    start();
}

static void
teardown(void)
{
    stop();
    noted_teardown();
}

/* The oldest thing said that was not yet looked at must be this kind. */
static struct frame
expect(enum frame_kind kind)
{
    struct frame frame;

    ck_assert_uint_gt(hub.count, 0);
    frame = hub.sent[0];
    memmove(hub.sent, hub.sent + 1, --hub.count * sizeof(hub.sent[0]));
    ck_assert_str_eq(frame_name(frame.kind), frame_name(kind));
    return frame;
}

static void
say(const struct frame *frame)
{
    receiver_take_message(receiver, frame, NULL, 0, now_ms);
}

static void
say_hello(uint64_t newest)
{
    struct frame hello = {.kind = FRAME_HELLO,
                          .hello = {.protocol = 1,
                                    .channel = NOTED_CHANNEL,
                                    .first_seq = 1,
                                    .next_seq = newest + 1,
                                    .program = "test"}};

    memcpy(hello.hello.epoch, noted_epoch, sizeof(noted_epoch));
    say(&hello);
}

/* Send an event; `spoil` is added to the body's last byte. */
static void
say_event(uint64_t number, uint64_t content, uint8_t spoil)
{
    struct frame frame = {.kind = FRAME_EVENT, .event = {.seq = number}};
    AUTO_BUF struct buf body = {0};

    noted_body(content, &body, frame.event.digest);
    body.bytes[body.len - 1] = (uint8_t)(body.bytes[body.len - 1] + spoil);
    receiver_take_message(receiver, &frame, body.bytes, body.len, now_ms);
}

/* Ask and be accepted. */
static void
subscribe(uint64_t newest)
{
    (void)receiver_tick(receiver, now_ms);
    (void)expect(FRAME_SUBSCRIBE);
    say_hello(newest);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_TAKING);
}

/* Let time pass as it does for a program that runs. */
static void
run_for(int64_t ms)
{
    for (int64_t end = now_ms + ms; now_ms < end;) {
        now_ms += 1000;
        (void)receiver_tick(receiver, now_ms);
    }
}

/* Let the time of the pause pass. */
static void
wait_out(void)
{
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_WAITING);
    ck_assert(!hub.connected);
    now_ms += 60000;
    (void)receiver_tick(receiver, now_ms);
}

START_TEST(an_empty_ledger_asks_from_one_without_an_epoch)
{
    static const uint8_t none[FRAME_EPOCH_BYTES];
    struct frame ask;

    (void)receiver_tick(receiver, now_ms);
    ask = expect(FRAME_SUBSCRIBE);
    ck_assert_str_eq(ask.subscribe.channel, NOTED_CHANNEL);
    ck_assert_uint_eq(ask.subscribe.next_seq, 1);
    ck_assert_uint_eq(ask.subscribe.credit, RECEIVER_CREDIT);
    ck_assert_mem_eq(ask.subscribe.epoch, none, sizeof(none));
}
END_TEST

START_TEST(events_are_acknowledged_together_and_their_credit_given_back)
{
    struct frame credit;
    AUTO_BUF struct buf body = {0};
    uint8_t digest[DIGEST_BYTES];

    subscribe(2);
    say_event(1, 1, 0);
    say_event(2, 2, 0);
    ck_assert_uint_eq(hub.count, 0);
    receiver_settle(receiver);
    ck_assert_uint_eq(expect(FRAME_ACK).ack.next_seq, 3);
    credit = expect(FRAME_CREDIT);
    noted_body(1, &body, digest);
    noted_body(2, &body, digest);
    ck_assert_uint_eq(credit.credit.bytes, body.len);
    receiver_settle(receiver);
    ck_assert_uint_eq(hub.count, 0);
}
END_TEST

START_TEST(a_restart_asks_for_the_newest_event_again_and_acknowledges_it)
{
    struct frame ask;

    subscribe(2);
    say_event(1, 1, 0);
    say_event(2, 2, 0);
    receiver_settle(receiver);
    stop();
    start();
    hub.count = 0;
    (void)receiver_tick(receiver, now_ms);
    ask = expect(FRAME_SUBSCRIBE);
    ck_assert_uint_eq(ask.subscribe.next_seq, 2);
    ck_assert_mem_eq(ask.subscribe.epoch, noted_epoch, sizeof(noted_epoch));
    say_hello(3);
    say_event(2, 2, 0);
    say_event(3, 3, 0);
    receiver_settle(receiver);
    ck_assert_uint_eq(expect(FRAME_ACK).ack.next_seq, 4);
    ck_assert_uint_eq(ledger_state(ledger)->next_seq, 4);
}
END_TEST

START_TEST(a_repeat_is_acknowledged_and_not_written)
{
    subscribe(2);
    say_event(1, 1, 0);
    say_event(2, 2, 0);
    say_event(1, 1, 0);
    receiver_settle(receiver);
    ck_assert_uint_eq(expect(FRAME_ACK).ack.next_seq, 3);
    ck_assert_uint_eq(ledger_state(ledger)->next_seq, 3);
    ck_assert_uint_eq(ledger_state(ledger)->cases, 2);
}
END_TEST

START_TEST(another_newest_event_than_ours_stops)
{
    subscribe(2);
    say_event(1, 1, 0);
    say_event(1, 2, 0);
    (void)expect(FRAME_ACK);
    (void)expect(FRAME_CREDIT);
    ck_assert_int_eq((int)expect(FRAME_NACK).nack.code, ERR_CONFLICT);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_STOPPED);
    ck_assert_str_eq(receiver_failure(receiver)->text, "the hub's event 1 differs from ours");
    ck_assert(!hub.connected);
}
END_TEST

START_TEST(a_hub_that_has_less_than_we_stops)
{
    subscribe(2);
    say_event(1, 1, 0);
    say_event(2, 2, 0);
    receiver_settle(receiver);
    stop();
    start();
    hub.count = 0;
    (void)receiver_tick(receiver, now_ms);
    (void)expect(FRAME_SUBSCRIBE);
    say_hello(1);
    ck_assert_int_eq((int)expect(FRAME_NACK).nack.code, ERR_CONFLICT);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_STOPPED);
    ck_assert_str_eq(receiver_failure(receiver)->text, "the hub's newest event is 1, ours 2");
    ck_assert_uint_eq(ledger_state(ledger)->next_seq, 3);
}
END_TEST

START_TEST(a_gap_connects_again_and_keeps_what_came_before)
{
    subscribe(9);
    say_event(1, 1, 0);
    say_event(3, 3, 0);
    ck_assert_uint_eq(expect(FRAME_ACK).ack.next_seq, 2);
    (void)expect(FRAME_CREDIT);
    wait_out();
    ck_assert_uint_eq(expect(FRAME_SUBSCRIBE).subscribe.next_seq, 1);
}
END_TEST

static const struct {
    uint64_t content;
    uint8_t spoil;
    const char *what;
} refused[] = {
    {1, 1, "digest"},
};

START_TEST(an_event_without_its_digest_is_refused_and_asked_for_again)
{
    subscribe(9);
    say_event(1, refused[_i].content, refused[_i].spoil);
    (void)expect(FRAME_CREDIT);
    ck_assert_uint_eq(expect(FRAME_NACK).nack.seq, 1);
    wait_out();
    (void)expect(FRAME_SUBSCRIBE);
    ck_assert_uint_eq(ledger_state(ledger)->next_seq, 1);
}
END_TEST

START_TEST(an_event_with_a_false_id_is_refused)
{
    struct event event = noted_event(1);
    struct frame frame = {.kind = FRAME_EVENT, .event = {.seq = 1}};
    AUTO_BUF struct buf body = {0};

    event.id[0] = event.id[0] == 'a' ? 'b' : 'a';
    event_encode(&event, &body);
    digest_bytes(body.bytes, body.len, frame.event.digest);
    subscribe(9);
    receiver_take_message(receiver, &frame, body.bytes, body.len, now_ms);
    (void)expect(FRAME_CREDIT);
    ck_assert_str_eq(expect(FRAME_NACK).nack.text == NULL ? "" : "refused", "refused");
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_WAITING);
}
END_TEST

START_TEST(a_ping_is_answered_and_a_quiet_hub_is_asked)
{
    static const struct frame ping = {.kind = FRAME_PING};

    subscribe(0);
    say(&ping);
    ck_assert_uint_eq(expect(FRAME_PONG).pong.progress, 1);
    run_for(PING_MS + 1000);
    (void)expect(FRAME_PING);
    ck_assert_uint_eq(hub.count, 0);
}
END_TEST

START_TEST(a_dead_hub_is_left)
{
    subscribe(0);
    run_for(DEAD_MS - 1000);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_TAKING);
    run_for(1000);
    hub.count = 0;
    wait_out();
    (void)expect(FRAME_SUBSCRIBE);
    ck_assert_int_eq(hub.opened, 2);
}
END_TEST

START_TEST(a_program_that_hung_reads_what_waits_before_it_leaves_the_hub)
{
    static const struct frame fenced = {.kind = FRAME_FENCED, .fenced = {.generation = 2}};

    subscribe(0);
    now_ms += 10 * DEAD_MS;
    (void)receiver_tick(receiver, now_ms);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_TAKING);
    say(&fenced);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_FENCED);
}
END_TEST

START_TEST(pauses_grow_up_to_their_limit)
{
    int64_t before = 0;

    hub.refuse = true;
    for (int i = 0; i < 12; i++) {
        int pause = receiver_tick(receiver, now_ms);

        ck_assert_int_le(pause, 36000);
        if (i < 6)
            ck_assert_int_gt(pause, before);
        before = pause;
        now_ms += pause;
    }
    ck_assert_int_ge(before, 30000);
}
END_TEST

START_TEST(a_rejection_says_whether_to_come_again)
{
    struct frame reject = {.kind = FRAME_REJECT,
                           .reject = {.code = ERR_STORE,
                                      .text = "the database is away",
                                      .hint = "",
                                      .retryable = true,
                                      .retry_seconds = 40}};

    (void)receiver_tick(receiver, now_ms);
    (void)expect(FRAME_SUBSCRIBE);
    say(&reject);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_WAITING);
    ck_assert_int_ge(receiver_tick(receiver, now_ms), 40000);
    wait_out();
    (void)expect(FRAME_SUBSCRIBE);

    reject.reject.code = ERR_DENIED;
    reject.reject.retryable = false;
    say(&reject);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_STOPPED);
    ck_assert_str_eq(receiver_failure(receiver)->text, "the hub: the database is away");
}
END_TEST

START_TEST(a_code_that_nobody_knows_counts_as_a_broken_protocol)
{
    static const uint32_t codes[] = {0, 999, UINT32_MAX};
    const struct frame reject = {.kind = FRAME_REJECT,
                                 .reject = {.code = codes[_i], .text = "no", .hint = ""}};

    (void)receiver_tick(receiver, now_ms);
    say(&reject);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_STOPPED);
    ck_assert_int_eq(receiver_failure(receiver)->code, ERR_PROTOCOL);
}
END_TEST

START_TEST(a_fenced_receiver_keeps_what_came_and_never_asks_again)
{
    static const struct frame fenced = {.kind = FRAME_FENCED, .fenced = {.generation = 2}};

    subscribe(9);
    say_event(1, 1, 0);
    say(&fenced);
    ck_assert_uint_eq(expect(FRAME_ACK).ack.next_seq, 2);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_FENCED);
    now_ms += 100000;
    (void)receiver_tick(receiver, now_ms);
    ck_assert_int_eq(hub.opened, 1);
}
END_TEST

START_TEST(a_draining_hub_is_left_and_asked_again)
{
    static const struct frame drain = {.kind = FRAME_DRAIN, .drain = {.text = "stops"}};

    subscribe(9);
    say_event(1, 1, 0);
    say(&drain);
    ck_assert_uint_eq(expect(FRAME_ACK).ack.next_seq, 2);
    wait_out();
}
END_TEST

static const enum frame_kind misplaced[] = {
    FRAME_HELLO, FRAME_SUBSCRIBE, FRAME_OPEN, FRAME_BATCH,  FRAME_CLOSE,
    FRAME_ACK,   FRAME_RECEIPT,   FRAME_NACK, FRAME_CREDIT, FRAME_RESEND,
};

START_TEST(a_message_without_a_place_ends_the_connection)
{
    const struct frame frame = {.kind = misplaced[_i]};

    subscribe(0);
    say(&frame);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_WAITING);
    ck_assert(!hub.connected);
}
END_TEST

START_TEST(nothing_is_taken_before_hello)
{
    (void)receiver_tick(receiver, now_ms);
    say_event(1, 1, 0);
    ck_assert_int_eq(receiver_state(receiver), RECEIVER_WAITING);
    ck_assert_uint_eq(ledger_state(ledger)->next_seq, 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("receiver");
    TCase *tcase = tcase_create("receiver");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, an_empty_ledger_asks_from_one_without_an_epoch);
    tcase_add_test(tcase, events_are_acknowledged_together_and_their_credit_given_back);
    tcase_add_test(tcase, a_restart_asks_for_the_newest_event_again_and_acknowledges_it);
    tcase_add_test(tcase, a_repeat_is_acknowledged_and_not_written);
    tcase_add_test(tcase, another_newest_event_than_ours_stops);
    tcase_add_test(tcase, a_hub_that_has_less_than_we_stops);
    tcase_add_test(tcase, a_gap_connects_again_and_keeps_what_came_before);
    tcase_add_loop_test(tcase, an_event_without_its_digest_is_refused_and_asked_for_again, 0,
                        UNIT_COUNT(refused));
    tcase_add_test(tcase, an_event_with_a_false_id_is_refused);
    tcase_add_test(tcase, a_ping_is_answered_and_a_quiet_hub_is_asked);
    tcase_add_test(tcase, a_dead_hub_is_left);
    tcase_add_test(tcase, a_program_that_hung_reads_what_waits_before_it_leaves_the_hub);
    tcase_add_test(tcase, pauses_grow_up_to_their_limit);
    tcase_add_test(tcase, a_rejection_says_whether_to_come_again);
    tcase_add_loop_test(tcase, a_code_that_nobody_knows_counts_as_a_broken_protocol, 0, 3);
    tcase_add_test(tcase, a_fenced_receiver_keeps_what_came_and_never_asks_again);
    tcase_add_test(tcase, a_draining_hub_is_left_and_asked_again);
    tcase_add_loop_test(tcase, a_message_without_a_place_ends_the_connection, 0,
                        UNIT_COUNT(misplaced));
    tcase_add_test(tcase, nothing_is_taken_before_hello);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
