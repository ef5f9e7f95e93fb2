#include "link/model.h"

#include <math.h>

#include "town.h"

static struct town *town;
static struct link *town_linked;

static void
setup(void)
{
    town = town_new();
    town_linked = town_link(town, 2, NULL);
}

static void
teardown(void)
{
    link_free(town_linked);
    free(town);
}

static const struct model *
fitted(void)
{
    return link_model(town_linked);
}

START_TEST(agreement_weighs_for_and_difference_against)
{
    const struct model *model = fitted();

    ck_assert_int_gt(model->weights[COMPARE_NUMBER][NUMBER_EQUAL], 5 * MODEL_BIT);
    ck_assert_int_lt(model->weights[COMPARE_NUMBER][NUMBER_DIFFERENT], 0);
    ck_assert_int_gt(model->weights[COMPARE_NAME][NAME_EXACT], 5 * MODEL_BIT);
    ck_assert_int_gt(model->weights[COMPARE_NAME][NAME_EXACT],
                     model->weights[COMPARE_NAME][NAME_ONE]);
    ck_assert_int_lt(model->weights[COMPARE_NAME][NAME_NONE], 0);
    ck_assert_int_gt(model->weights[COMPARE_BIRTH][BIRTH_EQUAL], 5 * MODEL_BIT);
    ck_assert_int_lt(model->weights[COMPARE_BIRTH][BIRTH_DIFFERENT], 0);
    ck_assert_int_gt(model->weights[COMPARE_PHONE][PHONE_EQUAL], 0);
    ck_assert_int_lt(model->weights[COMPARE_PHONE][PHONE_DIFFERENT], 0);
    for (int field = 0; field < COMPARE_FIELDS; field++)
        ck_assert_int_eq(model->weights[field][COMPARE_MISSING], 0);
}
END_TEST

START_TEST(probabilities_add_up_to_the_pairs_that_are_one_person)
{
    double sum = 0;

    for (size_t i = 0; i < link_pair_count(town_linked); i++)
        sum += model_probability(link_pairs(town_linked)[i].total);
    ck_assert_msg(fabs(sum - TOWN_PEOPLE) < TOWN_PEOPLE / 50.0, "%f", sum);
    ck_assert_uint_gt(fitted()->rounds, 1);
}
END_TEST

/* Likelihoods of the levels that exclude one another are shares of one. */
START_TEST(the_levels_of_a_field_share_one)
{
    for (int kind = 0; kind < MODEL_CLASSES; kind++)
        for (int field = 0; field < COMPARE_FIELDS; field++) {
            double sums[2] = {0, 0};

            for (unsigned level = 1; level < compare_levels((enum compare_field)field); level++)
                sums[compare_group((enum compare_field)field, level)] +=
                    fitted()->likelihood[kind][field][level];
            ck_assert_msg(fabs(sums[0] - 1) < .01, "%d %d %f", kind, field, sums[0]);
            ck_assert(field != COMPARE_PLACE || fabs(sums[1] - 1) < .01);
        }
}
END_TEST

static int32_t
total(const struct person *a, const struct person *b)
{
    return model_score(fitted(), compare_pair(a, b), a, b).total;
}

START_TEST(a_rare_name_weighs_more_than_a_common_one)
{
    struct person rare = PERSON("慕容紫英", NULL, "1990-01-01"), common = rare;

    rare.name_others = .03F;
    common.name_others = 200;
    ck_assert_int_gt(total(&rare, &rare), total(&common, &common) + 5 * MODEL_BIT);
}
END_TEST

START_TEST(a_value_is_as_common_as_the_commoner_of_two_counts_says)
{
    struct person one = PERSON("王小明", NULL, "1990-01-01", "19900000001", "长岗村3组12号");
    struct person other = one;

    one.name_others = one.phone_others = one.address_others = .1F;
    other.name_others = other.phone_others = other.address_others = 70;
    ck_assert_int_eq(total(&one, &other), total(&other, &one));
    ck_assert_int_eq(total(&one, &other), total(&other, &other));
    ck_assert_int_lt(total(&other, &other), total(&one, &one));
}
END_TEST

START_TEST(kin_at_one_address_are_not_one_person)
{
    struct person elder = PERSON("王晓明", NULL, "1990-01-01", "19900000001", "长岗村3组12号");
    struct person younger = PERSON("王晓强", NULL, "1992-05-13", "19900000001", "长岗村3组12号");
    struct model_score score =
        model_score(fitted(), compare_pair(&elder, &younger), &elder, &younger);

    ck_assert_int_lt(score.kin, 0);
    ck_assert_int_lt(score.total, 0);
    ck_assert_int_gt(total(&elder, &elder), 10 * MODEL_BIT);
}
END_TEST

START_TEST(a_borrowed_number_is_not_its_owners)
{
    struct person parent = PERSON("王建国", "36079919900101001X", "1990-01-01", "19900000001");
    struct person child = PERSON("王小雨", "36079919900101001X", "2015-06-01", "19900000001");

    ck_assert_int_lt(total(&parent, &child), 0);
}
END_TEST

START_TEST(what_two_have_in_common_is_all_that_a_score_needs_of_them)
{
    for (size_t i = 0; i < link_pair_count(town_linked); i += 7) {
        const struct cluster_link *pair = &link_pairs(town_linked)[i];
        const struct person *a = &link_persons(town_linked)[pair->a];
        const struct person *b = &link_persons(town_linked)[pair->b];
        struct model_others others = model_others(pair->pattern, a, b);
        struct model_score one = model_score(fitted(), pair->pattern, a, b);
        struct model_score other = model_score_others(fitted(), pair->pattern, others);

        ck_assert_mem_eq(&one, &other, sizeof(one));
    }
}
END_TEST

static const double chances[] = {.0001, .01, .5, .85, .99, .9995};

START_TEST(a_probability_and_its_score_are_two_forms_of_one_thing)
{
    ck_assert(fabs(model_probability(model_total(chances[_i])) - chances[_i]) < 1e-4);
}
END_TEST

START_TEST(a_table_without_pairs_has_a_model)
{
    struct person alone = PERSON("王小明");
    struct tally tally;
    struct model model;

    tally_persons(&alone, 1, 1, &tally);
    model_fit(&model, &alone, 1, 0, &tally, NULL, 0);
    ck_assert_int_gt(model.weights[COMPARE_NUMBER][NUMBER_EQUAL], 0);
    ck_assert_int_lt(model.weights[COMPARE_NAME][NAME_NONE], 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("model");
    TCase *tcase = tcase_create("model");

    tcase_add_checked_fixture(tcase, made_setup, made_teardown);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, agreement_weighs_for_and_difference_against);
    tcase_add_test(tcase, probabilities_add_up_to_the_pairs_that_are_one_person);
    tcase_add_test(tcase, the_levels_of_a_field_share_one);
    tcase_add_test(tcase, a_rare_name_weighs_more_than_a_common_one);
    tcase_add_test(tcase, a_value_is_as_common_as_the_commoner_of_two_counts_says);
    tcase_add_test(tcase, kin_at_one_address_are_not_one_person);
    tcase_add_test(tcase, a_borrowed_number_is_not_its_owners);
    tcase_add_test(tcase, what_two_have_in_common_is_all_that_a_score_needs_of_them);
    tcase_add_loop_test(tcase, a_probability_and_its_score_are_two_forms_of_one_thing, 0,
                        UNIT_COUNT(chances));
    tcase_add_test(tcase, a_table_without_pairs_has_a_model);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
