#include "sdk/sheet/excel.h"

#include "unit.h"

static const struct {
    double value;
    const char *text;
} numbers[] = {
    {0, "0"},
    {-0.0, "0"},
    {390, "390"},
    {360799001001.0, "360799001001"},
    {1234.5999999999999, "1234.6"},
    {0.1 + 0.2, "0.3"},
    {-12.34, "-12.34"},
    {999999999999999.0, "999999999999999"},
    {360799199001010016.0, "3.60799199001010E+17"},
    {3.50801E+17, "3.50801000000000E+17"},
};

START_TEST(a_number_is_what_its_cell_shows)
{
    char text[EXCEL_TEXT_BYTES];

    excel_number(numbers[_i].value, text);
    ck_assert_str_eq(text, numbers[_i].text);
}
END_TEST

static const struct {
    double serial;
    enum excel_format format;
    bool from_1904;
    const char *text;
} dates[] = {
    {45356, EXCEL_DATE, false, "2024-03-05"},
    {45356.75, EXCEL_DATE, false, "2024-03-05"},
    {45356, EXCEL_MONTH, false, "2024-03"},
    {43894, EXCEL_DATE, true, "2024-03-05"},
    {1, EXCEL_DATE, false, "1900-01-01"},
    {59, EXCEL_DATE, false, "1900-02-28"},
    {60, EXCEL_DATE, false, "60"},
    {61, EXCEL_DATE, false, "1900-03-01"},
    {2958465, EXCEL_DATE, false, "9999-12-31"},
    {2958466, EXCEL_DATE, false, "2958466"},
    {0, EXCEL_DATE, false, "0"},
    {-1, EXCEL_DATE, false, "-1"},
};

START_TEST(a_day_is_written_as_a_date_and_what_is_none_as_a_number)
{
    char text[EXCEL_TEXT_BYTES];

    excel_date(dates[_i].serial, dates[_i].format, dates[_i].from_1904, text);
    ck_assert_str_eq(text, dates[_i].text);
}
END_TEST

static const struct {
    unsigned id;
    const char *code;
    enum excel_format format;
} formats[] = {
    {0, NULL, EXCEL_PLAIN},
    {14, NULL, EXCEL_DATE},
    {17, NULL, EXCEL_MONTH},
    {31, NULL, EXCEL_DATE},
    {49, NULL, EXCEL_PLAIN},
    {57, NULL, EXCEL_MONTH},
    {164, "yyyy-mm-dd", EXCEL_DATE},
    {164, "yyyy\"年\"m\"月\"", EXCEL_MONTH},
    {164, "[$-804]yyyy\"年\"m\"月\"d\"日\";@", EXCEL_DATE},
    {164, "General", EXCEL_PLAIN},
    {164, "0.00E+00", EXCEL_PLAIN},
    {164, "#,##0.00_);[Red]\\(#,##0.00\\)", EXCEL_PLAIN},
    {164, "\"day\"0", EXCEL_PLAIN},
    {164, "h:mm:ss", EXCEL_PLAIN},
    {164, "\"open", EXCEL_PLAIN},
    {164, "\\", EXCEL_PLAIN},
};

START_TEST(a_format_tells_dates_from_numbers)
{
    ck_assert_int_eq((int)excel_format(formats[_i].id, formats[_i].code), (int)formats[_i].format);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("excel");
    TCase *tcase = tcase_create("excel");

    tcase_add_loop_test(tcase, a_number_is_what_its_cell_shows, 0, UNIT_COUNT(numbers));
    tcase_add_loop_test(tcase, a_day_is_written_as_a_date_and_what_is_none_as_a_number, 0,
                        UNIT_COUNT(dates));
    tcase_add_loop_test(tcase, a_format_tells_dates_from_numbers, 0, UNIT_COUNT(formats));
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
