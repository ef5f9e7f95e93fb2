#include "intake/feeder.h"

#include "unit.h"

#define WINDOW 1000

static struct feeder feeder;

static void
setup(void)
{
    feeder = (struct feeder){0};
    feeder_begin(&feeder, 5, 1, WINDOW);
}

START_TEST(entries_in_order_are_taken)
{
    ck_assert_int_eq(feeder_take(&feeder, 5, 100), FEEDER_TAKE);
    ck_assert_int_eq(feeder_take(&feeder, 6, 0), FEEDER_TAKE);
    ck_assert_uint_eq(feeder.next_seq, 7);
    ck_assert_uint_eq(feeder.credit, WINDOW - 100);
    ck_assert_uint_eq(feeder.waiting, 2);
}
END_TEST

START_TEST(an_entry_seen_before_is_a_repeat_and_its_credit_is_owed)
{
    ck_assert_int_eq(feeder_take(&feeder, 4, 100), FEEDER_REPEAT);
    ck_assert_uint_eq(feeder.waiting, 0);
    ck_assert_uint_eq(feeder_grant(&feeder), 100);
    ck_assert_uint_eq(feeder.credit, WINDOW);
}
END_TEST

START_TEST(a_gap_is_asked_for_once_until_the_missing_entry_comes)
{
    ck_assert_int_eq(feeder_take(&feeder, 6, 0), FEEDER_GAP);
    ck_assert_int_eq(feeder_take(&feeder, 7, 0), FEEDER_WAIT);
    ck_assert_int_eq(feeder_take(&feeder, 5, 0), FEEDER_TAKE);
    ck_assert_int_eq(feeder_take(&feeder, 7, 0), FEEDER_GAP);
}
END_TEST

START_TEST(more_than_the_credit_left_is_overdrawn_wherever_it_stands)
{
    ck_assert_int_eq(feeder_take(&feeder, 5, WINDOW), FEEDER_TAKE);
    ck_assert_int_eq(feeder_take(&feeder, 6, 1), FEEDER_OVERDRAWN);
    ck_assert_int_eq(feeder_take(&feeder, 1, 1), FEEDER_OVERDRAWN);
    ck_assert_int_eq(feeder_take(&feeder, 6, 0), FEEDER_TAKE);
}
END_TEST

START_TEST(credit_goes_back_in_parts_worth_a_message)
{
    ck_assert_int_eq(feeder_take(&feeder, 5, 100), FEEDER_TAKE);
    ck_assert_int_eq(feeder_take(&feeder, 6, 100), FEEDER_TAKE);
    ck_assert_int_eq(feeder_take(&feeder, 7, 1), FEEDER_TAKE);
    ck_assert(!feeder_done(&feeder, 100));
    ck_assert_uint_eq(feeder_grant(&feeder), 0);
    ck_assert(!feeder_done(&feeder, 100));
    ck_assert_uint_eq(feeder_grant(&feeder), 200);
    ck_assert(!feeder_done(&feeder, 1));
    ck_assert_uint_eq(feeder_grant(&feeder), 1);
    ck_assert_uint_eq(feeder.credit, WINDOW);
}
END_TEST

START_TEST(too_many_waiting_entries_are_dropped_and_asked_for_when_half_are_done)
{
    for (uint64_t i = 0; i < FEEDER_QUEUE_MAX; i++)
        ck_assert_int_eq(feeder_take(&feeder, 5 + i, 0), FEEDER_TAKE);
    ck_assert_int_eq(feeder_take(&feeder, 5 + FEEDER_QUEUE_MAX, 0), FEEDER_WAIT);
    ck_assert_int_eq(feeder_take(&feeder, 6 + FEEDER_QUEUE_MAX, 0), FEEDER_WAIT);
    for (int i = 0; i < FEEDER_QUEUE_MAX / 2 - 1; i++)
        ck_assert(!feeder_done(&feeder, 0));
    ck_assert(feeder_done(&feeder, 0));
    ck_assert(!feeder_done(&feeder, 0));
    ck_assert_int_eq(feeder_take(&feeder, 5 + FEEDER_QUEUE_MAX, 0), FEEDER_TAKE);
}
END_TEST

START_TEST(a_rewind_expects_the_entry_again_and_begins_a_round)
{
    ck_assert_int_eq(feeder_take(&feeder, 5, 0), FEEDER_TAKE);
    ck_assert_int_eq(feeder_take(&feeder, 6, 0), FEEDER_TAKE);
    feeder_rewind(&feeder, 5);
    ck_assert_uint_eq(feeder.round, 1);
    ck_assert_int_eq(feeder_take(&feeder, 7, 0), FEEDER_WAIT);
    ck_assert_int_eq(feeder_take(&feeder, 5, 0), FEEDER_TAKE);
}
END_TEST

START_TEST(silence_and_pings_go_by_what_was_heard_and_sent)
{
    feeder.heard_ms = 1000;
    ck_assert(!feeder_silent(&feeder, 15999, 15000));
    ck_assert(feeder_silent(&feeder, 16000, 15000));
    ck_assert(!feeder_ping_due(&feeder, 5999, 5000));
    ck_assert(feeder_ping_due(&feeder, 6000, 5000));
    feeder.pinged_ms = 6000;
    ck_assert(!feeder_ping_due(&feeder, 10999, 5000));
    ck_assert(feeder_ping_due(&feeder, 11000, 5000));
    feeder.state = FEEDER_GREETING;
    ck_assert(!feeder_ping_due(&feeder, 11000, 5000));
}
END_TEST

static const struct {
    enum feeder_state state;
    enum frame_kind kind;
    enum feeder_action action;
} meanings[] = {
    {FEEDER_NEW, FRAME_HELLO, FEEDER_GREET},      {FEEDER_NEW, FRAME_BATCH, FEEDER_STRAY},
    {FEEDER_NEW, FRAME_PING, FEEDER_STRAY},       {FEEDER_NEW, FRAME_DRAIN, FEEDER_LEAVE},
    {FEEDER_NEW, FRAME_ACK, FEEDER_BREACH},       {FEEDER_GREETING, FRAME_HELLO, FEEDER_NOTE},
    {FEEDER_GREETING, FRAME_OPEN, FEEDER_NOTE},   {FEEDER_GREETING, FRAME_PING, FEEDER_ANSWER},
    {FEEDER_ACTIVE, FRAME_HELLO, FEEDER_GREET},   {FEEDER_ACTIVE, FRAME_CLOSE, FEEDER_ENTER},
    {FEEDER_ACTIVE, FRAME_PONG, FEEDER_NOTE},     {FEEDER_ACTIVE, FRAME_EVENT, FEEDER_BREACH},
    {FEEDER_ACTIVE, FRAME_FENCED, FEEDER_BREACH}, {FEEDER_ENDED, FRAME_HELLO, FEEDER_GREET},
    {FEEDER_ENDED, FRAME_BATCH, FEEDER_IGNORE},   {FEEDER_ENDED, FRAME_ACK, FEEDER_IGNORE},
};

START_TEST(a_message_means_what_its_state_says)
{
    ck_assert_int_eq(feeder_action(meanings[_i].state, meanings[_i].kind), meanings[_i].action);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("feeder");
    TCase *tcase = tcase_create("feeder");

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
