#include "link/cluster.h"

#include "town.h"

#define MANY 400 /* more records than one person may have */

static struct town *town;
static struct link *town_linked; /* whose model the tests score by */
static struct person people[MANY];
static struct cluster_place places[MANY];
static struct cluster_rules rules = {.accept = 10 * MODEL_BIT, .review = 0};
static const bool once[] = {false, true};

static void
setup(void)
{
    town = town_new();
    town_linked = town_link(town, 2, NULL);
    rules.once = once;
}

static void
teardown(void)
{
    link_free(town_linked);
    free(town);
}

static struct cluster_link
between(uint32_t a, uint32_t b, int bits)
{
    return (struct cluster_link){.a = a,
                                 .b = b,
                                 .pattern = compare_pair(&people[a], &people[b]),
                                 .total = bits * MODEL_BIT,
                                 .pass = 3};
}

static void
build(uint32_t count, const struct cluster_link *links, size_t link_count)
{
    cluster_build(people, count, link_model(town_linked), &rules, links, link_count, places);
}

START_TEST(links_bring_records_together_and_the_first_names_the_person)
{
    for (int i = 0; i < 4; i++)
        people[i] = PERSON("王小明", NULL, "1990-01-01");
    struct cluster_link links[] = {between(2, 3, 20), between(1, 2, 15)};

    build(4, links, 2);
    ck_assert_uint_eq(places[0].entity, 0);
    ck_assert_uint_eq(places[0].pass, 0);
    for (uint32_t i = 1; i < 4; i++) {
        ck_assert_uint_eq(places[i].entity, 1);
        ck_assert_uint_eq(places[i].pass, 3);
        ck_assert(!places[i].review);
    }
    ck_assert_int_eq(places[1].total, 15 * MODEL_BIT);
    ck_assert_int_eq(places[3].total, 20 * MODEL_BIT);
}
END_TEST

START_TEST(a_link_below_the_automatic_ones_is_for_review_and_one_below_that_is_none)
{
    for (int i = 0; i < 4; i++)
        people[i] = PERSON("王小明", NULL, "1990-01-01");
    struct cluster_link links[] = {between(0, 1, 5), between(2, 3, -1)};

    build(4, links, 2);
    ck_assert_uint_eq(places[1].entity, 0);
    ck_assert(places[0].review && places[1].review);
    ck_assert_uint_eq(places[3].entity, 3);
    ck_assert_uint_eq(places[3].pass, 0);
}
END_TEST

START_TEST(a_source_that_holds_a_person_once_keeps_the_stronger_link)
{
    for (int i = 0; i < 3; i++) {
        people[i] = PERSON("王小明", NULL, "1990-01-01");
        people[i].source = i > 0;
    }
    struct cluster_link links[] = {between(0, 2, 20), between(0, 1, 15), between(1, 2, 14)};

    build(3, links, 3);
    ck_assert_uint_eq(places[2].entity, 0);
    ck_assert_uint_eq(places[1].entity, 1);
    ck_assert_uint_eq(places[1].pass, 0);
}
END_TEST

START_TEST(two_numbers_and_two_names_are_never_one_person_by_way_of_a_third)
{
    char number[TEXT_ID_LEN + 1], other[TEXT_ID_LEN + 1];

    people[0] = PERSON("王小明", made_number(number, 1, 1), NULL, "19900000001");
    people[1] = PERSON("王小", NULL, NULL, "19900000001");
    people[2] = PERSON("王小强", made_number(other, 2, 3), NULL, "19900000001");
    struct cluster_link links[] = {between(0, 1, 20), between(1, 2, 15)};

    build(3, links, 2);
    ck_assert_uint_eq(places[1].entity, 0);
    ck_assert_uint_eq(places[2].entity, 2);
}
END_TEST

START_TEST(a_link_that_is_a_veto_itself_is_left_out)
{
    char number[TEXT_ID_LEN + 1], other[TEXT_ID_LEN + 1];

    people[0] = PERSON("王小明", made_number(number, 1, 1));
    people[1] = PERSON("王小强", made_number(other, 2, 3));
    struct cluster_link link = between(0, 1, 30);

    build(2, &link, 1);
    ck_assert_uint_eq(places[1].entity, 1);
}
END_TEST

START_TEST(two_members_who_are_plainly_two_people_split_at_the_weakest_link)
{
    people[0] = PERSON("王小明", NULL, "1990-01-01", "19900000001");
    people[1] = PERSON("王小明", NULL, NULL, NULL);
    people[2] = PERSON("王小明", NULL, "1951-11-23", "19912345678", NULL, NULL, NULL, "H2");
    people[0].household = people[2].household + 1;
    struct cluster_link links[] = {between(0, 1, 20), between(1, 2, 19)};

    ck_assert(cluster_apart(&rules, link_model(town_linked), &people[0], &people[2]));
    build(3, links, 2);
    ck_assert_uint_eq(places[1].entity, 0);
    ck_assert_uint_eq(places[2].entity, 2);
}
END_TEST

START_TEST(no_person_has_more_records_than_people_have)
{
    static struct cluster_link links[MANY];
    uint32_t largest = 0;

    for (int i = 0; i < MANY; i++)
        people[i] = PERSON("王小明", NULL, "1990-01-01");
    for (uint32_t i = 0; i + 1 < MANY; i++)
        links[i] = between(i, i + 1, 20);
    build(MANY, links, MANY - 1);
    for (uint32_t i = 0, size = 0; i < MANY; i++) {
        size = i > 0 && places[i].entity == places[i - 1].entity ? size + 1 : 1;
        largest = size > largest ? size : largest;
    }
    ck_assert_uint_eq(largest, 256);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("cluster");
    TCase *tcase = tcase_create("cluster");

    tcase_add_checked_fixture(tcase, made_setup, made_teardown);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, links_bring_records_together_and_the_first_names_the_person);
    tcase_add_test(tcase, a_link_below_the_automatic_ones_is_for_review_and_one_below_that_is_none);
    tcase_add_test(tcase, a_source_that_holds_a_person_once_keeps_the_stronger_link);
    tcase_add_test(tcase, two_numbers_and_two_names_are_never_one_person_by_way_of_a_third);
    tcase_add_test(tcase, a_link_that_is_a_veto_itself_is_left_out);
    tcase_add_test(tcase, two_members_who_are_plainly_two_people_split_at_the_weakest_link);
    tcase_add_test(tcase, no_person_has_more_records_than_people_have);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
