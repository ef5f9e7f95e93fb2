#include "intake/channel.h"

#include <string.h>

#include "unit.h"

static const struct {
    bool known, half, same;
    uint64_t position, first, next;
    enum channel_verdict verdict;
} meetings[] = {
    {false, false, false, 1, 1, 1, CHANNEL_TAKE},
    {false, false, false, 0, 41, 57, CHANNEL_TAKE},
    {true, false, true, 53, 1, 57, CHANNEL_GO_ON},
    {true, true, true, 53, 1, 57, CHANNEL_GO_ON},
    {true, false, true, 57, 57, 57, CHANNEL_GO_ON},
    {true, false, true, 53, 53, 53, CHANNEL_GO_ON},
    {true, false, false, 53, 1, 1, CHANNEL_TAKE},
    {true, true, false, 53, 1, 57, CHANNEL_STOP_EPOCH},
    {true, false, true, 58, 1, 57, CHANNEL_STOP_BEHIND},
    {true, true, true, 58, 1, 57, CHANNEL_STOP_BEHIND},
    {true, false, true, 40, 41, 57, CHANNEL_STOP_AHEAD},
};

START_TEST(a_position_meets_a_spool)
{
    struct channel channel = {
        .known = meetings[_i].known,
        .half = meetings[_i].half,
        .next_seq = meetings[_i].position,
    };
    struct frame_hello hello = {
        .first_seq = meetings[_i].first,
        .next_seq = meetings[_i].next,
    };

    memset(channel.epoch, 7, sizeof(channel.epoch));
    memset(hello.epoch, meetings[_i].same ? 7 : 8, sizeof(hello.epoch));
    ck_assert_int_eq(channel_judge(&channel, &hello), meetings[_i].verdict);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("channel");
    TCase *tcase = tcase_create("channel");

    tcase_add_loop_test(tcase, a_position_meets_a_spool, 0, UNIT_COUNT(meetings));
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
