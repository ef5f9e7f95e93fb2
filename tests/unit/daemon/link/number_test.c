#include "link/number.h"

#include <string.h>

#include "unit.h"

#define TODAY 20453 /* 2025-12-31 */
#define RIGHT "36079919900101001X"

static struct number
read_number(const char *text)
{
    return number_read(text, strlen(text), TODAY);
}

static const struct {
    const char *text;
    enum number_state state;
} states[] = {
    {RIGHT, NUMBER_VALID},
    {"360799199001010028", NUMBER_VALID},
    {"36079919900101002", NUMBER_BROKEN},
    {"3607991990010100166", NUMBER_BROKEN},
    {"360799199001010017", NUMBER_SLIPPED}, /* the check character */
    {"360799199013010014", NUMBER_SLIPPED}, /* a thirteenth month */
    {"360799900101001", NUMBER_UPGRADED},
    {"360799900101997", NUMBER_BROKEN}, /* born before 1900 */
    {RIGHT "01", NUMBER_VALID},         /* a card's twenty */
    {RIGHT "01B1", NUMBER_VALID},
    {"", NUMBER_NONE},
    {"123", NUMBER_NONE},
    {"000000000000000000", NUMBER_NONE},
    {"36079919900101001A", NUMBER_NONE},
    {"3607991990010100X6", NUMBER_NONE},
    {"36079919900101001X12345", NUMBER_NONE},
};

START_TEST(a_number_is_what_its_digits_say)
{
    ck_assert_int_eq(read_number(states[_i].text).state, states[_i].state);
}
END_TEST

static const struct {
    const char *a, *b;
    enum number_level level;
} levels[] = {
    {RIGHT, RIGHT, NUMBER_EQUAL},
    {RIGHT, "", NUMBER_MISSING},
    {RIGHT, "360799900101001", NUMBER_EQUAL},        /* the same person's first number */
    {RIGHT, "360799900101002", NUMBER_NEAR},         /* no check character: a slip can hide */
    {RIGHT, "36079919900101002X", NUMBER_NEAR},      /* a wrong digit */
    {RIGHT, "36079919900110001X", NUMBER_NEAR},      /* neighbours swapped */
    {RIGHT, "3607991990101001X", NUMBER_NEAR},       /* a digit left out */
    {RIGHT, "360799199001010011X", NUMBER_NEAR},     /* a digit twice */
    {RIGHT, "36079919900101099X", NUMBER_CLOSE},     /* two wrong digits */
    {RIGHT, "411399198807230011", NUMBER_FAR},       /* another number, with a slip */
    {RIGHT, "360799199001010028", NUMBER_DIFFERENT}, /* a twin's */
    {RIGHT, "411399198807230010", NUMBER_DIFFERENT},
};

START_TEST(two_numbers_compare_by_where_they_differ)
{
    struct number a = read_number(levels[_i].a), b = read_number(levels[_i].b);

    ck_assert_int_eq(number_compare(&a, &b), levels[_i].level);
    ck_assert_int_eq(number_compare(&b, &a), levels[_i].level);
}
END_TEST

START_TEST(parts_stand_where_blocking_looks_for_them)
{
    struct number number = read_number(RIGHT);

    ck_assert_uint_eq(number_first16(&number), 0x3607991990010100);
    ck_assert_uint_eq(number_last11(&number), 0x9900101001A);
    ck_assert_uint_eq(number_no_place(&number), 0x360799199001011A);
    ck_assert_uint_eq(number_no_day(&number), 0x3607991990001A);
    ck_assert_uint_eq(number_no_year(&number), 0x3607990101001A);
    ck_assert_int_eq(number_birth(&number), 7305); /* 1990-01-01 */
    ck_assert_int_eq(number_sex(&number), 1);
}
END_TEST

START_TEST(swapped_characters_leave_the_digits_as_they_are)
{
    struct number number = read_number(RIGHT), swapped = read_number("36079919901001001X");
    struct number wrong = read_number("36079919900101002X");

    ck_assert_uint_eq(number_digits(&number), number_digits(&swapped));
    ck_assert_uint_ne(number_digits(&number), number_digits(&wrong));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("number");
    TCase *tcase = tcase_create("number");

    tcase_add_test(tcase, swapped_characters_leave_the_digits_as_they_are);
    tcase_add_loop_test(tcase, a_number_is_what_its_digits_say, 0, UNIT_COUNT(states));
    tcase_add_loop_test(tcase, two_numbers_compare_by_where_they_differ, 0, UNIT_COUNT(levels));
    tcase_add_test(tcase, parts_stand_where_blocking_looks_for_them);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
