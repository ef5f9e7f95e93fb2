#include "sdk/program/filename.h"

#include <string.h>

#include "unit.h"

static const struct {
    const char *path, *type, *producer;
    int32_t period;
    enum frame_submission kind;
    uint32_t revision;
    bool kind_given, rejects;
    uint32_t county;
} good[] = {
    {"insurance.enrolment.2024-03.csv", "insurance.enrolment", "", 202403, FRAME_FULL, 0, false,
     false},
    {"/a.b/insurance.enrolment.2024-03.CSV", "insurance.enrolment", "", 202403, FRAME_FULL, 0,
     false, false},
    {"civil.dibao.2024-12.minzheng.csv", "civil.dibao", "minzheng", 202412, FRAME_FULL, 0, false,
     false},
    {"water.household.2024-03.plant-7.delta.r12.csv", "water.household", "plant-7", 202403,
     FRAME_DELTA, 12, true, false},
    {"water.household.2024-03.correction.csv", "water.household", "", 202403, FRAME_CORRECTION, 0,
     true, false},
    {"water.household.2024-03.r2.csv", "water.household", "", 202403, FRAME_FULL, 2, false, false},
    {"civil.dibao.2024-03.mz.r3.csv.rejects.csv", "civil.dibao", "mz", 202403, FRAME_CORRECTION, 0,
     true, true},
    {"insurance.enrolment.2024-03.xlsx", "insurance.enrolment", "", 202403, FRAME_FULL, 0, false,
     false},
    {"insurance.enrolment.2024-03 (1).xlsx", "insurance.enrolment", "", 202403, FRAME_FULL, 0,
     false, false},
    {"civil.dibao.2024-03.mz.delta - 副本 (2).csv", "civil.dibao", "mz", 202403, FRAME_DELTA, 0,
     true, false},
    {"civil.dibao.2024-03.mz.xlsx.rejects.2.xlsx", "civil.dibao", "mz", 202403, FRAME_CORRECTION, 0,
     true, true},
    {"civil.dibao.2024-03.xls.rejects.csv", "civil.dibao", "", 202403, FRAME_CORRECTION, 0, true,
     true},
    {"civil.dibao.2024-03.mz.delta.csv.rejects.csv.rejects.csv", "civil.dibao", "mz", 202403,
     FRAME_DELTA, 0, true, true},
    {"civil.dibao.2024-03.csv.360799.rejects.xlsx", "civil.dibao", "", 202403, FRAME_CORRECTION, 0,
     true, true, 360799},
};

START_TEST(a_name_says_type_period_producer_kind_and_revision)
{
    struct filename name;

    ck_assert(filename_parse(good[_i].path, &name));
    ck_assert_str_eq(name.type->name, good[_i].type);
    ck_assert_str_eq(name.producer, good[_i].producer);
    ck_assert_int_eq(name.period, good[_i].period);
    ck_assert_int_eq(name.kind, good[_i].kind);
    ck_assert_uint_eq(name.revision, good[_i].revision);
    ck_assert_int_eq(name.kind_given, good[_i].kind_given);
    ck_assert_int_eq(name.rejects, good[_i].rejects);
    ck_assert_uint_eq(name.county, good[_i].county);
}
END_TEST

static const char *const unread[] = {
    "",
    "三月参保.csv",
    "2026年13月参保.csv",
    "2026年2月至2026年3月.csv",
    " (1).csv",
    "insurance.csv",
    "insurance.enrolment.csv",
    "insurance.enrolment.2024-13.csv",
    "insurance.enrolment.202403.csv",
    "insurance.nothing.2024-03.csv",
    "insurance.enrolment.2024-03",
    "insurance.enrolment.2024-03.docx",
    "insurance.enrolment.2024-03.csv.rejects.docx",
    "insurance.enrolment.2024-03.csv.rejects.x.csv",
    "insurance.enrolment.2024-03.r0.csv",
    "insurance.enrolment.2024-03.r1.r2.csv",
    "insurance.enrolment.2024-03.delta.delta.csv",
    "insurance.enrolment.2024-03.delta.yibaoju.csv",
    "insurance.enrolment.2024-03.r1.delta.csv",
    "insurance.enrolment.2024-03.r9999999.csv",
    "insurance.enrolment.2024-03..csv",
    ("insurance.enrolment.2024-03."
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.csv"),
};

static const struct {
    const char *path;
    int32_t period;
    bool rejects;
} own[] = {
    {"/drop/2026年11月参保名册.xlsx", 202611, false},
    {"信丰县2026年3月 低保对象.csv", 202603, false},
    {"2026年11月参保名册 (1).csv", 202611, false},
    {"2026年11月参保名册（2） - 副本.xls", 202611, false},
    {"2026年11月参保名册.xlsx.rejects.xlsx", 202611, true},
    {"2026年11月参保名册.xlsx.rejects - 副本.csv", 202611, false},
};

START_TEST(a_name_of_the_offices_own_says_its_month)
{
    struct filename name;

    ck_assert(filename_parse(own[_i].path, &name));
    ck_assert_ptr_null(name.type);
    ck_assert_int_eq(name.period, own[_i].period);
    ck_assert_int_eq(name.rejects, own[_i].rejects);
    ck_assert_int_eq(name.kind, own[_i].rejects ? FRAME_CORRECTION : FRAME_FULL);
}
END_TEST

START_TEST(another_name_says_nothing)
{
    struct filename name;

    ck_assert(!filename_parse(unread[_i], &name));
    ck_assert_ptr_null(name.type);
    ck_assert_int_eq(name.period, 0);
}
END_TEST

START_TEST(a_reject_report_is_known_by_its_ending)
{
    ck_assert_uint_eq(filename_rejects("/drop/a.csv.rejects.csv"), strlen("/drop/a.csv"));
    ck_assert_uint_eq(filename_rejects("/drop/a.xlsx.rejects.12.xlsx"), strlen("/drop/a.xlsx"));
    ck_assert_uint_eq(filename_rejects("/drop/a.csv"), 0);
    ck_assert_uint_eq(filename_rejects("/drop/a.rejects.csv.zip"), 0);
    ck_assert_uint_eq(filename_rejects(""), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("filename");
    TCase *tcase = tcase_create("filename");

    tcase_add_loop_test(tcase, a_name_says_type_period_producer_kind_and_revision, 0,
                        UNIT_COUNT(good));
    tcase_add_loop_test(tcase, a_name_of_the_offices_own_says_its_month, 0, UNIT_COUNT(own));
    tcase_add_loop_test(tcase, another_name_says_nothing, 0, UNIT_COUNT(unread));
    tcase_add_test(tcase, a_reject_report_is_known_by_its_ending);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
