#include "command/review.h"

#include <stdio.h>
#include <string.h>

#include "link/compare.h"
#include "command/report.h"
#include "unit.h"

static const struct {
    const char *text;
    bool good;
    struct review_id id;
} ids[] = {
    {"water.household/12/40", true, {"water.household", 12, 40, 0}},
    {"insurance.enrolment/1/2147483647/3", true, {"insurance.enrolment", 1, INT32_MAX, 3}},
    {"", false, {{0}, 0, 0, 0}},
    {"water.household", false, {{0}, 0, 0, 0}},
    {"water.household/12", false, {{0}, 0, 0, 0}},
    {"/12/40", false, {{0}, 0, 0, 0}},
    {"water.household/12/", false, {{0}, 0, 0, 0}},
    {"water.household/12/40/", false, {{0}, 0, 0, 0}},
    {"water.household/12/40/1/1", false, {{0}, 0, 0, 0}},
    {"water.household/0/40", false, {{0}, 0, 0, 0}},
    {"water.household/-1/40", false, {{0}, 0, 0, 0}},
    {"water.household/12/2147483648", false, {{0}, 0, 0, 0}},
    {"water.household/12/99999999999999999999", false, {{0}, 0, 0, 0}},
    {"water.household/12/40'", false, {{0}, 0, 0, 0}},
    {"Water.household/12/40", false, {{0}, 0, 0, 0}},
    {"water.waaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaater/1/1",
     false,
     {{0}, 0, 0, 0}},
};

START_TEST(an_id_is_read_whole_or_refused)
{
    struct review_id id = {0};
    struct err err = {0};

    ck_assert_int_eq(review_parse(ids[_i].text, &id, &err), ids[_i].good ? 0 : -1);
    ck_assert_str_eq(id.record_type, ids[_i].id.record_type);
    ck_assert_int_eq(id.submission, ids[_i].id.submission);
    ck_assert_int_eq(id.row, ids[_i].id.row);
    ck_assert_int_eq(id.decision, ids[_i].id.decision);
    if (!ids[_i].good)
        ck_assert_str_eq(err.text, "that is no ID of a link");
}
END_TEST

/* A clerk reads Chinese words: report/review_term.sql has one for each level of each field. */
START_TEST(every_level_has_a_word_that_clerks_read)
{
    AUTO_BUF struct buf sql = {0};

    report_add_sql(report_find("review_term"), false, &sql);
    for (int field = 0; field < COMPARE_FIELDS; field++) {
        const char *name = compare_name((enum compare_field)field);
        char word[100];

        (void)snprintf(word, sizeof(word), "    ('%s', '", name);
        ck_assert_msg(strstr(buf_str(&sql), word) != NULL, "no words for %s", name);
        for (unsigned level = 1; level < compare_levels((enum compare_field)field); level++) {
            const char *is = compare_level_name((enum compare_field)field, level);

            (void)snprintf(word, sizeof(word), "('%s', '%s', '", name, is);
            ck_assert_msg(strstr(buf_str(&sql), word) != NULL, "no word for %s %s", name, is);
        }
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("review");
    TCase *tcase = tcase_create("review");

    tcase_add_loop_test(tcase, an_id_is_read_whole_or_refused, 0, UNIT_COUNT(ids));
    tcase_add_test(tcase, every_level_has_a_word_that_clerks_read);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
