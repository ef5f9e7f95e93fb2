#include "link/tally.h"

#include <math.h>

#include "made.h"

#define PEOPLE 400
#define RECORDS (2 * PEOPLE)
#define NAMESAKES 40 /* the first people are called 王小明 */
#define SHARED 120   /* the first records have the cadre's telephone */

static struct person people[RECORDS];

/* Two records a person; names are common or rare, telephones a household's of four people. */
static void
make_people(bool numbered)
{
    char name[32], number[TEXT_ID_LEN + 1], phone[16];

    for (int i = 0; i < RECORDS; i++) {
        int who = i / 2;

        snprintf(name, sizeof(name), "李%.3s%.3s",
                 &"伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"[who % 20 * 3],
                 &"华红建国文春秋海云刚志新玉金银龙凤山河天"[who / 20 * 3]);
        snprintf(phone, sizeof(phone), "139%08d", i < SHARED ? 1 : 1000 + who / 4);
        people[i] = PERSON(who < NAMESAKES ? "王小明" : name,
                           numbered ? made_number(number, who, 1) : NULL, NULL, phone);
    }
}

START_TEST(namesakes_are_people_and_not_records)
{
    struct tally tally;

    make_people(true);
    tally_persons(people, RECORDS, 2, &tally);
    ck_assert(fabs(tally.people - PEOPLE) < 1);
    ck_assert(fabs((double)people[0].name_others - (NAMESAKES - 1)) < .1);
    ck_assert((double)people[RECORDS - 1].name_others < .1);
    ck_assert((double)people[RECORDS - 1].name_others > 0);
}
END_TEST

START_TEST(without_numbers_records_tell_how_common_a_name_is)
{
    struct tally tally;

    make_people(false);
    tally_persons(people, RECORDS, 2, &tally);
    ck_assert(fabs(tally.people - RECORDS) < 1);
    ck_assert((double)people[0].name_others >= 2 * NAMESAKES - 1);
    ck_assert((double)people[0].name_others < 2 * NAMESAKES);
}
END_TEST

START_TEST(a_household_that_shares_a_telephone_makes_it_no_common_one)
{
    struct tally tally;

    make_people(true);
    tally_persons(people, RECORDS, 2, &tally);
    ck_assert(fabs((double)people[RECORDS - 1].phone_others - .1) < 1e-6);
    ck_assert(fabs((double)people[0].phone_others - (SHARED / 2 - 4)) < .1);
}
END_TEST

START_TEST(values_that_are_not_there_have_no_others)
{
    struct tally tally;

    make_people(true);
    people[7] = PERSON(NULL);
    tally_persons(people, RECORDS, 2, &tally);
    ck_assert(fpclassify(people[7].name_others) == FP_ZERO);
    ck_assert(fpclassify(people[7].phone_others) == FP_ZERO);
    ck_assert(fpclassify(people[7].address_others) == FP_ZERO);
    ck_assert(fpclassify(tally.address) == FP_ZERO);
}
END_TEST

START_TEST(the_number_of_threads_does_not_matter)
{
    static struct person alone[RECORDS];
    struct tally one, many;

    make_people(true);
    tally_persons(people, RECORDS, 1, &one);
    memcpy(alone, people, sizeof(alone));
    make_people(true);
    tally_persons(people, RECORDS, 5, &many);
    ck_assert_mem_eq(&one, &many, sizeof(one));
    for (int i = 0; i < RECORDS; i++) {
        ck_assert_mem_eq(&alone[i].name_others, &people[i].name_others, sizeof(float));
        ck_assert_mem_eq(&alone[i].sound_others, &people[i].sound_others, sizeof(float));
        ck_assert_mem_eq(&alone[i].phone_others, &people[i].phone_others, sizeof(float));
    }
}
END_TEST

START_TEST(an_empty_table_has_a_tally)
{
    struct tally tally;

    tally_persons(people, 0, 2, &tally);
    ck_assert(fabs(tally.people - 1) < 1e-9);
    ck_assert(fpclassify(tally.name) == FP_ZERO);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("tally");
    TCase *tcase = tcase_create("tally");

    tcase_add_checked_fixture(tcase, made_setup, made_teardown);
    tcase_add_test(tcase, namesakes_are_people_and_not_records);
    tcase_add_test(tcase, without_numbers_records_tell_how_common_a_name_is);
    tcase_add_test(tcase, a_household_that_shares_a_telephone_makes_it_no_common_one);
    tcase_add_test(tcase, values_that_are_not_there_have_no_others);
    tcase_add_test(tcase, the_number_of_threads_does_not_matter);
    tcase_add_test(tcase, an_empty_table_has_a_tally);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
