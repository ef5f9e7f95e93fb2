#include "base/problem.h"

#include <string.h>

#include "unit.h"

static struct yaml_tree *tree;
static struct buf lines;
static struct problem_list list;
static struct err err;

static void
setup(void)
{
    static const char text[] = "a:\n  b: 1\n";

    lines = (struct buf){0};
    list = (struct problem_list){.lines = &lines};
    ck_assert_int_eq(yaml_parse("t.yaml", text, strlen(text), &tree, &err), 0);
    err = (struct err){0};
}

static void
teardown(void)
{
    yaml_free(tree);
    buf_done(&lines);
}

START_TEST(without_problems_the_check_passes)
{
    ck_assert_int_eq(problem_check(&list, "t.yaml", &err), 0);
    ck_assert_int_eq(err.code, ERR_NONE);
}
END_TEST

START_TEST(problems_stand_one_a_line_and_are_counted)
{
    const struct yaml_node *node = yaml_root(tree)->first->first;

    problem_at(&list, node, "%d is odd", 1);
    problem_at_key(&list, node, "'%s' is unknown", "b");
    ck_assert_int_eq(yaml_fail(node, &err, "too small"), -1);
    problem_err(&list, &err);
    ck_assert_str_eq(buf_str(&lines), "t.yaml:2:6: 1 is odd\n"
                                      "t.yaml:2:3: 'b' is unknown\n"
                                      "t.yaml:2:6: too small\n");
    ck_assert_int_eq(problem_check(&list, "t.yaml", &err), -1);
    ck_assert_int_eq(err.code, ERR_CONFIG);
    ck_assert_str_eq(err.text, "t.yaml: 3 problems");
}
END_TEST

START_TEST(a_file_that_is_no_yaml_has_one_problem)
{
    err_set(&err, ERR_CONFIG, "t.yaml:1:1: bad");
    ck_assert_int_eq(problem_only(&lines, "t.yaml", &err), -1);
    ck_assert_str_eq(buf_str(&lines), "t.yaml:1:1: bad\n");
    ck_assert_str_eq(err.text, "t.yaml: 1 problem");
}
END_TEST

START_TEST(a_file_that_cannot_be_read_has_no_problem_but_its_error)
{
    err_set(&err, ERR_MISSING, "t.yaml: no such file");
    ck_assert_int_eq(problem_only(&lines, "t.yaml", &err), -1);
    ck_assert_str_eq(buf_str(&lines), "");
    ck_assert_int_eq(err.code, ERR_MISSING);
    ck_assert_str_eq(err.text, "t.yaml: no such file");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("problem");
    TCase *tcase = tcase_create("problem");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, without_problems_the_check_passes);
    tcase_add_test(tcase, problems_stand_one_a_line_and_are_counted);
    tcase_add_test(tcase, a_file_that_is_no_yaml_has_one_problem);
    tcase_add_test(tcase, a_file_that_cannot_be_read_has_no_problem_but_its_error);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
