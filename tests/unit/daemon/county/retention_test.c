#include "county/retention.h"

#include "unit.h"

static const struct {
    const char *type;
    int months;
    int32_t first;
} firsts[] = {
    /* Sixteen months up to 2026-08, and what 2026-05, the oldest open month, reads besides. */
    {"insurance.enrolment", 16, 202505},
    {"insurance.settlement", 16, 202505}, /* 2026-05 sums from 2025-06, with one month more */
    {"education.aid", 16, 202505},
    {"register.village", 16, 202504},   /* thirteen months before 2026-05 */
    {"register.household", 16, 202410}, /* four and fifteen months before it */
    {"civil.standard", 16, 0},
    {"insurance.enrolment", 36, 202309},
    {"register.member", 36, 202302},
};

START_TEST(rows_are_kept_as_long_as_an_open_month_reads_them)
{
    const struct record_type *type = record_find(firsts[_i].type);

    ck_assert_ptr_nonnull(type);
    ck_assert_int_eq(retention_first(type, 202608, firsts[_i].months), firsts[_i].first);
}
END_TEST

START_TEST(a_month_closes_when_what_it_sums_may_be_gone)
{
    ck_assert(!retention_closes(202608, 202608, 16, 0));
    ck_assert(!retention_closes(202605, 202608, 16, 0));
    ck_assert(retention_closes(202604, 202608, 16, 0));
    /* Dropped under a shorter setting than today's. */
    ck_assert(!retention_closes(202605, 202608, 36, 202504));
    ck_assert(retention_closes(202604, 202608, 36, 202504));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("retention");
    TCase *tcase = tcase_create("retention");

    tcase_add_loop_test(tcase, rows_are_kept_as_long_as_an_open_month_reads_them, 0,
                        UNIT_COUNT(firsts));
    tcase_add_test(tcase, a_month_closes_when_what_it_sums_may_be_gone);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
