#include "intake/session.h"

#include "unit.h"

#define WINDOW 1000

static struct session session;

static void
setup(void)
{
    session = (struct session){0};
    session_begin(&session, 5, 1, WINDOW);
}

START_TEST(entries_in_order_are_taken)
{
    ck_assert_int_eq(session_take(&session, 5, 100), SESSION_TAKE);
    ck_assert_int_eq(session_take(&session, 6, 0), SESSION_TAKE);
    ck_assert_uint_eq(session.next_seq, 7);
    ck_assert_uint_eq(session.credit, WINDOW - 100);
    ck_assert_uint_eq(session.waiting, 2);
}
END_TEST

START_TEST(an_entry_seen_before_is_a_repeat_and_its_credit_is_owed)
{
    ck_assert_int_eq(session_take(&session, 4, 100), SESSION_REPEAT);
    ck_assert_uint_eq(session.waiting, 0);
    ck_assert_uint_eq(session_grant(&session), 100);
    ck_assert_uint_eq(session.credit, WINDOW);
}
END_TEST

START_TEST(a_gap_is_asked_for_once_until_the_missing_entry_comes)
{
    ck_assert_int_eq(session_take(&session, 6, 0), SESSION_GAP);
    ck_assert_int_eq(session_take(&session, 7, 0), SESSION_WAIT);
    ck_assert_int_eq(session_take(&session, 5, 0), SESSION_TAKE);
    ck_assert_int_eq(session_take(&session, 7, 0), SESSION_GAP);
}
END_TEST

START_TEST(more_than_the_credit_left_is_overdrawn_wherever_it_stands)
{
    ck_assert_int_eq(session_take(&session, 5, WINDOW), SESSION_TAKE);
    ck_assert_int_eq(session_take(&session, 6, 1), SESSION_OVERDRAWN);
    ck_assert_int_eq(session_take(&session, 1, 1), SESSION_OVERDRAWN);
    ck_assert_int_eq(session_take(&session, 6, 0), SESSION_TAKE);
}
END_TEST

START_TEST(credit_goes_back_in_parts_worth_a_message)
{
    ck_assert_int_eq(session_take(&session, 5, 100), SESSION_TAKE);
    ck_assert_int_eq(session_take(&session, 6, 100), SESSION_TAKE);
    ck_assert_int_eq(session_take(&session, 7, 1), SESSION_TAKE);
    ck_assert(!session_done(&session, 100));
    ck_assert_uint_eq(session_grant(&session), 0);
    ck_assert(!session_done(&session, 100));
    ck_assert_uint_eq(session_grant(&session), 200);
    ck_assert(!session_done(&session, 1));
    ck_assert_uint_eq(session_grant(&session), 1);
    ck_assert_uint_eq(session.credit, WINDOW);
}
END_TEST

START_TEST(too_many_waiting_entries_are_dropped_and_asked_for_when_half_are_done)
{
    for (uint64_t i = 0; i < SESSION_QUEUE_MAX; i++)
        ck_assert_int_eq(session_take(&session, 5 + i, 0), SESSION_TAKE);
    ck_assert_int_eq(session_take(&session, 5 + SESSION_QUEUE_MAX, 0), SESSION_WAIT);
    ck_assert_int_eq(session_take(&session, 6 + SESSION_QUEUE_MAX, 0), SESSION_WAIT);
    for (int i = 0; i < SESSION_QUEUE_MAX / 2 - 1; i++)
        ck_assert(!session_done(&session, 0));
    ck_assert(session_done(&session, 0));
    ck_assert(!session_done(&session, 0));
    ck_assert_int_eq(session_take(&session, 5 + SESSION_QUEUE_MAX, 0), SESSION_TAKE);
}
END_TEST

START_TEST(a_rewind_expects_the_entry_again_and_begins_a_round)
{
    ck_assert_int_eq(session_take(&session, 5, 0), SESSION_TAKE);
    ck_assert_int_eq(session_take(&session, 6, 0), SESSION_TAKE);
    session_rewind(&session, 5);
    ck_assert_uint_eq(session.round, 1);
    ck_assert_int_eq(session_take(&session, 7, 0), SESSION_WAIT);
    ck_assert_int_eq(session_take(&session, 5, 0), SESSION_TAKE);
}
END_TEST

START_TEST(silence_and_pings_go_by_what_was_heard_and_sent)
{
    session.heard_ms = 1000;
    ck_assert(!session_silent(&session, 15999, 15000));
    ck_assert(session_silent(&session, 16000, 15000));
    ck_assert(!session_ping_due(&session, 5999, 5000));
    ck_assert(session_ping_due(&session, 6000, 5000));
    session.pinged_ms = 6000;
    ck_assert(!session_ping_due(&session, 10999, 5000));
    ck_assert(session_ping_due(&session, 11000, 5000));
    session.state = SESSION_GREETING;
    ck_assert(!session_ping_due(&session, 11000, 5000));
}
END_TEST

static const struct {
    enum session_state state;
    enum frame_kind kind;
    enum session_action action;
} meanings[] = {
    {SESSION_NEW, FRAME_HELLO, SESSION_GREET},      {SESSION_NEW, FRAME_BATCH, SESSION_STRAY},
    {SESSION_NEW, FRAME_PING, SESSION_STRAY},       {SESSION_NEW, FRAME_DRAIN, SESSION_LEAVE},
    {SESSION_NEW, FRAME_ACK, SESSION_BREACH},       {SESSION_GREETING, FRAME_HELLO, SESSION_NOTE},
    {SESSION_GREETING, FRAME_OPEN, SESSION_NOTE},   {SESSION_GREETING, FRAME_PING, SESSION_ANSWER},
    {SESSION_ACTIVE, FRAME_HELLO, SESSION_GREET},   {SESSION_ACTIVE, FRAME_CLOSE, SESSION_ENTER},
    {SESSION_ACTIVE, FRAME_PONG, SESSION_NOTE},     {SESSION_ACTIVE, FRAME_EVENT, SESSION_BREACH},
    {SESSION_ACTIVE, FRAME_FENCED, SESSION_BREACH}, {SESSION_ENDED, FRAME_HELLO, SESSION_GREET},
    {SESSION_ENDED, FRAME_BATCH, SESSION_IGNORE},   {SESSION_ENDED, FRAME_ACK, SESSION_IGNORE},
};

START_TEST(a_message_means_what_its_state_says)
{
    ck_assert_int_eq(session_action(meanings[_i].state, meanings[_i].kind), meanings[_i].action);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("session");
    TCase *tcase = tcase_create("session");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, entries_in_order_are_taken);
    tcase_add_test(tcase, an_entry_seen_before_is_a_repeat_and_its_credit_is_owed);
    tcase_add_test(tcase, a_gap_is_asked_for_once_until_the_missing_entry_comes);
    tcase_add_test(tcase, more_than_the_credit_left_is_overdrawn_wherever_it_stands);
    tcase_add_test(tcase, credit_goes_back_in_parts_worth_a_message);
    tcase_add_test(tcase, too_many_waiting_entries_are_dropped_and_asked_for_when_half_are_done);
    tcase_add_test(tcase, a_rewind_expects_the_entry_again_and_begins_a_round);
    tcase_add_test(tcase, silence_and_pings_go_by_what_was_heard_and_sent);
    tcase_add_loop_test(tcase, a_message_means_what_its_state_says, 0, UNIT_COUNT(meanings));
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
