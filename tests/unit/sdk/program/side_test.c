#include "sdk/program/side.h"

#include <unistd.h>

#include "unit.h"

static char dir[64], path[96], report[96], side_path[96], receipt[96];
static struct side *side;
static struct refusal refusal;

static void
setup(void)
{
    unit_folder(dir, sizeof(dir));
    (void)snprintf(path, sizeof(path), "%s/a.csv", dir);
    (void)snprintf(report, sizeof(report), "%s/a.csv.rejects.csv", dir);
    (void)snprintf(side_path, sizeof(side_path), "%s/a.csv.yaml", dir);
    (void)snprintf(receipt, sizeof(receipt), "%s/a.csv.receipt.json", dir);
    refusal = (struct refusal){0};
    side = NULL;
}

static void
teardown(void)
{
    side_free(side);
    (void)unlink(side_path);
    (void)unlink(receipt);
    ck_assert_int_eq(rmdir(dir), 0);
}

static void
write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_file_without_one_has_no_words)
{
    side_read(path, &side, &refusal);
    ck_assert_ptr_null(side);
    ck_assert_int_eq(refusal.code, REFUSAL_NONE);
    ck_assert_ptr_null(side_words(side).type);
}
END_TEST

START_TEST(a_side_file_gives_options_as_they_stand)
{
    write_file(side_path,
               "type: insurance.enrolment\nperiod: 2026-05\ncounty: 360799\nnil: true\n");
    side_read(path, &side, &refusal);
    ck_assert_ptr_nonnull(side);
    ck_assert_str_eq(side_words(side).type, "insurance.enrolment");
    ck_assert_str_eq(side_words(side).period, "2026-05");
    ck_assert_str_eq(side_words(side).county, "360799");
    ck_assert(side_words(side).nil);
    ck_assert_ptr_null(side_words(side).kind);
}
END_TEST

START_TEST(everything_wrong_with_a_side_file_is_said)
{
    char expected[512];

    write_file(side_path, "month: 5\nnil: perhaps\nperiod: ''\n");
    side_read(path, &side, &refusal);
    ck_assert_ptr_null(side);
    ck_assert_int_eq(refusal.code, REFUSAL_SIDE_FILE);
    (void)snprintf(expected, sizeof(expected),
                   "the side file is wrong: %s:1:1: unknown option 'month';%s:2:6: nil: one of "
                   "true, false is expected;%s:3:9: period: a text is expected; it may have type, "
                   "period, county, producer, kind, revision and nil",
                   side_path, side_path, side_path);
    ck_assert_str_eq(refusal.en, expected);
}
END_TEST

START_TEST(a_report_is_known_by_the_receipt_of_its_file)
{
    write_file(receipt, "{\"record_type\": \"insurance.enrolment\", \"period\": \"2026-05\","
                        " \"county\": 360799, \"kind\": \"delta\", \"producer\": null}\n");
    side_read(report, &side, &refusal);
    ck_assert_ptr_nonnull(side);
    ck_assert_str_eq(side_words(side).type, "insurance.enrolment");
    ck_assert_str_eq(side_words(side).county, "360799");
    ck_assert_str_eq(side_words(side).kind, "delta");
}
END_TEST

START_TEST(a_receipt_that_does_not_tell_what_was_sent_is_passed_over)
{
    write_file(receipt, "{\"period\": \"2026-05\"}\n");
    side_read(report, &side, &refusal);
    ck_assert_ptr_null(side);
    ck_assert_int_eq(refusal.code, REFUSAL_NONE);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("side");
    TCase *tcase = tcase_create("side");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_file_without_one_has_no_words);
    tcase_add_test(tcase, a_side_file_gives_options_as_they_stand);
    tcase_add_test(tcase, everything_wrong_with_a_side_file_is_said);
    tcase_add_test(tcase, a_report_is_known_by_the_receipt_of_its_file);
    tcase_add_test(tcase, a_receipt_that_does_not_tell_what_was_sent_is_passed_over);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
