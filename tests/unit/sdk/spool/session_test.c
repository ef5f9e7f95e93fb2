#include "sdk/spool/session.h"

#include "sdk/sessioned.h"

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
    tcase_add_test(tcase, silence_ends_the_connection_also_before_the_first_answer);
    tcase_add_test(tcase,
                   the_pause_before_connecting_doubles_up_to_its_limit_and_progress_resets_it);
    tcase_add_test(tcase, a_full_link_is_tried_again_and_nothing_is_skipped);
    tcase_add_test(tcase, a_broken_link_connects_again);
    tcase_add_test(tcase, a_damaged_submission_waits_for_those_before_and_is_left_out);
    tcase_add_test(tcase, leaving_says_goodbye);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
