#include "base/clock.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "unit.h"

static const struct {
    int year, month, day;
    int32_t date;
    const char *text;
} dates[] = {
    {1970, 1, 1, 0, "1970-01-01"},         {1969, 12, 31, -1, "1969-12-31"},
    {1900, 1, 1, -25567, "1900-01-01"},    {2000, 2, 29, 11016, "2000-02-29"},
    {2024, 2, 29, 19782, "2024-02-29"},    {2024, 3, 1, 19783, "2024-03-01"},
    {2199, 12, 31, 84005, "2199-12-31"},   {1, 1, 1, -719162, "0001-01-01"},
    {9999, 12, 31, 2932896, "9999-12-31"},
};

START_TEST(a_day_becomes_its_number_and_back)
{
    int32_t date;
    int year, month, day;
    char text[11];

    ck_assert(clock_date(dates[_i].year, dates[_i].month, dates[_i].day, &date));
    ck_assert_int_eq(date, dates[_i].date);
    clock_civil(date, &year, &month, &day);
    ck_assert_int_eq(year, dates[_i].year);
    ck_assert_int_eq(month, dates[_i].month);
    ck_assert_int_eq(day, dates[_i].day);
    clock_format_date(date, text);
    ck_assert_str_eq(text, dates[_i].text);
}
END_TEST

static const int no_dates[][3] = {
    {2023, 2, 29}, {1900, 2, 29}, {2024, 2, 30}, {2024, 4, 31}, {2024, 13, 1}, {2024, 0, 1},
    {2024, 1, 0},  {2024, 1, 32}, {0, 1, 1},     {-1, 1, 1},    {10000, 1, 1}, {2024, -1, -1},
};

START_TEST(a_day_that_no_calendar_has_is_refused)
{
    int32_t date = 77;

    ck_assert(!clock_date(no_dates[_i][0], no_dates[_i][1], no_dates[_i][2], &date));
    ck_assert_int_eq(date, 77);
}
END_TEST

START_TEST(every_day_of_three_centuries_follows_the_one_before)
{
    int32_t next = CLOCK_DATE_MIN, date;

    for (int year = 1900; year < 2200; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= 31; day++)
                if (clock_date(year, month, day, &date)) {
                    int y, m, d;

                    clock_civil(date, &y, &m, &d);
                    if (date != next++ || y != year || m != month || d != day)
                        ck_abort_msg("%d-%d-%d", year, month, day);
                }
    ck_assert_int_eq(next, 84006);
}
END_TEST

static const struct {
    const char *text;
    int32_t month; /* 0: refused */
} months[] = {
    {"2024-03", 202403}, {"1900-01", 190001}, {"2199-12", 219912}, {"2200-01", 0},
    {"1899-12", 0},      {"2024-00", 0},      {"2024-13", 0},      {"2024-3", 0},
    {"202403", 0},       {"2024-031", 0},     {"2024/03", 0},      {"", 0},
    {"20x4-03", 0},      {"2024-0 ", 0},
};

START_TEST(a_month_is_read_only_as_year_dash_month)
{
    int32_t month = 77;
    char text[8];

    ck_assert_int_eq(clock_parse_month(months[_i].text, &month), months[_i].month != 0);
    if (months[_i].month == 0) {
        ck_assert_int_eq(month, 77);
        return;
    }
    ck_assert_int_eq(month, months[_i].month);
    clock_format_month(month, text);
    ck_assert_str_eq(text, months[_i].text);
}
END_TEST

START_TEST(month_arithmetic_crosses_years_both_ways)
{
    ck_assert_int_eq(clock_month_add(202403, 10), 202501);
    ck_assert_int_eq(clock_month_add(202403, -3), 202312);
    ck_assert_int_eq(clock_month_add(202403, 0), 202403);
    ck_assert_int_eq(clock_month_between(202311, 202402), 3);
    ck_assert_int_eq(clock_month_between(202402, 202311), -3);
}
END_TEST

START_TEST(a_month_knows_its_first_and_last_day)
{
    ck_assert_int_eq(clock_month_first(202403), 19783);
    ck_assert_int_eq(clock_month_last(202402), 19782);
    ck_assert_int_eq(clock_month_last(202312), clock_month_first(202401) - 1);
    ck_assert_int_eq(clock_month_of(19782), 202402);
    ck_assert_int_eq(clock_month_of(19783), 202403);
}
END_TEST

static const struct {
    int64_t us;
    const char *text;
} times[] = {
    {0, "1970-01-01T08:00:00+08:00"},
    {-1, "1970-01-01T07:59:59+08:00"},
    {1709222399999999, "2024-02-29T23:59:59+08:00"},
    {1709222400000000, "2024-03-01T00:00:00+08:00"},
};

START_TEST(a_time_is_written_as_shanghai_has_it)
{
    char text[32];

    clock_format_time(times[_i].us, text);
    ck_assert_str_eq(text, times[_i].text);
}
END_TEST

START_TEST(today_is_the_environments_when_it_is_set)
{
    setenv("QIANSHAO_TODAY", "2024-03-05", 1);
    ck_assert_int_eq(clock_today(), 19787);
}
END_TEST

START_TEST(a_today_that_is_no_date_ends_the_process)
{
    setenv("QIANSHAO_TODAY", "2024-02-30", 1);
    (void)clock_today();
}
END_TEST

START_TEST(today_is_the_date_in_shanghai)
{
    int32_t before, today, after;

    unsetenv("QIANSHAO_TODAY");
    before = (int32_t)((time(NULL) + 8 * 3600) / 86400);
    today = clock_today();
    after = (int32_t)((time(NULL) + 8 * 3600) / 86400);
    ck_assert(today >= before && today <= after);
}
END_TEST

START_TEST(the_monotonic_clock_never_goes_back)
{
    int64_t last = clock_mono_ms();

    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_mono_ms();

        ck_assert_int_ge(now, last);
        last = now;
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("clock");
    TCase *tcase = tcase_create("clock");

    tcase_add_loop_test(tcase, a_day_becomes_its_number_and_back, 0, UNIT_COUNT(dates));
    tcase_add_loop_test(tcase, a_day_that_no_calendar_has_is_refused, 0, UNIT_COUNT(no_dates));
    tcase_add_test(tcase, every_day_of_three_centuries_follows_the_one_before);
    tcase_add_loop_test(tcase, a_month_is_read_only_as_year_dash_month, 0, UNIT_COUNT(months));
    tcase_add_test(tcase, month_arithmetic_crosses_years_both_ways);
    tcase_add_test(tcase, a_month_knows_its_first_and_last_day);
    tcase_add_loop_test(tcase, a_time_is_written_as_shanghai_has_it, 0, UNIT_COUNT(times));
    tcase_add_test(tcase, today_is_the_environments_when_it_is_set);
    tcase_add_test_raise_signal(tcase, a_today_that_is_no_date_ends_the_process, SIGABRT);
    tcase_add_test(tcase, today_is_the_date_in_shanghai);
    tcase_add_test(tcase, the_monotonic_clock_never_goes_back);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
