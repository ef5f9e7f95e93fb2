#include "link/link.h"

#include "town.h"

static struct town *town;
static bool once[LINK_SOURCES_MAX] = {true, true};

static void
setup(void)
{
    town = town_new();
}

static void
teardown(void)
{
    free(town);
}

START_TEST(two_records_of_a_person_are_linked_and_two_people_are_not)
{
    struct link *link = town_link(town, 2, once);
    const struct cluster_place *places = link_places(link);
    int missed = 0, wrong = 0;

    ck_assert_uint_eq(link_count(link), TOWN_RECORDS);
    for (int i = 0; i < TOWN_RECORDS; i++) {
        missed += i % 2 == 1 && places[i].entity != (uint32_t)i - 1;
        wrong += places[i].entity / 2 != (uint32_t)i / 2;
    }
    ck_assert_int_eq(missed, 0);
    ck_assert_int_eq(wrong, 0);
    link_free(link);
}
END_TEST

START_TEST(neither_threads_nor_the_way_of_adding_matter)
{
    struct link_options options = {.threads = (unsigned)_i, .today = MADE_TODAY, .once = once};
    struct link *one = town_link(town, 1, once), *other = link_new(&options);

    for (size_t at = 0; at < TOWN_RECORDS; at += 500) {
        link_add_finish(other);
        link_add_start(other, town->records + at, 500);
    }
    link_add_finish(other);
    link_run(other);
    ck_assert_uint_eq(link_count(other), TOWN_RECORDS);
    ck_assert_uint_eq(link_pair_count(one), link_pair_count(other));
    for (size_t i = 0; i < link_pair_count(one); i++) {
        const struct cluster_link *a = &link_pairs(one)[i], *b = &link_pairs(other)[i];

        ck_assert_uint_eq(a->a, b->a);
        ck_assert_uint_eq(a->b, b->b);
        ck_assert_int_eq(a->total, b->total);
        ck_assert_uint_eq(a->pass, b->pass);
    }
    for (uint32_t i = 0; i < TOWN_RECORDS; i++) {
        ck_assert_uint_eq(link_places(one)[i].entity, link_places(other)[i].entity);
        ck_assert_int_eq(link_places(one)[i].total, link_places(other)[i].total);
    }
    ck_assert_uint_eq(link_compared(one), link_compared(other));
    link_free(one);
    link_free(other);
}
END_TEST

START_TEST(pairs_come_strongest_first_and_their_terms_add_up_exactly)
{
    struct link *link = town_link(town, 2, once);

    ck_assert_uint_ge(link_pair_count(link), TOWN_PEOPLE);
    for (size_t i = 0; i < link_pair_count(link); i++) {
        const struct cluster_link *pair = &link_pairs(link)[i];
        struct model_score score = link_explain(link, pair);
        int32_t sum =
            score.prior + score.rare_name + score.rare_phone + score.rare_place + score.kin;

        for (int field = 0; field < COMPARE_FIELDS; field++)
            sum += score.fields[field];
        ck_assert_int_eq(sum, score.total);
        ck_assert_int_eq(score.total, pair->total);
        ck_assert(i == 0 || pair->total <= link_pairs(link)[i - 1].total);
        ck_assert_uint_lt(pair->a, pair->b);
    }
    link_free(link);
}
END_TEST

START_TEST(a_pass_says_how_a_link_was_found)
{
    struct link *link = town_link(town, 2, once);
    int passes[4] = {0};

    for (size_t i = 0; i < link_pair_count(link); i++)
        passes[link_pairs(link)[i].pass]++;
    ck_assert_int_eq(passes[0], 0);
    ck_assert_int_gt(passes[1], TOWN_PEOPLE * 3 / 4); /* the number is the same */
    ck_assert_int_gt(passes[2], TOWN_PEOPLE / 10);    /* one has lost it */
    link_free(link);
}
END_TEST

START_TEST(two_records_of_a_source_that_holds_a_person_once_are_two_people)
{
    struct link *link;
    struct link_record twice[2];

    twice[0] = town->records[0];
    twice[1] = town->records[0];
    for (int held = 0; held < 2; held++) {
        struct link_options options = {
            .threads = 1, .today = MADE_TODAY, .once = held == 1 ? once : NULL};

        link = link_new(&options);
        town_add(link, town->records + 1, 999);
        town_add(link, twice, 2);
        link_run(link);
        ck_assert_int_eq(link_places(link)[999].entity == link_places(link)[1000].entity,
                         held == 0);
        link_free(link);
    }
}
END_TEST

START_TEST(automatic_is_what_is_right_as_often_as_was_asked_for)
{
    struct link *link = town_link(town, 2, once);
    const struct cluster_rules *rules = link_rules(link);

    ck_assert_int_le(rules->review, rules->accept);
    ck_assert_int_eq(rules->review, model_total(LINK_REVIEW));
    ck_assert_int_le(rules->accept, model_total(LINK_ACCEPT));
    for (uint32_t i = 0; i < TOWN_RECORDS; i++) {
        const struct cluster_place *place = &link_places(link)[i];

        ck_assert(place->pass == 0 || place->review == (place->total < rules->accept));
    }
    link_free(link);
}
END_TEST

/* Whose record each of a dozen is, and whether a clerk would want to look at it; nobody is real. */
static const struct {
    struct made made;
    uint16_t source;
    uint32_t entity;
    bool review;
} dozen[] = {
    {{"王小明", "36079919900101001X", "1990-01-01", "19900000001", "长岗村3组12号"}, 0, 0, false},
    {{"王晓明", "36079919900101001X", "1990-01-01"}, 1, 0, false},
    {{"李芳", NULL, "1992-03-05", "19900000001", "长岗村3组12号"}, 0, 2, false},
    {{"王小明", NULL, NULL, "19900000001", "长岗村第三村民小组12号"}, 2, 0, false},
    {{"王雨晨", NULL, "2015-06-01", "19900000001", "长岗村3组12号"}, 0, 4, false},
    {{"王雨辰", NULL, "2015-06-01", "19900000001", "长岗村3组12号"}, 1, 4, false},
    {{"张建国", "360799580505001", NULL, NULL, "上塘村1组2号"}, 0, 6, false},
    {{"张建国", "360799580505001"}, 1, 6, false},
    {{"张健国", NULL, NULL, NULL, "上塘村1组2号"}, 2, 6, true},
    {{"阿依古丽·买买提", NULL, "1988-11-12", NULL, "石田村5组7号"}, 0, 9, false},
    {{"阿依古丽买买提", NULL, "1988-11-12", NULL, "石田村5组7号"}, 1, 9, false},
    {{"李芳", NULL, NULL, "19955555555", "下溪村2组9号"}, 2, 11, false},
};

START_TEST(a_dozen_records_are_linked_as_a_clerk_would)
{
    struct link_options options = {.threads = 1, .today = MADE_TODAY, .once = once};
    struct link *link = link_new(&options);

    for (int i = 0; i < UNIT_COUNT(dozen); i++) {
        struct link_record record = {made_cells(&dozen[i].made), dozen[i].source};

        town_add(link, &record, 1);
    }
    link_run(link);
    for (int i = 0; i < UNIT_COUNT(dozen); i++) {
        ck_assert_msg(link_places(link)[i].entity == dozen[i].entity, "%d", i);
        ck_assert_msg(link_places(link)[i].review == dozen[i].review, "%d", i);
    }
    link_free(link);
}
END_TEST

START_TEST(a_linkage_of_no_records_ends_well)
{
    struct link_options options = {.threads = 2, .today = MADE_TODAY};
    struct link *link = link_new(&options);

    link_run(link);
    ck_assert_uint_eq(link_count(link), 0);
    ck_assert_uint_eq(link_pair_count(link), 0);
    link_free(link);
}
END_TEST

START_TEST(new_records_find_the_people_who_are_linked)
{
    struct link *link = town_link(town, 2, once);
    struct lookup *lookup = link_lookup(link);
    struct person known = link_persons(link)[0];
    struct person stranger = PERSON("郑成功", NULL, "1950-01-01");
    struct lookup_place place;

    known.source = 2;
    place = lookup_link(lookup, &known);
    ck_assert_uint_eq(link_places(link)[place.match.record].entity, 0);
    ck_assert(!place.review);
    ck_assert_uint_eq(lookup_link(lookup, &stranger).match.record, LOOKUP_NOBODY);
    lookup_free(lookup);
    link_free(link);
}
END_TEST

START_TEST(each_step_has_a_name_and_a_time)
{
    struct link *link = town_link(town, 2, once);

    for (int step = 0; step < LINK_STEPS; step++) {
        ck_assert_str_ne(link_step_name((enum link_step)step), "");
        ck_assert_int_ge(link_paces(link)[step].ms, 0);
        ck_assert_int_ge(link_paces(link)[step].cpu_ms, 0);
    }
    link_free(link);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link");
    TCase *tcase = tcase_create("link");

    tcase_add_checked_fixture(tcase, made_setup, made_teardown);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, two_records_of_a_person_are_linked_and_two_people_are_not);
    tcase_add_loop_test(tcase, neither_threads_nor_the_way_of_adding_matter, 1, 5);
    tcase_add_test(tcase, pairs_come_strongest_first_and_their_terms_add_up_exactly);
    tcase_add_test(tcase, a_pass_says_how_a_link_was_found);
    tcase_add_test(tcase, two_records_of_a_source_that_holds_a_person_once_are_two_people);
    tcase_add_test(tcase, automatic_is_what_is_right_as_often_as_was_asked_for);
    tcase_add_test(tcase, a_dozen_records_are_linked_as_a_clerk_would);
    tcase_add_test(tcase, a_linkage_of_no_records_ends_well);
    tcase_add_test(tcase, new_records_find_the_people_who_are_linked);
    tcase_add_test(tcase, each_step_has_a_name_and_a_time);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
