#include "month/content.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define ONE "one"
#define TWO "two"

static struct content_submission list[64];
static size_t count;
static struct content_feed feeds[16];
static size_t feed_count;

/* Note a submission; revisions count up by themselves. */
static struct content_submission *
sent(const char *type, const char *producer, int32_t period, enum content_kind kind)
{
    struct content_submission *one = &list[count++];

    *one = (struct content_submission){.type = record_find(type),
                                       .producer = producer,
                                       .submission = (int32_t)count,
                                       .period = period,
                                       .revision = (int32_t)count,
                                       .kind = kind,
                                       .stored = 100};
    return one;
}

static void
expect(const char *type, const char *producer, bool expected)
{
    feeds[feed_count++] = (struct content_feed){
        .type = record_find(type), .producer = producer, .expected = expected};
}

static void
setup(void)
{
    count = feed_count = 0;
}

/* Write the parts' submissions in order, producers set apart by a bar: "1,2|3". */
static const char *
parts(const struct content *content)
{
    static char text[256];
    int producer = 0;

    text[0] = '\0';
    for (size_t i = 0; i < content->part_count; i++) {
        const struct content_part *part = &content->parts[i];

        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%d",
                       i == 0                          ? ""
                       : part->producer_no != producer ? "|"
                                                       : ",",
                       part->submission);
        producer = part->producer_no;
    }
    return text;
}

static struct content_book *
book(void)
{
    return content_book_new(list, count, feeds, feed_count);
}

static void
assert_content(const char *type, int32_t month, bool complete, const char *want)
{
    AUTO(content_book_free) struct content_book *known = book();
    AUTO_CONTENT struct content content = {0};

    content_of(known, record_find(type), month, &content);
    ck_assert_msg(content.complete == complete, "%s of %d: complete is %d", type, month,
                  content.complete);
    ck_assert_str_eq(parts(&content), want);
}

START_TEST(the_base_is_the_full_submission_with_the_highest_revision)
{
    sent("civil.dibao", ONE, 202603, CONTENT_FULL);
    sent("civil.dibao", ONE, 202603, CONTENT_FULL);
    assert_content("civil.dibao", 202603, true, "2");
}
END_TEST

START_TEST(what_came_before_the_newest_full_submission_does_not_count)
{
    sent("civil.dibao", ONE, 202603, CONTENT_FULL);
    sent("civil.dibao", ONE, 202603, CONTENT_CORRECTION);
    sent("civil.dibao", ONE, 202603, CONTENT_FULL);
    sent("civil.dibao", ONE, 202603, CONTENT_DELTA);
    sent("civil.dibao", ONE, 202603, CONTENT_CORRECTION);
    assert_content("civil.dibao", 202603, true, "3,4,5");
}
END_TEST

START_TEST(the_order_of_arrival_does_not_matter)
{
    sent("civil.dibao", ONE, 202603, CONTENT_CORRECTION)->revision = 3;
    sent("civil.dibao", ONE, 202603, CONTENT_DELTA)->revision = 2;
    sent("civil.dibao", ONE, 202603, CONTENT_FULL)->revision = 1;
    assert_content("civil.dibao", 202603, true, "3,2,1");
}
END_TEST

START_TEST(a_roster_of_deltas_starts_from_its_newest_earlier_period)
{
    sent("civil.dibao", ONE, 202601, CONTENT_FULL);
    sent("civil.dibao", ONE, 202602, CONTENT_DELTA);
    sent("civil.dibao", ONE, 202604, CONTENT_DELTA);
    assert_content("civil.dibao", 202604, true, "1,2,3");
    assert_content("civil.dibao", 202602, true, "1,2");
    assert_content("civil.dibao", 202603, false, "");
}
END_TEST

START_TEST(a_delta_without_a_base_waits)
{
    sent("civil.dibao", ONE, 202602, CONTENT_DELTA);
    assert_content("civil.dibao", 202602, false, "");
    sent("civil.dibao", ONE, 202601, CONTENT_FULL);
    assert_content("civil.dibao", 202602, true, "2,1");
}
END_TEST

START_TEST(a_correction_alone_says_nothing_of_the_month)
{
    sent("civil.dibao", ONE, 202601, CONTENT_FULL);
    sent("civil.dibao", ONE, 202602, CONTENT_CORRECTION);
    assert_content("civil.dibao", 202602, false, "");
    assert_content("civil.dibao", 202601, true, "1");
}
END_TEST

START_TEST(every_expected_producer_must_be_in)
{
    expect("water.household", ONE, true);
    expect("water.household", TWO, true);
    sent("water.household", ONE, 202603, CONTENT_FULL);
    assert_content("water.household", 202603, false, "");
    sent("water.household", TWO, 202603, CONTENT_FULL);
    assert_content("water.household", 202603, true, "1|2");
}
END_TEST

START_TEST(an_optional_producer_is_read_when_it_is_there)
{
    expect("water.household", ONE, true);
    expect("water.household", TWO, false);
    sent("water.household", ONE, 202603, CONTENT_FULL);
    assert_content("water.household", 202603, true, "1");
    sent("water.household", TWO, 202603, CONTENT_FULL);
    assert_content("water.household", 202603, true, "1|2");
}
END_TEST

START_TEST(a_feed_is_expected_from_the_first_to_the_last_period_of_its_grant)
{
    static const struct {
        int32_t month;
        bool complete, all_in;
    } months[] = {
        {202601, true, true},   /* before TWO is expected */
        {202602, false, false}, /* the first period of TWO */
        {202603, false, false}, /* its last */
        {202604, true, true},
    };

    expect("water.household", ONE, true);
    expect("water.household", TWO, true);
    feeds[1].since = 202602;
    feeds[1].until = 202603;
    for (int32_t month = 202601; month <= 202604; month++)
        sent("water.household", ONE, month, CONTENT_FULL);
    for (int i = 0; i < UNIT_COUNT(months); i++) {
        AUTO(content_book_free) struct content_book *known = book();
        AUTO_CONTENT struct content content = {0};

        content_of(known, record_find("water.household"), months[i].month, &content);
        ck_assert_int_eq(content.complete, months[i].complete);
        ck_assert_int_eq(content_all_in(known, months[i].month), months[i].all_in);
    }
}
END_TEST

START_TEST(one_grant_of_several_that_expects_a_feed_is_enough)
{
    expect("water.household", ONE, true);
    expect("water.household", TWO, true);
    expect("water.household", TWO, false);
    expect("water.household", TWO, true);
    feeds[1].until = 202601;
    feeds[3].since = 202603;
    for (int32_t month = 202601; month <= 202603; month++)
        sent("water.household", ONE, month, CONTENT_FULL);
    assert_content("water.household", 202601, false, "");
    assert_content("water.household", 202602, true, "2");
    assert_content("water.household", 202603, false, "");
}
END_TEST

START_TEST(what_a_producer_sent_before_its_grant_ended_is_still_read)
{
    expect("water.household", TWO, true);
    feeds[0].until = 202602;
    sent("water.household", TWO, 202602, CONTENT_FULL);
    assert_content("water.household", 202602, true, "1");
    assert_content("water.household", 202603, false, ""); /* nobody was asked to send it */
}
END_TEST

START_TEST(what_nobody_sends_is_not_complete)
{
    expect("water.household", TWO, false);
    assert_content("water.household", 202603, false, "");
    assert_content("civil.dibao", 202603, false, "");
}
END_TEST

START_TEST(the_register_is_the_newest_period_with_households_and_members_both)
{
    sent("register.household", ONE, 202601, CONTENT_FULL);
    sent("register.member", ONE, 202601, CONTENT_FULL);
    sent("register.household", ONE, 202602, CONTENT_DELTA);
    assert_content("register.household", 202602, true, "1");
    assert_content("register.member", 202602, true, "2");
    sent("register.member", ONE, 202602, CONTENT_DELTA);
    assert_content("register.household", 202602, true, "1,3");
    assert_content("register.member", 202605, true, "2,4");
}
END_TEST

START_TEST(the_register_is_at_most_four_months_old)
{
    sent("register.household", ONE, 202601, CONTENT_FULL);
    sent("register.member", ONE, 202601, CONTENT_FULL);
    assert_content("register.household", 202605, true, "1");
    assert_content("register.household", 202606, false, "");
    assert_content("register.household", 202512, false, "");
}
END_TEST

START_TEST(an_event_list_is_the_union_of_its_periods)
{
    sent("insurance.settlement", ONE, 202601, CONTENT_FULL);
    sent("insurance.settlement", ONE, 202602, CONTENT_FULL);
    sent("insurance.settlement", ONE, 202602, CONTENT_CORRECTION);
    sent("insurance.settlement", ONE, 202603, CONTENT_DELTA);
    assert_content("insurance.settlement", 202603, true, "1,2,3,4");
    assert_content("insurance.settlement", 202602, true, "1,2,3");
    assert_content("insurance.settlement", 202604, false, "");
    assert_content("insurance.settlement", 202701, false, "");
}
END_TEST

START_TEST(an_event_list_names_the_earlier_months_that_are_missing)
{
    AUTO_CONTENT struct content content = {0};

    for (int32_t month = 202501; month <= 202512; month++)
        if (month != 202504 && month != 202511)
            sent("insurance.settlement", ONE, month, CONTENT_FULL);
    AUTO(content_book_free) struct content_book *known = book();
    content_of(known, record_find("insurance.settlement"), 202512, &content);
    ck_assert_uint_eq(content.missing_count, 2);
    ck_assert_int_eq(content.missing[0], 202504);
    ck_assert_int_eq(content.missing[1], 202511);
}
END_TEST

START_TEST(a_standard_is_read_from_all_that_came)
{
    sent("civil.standard", ONE, 202401, CONTENT_FULL);
    sent("civil.standard", ONE, 202601, CONTENT_FULL);
    assert_content("civil.standard", 202512, true, "1");
    assert_content("civil.standard", 202603, true, "1,2");
    assert_content("civil.standard", 202312, false, "");
}
END_TEST

START_TEST(school_lists_belong_to_their_term_and_year)
{
    sent("education.aid", ONE, 202602, CONTENT_FULL);
    sent("education.cost", ONE, 202509, CONTENT_FULL);
    assert_content("education.aid", 202607, true, "1");
    assert_content("education.aid", 202608, false, "");
    assert_content("education.aid", 202609, false, "");
    assert_content("education.aid", 202601, false, "");
    assert_content("education.cost", 202608, true, "2");
    assert_content("education.cost", 202609, false, "");
}
END_TEST

START_TEST(terms_are_spring_and_autumn_and_august_is_none)
{
    static const struct {
        int32_t month, first, last;
    } known[] = {
        {202602, 202602, 202607}, {202607, 202602, 202607}, {202609, 202609, 202701},
        {202612, 202609, 202701}, {202701, 202609, 202701},
    };
    int32_t first, last;

    for (int i = 0; i < UNIT_COUNT(known); i++) {
        ck_assert(content_term(known[i].month, &first, &last));
        ck_assert_int_eq(first, known[i].first);
        ck_assert_int_eq(last, known[i].last);
    }
    ck_assert(!content_term(202608, &first, &last));
    content_school_year(202608, &first, &last);
    ck_assert_int_eq(first, 202509);
    ck_assert_int_eq(last, 202608);
    content_school_year(202609, &first, &last);
    ck_assert_int_eq(first, 202609);
}
END_TEST

START_TEST(the_earlier_register_lies_three_to_fifteen_months_before)
{
    AUTO_CONTENT struct content before = {0};

    for (int32_t month = 202601; month <= 202604; month++) {
        sent("register.household", ONE, month, CONTENT_FULL);
        sent("register.member", ONE, month, CONTENT_FULL);
    }
    AUTO(content_book_free) struct content_book *known = book();
    content_of_before(known, 202605, &before);
    ck_assert_str_eq(parts(&before), "1");
    content_done(&before);
    content_of_before(known, 202603, &before);
    ck_assert(!before.complete);
    ck_assert_str_eq(parts(&before), "");
}
END_TEST

START_TEST(judged_months_have_a_complete_monthly_submission)
{
    int32_t *months;

    sent("register.household", ONE, 202601, CONTENT_FULL);
    sent("civil.dibao", ONE, 202605, CONTENT_DELTA);
    sent("civil.edge", ONE, 202604, CONTENT_FULL);
    sent("civil.dibao", ONE, 202603, CONTENT_FULL);
    sent("water.works", ONE, 202603, CONTENT_FULL);
    sent("civil.edge", ONE, 202602, CONTENT_CORRECTION);
    AUTO(content_book_free) struct content_book *known = book();
    ck_assert_uint_eq(content_months(known, &months), 3);
    ck_assert_int_eq(months[0], 202603);
    ck_assert_int_eq(months[1], 202604);
    ck_assert_int_eq(months[2], 202605);
    free(months);
}
END_TEST

START_TEST(all_is_in_when_every_expected_monthly_feed_is)
{
    expect("civil.dibao", ONE, true);
    expect("civil.edge", ONE, true);
    expect("civil.relief", ONE, false);
    expect("register.household", ONE, true);
    sent("civil.dibao", ONE, 202603, CONTENT_FULL);
    AUTO(content_book_free) struct content_book *half = book();
    ck_assert(!content_all_in(half, 202603));
    sent("civil.edge", ONE, 202603, CONTENT_FULL);
    AUTO(content_book_free) struct content_book *whole = book();
    ck_assert(content_all_in(whole, 202603));
    ck_assert(!content_all_in(whole, 202604));
}
END_TEST

START_TEST(what_a_correction_brings_is_no_longer_quarantined)
{
    AUTO_CONTENT struct content content = {0};

    sent("civil.dibao", ONE, 202603, CONTENT_FULL)->quarantined = 5;
    sent("civil.dibao", ONE, 202603, CONTENT_CORRECTION)->stored = 3;
    AUTO(content_book_free) struct content_book *known = book();
    content_of(known, record_find("civil.dibao"), 202603, &content);
    ck_assert_int_eq(content.quarantined, 2);
    ck_assert_int_eq(content.stored, 103);
}
END_TEST

START_TEST(a_row_that_a_correction_brings_bad_again_is_one_quarantined_row)
{
    static const struct {
        int64_t base, mended, bad, quarantined;
    } rows[] = {{5, 3, 1, 2}, {5, 0, 5, 5}, {5, 3, 2, 2}, {5, 5, 3, 3}, {0, 4, 2, 2}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_CONTENT struct content content = {0};

        count = 0;
        sent("civil.dibao", ONE, 202603, CONTENT_FULL)->quarantined = rows[i].base;
        sent("civil.dibao", ONE, 202603, CONTENT_CORRECTION)->stored = rows[i].mended;
        list[1].quarantined = rows[i].bad;
        AUTO(content_book_free) struct content_book *known = book();
        content_of(known, record_find("civil.dibao"), 202603, &content);
        ck_assert_int_eq(content.quarantined, rows[i].quarantined);
        ck_assert_int_eq(content.stored, 100 + rows[i].mended);
    }
}
END_TEST

START_TEST(a_partial_part_marks_the_content)
{
    AUTO_CONTENT struct content content = {0};

    expect("water.household", ONE, true);
    sent("water.household", ONE, 202603, CONTENT_FULL);
    sent("water.household", TWO, 202603, CONTENT_FULL)->partial = true;
    AUTO(content_book_free) struct content_book *known = book();
    content_of(known, record_find("water.household"), 202603, &content);
    ck_assert(content.partial);
}
END_TEST

static void
digest_of(int32_t month, bool strict, char ret_text[DIGEST_HEX])
{
    AUTO(content_book_free) struct content_book *known = book();
    uint8_t digest[DIGEST_BYTES];

    content_digest(known, month, strict, digest);
    digest_hex(digest, sizeof(digest), ret_text);
}

START_TEST(the_digest_changes_with_what_the_month_reads_and_nothing_else)
{
    char before[DIGEST_HEX], after[DIGEST_HEX];

    sent("civil.dibao", ONE, 202603, CONTENT_FULL);
    digest_of(202603, true, before);
    sent("civil.dibao", ONE, 202604, CONTENT_FULL);
    digest_of(202603, true, after);
    ck_assert_str_eq(before, after);
    sent("civil.dibao", ONE, 202603, CONTENT_CORRECTION);
    digest_of(202603, true, after);
    ck_assert_str_ne(before, after);
}
END_TEST

START_TEST(only_the_strict_digest_knows_the_access_list)
{
    char strict[DIGEST_HEX], lenient[DIGEST_HEX], after[DIGEST_HEX];

    sent("civil.dibao", ONE, 202603, CONTENT_FULL);
    digest_of(202603, true, strict);
    digest_of(202603, false, lenient);
    expect("civil.dibao", TWO, true);
    digest_of(202603, true, after);
    ck_assert_str_ne(strict, after);
    digest_of(202603, false, after);
    ck_assert_str_eq(lenient, after);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("content");
    TCase *tcase = tcase_create("content");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, the_base_is_the_full_submission_with_the_highest_revision);
    tcase_add_test(tcase, what_came_before_the_newest_full_submission_does_not_count);
    tcase_add_test(tcase, the_order_of_arrival_does_not_matter);
    tcase_add_test(tcase, a_roster_of_deltas_starts_from_its_newest_earlier_period);
    tcase_add_test(tcase, a_delta_without_a_base_waits);
    tcase_add_test(tcase, a_correction_alone_says_nothing_of_the_month);
    tcase_add_test(tcase, every_expected_producer_must_be_in);
    tcase_add_test(tcase, an_optional_producer_is_read_when_it_is_there);
    tcase_add_test(tcase, a_feed_is_expected_from_the_first_to_the_last_period_of_its_grant);
    tcase_add_test(tcase, one_grant_of_several_that_expects_a_feed_is_enough);
    tcase_add_test(tcase, what_a_producer_sent_before_its_grant_ended_is_still_read);
    tcase_add_test(tcase, what_nobody_sends_is_not_complete);
    tcase_add_test(tcase, the_register_is_the_newest_period_with_households_and_members_both);
    tcase_add_test(tcase, the_register_is_at_most_four_months_old);
    tcase_add_test(tcase, an_event_list_is_the_union_of_its_periods);
    tcase_add_test(tcase, an_event_list_names_the_earlier_months_that_are_missing);
    tcase_add_test(tcase, a_standard_is_read_from_all_that_came);
    tcase_add_test(tcase, school_lists_belong_to_their_term_and_year);
    tcase_add_test(tcase, terms_are_spring_and_autumn_and_august_is_none);
    tcase_add_test(tcase, the_earlier_register_lies_three_to_fifteen_months_before);
    tcase_add_test(tcase, judged_months_have_a_complete_monthly_submission);
    tcase_add_test(tcase, all_is_in_when_every_expected_monthly_feed_is);
    tcase_add_test(tcase, what_a_correction_brings_is_no_longer_quarantined);
    tcase_add_test(tcase, a_row_that_a_correction_brings_bad_again_is_one_quarantined_row);
    tcase_add_test(tcase, a_partial_part_marks_the_content);
    tcase_add_test(tcase, the_digest_changes_with_what_the_month_reads_and_nothing_else);
    tcase_add_test(tcase, only_the_strict_digest_knows_the_access_list);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
