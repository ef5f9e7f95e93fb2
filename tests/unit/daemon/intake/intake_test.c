#include "intake/intake.h"

#include <string.h>

#include "base/clock.h"
#include "unit.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccc"
#define UUID "0123456789abcdef"

/* Revisions 3, 2 and 1 hold B, A and a nil A. */
static const struct intake_revision history[] = {
    {3, FRAME_FULL, false, B, UUID},
    {2, FRAME_FULL, false, A, "________________"},
    {1, FRAME_DELTA, true, A, "________________"},
};

static const struct {
    enum frame_submission kind;
    bool nil;
    const char *digest, *uuid;
    uint32_t wanted;
    enum intake_verdict verdict;
    uint32_t revision;
    const char *text;
} contents[] = {
    {FRAME_FULL, false, C, NULL, 0, INTAKE_NEW, 4, ""},
    {FRAME_FULL, false, C, NULL, 9, INTAKE_NEW, 9, ""},
    {FRAME_FULL, false, B, NULL, 0, INTAKE_DUPLICATE, 3, "received before as r3, nothing changes"},
    {FRAME_FULL, false, B, NULL, 3, INTAKE_DUPLICATE, 3, "received before as r3, nothing changes"},
    {FRAME_FULL, false, B, NULL, 4, INTAKE_DUPLICATE, 3, "received before as r3, nothing changes"},
    {FRAME_DELTA, false, B, NULL, 0, INTAKE_NEW, 4, ""},
    {FRAME_FULL, true, B, NULL, 0, INTAKE_NEW, 4, ""},
    {FRAME_FULL, false, A, NULL, 0, INTAKE_REFUSED, 0,
     "received as r2, replaced by r3; give --revision to restore it"},
    {FRAME_FULL, false, A, NULL, 4, INTAKE_NEW, 4, ""},
    {FRAME_FULL, false, A, NULL, 2, INTAKE_DUPLICATE, 2, "received before as r2, nothing changes"},
    {FRAME_FULL, false, A, NULL, 3, INTAKE_REFUSED, 0, "revision 3 is taken by other content"},
    {FRAME_DELTA, true, A, NULL, 0, INTAKE_REFUSED, 0,
     "received as r1, replaced by r3; give --revision to restore it"},
    {FRAME_FULL, false, C, UUID, 0, INTAKE_DUPLICATE, 3, "received before as r3, nothing changes"},
};

START_TEST(content_is_judged_beside_the_revisions_that_are_there)
{
    const struct intake_content content = {
        contents[_i].kind,
        contents[_i].nil,
        (const uint8_t *)contents[_i].digest,
        (const uint8_t *)contents[_i].uuid,
        contents[_i].wanted,
    };
    struct submission_refusal refusal = {0};
    uint32_t revision = 0;

    ck_assert_int_eq(intake_judge(history, UNIT_COUNT(history), &content, &revision, &refusal),
                     contents[_i].verdict);
    ck_assert_uint_eq(revision, contents[_i].revision);
    ck_assert_str_eq(refusal.text, contents[_i].text);
    ck_assert_int_eq(refusal.text_zh[0] != '\0', contents[_i].text[0] != '\0');
    ck_assert_int_eq(refusal.code,
                     contents[_i].verdict == INTAKE_REFUSED ? ERR_CONFLICT : ERR_NONE);
}
END_TEST

START_TEST(the_first_revision_is_one)
{
    const struct intake_content content = {FRAME_FULL, false, (const uint8_t *)A, NULL, 0};
    struct submission_refusal refusal;
    uint32_t revision;

    ck_assert_int_eq(intake_judge(NULL, 0, &content, &revision, &refusal), INTAKE_NEW);
    ck_assert_uint_eq(revision, 1);
}
END_TEST

static const struct {
    uint64_t rows, earlier[3];
    size_t count;
    bool partial;
} shares[] = {
    {0, {0}, 0, false},           {1, {1000}, 1, false},         {79, {100, 100}, 2, true},
    {80, {100, 100}, 2, false},   {79, {50, 150}, 2, true},      {80, {50, 150}, 2, false},
    {79, {500, 100, 3}, 3, true}, {80, {3, 500, 100}, 3, false}, {8, {10, 9, 11}, 3, false},
    {7, {10, 9, 11}, 3, true},    {0, {0, 0, 0}, 3, false},      {0, {1, 0, 1}, 3, true},
};

START_TEST(rows_below_four_fifths_of_the_median_are_partial)
{
    ck_assert_int_eq(intake_partial(shares[_i].rows, shares[_i].earlier, shares[_i].count),
                     shares[_i].partial);
}
END_TEST

static const struct {
    const char *record_type;
    uint32_t period;
    enum frame_submission kind;
    bool nil;
    uint64_t rows;
    const char *text; /* NULL: plausible */
} opens[] = {
    {"insurance.enrolment", 202606, FRAME_FULL, false, 1, NULL},
    {"insurance.enrolment", 202607, FRAME_FULL, false, 1, "the period lies in the future"},
    {"no.such", 202606, FRAME_FULL, false, 1, "the hub does not know this record type"},
    {"insurance.enrolment", 202606, FRAME_FULL, false, 0,
     "the submission is empty and no nil report"},
    {"insurance.enrolment", 202606, FRAME_FULL, true, 0,
     "a roster cannot be nil: send a delta nil"},
    {"insurance.enrolment", 202606, FRAME_DELTA, true, 0, NULL},
    {"insurance.enrolment", 202606, FRAME_CORRECTION, true, 0, "a correction cannot be nil"},
    {"insurance.settlement", 202606, FRAME_FULL, true, 0, NULL},
    {"civil.relief", 202606, FRAME_FULL, true, 0, NULL},
    {"housing.renovation", 202606, FRAME_FULL, true, 0, NULL},
    {"water.works", 202606, FRAME_FULL, true, 0, NULL},
    {"water.complaint", 202606, FRAME_FULL, true, 0, NULL},
    {"civil.edge", 202606, FRAME_FULL, true, 0, NULL},
    {"civil.dibao", 202606, FRAME_FULL, true, 0, "a roster cannot be nil: send a delta nil"},
};

START_TEST(an_open_is_plausible_or_refused_with_its_reason)
{
    const struct frame_open open = {
        .record_type = opens[_i].record_type,
        .period = opens[_i].period,
        .kind = opens[_i].kind,
        .nil = opens[_i].nil,
        .rows = opens[_i].rows,
    };
    struct submission_refusal refusal = {0};
    int32_t today;

    ck_assert(clock_date(2026, 6, 1, &today));
    ck_assert_int_eq(intake_plausible(&open, today, &refusal), opens[_i].text == NULL);
    if (opens[_i].text != NULL) {
        ck_assert_str_eq(refusal.text, opens[_i].text);
        ck_assert_int_ne(refusal.text_zh[0], '\0');
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("intake");
    TCase *tcase = tcase_create("intake");

    tcase_add_loop_test(tcase, content_is_judged_beside_the_revisions_that_are_there, 0,
                        UNIT_COUNT(contents));
    tcase_add_test(tcase, the_first_revision_is_one);
    tcase_add_loop_test(tcase, rows_below_four_fifths_of_the_median_are_partial, 0,
                        UNIT_COUNT(shares));
    tcase_add_loop_test(tcase, an_open_is_plausible_or_refused_with_its_reason, 0,
                        UNIT_COUNT(opens));
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
