#include "record.h"

#include "proto/recorded.h"

enum { TEXT_VALUE, NUMBER_VALUE, NO_VALUE };
#define TEXT_OF(value) TEXT_VALUE, value, 0
#define NUMBER_OF(value) NUMBER_VALUE, NULL, value
#define NOTHING NO_VALUE, NULL, 0
#define FIFTY                                                                                                                                    \
    "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六" \
    "七八九十"

static const struct {
    const char *type, *field;
    int kind;
    const char *text;
    int64_t number;
    enum record_reason reason;
} checks[] = {
    {"insurance.enrolment", "id_no", NOTHING, RECORD_REQUIRED},
    {"insurance.enrolment", "id_no", TEXT_OF("360799199003071230"), RECORD_BAD_ID},
    {"insurance.enrolment", "id_no", TEXT_OF("36079919900307123"), RECORD_BAD_ID},
    {"insurance.enrolment", "name", NOTHING, RECORD_BAD_NAME},
    {"insurance.enrolment", "name", TEXT_OF("阿依古丽·买买提"), RECORD_OK},
    {"insurance.enrolment", "name", TEXT_OF("𠮷野䶮"), RECORD_OK},
    {"insurance.enrolment", "name", TEXT_OF("钟馗"), RECORD_OK},
    {"insurance.enrolment", "name", TEXT_OF("李\xEF\xBF\xBD"), RECORD_BAD_NAME},
    {"insurance.enrolment", "name", TEXT_OF("李?"), RECORD_BAD_NAME},
    {"insurance.enrolment", "name", TEXT_OF("李？"), RECORD_BAD_NAME},
    {"insurance.enrolment", "name", TEXT_OF("锟斤拷"), RECORD_BAD_NAME},
    {"insurance.enrolment", "name", TEXT_OF("李\t"), RECORD_BAD_NAME},
    {"insurance.enrolment", "name", TEXT_OF("李\xC2\x85"), RECORD_BAD_NAME},
    {"insurance.enrolment", "name", TEXT_OF("李 明"), RECORD_BAD_NAME},
    {"insurance.enrolment", "name", TEXT_OF("李　明"), RECORD_BAD_NAME},
    {"insurance.enrolment", "name", TEXT_OF(FIFTY), RECORD_OK},
    {"insurance.enrolment", "name", TEXT_OF(FIFTY "一"), RECORD_BAD_NAME},
    {"insurance.enrolment", "scheme", TEXT_OF("310"), RECORD_OK},
    {"insurance.enrolment", "scheme", TEXT_OF("31"), RECORD_BAD_CODE},
    {"insurance.enrolment", "scheme", TEXT_OF("职工"), RECORD_BAD_CODE},
    {"insurance.enrolment", "paid_on", NOTHING, RECORD_OK},
    {"insurance.enrolment", "paid_on", NUMBER_OF(-25567), RECORD_OK},
    {"insurance.enrolment", "paid_on", NUMBER_OF(-25568), RECORD_BAD_DATE},
    {"insurance.enrolment", "paid_on", NUMBER_OF(84005), RECORD_OK},
    {"insurance.enrolment", "paid_on", NUMBER_OF(84006), RECORD_BAD_DATE},
    {"insurance.enrolment", "insured_area", TEXT_OF("110101"), RECORD_OK},
    {"insurance.enrolment", "insured_area", TEXT_OF("1101010"), RECORD_BAD_CODE},
    {"insurance.enrolment", "insured_area", TEXT_OF("11010A"), RECORD_BAD_CODE},
    {"insurance.enrolment", "aid_amount", NOTHING, RECORD_REQUIRED},
    {"insurance.enrolment", "insured_year", NOTHING, RECORD_REQUIRED},
    {"insurance.settlement", "total", NUMBER_OF(-1), RECORD_REQUIRED},
    {"insurance.settlement", "settlement_no", TEXT_OF(FIFTY), RECORD_STORAGE},
    {"register.household", "area", TEXT_OF("360799"), RECORD_OK},
    {"register.household", "area", TEXT_OF("360798001002"), RECORD_COUNTY},
    {"register.household", "income_month", NUMBER_OF(202413), RECORD_BAD_MONTH},
    {"register.household", "income_month", NUMBER_OF(202412), RECORD_OK},
    {"register.household", "phone", TEXT_OF("13907970001"), RECORD_OK},
    {"register.household", "phone", TEXT_OF("139-0797"), RECORD_BAD_NUMBER},
    {"register.village", "area", TEXT_OF("360798001002"), RECORD_COUNTY},
    {"housing.house", "area", TEXT_OF("360798001002"), RECORD_COUNTY},
    {"water.household", "area", TEXT_OF("360798001002"), RECORD_COUNTY},
    {"water.household", "id_no", NOTHING, RECORD_OK},
    {"water.household", "id_no", TEXT_OF("360799199003071230"), RECORD_BAD_ID},
    {"water.household", "litres", TEXT_OF("-12.50"), RECORD_OK},
    {"water.household", "litres", TEXT_OF("1e3"), RECORD_BAD_NUMBER},
    {"water.household", "litres", TEXT_OF("."), RECORD_BAD_NUMBER},
    {"water.household", "litres", TEXT_OF("1."), RECORD_BAD_NUMBER},
    {"water.household", "litres", TEXT_OF("-"), RECORD_BAD_NUMBER},
    {"water.complaint", "area", TEXT_OF("360798001002"), RECORD_COUNTY},
    {"water.works", "areas", NOTHING, RECORD_REQUIRED},
    {"register.member", "health", NOTHING, RECORD_REQUIRED},
    {"education.student", "absent_days", NUMBER_OF(31), RECORD_OK},
    {"education.student", "absent_days", NUMBER_OF(32), RECORD_BAD_NUMBER},
    {"education.student", "absent_days", NUMBER_OF(-1), RECORD_BAD_NUMBER},
    {"education.student", "status", TEXT_OF("02"), RECORD_OK},
    {"education.student", "status", TEXT_OF("04"), RECORD_REQUIRED},
    {"education.student", "status", TEXT_OF("05"), RECORD_REQUIRED},
    {"education.student", "status", TEXT_OF("07"), RECORD_REQUIRED},
    {"education.aid", "term", TEXT_OF("2024夏"), RECORD_BAD_CODE},
    {"civil.standard", "area", TEXT_OF("360799001"), RECORD_BAD_CODE},
};

static void
a_row_is_refused_for_one_reason_of_the_closed_list_at(int at_case)
{
    const struct record_type *type = record_find(checks[at_case].type);
    enum record_reason got;
    int at = -1;

    fill(type);
    unset(type, checks[at_case].field);
    if (checks[at_case].kind == TEXT_VALUE)
        put_text(type, checks[at_case].field, checks[at_case].text);
    else if (checks[at_case].kind == NUMBER_VALUE)
        put_number(type, checks[at_case].field, checks[at_case].number);
    got = record_check(type, &row, COUNTY, TODAY, &at);
    ck_assert_msg(got == checks[at_case].reason, "%s %s is '%s', want '%s'", checks[at_case].type,
                  checks[at_case].field, record_reason_name(got),
                  record_reason_name(checks[at_case].reason));
    if (checks[at_case].reason == RECORD_OK)
        ck_assert_int_eq(at, -1);
    else if (checks[at_case].reason != RECORD_REQUIRED)
        ck_assert_int_eq(at, field(type, checks[at_case].field));
}

START_TEST(a_row_is_refused_for_one_reason_of_the_closed_list)
{
    each(a_row_is_refused_for_one_reason_of_the_closed_list_at, UNIT_COUNT(checks));
}
END_TEST

START_TEST(a_reversal_may_be_negative_and_a_pupil_away_needs_a_reason)
{
    const struct record_type *type = record_find("insurance.settlement");
    int at;

    fill(type);
    put_number(type, "relief_paid", -100);
    ck_assert_int_eq(record_check(type, &row, COUNTY, TODAY, &at), RECORD_REQUIRED);
    ck_assert_str_eq(type->fields[at].name, "reversal_of");
    put_text(type, "reversal_of", "S1");
    ck_assert_int_eq(record_check(type, &row, COUNTY, TODAY, &at), RECORD_OK);

    type = record_find("education.student");
    fill(type);
    put_text(type, "status", "05");
    ck_assert_int_eq(record_check(type, &row, COUNTY, TODAY, &at), RECORD_REQUIRED);
    ck_assert_str_eq(type->fields[at].name, "reason");
    put_text(type, "reason", "03");
    ck_assert_int_eq(record_check(type, &row, COUNTY, TODAY, &at), RECORD_OK);
}
END_TEST

START_TEST(the_first_bad_field_is_named)
{
    const struct record_type *type = record_find("insurance.enrolment");
    int at;

    fill(type);
    put_text(type, "status", "9");
    unset(type, "name");
    ck_assert_int_eq(record_check(type, &row, COUNTY, TODAY, &at), RECORD_BAD_NAME);
    ck_assert_str_eq(type->fields[at].name, "name");
}
END_TEST

START_TEST(items_of_a_list_are_each_checked)
{
    const struct record_item codes[] = {{"因病", 6}, {"因懒", 6}}, texts[] = {{"氟", 3}, {"", 0}};
    const struct record_type *type = record_find("register.household");
    int at;

    fill(type);
    put_list(type, "risks", codes, 1);
    ck_assert_int_eq(record_check(type, &row, COUNTY, TODAY, &at), RECORD_OK);
    put_list(type, "risks", codes, 2);
    ck_assert_int_eq(record_check(type, &row, COUNTY, TODAY, &at), RECORD_BAD_CODE);

    type = record_find("water.works");
    fill(type);
    put_list(type, "failed_items", texts, 2);
    ck_assert_int_eq(record_check(type, &row, COUNTY, TODAY, &at), RECORD_REQUIRED);
    put_list(type, "areas", codes, 1);
    ck_assert_int_eq(record_check(type, &row, COUNTY, TODAY, &at), RECORD_BAD_CODE);
}
END_TEST

START_TEST(every_reason_has_a_word_and_a_sentence_for_the_clerk)
{
    static const char *const words[] = {"ok",     "id",      "name",   "code",     "date",
                                        "month",  "money",   "number", "required", "key",
                                        "county", "storage", "unit",   "formula",  "text"};

    for (int i = RECORD_OK; i <= RECORD_REASON_LAST; i++) {
        ck_assert_str_eq(record_reason_name((enum record_reason)i), words[i]);
        ck_assert_int_eq(record_reason_text((enum record_reason)i)[0] != '\0', i != RECORD_OK);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("record_check");
    TCase *tcase = tcase_create("record_check");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_row_is_refused_for_one_reason_of_the_closed_list);
    tcase_add_test(tcase, a_reversal_may_be_negative_and_a_pupil_away_needs_a_reason);
    tcase_add_test(tcase, the_first_bad_field_is_named);
    tcase_add_test(tcase, items_of_a_list_are_each_checked);
    tcase_add_test(tcase, every_reason_has_a_word_and_a_sentence_for_the_clerk);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
