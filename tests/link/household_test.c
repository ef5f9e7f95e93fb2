#include "household.h"

#include "unit.h"

START_TEST(a_household_with_three_pairs_of_twins_has_no_ninth_member)
{
    static const uint64_t fullest[] = {1277336, 2160769, 5752272, 7773476};

    household_begin(1);
    for (size_t i = 0; i < sizeof(fullest) / sizeof(fullest[0]); i++) {
        struct household household;

        household_make(fullest[i], &household);
        ck_assert_int_eq(household.count, HOUSEHOLD_MAX);
        ck_assert_uint_eq(household.no, fullest[i]);
    }
    household_end();
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("household");
    TCase *tcase = tcase_create("household");

    tcase_add_test(tcase, a_household_with_three_pairs_of_twins_has_no_ninth_member);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
