#include "base/decimal.h"

#include "unit.h"

START_TEST(decimals_are_read_exactly_or_not_at_all)
{
    static const struct {
        const char *text;
        bool good;
        int64_t digits;
        int scale;
    } known[] = {
        {"12", true, 12, 0},
        {"1.2", true, 12, 1},
        {"0.010", true, 10, 3},
        {"-3.5", true, -35, 1},
        {"", false, 0, 0},
        {".5", false, 0, 0},
        {"1.", false, 0, 0},
        {"1.2.3", false, 0, 0},
        {"1e3", false, 0, 0},
        {" 1", false, 0, 0},
        {"1.2345678", false, 0, 0},
        {"1234567890123", false, 0, 0},
        {"123456789012", true, 123456789012, 0},
    };

    for (int i = 0; i < UNIT_COUNT(known); i++) {
        struct decimal decimal = {0};

        ck_assert_msg(decimal_parse(known[i].text, &decimal) == known[i].good, "'%s'",
                      known[i].text);
        if (known[i].good) {
            ck_assert_int_eq(decimal.digits, known[i].digits);
            ck_assert_int_eq(decimal.scale, known[i].scale);
        }
    }
}
END_TEST

START_TEST(yuan_have_at_most_two_digits_behind_the_point)
{
    int64_t fen;

    ck_assert(decimal_parse_fen("1234.5", &fen));
    ck_assert_int_eq(fen, 123450);
    ck_assert(decimal_parse_fen("20000", &fen));
    ck_assert_int_eq(fen, 2000000);
    ck_assert(!decimal_parse_fen("0.001", &fen));
}
END_TEST

START_TEST(a_line_of_one_point_two_times_the_standard_is_exact)
{
    struct decimal line;
    char text[DECIMAL_TEXT];

    ck_assert(decimal_parse("1.2", &line));
    ck_assert(decimal_multiply(line, 55500, &line));
    ck_assert(decimal_multiply(line, 12, &line));
    decimal_format(line, text);
    ck_assert_str_eq(text, "799200");
}
END_TEST

START_TEST(fractions_are_kept_and_overflow_is_told)
{
    struct decimal decimal = {.digits = 125, .scale = 2};
    char text[DECIMAL_TEXT];

    ck_assert(decimal_multiply(decimal, 3, &decimal));
    decimal_format(decimal, text);
    ck_assert_str_eq(text, "3.75");
    decimal_format((struct decimal){.digits = -5, .scale = 3}, text);
    ck_assert_str_eq(text, "-0.005");
    ck_assert(!decimal_multiply(decimal, INT64_MAX, &decimal));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("decimal");
    TCase *tcase = tcase_create("decimal");

    tcase_add_test(tcase, decimals_are_read_exactly_or_not_at_all);
    tcase_add_test(tcase, yuan_have_at_most_two_digits_behind_the_point);
    tcase_add_test(tcase, a_line_of_one_point_two_times_the_standard_is_exact);
    tcase_add_test(tcase, fractions_are_kept_and_overflow_is_told);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
