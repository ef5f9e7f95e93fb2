#include "delivery/subscriber.h"

#include <string.h>

#include "unit.h"

/* What each message means: without a session, in one that is there, in one that is over. */
static const struct {
    enum frame_kind kind;
    enum subscriber_action none, there, over;
} cases[] = {
    {FRAME_HELLO, SUBSCRIBER_STRAY, SUBSCRIBER_BREACH, SUBSCRIBER_IGNORE},
    {FRAME_SUBSCRIBE, SUBSCRIBER_BEGIN, SUBSCRIBER_BEGIN, SUBSCRIBER_BEGIN},
    {FRAME_REJECT, SUBSCRIBER_STRAY, SUBSCRIBER_BREACH, SUBSCRIBER_IGNORE},
    {FRAME_OPEN, SUBSCRIBER_STRAY, SUBSCRIBER_BREACH, SUBSCRIBER_IGNORE},
    {FRAME_BATCH, SUBSCRIBER_STRAY, SUBSCRIBER_BREACH, SUBSCRIBER_IGNORE},
    {FRAME_CLOSE, SUBSCRIBER_STRAY, SUBSCRIBER_BREACH, SUBSCRIBER_IGNORE},
    {FRAME_ACK, SUBSCRIBER_STRAY, SUBSCRIBER_KEEP, SUBSCRIBER_IGNORE},
    {FRAME_RECEIPT, SUBSCRIBER_STRAY, SUBSCRIBER_BREACH, SUBSCRIBER_IGNORE},
    {FRAME_NACK, SUBSCRIBER_STRAY, SUBSCRIBER_REFUSE, SUBSCRIBER_IGNORE},
    {FRAME_CREDIT, SUBSCRIBER_STRAY, SUBSCRIBER_GRANT, SUBSCRIBER_IGNORE},
    {FRAME_RESEND, SUBSCRIBER_STRAY, SUBSCRIBER_REPEAT, SUBSCRIBER_IGNORE},
    {FRAME_PING, SUBSCRIBER_STRAY, SUBSCRIBER_ANSWER, SUBSCRIBER_IGNORE},
    {FRAME_PONG, SUBSCRIBER_STRAY, SUBSCRIBER_NOTE, SUBSCRIBER_IGNORE},
    {FRAME_DRAIN, SUBSCRIBER_STRAY, SUBSCRIBER_LEAVE, SUBSCRIBER_IGNORE},
    {FRAME_FENCED, SUBSCRIBER_STRAY, SUBSCRIBER_BREACH, SUBSCRIBER_IGNORE},
    {FRAME_EVENT, SUBSCRIBER_STRAY, SUBSCRIBER_BREACH, SUBSCRIBER_IGNORE},
};

START_TEST(a_message_means_the_same_until_the_session_is_over)
{
    static const enum subscriber_state there[] = {SUBSCRIBER_TAKING, SUBSCRIBER_SILENT,
                                                  SUBSCRIBER_CLOSED};

    ck_assert_int_eq(UNIT_COUNT(cases), FRAME_EVENT);
    ck_assert_int_eq(subscriber_action(SUBSCRIBER_NONE, cases[_i].kind), cases[_i].none);
    for (int i = 0; i < UNIT_COUNT(there); i++)
        ck_assert_int_eq(subscriber_action(there[i], cases[_i].kind), cases[_i].there);
    ck_assert_int_eq(subscriber_action(SUBSCRIBER_ENDED, cases[_i].kind), cases[_i].over);
}
END_TEST

START_TEST(a_sign_of_life_wakes_the_silent_alone)
{
    struct subscriber subscriber = {.state = SUBSCRIBER_SILENT};

    ck_assert(subscriber_open(&subscriber));
    subscriber_heard(&subscriber, 7);
    ck_assert_int_eq(subscriber.state, SUBSCRIBER_TAKING);
    ck_assert_int_eq(subscriber.heard_ms, 7);
    subscriber.state = SUBSCRIBER_CLOSED;
    subscriber_heard(&subscriber, 8);
    ck_assert_int_eq(subscriber.state, SUBSCRIBER_CLOSED);
    ck_assert(!subscriber_open(&subscriber));
}
END_TEST

START_TEST(positions_lie_within_what_was_sent)
{
    struct subscriber subscriber = {.acked_seq = 3, .next_seq = 7};
    struct err err;

    ck_assert_int_eq(subscriber_ack(&subscriber, 8, &err), -1);
    ck_assert_int_eq(subscriber_ack(&subscriber, 2, &err), -1);
    ck_assert_int_eq(subscriber_resend(&subscriber, 2, &err), -1);
    ck_assert_int_eq(subscriber_ack(&subscriber, 5, &err), 0);
    ck_assert(subscriber.ack_due);
    ck_assert_int_eq(subscriber_resend(&subscriber, 5, &err), 0);
    ck_assert_uint_eq(subscriber.next_seq, 5);
    ck_assert(subscriber.due);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("subscriber");
    TCase *tcase = tcase_create("subscriber");

    tcase_add_loop_test(tcase, a_message_means_the_same_until_the_session_is_over, 0,
                        UNIT_COUNT(cases));
    tcase_add_test(tcase, a_sign_of_life_wakes_the_silent_alone);
    tcase_add_test(tcase, positions_lie_within_what_was_sent);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
