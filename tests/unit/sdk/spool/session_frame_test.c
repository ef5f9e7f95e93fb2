#include "sdk/spool/session.h"

#include "sdk/sessioned.h"

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

int
main(void)
{
    Suite *suite = suite_create("session_frame");
    TCase *tcase = tcase_create("session_frame");

    tcase_add_checked_fixture(tcase, setup, teardown);
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
    tcase_add_test(tcase, an_unexpected_frame_ends_the_connection);
    tcase_add_test(tcase, a_subscription_that_does_not_fit_ends_the_connection);
    tcase_add_test(tcase, a_batch_over_the_hubs_limit_stops);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
