#include "link/lookup.h"

#include "town.h"

static struct town *town;
static struct link *town_linked; /* whose model and rules the tests place by */
static struct lookup *lookup;

static void
setup(void)
{
    town = town_new();
    town_linked = town_link(town, 2, NULL);
    lookup = lookup_new(link_model(town_linked), link_rules(town_linked), 16);
}

static void
teardown(void)
{
    lookup_free(lookup);
    link_free(town_linked);
    free(town);
}

START_TEST(an_empty_table_finds_nobody)
{
    struct person person = PERSON("王小明", NULL, "1990-01-01", "19900000001");

    ck_assert_uint_eq(lookup_link(lookup, &person).match.record, LOOKUP_NOBODY);
}
END_TEST

START_TEST(records_are_numbered_and_found_strongest_first)
{
    struct person close = PERSON("王小明", NULL, "1990-01-01", "19900000001", "长岗村3组1号");
    struct person less = PERSON("王小明", NULL, "1990-01-01");
    struct lookup_match matches[4];

    ck_assert_uint_eq(lookup_add(lookup, &less, LOOKUP_NOBODY), 0);
    ck_assert_uint_eq(lookup_add(lookup, &close, LOOKUP_NOBODY), 1);
    ck_assert_uint_eq(lookup_find(lookup, &close, matches, 4), 2);
    ck_assert_uint_eq(matches[0].record, 1);
    ck_assert_uint_eq(matches[1].record, 0);
    ck_assert_int_gt(matches[0].total, matches[1].total);
    ck_assert_uint_eq(matches[0].pass, 2);
    ck_assert_uint_eq(lookup_find(lookup, &close, matches, 1), 1);
    ck_assert_uint_eq(matches[0].record, 1);
}
END_TEST

START_TEST(many_records_are_kept_and_each_is_found)
{
    struct lookup_match match;

    for (uint32_t i = 0; i < TOWN_RECORDS; i++)
        ck_assert_uint_eq(lookup_add(lookup, &link_persons(town_linked)[i], LOOKUP_NOBODY), i);
    for (uint32_t i = 0; i < TOWN_RECORDS; i += 2) {
        ck_assert_uint_ge(lookup_find(lookup, &link_persons(town_linked)[i], &match, 1), 1);
        ck_assert_uint_eq(match.record / 2, i / 2);
    }
}
END_TEST

START_TEST(two_numbers_and_two_names_are_not_found)
{
    char number[TEXT_ID_LEN + 1], other[TEXT_ID_LEN + 1];
    struct person one = PERSON("王小明", made_number(number, 1, 1), NULL, "19900000001");
    struct person two = PERSON("王小强", made_number(other, 1, 3), NULL, "19900000001");
    struct lookup_match match;

    (void)lookup_add(lookup, &one, LOOKUP_NOBODY);
    ck_assert_uint_eq(lookup_find(lookup, &two, &match, 1), 0);
}
END_TEST

START_TEST(a_member_of_the_person_keeps_a_record_out)
{
    char number[TEXT_ID_LEN + 1], other[TEXT_ID_LEN + 1];
    struct person known = PERSON("王小明", made_number(number, 1, 1), NULL, "19900000001");
    struct person loose = PERSON("王小", NULL, "1980-01-03", "19900000001", "长岗村3组1号");
    struct person other_one =
        PERSON("王小强", made_number(other, 2, 3), "1980-01-03", "19900000001", "长岗村3组1号");
    struct lookup_match match;
    uint32_t first = lookup_add(lookup, &known, LOOKUP_NOBODY);
    uint32_t second = lookup_add(lookup, &loose, first);

    ck_assert_uint_eq(lookup_find(lookup, &other_one, &match, 1), 1);
    ck_assert_uint_eq(match.record, second);
    ck_assert_uint_eq(lookup_link(lookup, &other_one).match.record, LOOKUP_NOBODY);
}
END_TEST

START_TEST(two_people_who_are_as_near_make_a_review)
{
    struct person first = PERSON("王小明", NULL, "1990-01-01", "19900000001", "长岗村3组1号");
    struct lookup_place place;

    (void)lookup_add(lookup, &first, LOOKUP_NOBODY);
    place = lookup_link(lookup, &first);
    ck_assert_uint_eq(place.match.record, 0);
    ck_assert(!place.review);
    (void)lookup_add(lookup, &first, LOOKUP_NOBODY);
    place = lookup_link(lookup, &first);
    ck_assert_uint_ne(place.match.record, LOOKUP_NOBODY);
    ck_assert(place.review);
}
END_TEST

START_TEST(two_records_of_one_person_make_no_review)
{
    struct person first = PERSON("王小明", NULL, "1990-01-01", "19900000001", "长岗村3组1号");

    (void)lookup_add(lookup, &first, LOOKUP_NOBODY);
    (void)lookup_add(lookup, &first, 0);
    ck_assert(!lookup_link(lookup, &first).review);
}
END_TEST

START_TEST(a_value_that_fills_the_table_joins_nobody)
{
    struct person person = PERSON("王小明", NULL, "1990-01-01");
    struct lookup_match match;

    for (int i = 0; i <= KEYS_BLOCK_MAX; i++)
        (void)lookup_add(lookup, &person, LOOKUP_NOBODY);
    ck_assert_uint_eq(lookup_find(lookup, &person, &match, 1), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("lookup");
    TCase *tcase = tcase_create("lookup");

    tcase_add_checked_fixture(tcase, made_setup, made_teardown);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, an_empty_table_finds_nobody);
    tcase_add_test(tcase, records_are_numbered_and_found_strongest_first);
    tcase_add_test(tcase, many_records_are_kept_and_each_is_found);
    tcase_add_test(tcase, two_numbers_and_two_names_are_not_found);
    tcase_add_test(tcase, a_member_of_the_person_keeps_a_record_out);
    tcase_add_test(tcase, two_people_who_are_as_near_make_a_review);
    tcase_add_test(tcase, two_records_of_one_person_make_no_review);
    tcase_add_test(tcase, a_value_that_fills_the_table_joins_nobody);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
